"""A ledger to test with, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from ledger import open_ledger
from ledger.secrets import Keyring
from tests.unit.ledger_desk import Desk


@pytest.fixture(scope="session")
def fresh_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty ledger and its keys; migrated once, then copied."""
    folder = tmp_path_factory.mktemp("ledger")
    open_ledger(f"sqlite:///{folder}/ledger.db", clock=lambda: datetime.now(UTC)).close()
    return folder


@pytest.fixture
def paper(fresh_ledger: Path, tmp_path: Path) -> Iterator[Desk]:
    """A ledger on SQLite."""
    shutil.copytree(fresh_ledger, tmp_path, dirs_exist_ok=True)
    keys = Keyring.at(tmp_path / "ledger.db.keys", create=False)
    desk = Desk(f"sqlite:///{tmp_path}/ledger.db", keys)
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def fresh_database(fresh_ledger: Path, postgres_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with an empty ledger, to make others after."""
    name = f"termijn_ledger_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    keys = Keyring.at(fresh_ledger / "ledger.db.keys", create=False)
    open_ledger(_named(postgres_server, name), clock=lambda: datetime.now(UTC), keyring=keys).close()
    yield name
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A ledger on each kind of database."""
    paper: Desk = request.getfixturevalue("paper")
    if request.param == "sqlite":
        yield paper
        return
    server, fresh = request.getfixturevalue("postgres_server"), request.getfixturevalue("fresh_database")
    name = f"termijn_ledger_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {fresh}")
    desk = Desk(_named(server, name), paper.keyring)
    yield desk
    desk.close()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _named(server: str, database: str) -> str:
    """The address of another database on the same server; the embedded server's has a socket behind `?`."""
    address, _, options = server.partition("?")
    start, _, _ = address.rpartition("/")
    return f"{start}/{database}" + (f"?{options}" if options else "")
