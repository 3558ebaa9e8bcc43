"""The rows of the in-memory twin: which are of a dataset, and which hang in which dossier."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg.types.range import Range

from domain.keys import Key, Keys
from domain.live import Kind, LiveColumn, LiveSchema, LiveTable
from domain.rules import Hop, Part, Tie
from domain.system import Dataset, System
from domain.trouble import SourceUnreadable

#: In this order: a bool is an int too, and a datetime a date.
_KINDS: tuple[tuple[type | tuple[type, ...], Kind], ...] = (
    (bool, Kind.BOOLEAN),
    (int, Kind.INTEGER),
    ((float, Decimal), Kind.NUMBER),
    (datetime, Kind.MOMENT),
    (date, Kind.DATE),
    (str, Kind.TEXT),
    (bytes, Kind.BINARY),
)
_RANGES = {Kind.DATE: Kind.DATE_RANGE, Kind.MOMENT: Kind.MOMENT_RANGE, Kind.ZONED: Kind.ZONED_RANGE}
Cells = dict[str, Any]
Data = dict[str, list[Cells]]


class Shelf:
    """All rows of one system, by table."""

    def __init__(self, system: System, data: Data) -> None:
        self.system, self.data = system, data

    def dataset(self, name: str) -> Dataset:
        """A dataset of the register. Raises `SourceUnreadable` where its table is gone."""
        dataset = self.system.datasets[name]
        if dataset.table not in self.data:
            raise SourceUnreadable(
                f"table {dataset.table!r} is gone",
                where=self.system.id,
                do="run `termijn register check`, and mend the register or the source",
            )
        return dataset

    def rows(self, name: str) -> list[Cells]:
        """The rows of a dataset, ordered by key."""
        dataset = self.dataset(name)
        mine = [row for row in self.data[dataset.table] if is_of(dataset, row)]
        return _by_key(dataset, mine)

    def with_unclaimed(self, live: LiveSchema) -> LiveSchema:
        """The same schema with the number of rows that fall in no dataset, of tables that the datasets divide."""
        tables = dict(live.tables)
        for table, datasets in self.system.divided_tables().items():
            outside = [r for r in self.data.get(table, ()) if not any(is_of(d, r) for d in datasets)]
            if table in tables:
                tables[table] = replace(tables[table], unclaimed=len(outside))
        return replace(live, tables=tables)

    def below(self, owners: Sequence[Cells], path: Sequence[Hop]) -> list[Cells]:
        """The rows at the end of `path` that hang under these owners, each once."""
        here = list(owners)
        for hop in path:
            values = {tuple(o.get(their) for _, their in hop.by) for o in here}
            dataset = self.dataset(hop.dataset)
            table = self.data[dataset.table]
            here = _by_key(dataset, [r for r in table if refers(r, hop, values) and is_of(dataset, r)])
        return here

    def roots(self, name: str, keys: Collection[Key]) -> list[Cells]:
        """The root records with these keys."""
        dataset, wanted = self.dataset(name), frozenset(keys)
        return [row for row in self.rows(name) if key_of(dataset, row) in wanted]

    def inside(self, root: str, part: Part, keys: Collection[Key]) -> list[Cells]:
        """All rows of `part` in the dossiers of these roots, ordered by key."""
        return self.below(self.roots(root, keys), part.path)

    def dossiers(self, root: str, parts: Sequence[Part], keys: Collection[Key]) -> dict[str, Keys]:
        """The keys of all rows in the dossiers of these roots; what stays for others is not among them."""
        found = {p.dataset: self.keys(p.dataset, self.inside(root, p, keys)) for p in parts}
        for part in parts:
            if part.stays_for_others:
                others = self.referred_from_outside(part.dataset, found, self.system.datasets.values())
                found[part.dataset] = found[part.dataset].without(others)
        return found

    def referred_from_outside(self, target: str, found: Mapping[str, Keys], referrers: Iterable[Dataset]) -> Keys:
        """Which of the rows of `target` in `found` are referred to by rows that are not in `found`."""
        rows, needed = self.roots(target, list(found[target])), list[Cells]()
        for dataset in referrers:
            inside = frozenset(found.get(dataset.name, ()))
            for reference in dataset.references:
                if reference.dataset == target and reference.when_gone != "clear":
                    hop = Hop.down(dataset, reference)
                    outside = [r for r in self.rows(dataset.name) if key_of(dataset, r) not in inside]
                    needed += [t for t in rows if any(points(r, hop, t) for r in outside)]
        return self.keys(target, needed)

    def pairs(self, root: str, tie: Tie) -> Iterator[tuple[Key, Key]]:
        """(dossier referred to, dossier that refers) for each reference of a tie that leads from one into another."""
        dataset = self.dataset(root)
        hop = Hop(tie.referrer.dataset, tie.by)
        roots = self.rows(root)
        below = [
            (key_of(dataset, r), self.below([r], tie.referrer.path), self.below([r], tie.target.path)) for r in roots
        ]
        for theirs, _, targets in below:
            for own, referrers, _ in below:
                if own != theirs and any(points(r, hop, t) for r in referrers for t in targets):
                    yield theirs, own

    def roots_above(self, part: Part, root: str, keys: Keys) -> Keys:
        """The root keys of the dossiers that hold these rows of `part`: its path, walked upwards."""
        here = self.roots(part.dataset, keys)
        owners = [root, *(hop.dataset for hop in part.path)]
        for hop, owner in zip(reversed(part.path), reversed(owners[:-1]), strict=True):
            values = {tuple(row.get(own) for own, _ in hop.by) for row in here}
            here = [row for row in self.rows(owner) if _leads(row, hop, values)]
        return self.keys(root, here)

    def keys(self, name: str, rows: Sequence[Cells]) -> Keys:
        """The keys of these rows."""
        dataset = self.dataset(name)
        return Keys(key_of(dataset, row) for row in rows)


def _by_key(dataset: Dataset, rows: list[Cells]) -> list[Cells]:
    return sorted(rows, key=lambda row: sort_key(key_of(dataset, row)))


def refers(row: Mapping[str, Any], hop: Hop, values: set[Key]) -> bool:
    """Whether a row's own columns of the hop hold one of these values; an empty reference leads nowhere."""
    own = tuple(row.get(column) for column, _ in hop.by)
    return None not in own and own in values


