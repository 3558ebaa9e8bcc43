"""A system behind SQL as the office asks it: the port, joined to the statements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.port import Announced, Destroyed, Row
from connectors.receipt import CHANGED, REFERRED_TO, Vouch, check_receipt, nobody, refused_by_source
from connectors.sql.asking import looking_firmly, reading, writing
from connectors.sql.change import Changing, still_bearing
from connectors.sql.correct import write_correction
from connectors.sql.destroy import ChangedMeanwhile, Destruction
from connectors.sql.dossier import (
    collect,
    each_step,
    keys_from,
    once_in_order,
    one_step,
    root_of,
    roots_above,
    rows_inside,
)
from connectors.sql.due import due_statement
from connectors.sql.engine import make_engine
from connectors.sql.failures import StillReferredTo
from connectors.sql.forecast import alike, forecast_statement, in_one_statement
from connectors.sql.lookouts import busy_statement, look_out, taken_along
from connectors.sql.scans import scans_of
from connectors.sql.schema import look_at
from connectors.sql.search import search_statement
from connectors.sql.straight import Straight, is_straight
from connectors.sql.tables import Tables
from connectors.sql.tally import read_tally, tally_statement
from connectors.sql.ties import read_pairs, tie_statements
from connectors.stored_days import beyond, day_of
from connectors.written_keys import read_written_key
from domain.column_rules import Change
from domain.identity import Identifier
from domain.keys import Key, Keys
from domain.live import Kind, LiveReference, LiveSchema
from domain.lookouts import Sight, Unindexed
from domain.rules import DueTest, Hop, Part
from domain.standing import Standing, Tally, WatchFacts, observe
from domain.system import System
from domain.ties import Pair
from domain.treatment import Alias

#: Keys or rows that are in memory at once while a source streams.
PAGE = 10_000
_ROWS_PAGE = 1_000


class SqlConnector:
    """One SQL database. `url` is a secret. Times in seconds: the longest statement, and the longest wait for a lock.

    SQLite has no limit on a statement; there `lock_seconds` is how long it waits for another writer.
    """

    def __init__(
        self,
        system: System,
        url: str,
        *,
        statement_seconds: float = 900,
        lock_seconds: float = 10,
        vouch: Vouch = nobody,
    ) -> None:
        self.system = system
        self._vouch = vouch
        self._engine = make_engine(system, url, statement_seconds=statement_seconds, lock_seconds=lock_seconds)
        self._together: bool | None = None
        self._zone = ZoneInfo(system.zone)
        self._seen: LiveSchema | None = None
        self._known: Tables | None = None

    @property
    def answers_together(self) -> bool:
        """Whether readers and a writer go on beside each other: SQLite's do only with a write-ahead log."""
        if self._together is None:
            with reading(self._engine, self.system) as asker:
                self._together = asker.lets_readers_in()
        return self._together

    def look(self) -> LiveSchema:
        """The live schema, read anew."""
        self._seen = look_at(self._engine, self.system)
        return self._seen

    def tally(self, test: DueTest) -> Tally:
        """How all dossiers of the rule stand."""
        statement = tally_statement(self._tables(), test)
        with reading(self._engine, self.system) as asker:
            return read_tally(test, asker.all(statement))

    def total(self, dataset: str) -> int:
        """How many records a dataset has now."""
        rows = self._tables().rows(dataset)
        with reading(self._engine, self.system) as asker:
            [(number,)] = asker.all(sa.select(sa.func.count()).select_from(rows.table).where(*rows.only))
        return int(number)

    def forecast(self, tests: Sequence[DueTest]) -> Sequence[int]:
        """How many dossiers are due by each test, all days in one statement where only cutoffs differ."""
        if not all(in_one_statement(self._tables(), test) for test in tests):
            return [self.tally(test)[Standing.DUE] for test in tests]
        counts = [0] * len(tests)
        for places in alike(tests):
            statement = forecast_statement(self._tables(), [tests[n] for n in places])
            with reading(self._engine, self.system) as asker:
                [counted] = asker.all(statement)
            for n, count in zip(places, counted, strict=True):
                counts[n] = int(count or 0)
        return counts

    def find_due(self, test: DueTest) -> Iterator[Sequence[Key]]:
        """The due root keys in pages, ordered by key. Exhaust it before destroying: it holds a read transaction."""
        statement = due_statement(self._tables(), test)
        if test.possible:
            with reading(self._engine, self.system) as asker, closing(asker.flow(statement, PAGE)) as pages:
                for page in pages:
                    yield [tuple(row) for row in page]

    def due_among(self, test: DueTest, keys: Keys) -> Keys:
        """Those of these root keys that are due; one statement for every few thousand."""
        found: list[Key] = []
        for start in range(0, len(keys) if test.possible else 0, PAGE):
            statement = due_statement(self._tables(), test, keys.slice(start, start + PAGE))
            with reading(self._engine, self.system) as asker:
                found += asker.keys(statement)
        return Keys(found)

    def all_keys(self, dataset: str) -> Iterator[Sequence[Key]]:
        """Every key of a dataset, in pages; what is soft-deleted included."""
        rows = self._tables().rows(dataset)
        statement = sa.select(*rows.key).where(*rows.only)
        with reading(self._engine, self.system) as asker, closing(asker.flow(statement, PAGE)) as pages:
            for page in pages:
                yield [tuple(row) for row in page]

    def ties(self, test: DueTest) -> Sequence[Pair]:
        """Which due dossiers need another one to go before or along with them."""
        if not test.possible or not test.rule.ties:
            return ()
        width = len(test.rule.dataset.key)
        found: list[Pair] = []
        with reading(self._engine, self.system) as asker:
            for tie, statement in tie_statements(self._tables(), test):
                for page in asker.flow(statement, PAGE):
                    found += read_pairs(tie, iter(page), width)
        return found

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

    def dossiers(self, parts: Sequence[Part], keys: Collection[Key]) -> dict[str, Keys]:
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
        check_receipt(test.rule, keys, announced, self._vouch)
        if not keys:
            return Destroyed({})
        return self._carefully(self._tables(), test, list(dict.fromkeys(keys)), allowed, announced)

    def destroy_straight(
        self,
        test: DueTest,
        keys: Keys,
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announce: Callable[[Mapping[str, Keys]], Future[Announced]],
    ) -> tuple[Announced, Destroyed] | None:
        """Destroy the whole batch by one DELETE per dataset, announced before the commit; see the port."""
        tables = self._tables()
        if not is_straight(tables, test) or not len(keys):
            return None
        try:
            with writing(self._engine, self.system) as asker:
                return Straight(asker, tables, test, self._vouch).carry_out(keys, allowed=allowed, announce=announce)
        except (StillReferredTo, ChangedMeanwhile):
            return None  # all was undone; the careful way finds out which dossiers stay, and why

    def _carefully(
        self,
        tables: Tables,
        test: DueTest,
        batch: Sequence[Key],
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> Destroyed:
        stayed: dict[str, list[Key]] = {}
        try:
            with writing(self._engine, self.system) as asker:
                return Destruction(asker, tables, test, stayed).carry_out(batch, allowed=allowed, announced=announced)
        except StillReferredTo:
            return _undone(batch, stayed, REFERRED_TO)
        except ChangedMeanwhile:
            return _undone(batch, stayed, CHANGED)

    def change(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
        alias: Alias,
    ) -> Destroyed:
        """Change columns of these rows in one transaction; see `connectors.port.Connector`."""
        check_receipt(test.rule, keys, announced, self._vouch, changes=True)
        if not keys:
            return Destroyed({})
        batch = list(dict.fromkeys(keys))
        tables = self._tables()
        stayed: dict[str, list[Key]] = {}
        try:
            with writing(self._engine, self.system) as asker:
                return Changing(asker, tables, test, stayed).carry_out(batch, allowed=allowed, alias=alias)
        except StillReferredTo:
            raise refused_by_source(test.rule) from None
        except ChangedMeanwhile:
            return _undone(batch, stayed, CHANGED)

    def correct(self, dataset: str, key: Key, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Write these values into one row if it still holds `before`; see `connectors.port.Connector`."""
        tables = self._tables()
        with writing(self._engine, self.system) as asker:
            return write_correction(asker, tables, dataset, key, before, after)

    def still_bears(self, dataset: str, change: Change, keys: Keys) -> Keys:
        """Which of these rows still hold what the change takes away; it waits for who is changing one now."""
        with looking_firmly(self._engine, self.system) as asker:
            return still_bearing(asker, self._tables(), dataset, change, keys, firmly=True)

    def still_there(self, dataset: str, keys: Keys, *, firmly: bool = True) -> Keys:
        """Which of these keys the source still holds, whatever else changed about them."""
        rows = self._tables().rows(dataset)
        question = sa.select(*rows.key).where(rows.is_one_of(rows.dataset.key, keys))
        look = looking_firmly if firmly else reading
        with look(self._engine, self.system) as asker:
            found = asker.keys(question.with_for_update(read=True) if firmly else question)
            return Keys(dict.fromkeys(found)) if len(found) else found

    def search(self, dataset: str, wanted: Sequence[Identifier]) -> Iterator[Row]:
        """Rows that may bear one of these identifiers; too many, never too few."""
        statement = search_statement(self._tables(), dataset, wanted)
        if statement is not None:  # read at once: each row is judged as it comes, and few come
            with reading(self._engine, self.system) as asker, closing(asker.flow(statement, _ROWS_PAGE)) as pages:
                yield from _rows_of(pages)

    def scans(self, kinds: Collection[str]) -> Sequence[Unindexed]:
        """What a search by these kinds, and the walk from what it finds, reads whole for want of an index."""
        tables = self._tables()
        with reading(self._engine, self.system) as asker:
            return tuple(scans_of(asker, tables, kinds, self._engine.dialect.identifier_preparer))

    def rows(self, part: Part, keys: Sequence[Key]) -> Iterator[Row]:
        """All rows of `part` in the dossiers of these roots, ordered by key."""
        rows, statement = rows_inside(self._tables(), part, root_of(self.system, part), keys)
        yield from self._stream(statement.with_only_columns(*rows.table.c))

    def related(self, start: str, hop: Hop, keys: Keys) -> Keys:
        """The keys of the rows at the end of one step, asked in batches, so that no statement grows with the person."""
        if not len(keys):
            return Keys()
        tables = self._tables()
        with reading(self._engine, self.system) as asker:
            found = [one_step(asker, tables, start, hop, part) for part in keys.runs(PAGE)]
        return once_in_order(found)

    def related_each(self, start: str, hops: Sequence[Hop], keys: Keys) -> Sequence[Keys]:
        """The same for several steps from the same rows, in as few questions as can be."""
        if not len(keys) or not hops:
            return [Keys() for _ in hops]
        tables = self._tables()
        with reading(self._engine, self.system) as asker:
            asker.alone()
            found = [each_step(asker, tables, start, hops, part) for part in keys.runs(PAGE)]
        return [once_in_order(of_one) for of_one in zip(*found, strict=True)]

    def look_out(self, test: DueTest, today: date) -> Sight:
        """What the guards judge: crowded days, mass changes, dates in the future, references without an index."""
        tables = self._tables()
        with reading(self._engine, self.system) as asker:
            return look_out(asker, tables, test, today, self._engine.dialect.identifier_preparer)

    def count_taken_along(self, test: DueTest, table: str, by: LiveReference) -> int | None:
        """How many rows of `table` refer by this reference to rows of dossiers that are due."""
        tables = self._tables()
        with reading(self._engine, self.system) as asker:
            return taken_along(asker, tables, test, table, by)

    def busy(self) -> int | None:
        """The sessions of others that are at work; None on SQLite, which has none."""
        statement = busy_statement(self._engine.dialect.name)
        if statement is None:
            return None
        with reading(self._engine, self.system) as asker:
            return int(asker.all(statement)[0][0])

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def _stream(self, statement: sa.Select[Any]) -> Iterator[Row]:
        with reading(self._engine, self.system) as asker, closing(asker.pages(statement, _ROWS_PAGE)) as pages:
            yield from _rows_of(pages)

    def _tables(self) -> Tables:
        seen = self.look() if self._seen is None else self._seen
        if self._known is None or self._known.live is not seen:
            self._known = Tables(self.system, seen, self._engine.dialect.name)
        return self._known

    def _day(self, value: Any, kind: Kind) -> date | None:
        if isinstance(value, str) and kind is not Kind.TEXT and self._engine.dialect.name == "postgresql":
            return beyond(value)
        return day_of(value, self._zone)


def _rows_of(pages: Iterable[Sequence[sa.Row[Any]]]) -> Iterator[Row]:
    for page in pages:
        for row in page:
            yield dict(row._mapping)


def _undone(batch: Sequence[Key], stayed: dict[str, list[Key]], why: str) -> Destroyed:
    """Everything stays: what had a reason of its own keeps it, the others share the reason of the whole."""
    explained = {k for keys in stayed.values() for k in keys}
    rest = [k for k in batch if k not in explained]
    reasons = {reason: list(keys) for reason, keys in stayed.items() if keys}
    reasons[why] = [*reasons.get(why, ()), *rest]
    return Destroyed({}, {reason: Keys(keys) for reason, keys in reasons.items()})
