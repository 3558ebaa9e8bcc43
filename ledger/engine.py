"""How the database of a ledger is reached: SQLite or PostgreSQL, and what each needs to be safe."""

from __future__ import annotations

import os
import sqlite3
from functools import lru_cache
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from domain.trouble import NotFound, Refused

#: How long a writer waits for another, in seconds.
PATIENCE = 30


def read_address(url: str) -> URL:
    """The address in a URL, the driver filled in. Raises Refused for anything but a SQLite file or PostgreSQL."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise Refused("this is no address of a ledger", do="write sqlite:///path/ledger.db or postgresql://…") from None
    backend = address.get_backend_name()
    if backend not in ("sqlite", "postgresql") or (backend == "sqlite" and address.database in (None, "", ":memory:")):
        raise Refused("a ledger is kept in a SQLite file or in PostgreSQL", do="write sqlite:///path/ledger.db")
    return address.set(drivername="postgresql+psycopg") if backend == "postgresql" else address


def make_file(file: Path, *, create: bool) -> None:
    """The file is ours alone from its first byte."""
    if file.exists():
        return
    if not create:
        raise NotFound("there is no ledger here", where=file.name, do="look at the address given as --ledger")
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


@lru_cache(maxsize=8)
def make_engine(address: URL) -> Engine:
    """The engine of this process for a ledger: hides its parameters and, on SQLite, loses nothing it said was stored.

    One for each address, however often the ledger is opened: an engine remembers the statements that it compiled.
    Disposing it gives back its connections; it can be used again.
    """
    if address.get_backend_name() == "postgresql":
        return create_engine(address, hide_parameters=True, pool_pre_ping=True)
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(raw: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    """SQLite as a ledger needs it: crash-safe, and what is dropped (the keys of a batch) is overwritten."""
    raw.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock before it reads, so that what it read is still so when it writes."""
    writes = connection.get_execution_options().get("termijn_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