def _leads(owner: Mapping[str, Any], hop: Hop, values: set[Key]) -> bool:
    """Whether one of these values of the hop's own columns refers to this owner; an empty one leads nowhere."""
    theirs = tuple(owner.get(column) for _, column in hop.by)
    return None not in theirs and theirs in values


def points(row: Cells, hop: Hop, target: Cells) -> bool:
    """Whether a row refers, by this hop, to this very row."""
    return refers(row, hop, {tuple(target.get(their) for _, their in hop.by)})


def is_of(dataset: Dataset, row: Mapping[str, Any]) -> bool:
    """Whether a row of the table is one of this dataset."""
    for column, wanted in dataset.only.items():
        values = wanted if isinstance(wanted, tuple) else (wanted,)
        if row.get(column) not in values:
            return False
    return True


def key_of(dataset: Dataset, row: Mapping[str, Any]) -> Key:
    """The values of a row's key columns. A missing one is KeyError: a row without key cannot be named."""
    return tuple(row[c] for c in dataset.key)


def sort_key(key: Key) -> tuple[tuple[str, Any], ...]:
    """Order of keys: numbers among numbers, text by its code points, each kind apart."""
    return tuple(("" if isinstance(v, int | float | Decimal) else type(v).__name__, v) for v in key)


def derived_schema(data: Data) -> LiveSchema:
    """What the tables hold, judged by the first value in each column."""
    tables = {}
    for name, rows in data.items():
        kinds: dict[str, Kind | None] = {}
        for row in rows:
            for column, value in row.items():
                if kinds.get(column) is None:
                    kinds[column] = _kind(value)
        tables[name] = LiveTable({c: LiveColumn(k or Kind.TEXT) for c, k in kinds.items()})
    return LiveSchema(tables)


def _kind(value: Any) -> Kind | None:
    if value is None:
        return None
    if isinstance(value, Range):
        bound = _kind(value.lower if value.upper is None else value.upper)
        return Kind.OTHER if bound is None else _RANGES.get(bound, Kind.OTHER)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return Kind.ZONED
    return next((kind for types, kind in _KINDS if isinstance(value, types)), Kind.OTHER)
