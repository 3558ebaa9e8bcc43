"""All rows of one person in one system: from the records that are theirs over the references of the register.

Each step is one set-based question to the connector; which steps there are, `domain.person` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from connectors.port import Connector
from domain.keys import Keys
from domain.person import Belonging, PersonRows, Way, leads_on, up, ways_of
from domain.rules import Hop
from tasks.find import SystemAnswer


def walk(connector: Connector, answer: SystemAnswer) -> PersonRows:
    """Every row of the person in one system. Raises SourceUnreadable."""
    return walk_from(connector, {name: answer.keys_of(name) for name in connector.system.datasets})


def walk_from(connector: Connector, records: Mapping[str, Keys], *, every: bool = True) -> PersonRows:
    """Every row of the person whose `records` these are: dataset → keys.

    Without `every` the rows of datasets that lead nowhere and can be reached in one way only are left out where they
    are the person's own: who reads these rows anyway need not hold a million keys of them.
    """
    return _Walk(connector, every=every).from_records(records)


def serving_others(connector: Connector, rows: Mapping[tuple[str, Belonging], Keys], name: str, keys: Keys) -> Keys:
    """Which of these rows of `name` a record refers to that is not among the person's own `rows`."""
    found: set[tuple[object, ...]] = set()
    for dataset in connector.system.datasets.values():
        for reference in dataset.references:
            if reference.dataset == name and reference.when_gone != "clear":
                referring = connector.related(name, Hop.down(dataset, reference), keys)
                others = referring.without(rows.get((dataset.name, Belonging.OWN), Keys()))
                found.update(connector.related(dataset.name, up(reference), others) if len(others) else ())
    return Keys(k for k in keys if k in found)


#: Rows to be looked at: dataset, keys, and the step that led there.
Step = tuple[str, Keys, Way | None]


class _Walk:
    def __init__(self, connector: Connector, *, every: bool) -> None:
        self._connector, self._system = connector, connector.system
        self._every_way = ways_of(self._system)
        self._ways = [w for w in self._every_way if every or not self._ends_alone(w)]
        self._rows: dict[tuple[str, Belonging], Keys] = {}
        self._entered: dict[str, Keys] = {}
        self._shown: dict[tuple[str, Belonging], frozenset[str]] = {}

    def from_records(self, records: Mapping[str, Keys]) -> PersonRows:
        waiting: dict[Belonging, list[Step]] = {b: [] for b in Belonging}
        waiting[Belonging.OWN] = [(name, keys, None) for name, keys in records.items() if len(keys)]
        # The strongest first: what is their own is not shared or mentioned as well.
        while belonging := next((b for b in Belonging if waiting[b]), None):
            name, keys, way = waiting[belonging].pop(0)
            new = self._new(name, belonging, keys)
            taken = {belonging: new}
            if belonging is Belonging.SHARED and way is not None and self._is_served(way):
                serving = serving_others(self._connector, self._rows, name, new)
                taken = {Belonging.OWN: new.without(serving), Belonging.SHARED: serving}
            for what, some in taken.items():
                if len(some):
                    self._take(name, what, some, way)
                    steps = list(self._steps(name, what))
                    reached = self._connector.related_each(name, [step.hop for _, step in steps], some)
                    for (to, step), there in zip(steps, reached, strict=True):
                        waiting[to].append((step.hop.dataset, there, step))
        self._set_shared_apart()
        return PersonRows(self._system.id, self._rows, self._entered, self._shown)

    def _new(self, name: str, belonging: Belonging, keys: Keys) -> Keys:
        for stronger in Belonging:
            keys = keys.without(self._rows.get((name, stronger), Keys()))
            if stronger is belonging:
                break
        return keys

    def _take(self, name: str, belonging: Belonging, keys: Keys, way: Way | None) -> None:
        before = self._rows.get((name, belonging), Keys())
        self._rows[name, belonging] = Keys(chain(before, keys)) if len(before) else keys
        if way is None:
            return
        if belonging is Belonging.OWN and not way.under:
            self._entered[name] = Keys(chain(self._entered.get(name, ()), keys))
        if belonging is not Belonging.OWN and way.shows is not None:
            limited = self._shown.get((name, belonging), way.shows)
            self._shown[name, belonging] = limited & way.shows

    def _steps(self, name: str, belonging: Belonging) -> Iterator[tuple[Belonging, Way]]:
        # What hangs under a shared row is not read with a dossier of the person's own: it is always held.
        for step in self._ways if belonging is Belonging.OWN else self._every_way:
            to = leads_on(self._system, step, belonging) if step.start == name else None
            if to is not None:
                yield to, step

    def _is_served(self, way: Way) -> bool:
        """Whether the step leads to what the person's record refers to (their address), not to what refers to it."""
        return any(up(r) == way.hop for r in self._system.datasets[way.start].references)

    def _set_shared_apart(self) -> None:
        """Rows under the person's own record that belong, by a reference, to another person's record as well."""
        for name, dataset in self._system.datasets.items():
            own = self._rows.get((name, Belonging.OWN), Keys())
            for reference in dataset.references if len(own) else ():
                if reference.to_person != "shared":
                    continue
                others = self._not_own(reference.dataset, self._connector.related(name, up(reference), own))
                if len(others):
                    theirs = frozenset(self._connector.related(reference.dataset, Hop.down(dataset, reference), others))
                    shared = Keys(k for k in own if k in theirs)
                    self._rows[name, Belonging.OWN] = own = own.without(shared)
                    before = self._rows.get((name, Belonging.SHARED), Keys())
                    self._rows[name, Belonging.SHARED] = Keys(chain(before, shared))
                    self._shown |= dict(self._pointing_out(name))

    def _pointing_out(self, name: str) -> Iterator[tuple[tuple[str, Belonging], frozenset[str]]]:
        for way in self._ways:
            if way.hop.dataset == name and way.to is Belonging.SHARED and way.shows is not None:
                yield (name, Belonging.SHARED), way.shows

    def _not_own(self, name: str, keys: Keys) -> Keys:
        return keys.without(self._rows.get((name, Belonging.OWN), Keys()))

    def _ends_alone(self, way: Way) -> bool:
        every, name = self._every_way, way.hop.dataset
        dataset = self._system.datasets[name]
        return way.under and not (
            way.to is not Belonging.OWN
            or any(w.start == name for w in every)
            or sum(w.hop.dataset == name for w in every) > 1
            or dataset.identifies.columns()
            or any(r.to_person == "shared" or r.brings for r in dataset.references)
        )
