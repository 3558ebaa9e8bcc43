"""How a SQL source is reached: the one engine factory, transactions, and failures that name no value.

A driver's own words hold row values and addresses, so they never leave this module: only the class of the failure
and its SQLSTATE do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import psycopg.errors
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from connectors.sql.reading import add_readings, keep_unreadable_days
from domain.system import System
from domain.trouble import SourceUnreadable

_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite+pysqlite"}
_DRIVERS |= {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
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
_OTHERWISE = "check that the source runs and that its secret is right; then run `termijn register check`"


class StillReferredTo(Exception):
    """The source refused: a row that stays refers to one that would go. Never leaves the connector."""


def make_engine(system: System, url: str, *, statement_seconds: float, lock_seconds: float) -> sa.Engine:
    """The one place where an engine for a source is made. `url` is a secret and is never repeated."""
    try:
        address = sa.make_url(url)
        address = address.set(drivername=_DRIVERS.get(address.drivername, address.drivername))
        dialect = address.get_backend_name()
        options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True, "pool_size": 2, "max_overflow": 2}
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
            limits = f"SET SESSION max_statement_time={statement_seconds}, innodb_lock_wait_timeout={int(lock_seconds)}"
            options["connect_args"] = {"connect_timeout": 10, "init_command": limits, "charset": "utf8mb4"}
        engine = sa.create_engine(address, **options)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise SourceUnreadable(
            "the secret is no address of a database",
            where=system.id,
            do=f"set {system.url} to for example postgresql://account@host/database or sqlite:///path",
        ) from None
    if dialect == "sqlite":
        _prepare_sqlite(engine, ZoneInfo(system.zone))
    elif dialect == "postgresql":
        event.listen(engine, "connect", keep_unreadable_days)
    return engine


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

    def pages(self, statement: sa.Executable, size: int) -> Iterator[Sequence[sa.Row[Any]]]:
        """The rows of an unbounded question in pages of `size`, streamed from the server."""
        with failures_named(self._system):
            options = {"stream_results": True, "yield_per": size}
            pages = self._connection.execute(statement, execution_options=options).partitions()
        while True:
            with failures_named(self._system):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def change(self, statement: sa.Executable) -> int:
        """Run a statement that changes rows; how many it changed. Raises `StillReferredTo`."""
        with failures_named(self._system):
            return int(self._connection.execute(statement).rowcount)


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
    state = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
    called = type(cause if cause is not None else failure).__name__
    if not state and isinstance(cause, psycopg.OperationalError):
        # A refused log-in carries no SQLSTATE; its kind is still worth more than a class name.
        state = "28P01" if "password authentication failed" in str(cause) else ""
    raise SourceUnreadable(
        f"the source does not answer ({called}{f', {state}' if state else ''})",
        where=system.id,
        do=_DO.get(state, _OTHERWISE),
    ) from None


@contextmanager
def reading(engine: sa.Engine, system: System) -> Iterator[Asker]:
    """A transaction that changes nothing."""
    readonly = {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
    with _transaction(engine, system, readonly) as connection:
        yield Asker(system, connection)


@contextmanager
def writing(engine: sa.Engine, system: System) -> Iterator[Asker]:
    """A transaction that is kept only when its block ends without an error."""
    with _transaction(engine, system, {"termijn_writes": True}) as connection:
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
