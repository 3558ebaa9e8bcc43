"""One person's records, read from every system into the value that becomes the package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from connectors.port import Connector, Row
from domain.keys import Key
from domain.package import Outcome
from domain.person import Belonging, PersonRows
from domain.register import Register
from domain.rules import Part as Place
from domain.system import Dataset, System
from tasks.controllers import by_tenant, controller_of, is_for_another, names_of, walks_of, with_entered
from tasks.destroyed_before import links_to_persons, named_by
from tasks.find import SystemAnswer, dossier_places
from tasks.heaps import Gathered, Heaps, by_controller, record_of
from tasks.kept_until import KeptUntil
from tasks.office import Office
from tasks.spool import Spool
from tasks.withhold import Cleaner, holds_names_of_others, names_of_others

_BATCH = 10_000


def gather(
    connector: Connector,
    register: Register,
    answer: SystemAnswer,
    as_of: date,
    spool: Spool,
    cleaner: Cleaner | None = None,
    *,
    language: str = "nl",
    wanted: Callable[[Dataset], bool] = lambda _: True,
) -> dict[str, Gathered]:
    """Read every row of the person in one system, each row once, soft-deleted and archived rows included.

    Keyed by controller: '' for 12Care itself, else the tenant for whom 12Care is processor. One person in two
    tenants is two controllers, and their data never meets in one package. A record matched in the middle of a
    dossier (a partner in an employee's file) gives that record and what hangs under it, not the other person's
    dossier. The records wait in `spool`, which must stay open until the package is made. `cleaner` takes out of their
    texts what is about others: it has learnt who `names_known` gives. `wanted`: only these datasets are read. Raises
    SourceUnreadable.
    """
    system, seen = connector.system, set[tuple[str, Key]]()
    walks = walks_of(connector, answer)
    shared = {(n, k) for w in walks.values() for (n, b), ks in w.rows.items() if b is Belonging.SHARED for k in ks}
    kept = KeptUntil(connector, register, as_of)
    heaps = Heaps(spool)
    twice = _reached_twice(system, answer, walks.values())
    for name in _owners_first(system):
        found = [k for k in answer.keys_of(name) if (name, k) not in seen]
        groups = with_entered(connector, name, by_tenant(connector, name, found), walks, seen)
        for tenant, keys in groups.items():
            places = dossier_places(system, system.datasets[name])
            for place in (p for p in places if wanted(system.datasets[p.dataset])):
                dataset = system.datasets[place.dataset]
                links = links_to_persons(system, dataset, owner=not place.path)
                for row in connector.rows(place, keys):
                    key = tuple(row[c] for c in dataset.key)
                    if (dataset.name, key) in shared:
                        continue  # read below, with the other person left out
                    if dataset.name in twice or len(groups) > 1:
                        if (dataset.name, key) in seen:
                            continue
                        seen.add((dataset.name, key))
                    controller = tenant if is_for_another(system, register, dataset) else ""
                    until, because = kept.of(name, dataset.name, key, row)
                    record = record_of(system, dataset, key, row, until, because, cleaner, controller)
                    heaps.add((controller, dataset.name, Belonging.OWN), record)
                    heaps.named.setdefault(controller, set()).update(named_by(row, links))
    for tenant, person in walks.items():
        for name, belonging, row in _not_only_theirs(connector, person, seen, wanted):
            dataset, limit = system.datasets[name], person.shown.get((name, belonging))
            key = tuple(row[c] for c in dataset.key)
            controller = controller_of(system, register, dataset, row, tenant)
            until, because = kept.of(name, name, key, row) if belonging is Belonging.SHARED else (None, "")
            heaps.add(
                (controller, name, belonging),
                record_of(system, dataset, key, row, until, because, cleaner, controller, limit),
            )
    limits = {key: shown for person in walks.values() for key, shown in person.shown.items()}
    gathered = _called(connector, by_controller(system, register, heaps, limits, language))
    if cleaner is not None:
        for controller in {*gathered, *cleaner.controllers(system)}:
            gathered.setdefault(controller, Gathered()).withheld += cleaner.told(system, controller)
    return gathered


def _called(connector: Connector, gathered: dict[str, Gathered]) -> dict[str, Gathered]:
    """The same, with each tenant by its own name where the system knows it."""
    for tenant, name in names_of(connector, gathered).items():
        gathered[tenant].parts = [replace(p, controller=name) for p in gathered[tenant].parts]
    return gathered


def _not_only_theirs(
    connector: Connector, person: PersonRows, seen: set[tuple[str, Key]], wanted: Callable[[Dataset], bool]
) -> Iterator[tuple[str, Belonging, Row]]:
    """The rows that are another's too, or that mention the person, each once."""
    for (name, belonging), keys in person.rows.items():
        dataset = connector.system.datasets[name]
        for some in keys.batches(_BATCH) if belonging is not Belonging.OWN and wanted(dataset) else ():
            for row in connector.rows(Place(name, ()), some):
                key = tuple(row[c] for c in dataset.key)
                if (name, key) not in seen:
                    seen.add((name, key))
                    yield name, belonging, row


def _reached_twice(system: System, answer: SystemAnswer, walks: Collection[PersonRows]) -> set[str]:
    """The datasets whose rows can come along more than one way: only of these each key is remembered.

    A million rows that can come only once would else take two hundred megabytes to say so.
    """
    ways = Counter(
        place.dataset
        for name, dataset in system.datasets.items()
        if len(answer.keys_of(name))
        for place in dossier_places(system, dataset)
    )
    over_references = {n for w in walks for n, b in w.rows if b is not Belonging.OWN or len(w.entered)}
    return {name for name, number in ways.items() if number > 1} | over_references


def _owners_first(system: System) -> Sequence[str]:
    """Roots before parts, so that a row is shown once and under its owner."""
    return sorted(system.datasets, key=lambda n: (_depth(system, n), n))


def _depth(system: System, name: str) -> int:
    link = system.datasets[name].part_of
    return 0 if link is None else 1 + _depth(system, link.dataset)


def names_known(office: Office, answers: Sequence[SystemAnswer]) -> Iterator[str]:
    """The names of others that stand in the person's dossiers, of every system: a text anywhere may speak of them.

    Where the register says that a column holds one. Raises SourceUnreadable.
    """
    for answer in answers:
        named = [n for n, d in office.system(answer.system).datasets.items() if holds_names_of_others(d)]
        if named and answer.outcome is Outcome.ANSWERED:
            with office.connected(answer.system) as connector:
                yield from _names_in(connector, answer)


def _names_in(connector: Connector, answer: SystemAnswer) -> Iterator[str]:
    system = connector.system
    for name in system.datasets:
        keys = answer.keys_of(name)
        for place in dossier_places(system, system.datasets[name]) if len(keys) else ():
            dataset = system.datasets[place.dataset]
            if holds_names_of_others(dataset):
                for row in connector.rows(place, list(keys)):
                    yield from names_of_others(dataset, row)
