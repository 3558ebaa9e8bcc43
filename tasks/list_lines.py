"""What a line of a destruction list says: client number, last date and the day since which it may go, per practice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from connectors.port import Connector, Row
from connectors.stored_days import day_of
from domain.activity import Activity
from domain.keys import Key, Keys
from domain.lists import Line, written
from domain.rules import DueTest, Hop, Part
from domain.standing import WatchFacts, observe
from domain.system import Dataset

#: Dossiers that are read at once: their rows are in memory together.
PAGE = 500


def read_lines(
    connector: Connector, test: DueTest, keys: Keys, activities: Mapping[str, Activity]
) -> dict[str, list[Line]]:
    """Practice → its lines, in order of client number; '' holds what names no practice. Raises SourceUnreadable."""
    found: dict[str, list[Line]] = {}
    for batch in keys.batches(PAGE):
        rows = _Rows(connector, test, batch)
        for key, row in rows.roots.items():
            last, since = _dates(test, rows.facts(key), activities)
            found.setdefault(_tenant(test.rule.dataset, row), []).append(
                Line(key, client_number(test.rule.dataset, key, row), last, since)
            )
    return {tenant: sorted(lines, key=lambda line: line.client_number) for tenant, lines in sorted(found.items())}


def client_number(dataset: Dataset, key: Key, row: Row) -> str:
    """The number by which the practice knows a dossier; where it has none, its key."""
    column = dataset.identifies.client_number
    number = "" if column is None or row[column] is None else str(row[column]).strip()
    return number or written(key)


def _tenant(dataset: Dataset, row: Row) -> str:
    value = None if dataset.tenant is None else row[dataset.tenant]
    return "" if value is None else str(value).strip()


def _dates(
    test: DueTest, facts: Sequence[WatchFacts], activities: Mapping[str, Activity]
) -> tuple[date | None, date | None]:
    """(the last date in the dossier, the first day on which no term keeps it any more)."""
    latest, ends = [], []
    for watch, fact in zip(test.watches, facts, strict=True):
        term = activities[watch.activity].term_on(test.as_of)
        if fact.latest is not None and term is not None:
            latest.append(fact.latest)
            ends.append(term.kept_until(fact.latest))
    last = max(ends, default=date.max)
    return max(latest, default=None), None if last == date.max else last + timedelta(days=1)


class _Rows:
    """The rows of some dossiers, read once per part, and to which dossier each belongs."""

    def __init__(self, connector: Connector, test: DueTest, keys: Sequence[Key]) -> None:
        self._test, self._zone = test, ZoneInfo(connector.system.zone)
        self._seen: dict[tuple[Hop, ...], list[tuple[Row, Key]]] = {}
        root = test.rule.dataset
        for path in sorted({p for w in test.watches if w.column is not None for p in _ways(w.path)} | {()}, key=len):
            part = Part(path[-1].dataset if path else root.name, path)
            rows = list(connector.rows(part, keys))
            self._seen[path] = list(self._owned(path, rows)) if path else [(r, _key(root, r)) for r in rows]
        self.roots = {key: row for row, key in self._seen[()]}
        self._days: list[dict[Key, list[date | None]]] = []
        for watch in test.watches:
            days: dict[Key, list[date | None]] = {}
            for row, key in self._seen[watch.path] if watch.column is not None else ():
                days.setdefault(key, []).append(day_of(row[str(watch.column)], self._zone))
            self._days.append(days)

    def facts(self, key: Key) -> list[WatchFacts]:
        """What each watch sees of one dossier."""
        seen = zip(self._test.watches, self._days, strict=True)
        return [observe(watch, days.get(key, []), self._test.as_of) for watch, days in seen]

    def _owned(self, path: tuple[Hop, ...], rows: Sequence[Row]) -> Iterator[tuple[Row, Key]]:
        """Each row with the root of the dossier that its owner is in."""
        hop = path[-1]
        owners: dict[tuple[object, ...], list[Key]] = {}
        for row, key in self._seen[path[:-1]]:
            owners.setdefault(tuple(row[their] for _, their in hop.by), []).append(key)
        for row in rows:
            for key in owners.get(tuple(row[own] for own, _ in hop.by), ()):
                yield row, key


def _ways(path: tuple[Hop, ...]) -> Iterator[tuple[Hop, ...]]:
    """A way and every way that leads to it."""
    return (path[:n] for n in range(len(path) + 1))


def _key(dataset: Dataset, row: Row) -> Key:
    return tuple(row[column] for column in dataset.key)
