"""One person's records, read from every system into the value that becomes the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.port import Connector, Row
from domain.activity import Role
from domain.keys import Key, Keys, key_text
from domain.package import Part, Record, Withheld
from domain.register import Register
from domain.rules import Part as Place
from domain.rules import compile_rules, due_test
from domain.standing import stand
from domain.system import Column, ColumnClass, Dataset, System
from tasks.find import SystemAnswer, dossier_places

_ARTICLE = {
    ColumnClass.THIRD_PARTY: "AVG 15(4): de rechten van een ander",
    ColumnClass.SECRET: "AVG 32: geheim dat de toegang beveiligt",
    ColumnClass.IGNORED: "niet over u",
}


@dataclass(slots=True)
class Gathered:
    """What one system gave for one controller, and what of it was left out."""

    parts: list[Part] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)


def gather(connector: Connector, register: Register, answer: SystemAnswer, as_of: date) -> dict[str, Gathered]:
    """Read every row of the person in one system, each row once, soft-deleted and archived rows included.

    Keyed by controller: '' for 12Care itself, else the tenant for whom 12Care is processor. One person in two
    tenants is two controllers, and their data never meets in one package. A record matched in the middle of a
    dossier (a partner in an employee's file) gives that record and what hangs under it, not the other person's
    dossier. Raises SourceUnreadable.
    """
    system, seen = connector.system, set[tuple[str, Key]]()
    kept = _KeptUntil(connector, register, as_of)
    records: dict[tuple[str, str], list[Record]] = {}
    for name in _owners_first(system):
        found = [k for k in answer.keys_of(name) if (name, k) not in seen]
        for tenant, keys in _by_tenant(connector, name, found).items():
            for place in dossier_places(system, system.datasets[name]):
                dataset = system.datasets[place.dataset]
                for row in connector.rows(place, keys):
                    key = tuple(row[c] for c in dataset.key)
                    if (dataset.name, key) in seen:
                        continue
                    seen.add((dataset.name, key))
                    until, because = kept.of(name, dataset.name, key, row)
                    controller = tenant if _is_for_another(system, register, dataset) else ""
                    group = records.setdefault((controller, dataset.name), [])
                    group.append(_record(dataset, key, row, until, because))
    return _by_controller(system, register, records)


def _by_tenant(connector: Connector, name: str, keys: Sequence[Key]) -> dict[str, list[Key]]:
    """The keys of a dataset grouped by the tenant that holds them; '' where the dataset has none."""
    dataset = connector.system.datasets[name]
    if not keys or dataset.tenant is None:
        return {"": list(keys)} if keys else {}
    groups: dict[str, list[Key]] = {}
    for row in connector.rows(Place(name, ()), keys):
        groups.setdefault(str(row[dataset.tenant]), []).append(tuple(row[c] for c in dataset.key))
    return groups


def _is_for_another(system: System, register: Register, dataset: Dataset) -> bool:
    return register.activities[activity_of(system, dataset)].role is Role.PROCESSOR


def _by_controller(
    system: System, register: Register, records: Mapping[tuple[str, str], list[Record]]
) -> dict[str, Gathered]:
    gathered: dict[str, Gathered] = {}
    for name, dataset in system.datasets.items():
        for controller, held in sorted((c, r) for (c, n), r in records.items() if n == name):
            group = gathered.setdefault(controller, Gathered())
            group.parts.append(_part(system, register, dataset, held, controller))
            group.withheld += _withheld(system, dataset, len(held))
    return gathered


class _KeptUntil:
    """Until when a row stays: the end of its dossier's term, asked once per dossier."""

    def __init__(self, connector: Connector, register: Register, as_of: date) -> None:
        self._connector, self._register, self._as_of = connector, register, as_of
        rules = compile_rules(connector.system, register.activities, as_of)
        self._rules = {rule.dataset.name: rule for rule in rules}
        self._known: dict[tuple[str, Key], tuple[date | None, str]] = {}

    def of(self, root: str, dataset: str, key: Key, row: Row) -> tuple[date | None, str]:
        """(last day, why) for a row: by its own rule where its dataset has one, else by its dossier's."""
        name = dataset if dataset in self._rules else root
        place = (name, key) if name == dataset else (root, self._root_key(root, dataset, key, row))
        if place not in self._known:
            self._known[place] = self._ask(*place)
        return self._known[place]

    def _root_key(self, root: str, dataset: str, key: Key, row: Row) -> Key:
        if dataset == root:
            return key
        system = self._connector.system
        place = next(p for p in dossier_places(system, system.datasets[root]) if p.dataset == dataset)
        wanted = system.datasets[root].key
        if len(place.path) == 1 and set(wanted) == {owner for _, owner in place.path[0].by}:
            own_column = {owner: own for own, owner in place.path[0].by}
            return tuple(row[own_column[c]] for c in wanted)
        return next(iter(self._connector.roots_of(place, root, Keys([key]))), key)

    def _ask(self, name: str, key: Key) -> tuple[date | None, str]:
        rule = self._rules.get(name)
        if rule is None:
            return None, ""
        test = due_test(rule, self._register.activities, self._as_of)
        facts = self._connector.facts(test, key)
        if facts is None:
            return None, ""
        start = stand(test, facts).start
        until = rule.term.kept_until(start) if start is not None else None
        return (None if until == date.max else until), rule.term.article


def _owners_first(system: System) -> Sequence[str]:
    """Roots before parts, so that a row is shown once and under its owner."""
    return sorted(system.datasets, key=lambda n: (_depth(system, n), n))


def _depth(system: System, name: str) -> int:
    link = system.datasets[name].part_of
    return 0 if link is None else 1 + _depth(system, link.dataset)


def _record(dataset: Dataset, key: Key, row: Row, until: date | None, because: str) -> Record:
    shown = {c: row[c] for c, how in dataset.columns.items() if how.cls is ColumnClass.EXPORT}
    gone = dataset.soft_delete is not None and row[dataset.soft_delete] not in (None, False, 0, "")
    return Record(key_text(key), shown, until, because, gone)


def _part(system: System, register: Register, dataset: Dataset, records: list[Record], tenant: str) -> Part:
    columns: Mapping[str, Column] = {c: h for c, h in dataset.columns.items() if h.cls is ColumnClass.EXPORT}
    activity = activity_of(system, dataset)
    told = register.activities[activity]
    controller = f"{told.on_behalf_of} (nr. {tenant})" if tenant else register.organisation.trading_as
    title = dataset.title or dataset.name
    return Part(system.id, system.title, dataset.name, title, activity, columns, records, controller)


def activity_of(system: System, dataset: Dataset) -> str:
    """The activity whose term a dataset follows: its own, or that of the nearest owner."""
    while dataset.activity is None and dataset.part_of is not None:
        dataset = system.datasets[dataset.part_of.dataset]
    return str(dataset.activity)


def _withheld(system: System, dataset: Dataset, rows: int) -> Iterator[Withheld]:
    for cls in (ColumnClass.THIRD_PARTY, ColumnClass.SECRET, ColumnClass.IGNORED):
        for column in dataset.columns.values():
            if column.cls is cls:
                what = column.label or "een technisch gegeven"
                title = dataset.title or dataset.name
                yield Withheld(system.id, title, what, rows, column.because or "beveiligt de toegang", _ARTICLE[cls])
