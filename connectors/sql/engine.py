"""How a SQL source is reached: the one engine factory, transactions, and failures that name no value.

A driver's own words hold row values and addresses, so they never leave this module: only the class of the failure
and its SQLSTATE do.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from math import ceil
from typing import Any, NoReturn
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import psycopg.errors
import pymysql
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from connectors.sql.flowing import flowing
from connectors.sql.mariadb_tables import check_transactions
from connectors.sql.reading import add_readings, keep_unreadable_days, mariadb_conversions
from domain.keys import Keys
from domain.system import System
from domain.trouble import SourceUnreadable

DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite+pysqlite"}
# Always as MariaDB: a MySQL server, which has no DELETE … RETURNING, is refused when the first connection is made.
DRIVERS |= dict.fromkeys(("mysql", "mysql+pymysql", "mariadb"), "mariadb+pymysql")
_DO = {
    "28P01": "renew the password that the secret holds",
    "28000": "give the account the right to log in",
    "3D000": "check the database name in the secret",
    "42501": "give the account the right to read and delete on the tables of the register",
    "42P01": "run `termijn register check`: a table is gone",
    "42703": "run `termijn register check`: a column is gone",
    "42883": "run `termijn register check`: two columns of a reference hold different types",
    "55P03": "somebody else holds these rows; it is tried again tomorrow",
    "57014": "give it more time, or an index on the trigger and reference columns",
}
_DO_MARIADB = {
    1044: _DO["42501"],
    1045: _DO["28P01"],
    1049: _DO["3D000"],
    1054: _DO["42703"],
    1142: _DO["42501"],
    1143: _DO["42501"],
    1146: _DO["42P01"],
    1153: "raise max_allowed_packet of the source to 16M or more",
    1205: _DO["55P03"],
    1213: _DO["55P03"],
    1290: "the source takes no writes now: name the one that does in the secret",
    1317: "somebody stopped the statement; it is tried again tomorrow",
    1644: "a database trigger refuses: ask whoever made it",
    1665: "set binlog_format of the source to MIXED or ROW",
    1698: _DO["28P01"],
    1836: "the source takes no writes now: name the one that does in the secret",
    1969: _DO["57014"],
}
_DO |= {str(number): do for number, do in _DO_MARIADB.items()}
_OTHERWISE = "check that the source runs and that its secret is right; then run `termijn register check`"


class StillReferredTo(Exception):
    """The source refused: a row that stays refers to one that would go. Never leaves the connector."""


def make_engine(system: System, url: str, *, statement_seconds: float, lock_seconds: float) -> sa.Engine:
    """The engine of this process for a source. `url` is a secret and is never repeated. Raises SourceUnreadable."""
    try:
        return _make(url, statement_seconds, lock_seconds, system.zone)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise SourceUnreadable(
            "the secret is no address of a database",
            where=system.id,
            do=f"set {system.url} to for example postgresql://account@host/database or sqlite:///path",
        ) from None


@lru_cache(maxsize=32)
def _make(url: str, statement_seconds: float, lock_seconds: float, zone: str) -> sa.Engine:
    """One for each address, however often a system is opened: an engine remembers the statements that it compiled."""
    address = sa.make_url(url)
    address = address.set(drivername=DRIVERS.get(address.drivername, address.drivername))
    dialect = address.get_backend_name()
    options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True, "pool_size": 6, "max_overflow": 10}
    if dialect == "postgresql":
        limits = f"-c statement_timeout={_ms(statement_seconds)} -c lock_timeout={_ms(lock_seconds)}"
        options["connect_args"] = {
            "application_name": "termijn",
            "connect_timeout": 10,
            "options": f"{limits} -c timezone=UTC",
        }
    elif dialect == "sqlite":
        options |= {"creator": _opening(address.database, lock_seconds)}
    else:
        options |= {"isolation_level": "READ COMMITTED"}  # what was committed meanwhile must show in the re-check
        options["connect_args"] = {
            "connect_timeout": 10,
            "read_timeout": ceil(statement_seconds) + 60,
            "charset": "utf8mb4",
            "conv": mariadb_conversions(),
            "init_command": _mariadb_session(statement_seconds, lock_seconds),
        }
    engine = sa.create_engine(address, **options)
    if dialect == "sqlite":
        _prepare_sqlite(engine, ZoneInfo(zone))
    elif dialect == "postgresql":
        event.listen(engine, "connect", keep_unreadable_days)
    else:
        event.listen(engine, "begin", _begin_mariadb)
    return engine


def _mariadb_session(statement_seconds: float, lock_seconds: float) -> str:
    """What a session must be, whatever the server's own settings say. Zero dates are read; nothing is made up."""
    wanted: dict[str, object] = {
        "max_statement_time": statement_seconds,
        "innodb_lock_wait_timeout": ceil(lock_seconds),
        "lock_wait_timeout": ceil(lock_seconds),
        "net_write_timeout": 600,  # a page may take long to be dealt with while the server waits to send the next
        "time_zone": "'+00:00'",
        "sql_mode": "'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
        "foreign_key_checks": 1,
        "sql_select_limit": "DEFAULT",  # a server's own limit would cut an answer short without a word
        "default_regex_flags": "''",
        "in_predicate_conversion_threshold": 0,  # else a thousand keys become a table that no index serves
    }
    return "SET SESSION " + ", ".join(f"{name}={value}" for name, value in wanted.items())


