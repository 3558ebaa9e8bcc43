"""How a SQL source is reached: the one engine factory, and what each database's session must be."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from math import ceil
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from connectors.sql.reading import add_readings, keep_unreadable_days, mariadb_conversions
from domain.system import System
from domain.trouble import SourceUnreadable

DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite+pysqlite"}
# Always as MariaDB: a MySQL server, which has no DELETE … RETURNING, is refused when the first connection is made.
DRIVERS |= dict.fromkeys(("mysql", "mysql+pymysql", "mariadb"), "mariadb+pymysql")
#: Seconds after which a connection that lay still is asked whether it lives.
_STILL = 1.0


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
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 6, "max_overflow": 10}
    options["pool_pre_ping"] = dialect != "postgresql"
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
        _ask_whether_it_lives(engine)
    else:
        event.listen(engine, "begin", _begin_mariadb)
    return engine


def _ask_whether_it_lives(engine: sa.Engine) -> None:
    """Before a connection is used again: where its server ended it meanwhile, another is made.

    `pool_pre_ping` asks the server each time, which costs one small question as much as its answer does. Here only the
    socket is looked at: a server that ends a connection says so there. What lay still for long is asked all the same.
    """

    @event.listens_for(engine, "checkin")
    def lies_still(_driver: object, record: ConnectionPoolEntry) -> None:
        record.info["still_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def is_used(driver: psycopg.Connection[Any], record: ConnectionPoolEntry, _proxy: object) -> None:
        since = record.info.get("still_since")
        if since is not None and (_hears(driver) or (monotonic() - since > _STILL and not _answers(engine, driver))):
            raise DisconnectionError


def _hears(driver: psycopg.Connection[Any]) -> bool:
    """Whether anything came over a connection that asked nothing."""
    with DefaultSelector() as lines:
        try:
            lines.register(driver.fileno(), EVENT_READ)
        except psycopg.Error:  # it is closed on our side
            return True
        return bool(lines.select(0))


def _answers(engine: sa.Engine, driver: psycopg.Connection[Any]) -> bool:
    try:
        return engine.dialect.do_ping(driver)  # type: ignore[arg-type]  # SQLAlchemy's name for any driver's connection
    except psycopg.Error:
        return False


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
