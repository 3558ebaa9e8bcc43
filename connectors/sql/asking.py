"""One transaction on a source: what can be asked and changed in it."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import sqlalchemy as sa

from connectors.sql.failures import failures_named
from connectors.sql.flowing import Flowing, flowing
from connectors.sql.mariadb_tables import check_transactions
from domain.keys import Keys
from domain.system import System


class Asker:
    """One transaction on a source. Every failure comes out as `SourceUnreadable`, without values."""

    def __init__(self, system: System, connection: sa.Connection) -> None:
        self._system, self._connection = system, connection

    def all(self, statement: sa.Executable) -> Sequence[sa.Row[Any]]:
        """All rows of a bounded question."""
        with failures_named(self._system):
            return self._connection.execute(statement).all()

    def keys(self, statement: sa.Executable) -> Keys:
        """The answer to a bounded question for keys; whole numbers are taken without a row for each of them."""
        with failures_named(self._system):
            return _keys(_raw(self._connection.execute(statement)).fetchall())

    def pages(self, statement: sa.Executable, size: int) -> Generator[Sequence[sa.Row[Any]]]:
        """The rows of an unbounded question in pages of `size`, streamed from the server."""
        with failures_named(self._system):
            options = {"stream_results": True, "yield_per": size}
            result = self._connection.execute(statement, execution_options=options)
        try:
            pages = result.partitions()
            while True:
                with failures_named(self._system):
                    page = next(pages, None)
                if page is None:
                    return
                yield page
        finally:
            result.close()  # who stops half-way leaves nothing open on the connection

    def flow(self, statement: sa.Executable, size: int) -> Generator[Sequence[sa.Row[Any]]]:
        """The same, for an answer that is read at once: its connection takes no other question until then."""
        with closing(self.pages(statement, size)) as pages:
            with flowing(self._connection):
                first = next(pages, None)
            if first is not None:
                yield first
                yield from pages

    def raw_flow(self, statement: sa.Executable, size: int) -> Generator[Sequence[Sequence[Any]]]:
        """An answer of whole numbers as the driver gives it: a row object of SQLAlchemy for each costs seconds."""
        with failures_named(self._system), flowing(self._connection, numbers=True):
            result = self._connection.execute(statement, execution_options={"stream_results": True})
        cursor, begun = result.cursor, False
        try:
            while True:
                with failures_named(self._system):
                    if begun and isinstance(cursor, Flowing):
                        page: Sequence[Sequence[Any]] = cursor.fetchmany(size)
                    else:  # SQLAlchemy has the first row in hand; the rest it need not carry over one by one
                        some = 1 if isinstance(cursor, Flowing) else size
                        page = result.cursor_strategy.fetchmany(result, result.cursor, some)
                if not page:
                    return
                yield page
                begun = True
        finally:
            result.close()

    def lets_readers_in(self) -> bool:
        """Whether others can read while somebody writes: all but SQLite without a write-ahead log."""
        if self._connection.dialect.name != "sqlite":
            return True
        with failures_named(self._system):
            return bool(self._connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal")

    @contextmanager
    def circles_allowed(self) -> Iterator[None]:
        """Let SQLite look at the references at the commit, so that rows in a circle go one after another."""
        self._run("PRAGMA defer_foreign_keys=ON")
        yield

    @contextmanager
    def checks_off(self) -> Iterator[None]:
        """MariaDB without its look at references; whoever asks for it looks himself (`connectors.sql.circles`)."""
        self._run("SET SESSION foreign_key_checks=0")
        try:
            yield
        finally:
            self._run("SET SESSION foreign_key_checks=1")

    @contextmanager
    def scans_avoided(self) -> Iterator[None]:
        """PostgreSQL as if every table were large: then its plan tells which indexes there are to use."""
        self._run("SET LOCAL enable_seqscan = off")
        try:
            yield
        finally:
            self._run("SET LOCAL enable_seqscan = on")

    def alone(self) -> None:
        """PostgreSQL answers what follows in this transaction by itself: to call helpers takes it eight milliseconds,
        and it plans so for thirty questions that each take a twentieth of one."""
        if self._connection.dialect.name == "postgresql":
            self._run("SET LOCAL max_parallel_workers_per_gather = 0")

    def _run(self, words: str) -> None:
        with failures_named(self._system):
            self._connection.exec_driver_sql(words)

    def change(self, statement: sa.Executable) -> int:
        """Run a statement that changes rows; how many it changed. Raises `StillReferredTo`."""
        with failures_named(self._system):
            return int(self._connection.execute(statement).rowcount)

    def change_each(self, statement: sa.Executable, values: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each of these values. Raises `StillReferredTo`."""
        if values:
            with failures_named(self._system):
                self._connection.execute(statement, list(values))


def _raw(result: sa.CursorResult[Any]) -> Any:
    """The driver's own cursor: a row object of SQLAlchemy for each key would cost more than the deletion."""
    return result.cursor


def _keys(rows: Sequence[Sequence[Any]]) -> Keys:
    if rows and len(rows[0]) == 1 and type(rows[0][0]) is int:
        try:
            return Keys.of_numbers(array("q", [value for (value,) in rows]))
        except (TypeError, OverflowError):
            pass  # a source that keeps what it likes in a column of numbers
    return Keys(map(tuple, rows))


@contextmanager
def reading(engine: sa.Engine, system: System) -> Iterator[Asker]:
    """A transaction that changes nothing."""
    readonly = {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
    with _transaction(engine, system, readonly) as connection:
        yield Asker(system, connection)


@contextmanager
def looking_firmly(engine: sa.Engine, system: System) -> Iterator[Asker]:
    """A transaction that changes nothing and may wait for others to make up their mind about a row.

    SQLite locks no rows: there it waits until nobody writes at all.
    """
    with _transaction(engine, system, {"termijn_writes": True}) as connection:
        yield Asker(system, connection)


@contextmanager
def writing(engine: sa.Engine, system: System) -> Iterator[Asker]:
    """A transaction that is kept only when its block ends without an error."""
    with _transaction(engine, system, {"termijn_writes": True}) as connection:
        if engine.dialect.name == "mariadb":
            with failures_named(system):
                check_transactions(connection, system)
        yield Asker(system, connection)
        with failures_named(system):
            connection.commit()


@contextmanager
def _transaction(engine: sa.Engine, system: System, options: Mapping[str, Any]) -> Iterator[sa.Connection]:
    with failures_named(system):
        connection = engine.connect().execution_options(**options)
    try:
        with failures_named(system):
            connection.begin()
        yield connection
    finally:
        with failures_named(system):
            connection.close()  # rolls back what was not committed