def _begin_mariadb(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("termijn_writes", False)
    connection.exec_driver_sql("START TRANSACTION READ WRITE" if writes else "START TRANSACTION READ ONLY")


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _opening(path: str | None, lock_seconds: float) -> Callable[[], sqlite3.Connection]:
    """Opens an existing file only: a wrong path must not become an empty source in which nothing is due."""

    def connect() -> sqlite3.Connection:
        file = f"file:{quote(path or '')}?mode=rw"
        return sqlite3.connect(file, uri=True, timeout=lock_seconds, isolation_level=None, check_same_thread=False)

    return connect


def _prepare_sqlite(engine: sa.Engine, zone: ZoneInfo) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in ("foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        add_readings(connection, zone)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("termijn_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


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
        """The same as the driver gives them: a row object of SQLAlchemy for each of a million keys takes seconds."""
        with failures_named(self._system), flowing(self._connection):
            result = self._connection.execute(statement, execution_options={"stream_results": True})
        try:
            while True:
                with failures_named(self._system):  # by the strategy: it may have a first row of the cursor in hand
                    page = result.cursor_strategy.fetchmany(result, result.cursor, size)
                if not page:
                    return
                yield page
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
def failures_named(system: System) -> Iterator[None]:
    """Turn whatever a driver raises into an error that says what to do and repeats nothing of the source."""
    try:
        yield
    except IntegrityError:
        raise StillReferredTo from None
    except SQLAlchemyError as failure:
        _name(system, failure)


def _name(system: System, failure: SQLAlchemyError) -> NoReturn:
    cause = failure.orig if isinstance(failure, DBAPIError) else None
    state = _number(cause) or getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
    called = type(cause if cause is not None else failure).__name__
    if not state and isinstance(cause, psycopg.OperationalError):
        # A refused log-in carries no SQLSTATE; its kind is still worth more than a class name.
        state = "28P01" if "password authentication failed" in str(cause) else ""
    raise SourceUnreadable(
        f"the source does not answer ({called}{f', {state}' if state else ''})",
        where=system.id,
        do=_DO.get(state, _OTHERWISE),
    ) from None


def _number(cause: BaseException | None) -> str:
    """The number of MariaDB's error; its words hold values."""
    number = cause.args[0] if isinstance(cause, pymysql.MySQLError) and cause.args else None
    return str(number) if isinstance(number, int) and number else ""


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
