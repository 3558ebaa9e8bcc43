"""A system behind SQL as the office asks it: the port, joined to the statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.port import Announced, Destroyed, Row
from connectors.receipt import CHANGED, REFERRED_TO, check_receipt
from connectors.sql.destroy import ChangedMeanwhile, Destruction
from connectors.sql.dossier import collect, keys_from, root_of, roots_above, rows_inside
from connectors.sql.due import due_statement, pages_of_keys
from connectors.sql.engine import StillReferredTo, make_engine, reading, writing
from connectors.sql.schema import look_at
from connectors.sql.search import search_statement
from connectors.sql.tables import Tables
from connectors.sql.tally import read_tally, tally_statement
from connectors.stored_days import day_of
from connectors.written_keys import read_written_key
from domain.identity import Identifier
from domain.keys import Key, Keys
from domain.live import Kind, LiveSchema
from domain.rules import DueTest, Part
from domain.standing import Tally, WatchFacts, observe
from domain.system import System

#: Keys or rows that are in memory at once while a source streams.
PAGE = 10_000
_ROWS_PAGE = 1_000


class SqlConnector:
    """One SQL database. `url` is a secret. Times in seconds: the longest statement, and the longest wait for a lock.

    SQLite has no limit on a statement; there `lock_seconds` is how long it waits for another writer.
    """

    def __init__(self, system: System, url: str, *, statement_seconds: float = 900, lock_seconds: float = 10) -> None:
        self.system = system
        self._engine = make_engine(system, url, statement_seconds=statement_seconds, lock_seconds=lock_seconds)
        self._zone = ZoneInfo(system.zone)
        self._seen: LiveSchema | None = None

    def look(self) -> LiveSchema:
        """The live schema, read anew."""
        self._seen = look_at(self._engine, self.system)
        return self._seen

    def tally(self, test: DueTest) -> Tally:
        """How all dossiers of the rule stand."""
        statement = tally_statement(self._tables(), test)
        with reading(self._engine, self.system) as asker:
            return read_tally(test, asker.all(statement))

    def find_due(self, test: DueTest) -> Iterator[Sequence[Key]]:
        """The due root keys in pages, ordered by key. Exhaust it before destroying: it holds a read transaction."""
        statement = due_statement(self._tables(), test)
        if test.possible:
            with reading(self._engine, self.system) as asker:
                yield from pages_of_keys(asker.pages(statement, PAGE))

    def facts(self, test: DueTest, key: Key) -> tuple[WatchFacts, ...] | None:
        """What each watch sees of one dossier; None where the root record does not exist."""
        tables = self._tables()
        root = Part(test.rule.dataset.name, ())
        with reading(self._engine, self.system) as asker:
            if not len(keys_from(asker, rows_inside(tables, root, root.dataset, [key])[1])):
                return None
            found = []
            for watch in test.watches:
                part = Part(watch.dataset, watch.path)
                rows, statement = rows_inside(tables, part, root.dataset, [key])
                if watch.column is None:
                    found.append(WatchFacts(len(asker.all(statement))))
                    continue
                kind = tables.day(rows, watch.column).kind
                values = asker.all(statement.with_only_columns(rows.table.c[watch.column]))
                found.append(observe(watch, [self._day(value, kind) for (value,) in values], test.as_of))
        return tuple(found)

    def read_key(self, dataset: str, text: str) -> Key:
        """The key that was written as `text`. Raises `NotFound` that says what a key looks like."""
        rows = self._tables().rows(dataset)
        return read_written_key(rows.dataset, rows.live, text, typed=self._engine.dialect.name != "sqlite")

    def roots_of(self, part: Part, root: str, keys: Keys) -> Keys:
        """The root keys of the dossiers that hold these rows of `part`."""
        with reading(self._engine, self.system) as asker:
            return roots_above(asker, self._tables(), part, root, keys)

    def dossiers(self, parts: Sequence[Part], keys: Sequence[Key]) -> dict[str, Keys]:
        """The keys of all rows in the dossiers of these roots, per dataset."""
        if not parts:
            return {}
        with reading(self._engine, self.system) as asker:
            return collect(asker, self._tables(), parts, root_of(self.system, parts[-1]), keys)

    def destroy(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> Destroyed:
        """Destroy the dossiers of `keys` in one transaction; see `connectors.port.Connector`."""
        check_receipt(test.rule, keys, announced)
        if not keys:
            return Destroyed({})
        batch = list(dict.fromkeys(keys))
        tables = self._tables()
        stayed: dict[str, list[Key]] = {}
        try:
            with writing(self._engine, self.system) as asker:
                return Destruction(asker, tables, test, stayed).carry_out(batch, allowed=allowed, announced=announced)
        except StillReferredTo:
            return _undone(batch, stayed, REFERRED_TO)
        except ChangedMeanwhile:
            return _undone(batch, stayed, CHANGED)

    def still_there(self, dataset: str, keys: Keys) -> Keys:
        """Which of these keys the source still holds, whatever else changed about them."""
        rows = self._tables().rows(dataset)
        with reading(self._engine, self.system) as asker:
            where = rows.is_one_of(rows.dataset.key, list(keys))
            return keys_from(asker, sa.select(*rows.key).where(where).distinct().order_by(*rows.key))

    def search(self, dataset: str, wanted: Sequence[Identifier]) -> Iterator[Row]:
        """Rows that may bear one of these identifiers; too many, never too few."""
        statement = search_statement(self._tables(), dataset, wanted)
        if statement is not None:
            yield from self._stream(statement)

    def rows(self, part: Part, keys: Sequence[Key]) -> Iterator[Row]:
        """All rows of `part` in the dossiers of these roots, ordered by key."""
        rows, statement = rows_inside(self._tables(), part, root_of(self.system, part), keys)
        yield from self._stream(statement.with_only_columns(*rows.table.c))

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def _stream(self, statement: sa.Select[Any]) -> Iterator[Row]:
        with reading(self._engine, self.system) as asker:
            for page in asker.pages(statement, _ROWS_PAGE):
                for row in page:
                    yield dict(row._mapping)

    def _tables(self) -> Tables:
        seen = self.look() if self._seen is None else self._seen
        return Tables(self.system, seen, self._engine.dialect.name)

    def _day(self, value: Any, kind: Kind) -> date | None:
        if isinstance(value, str) and kind is not Kind.TEXT and self._engine.dialect.name == "postgresql":
            # 'infinity', or a year that Python has no date for: there, and no day that starts a term.
            return date.min if value.startswith("-") or value.endswith("BC") else date.max
        return day_of(value, self._zone)


def _undone(batch: Sequence[Key], stayed: dict[str, list[Key]], why: str) -> Destroyed:
    """Everything stays: what had a reason of its own keeps it, the others share the reason of the whole."""
    explained = {k for keys in stayed.values() for k in keys}
    rest = [k for k in batch if k not in explained]
    reasons = {reason: list(keys) for reason, keys in stayed.items() if keys}
    reasons[why] = [*reasons.get(why, ()), *rest]
    return Destroyed({}, {reason: Keys(keys) for reason, keys in reasons.items()})
