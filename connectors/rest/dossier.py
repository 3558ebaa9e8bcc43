"""Which rows make up a dossier, and what each watch of a rule sees of it: one walk down the references.

Memory holds facts and reference values, never a table's rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from connectors.port import Row
from connectors.rest.records import Records, Version
from connectors.rest.reference import Linked, linked, pick
from connectors.stored_days import day_of
from domain.keys import Key
from domain.rules import DueTest, Hop, Part, Watch
from domain.standing import WatchFacts, observe
from domain.system import Dataset, System
from domain.trouble import SourceUnreadable

Path = tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One row met on the walk: where, and in the dossiers of which roots."""

    path: Path
    dataset: Dataset
    row: Row = field(repr=False)
    roots: tuple[Key, ...] = field(repr=False)


def root_of(system: System, part: Part) -> Dataset:
    """The dataset of the root records of the dossiers that `part` belongs to."""
    if not part.path:
        return system.datasets[part.dataset]
    first = system.datasets[part.path[0].dataset]
    if first.part_of is None:
        raise ValueError(f"{first.name} is not part of a dossier")
    return system.datasets[first.part_of.dataset]


def walk(
    system: System, records: Records, root: Dataset, rows: Iterable[Row], paths: Collection[Path]
) -> Iterator[Seen]:
    """Every row along `paths` below the root `rows`, those first, owners always before what they own."""
    tree = sorted({p[:n] for p in [(), *paths] for n in range(len(p) + 1)}, key=len)
    owners: dict[Path, dict[Linked, tuple[Key, ...]]] = {p: {} for p in tree}
    for path in tree:
        below = [p for p in tree if len(p) == len(path) + 1 and p[:-1] == path]
        for seen in _rows_at(system, records, root, rows, path, owners.pop(path)):
            for child in below:
                values = linked(pick(seen.row, [owner for _, owner in child[-1].by]))
                if values is not None:
                    known = owners[child].get(values, ())
                    owners[child][values] = (*known, *(r for r in seen.roots if r not in known))
            yield seen


def _rows_at(
    system: System,
    records: Records,
    root: Dataset,
    rows: Iterable[Row],
    path: Path,
    owners: Mapping[Linked, tuple[Key, ...]],
) -> Iterator[Seen]:
    if not path:
        for row in rows:
            yield Seen(path, root, row, (pick(row, root.key),))
        return
    dataset, own = system.datasets[path[-1].dataset], [own for own, _ in path[-1].by]
    for row in records.matching(dataset, own, owners.keys()):
        values = linked(pick(row, own))
        if values is not None:
            yield Seen(path, dataset, row, owners[values])


class Folding:
    """Sums up, row by row, what each watch of a due test sees of each dossier."""

    def __init__(self, test: DueTest, zone: ZoneInfo) -> None:
        self._test, self._zone = test, zone
        self._at: dict[Path, list[tuple[int, Watch]]] = {}
        for i, watch in enumerate(test.watches):
            self._at.setdefault(watch.path, []).append((i, watch))
        self.dossiers: dict[Key, list[WatchFacts]] = {}

    @property
    def paths(self) -> Collection[Path]:
        """Where the watches look."""
        return self._at.keys()

    def take_in(self, seen: Seen) -> None:
        """Add one row to the facts of its dossiers."""
        for root in seen.roots:
            facts = self.dossiers.setdefault(root, [_NOTHING] * len(self._test.watches))
            for i, watch in self._at.get(seen.path, ()):
                facts[i] = _joined(facts[i], self._fact(watch, seen.row))

    def _fact(self, watch: Watch, row: Row) -> WatchFacts:
        if watch.column is None:
            return WatchFacts(rows=1)
        value = row[watch.column]
        if value is not None and not isinstance(value, str):
            raise SourceUnreadable(
                "a column that starts a term holds something else than text, so no date",
                where=f"{self._test.rule.system}.{watch.dataset}.{watch.column}",
                do="name a column with a date in `triggers`, or have the service give ISO 8601 text here",
            )
        return observe(watch, [day_of(value, self._zone)], self._test.as_of)


_NOTHING = WatchFacts()


def _joined(a: WatchFacts, b: WatchFacts) -> WatchFacts:
    latest = max((d for d in (a.latest, b.latest) if d is not None), default=None)
    return WatchFacts(a.rows + b.rows, a.missing + b.missing, a.implausible + b.implausible, latest)


@dataclass(frozen=True, slots=True)
class Referring:
    """A row whose `columns` refer into a dossier and are emptied before it goes."""

    dataset: str
    columns: tuple[str, ...]
    key: Key = field(repr=False)
    row: Row = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dossier:
    """One dossier as it is now: its facts, per dataset each row in the version that was judged, and what refers to it.

    `steady` is False where a row changed or vanished while the dossier was being read.
    """

    facts: tuple[WatchFacts, ...]
    versions: Mapping[str, dict[Key, Version]] = field(repr=False)
    refers: tuple[Referring, ...] = field(repr=False)
    steady: bool


def read_dossier(system: System, records: Records, test: DueTest, key: Key) -> Dossier | None:
    """Read one dossier anew, each row by its own key so that its ETag is known; None where the root is gone."""
    rule = test.rule
    root = records.get(rule.dataset, key)
    if root is None:
        return None
    folding = Folding(test, ZoneInfo(system.zone))
    parts = {p.path: p.dataset for p in rule.parts}
    clears: dict[Path, list[tuple[str, ...]]] = {}
    for clear in rule.clears:
        clears.setdefault(clear.path, []).append(clear.columns)
    versions: dict[str, dict[Key, Version]] = {rule.dataset.name: {pick(root.row, rule.dataset.key): root}}
    refers: list[Referring] = []
    steady = True
    for seen in walk(system, records, rule.dataset, [root.row], [*folding.paths, *parts, *clears]):
        folding.take_in(seen)
        own = pick(seen.row, seen.dataset.key)
        refers += [Referring(seen.dataset.name, columns, own, seen.row) for columns in clears.get(seen.path, ())]
        if seen.path and seen.path in parts:
            version = records.get(seen.dataset, own)
            steady = steady and version is not None and version.row == seen.row
            if version is not None:
                versions.setdefault(seen.dataset.name, {})[own] = version
    (facts,) = folding.dossiers.values()
    return Dossier(tuple(facts), versions, tuple(refers), steady)
