"""How a backup is put back into a scratch database of its own, beside the living one and never over it.

SQLite: the backup is a database file. PostgreSQL: what pg_dump wrote, as text or in its own format. MariaDB: what
mariadb-dump wrote. The servers' own programs do the work; what they print may hold rows, so it is never repeated.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connectors.sql.engine import DRIVERS
from domain.system import System
from domain.trouble import SourceUnreadable

_CUSTOM_FORMAT = b"PGDMP"
#: How long a restore may take, in seconds.
_PATIENCE = 4 * 3600


@contextmanager
def scratch_copy(system: System, url: str, backup: Path, *, name: str) -> Iterator[str]:
    """The address of a fresh database called `name` that holds the backup; it is gone afterwards.

    `url` is the living system's address: its server and account are used, its database is not touched. Raises
    SourceUnreadable where the backup or the server does not allow it.
    """
    if not backup.is_file():
        raise SourceUnreadable("there is no such backup", where=system.id, do="name the file of a backup with --backup")
    address = sa.make_url(url)
    dialect = address.get_backend_name()
    if dialect == "sqlite":
        with TemporaryDirectory(prefix="termijn-drill-") as folder:
            shutil.copyfile(backup, Path(folder) / "scratch.db")
            yield f"sqlite:///{Path(folder) / 'scratch.db'}"
        return
    copy = address.set(database=name)
    _on_server(system, address, f"CREATE DATABASE {name}")
    try:
        _load(system, copy, backup, postgres=dialect == "postgresql")
        yield copy.render_as_string(hide_password=False)
    finally:
        force = " WITH (FORCE)" if dialect == "postgresql" else ""
        _on_server(system, address, f"DROP DATABASE IF EXISTS {name}{force}")


def _on_server(system: System, address: sa.URL, words: str) -> None:
    driver = DRIVERS.get(address.drivername, address.drivername)
    engine = sa.create_engine(address.set(drivername=driver), isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(words)
    except SQLAlchemyError as failure:
        raise SourceUnreadable(
            f"the server makes no scratch database ({type(failure).__name__})",
            where=system.id,
            do="give this account the right to create databases, or run the drill with the address of another server",
        ) from None
    finally:
        engine.dispose()


def _load(system: System, copy: sa.URL, backup: Path, *, postgres: bool) -> None:
    with backup.open("rb") as file:
        custom = file.read(len(_CUSTOM_FORMAT)) == _CUSTOM_FORMAT
    secret = {"PGPASSWORD" if postgres else "MYSQL_PWD": copy.password or ""}
    if postgres:
        plain = copy.set(drivername="postgresql", password=None).render_as_string()
        restore = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "-d", plain, str(backup)]
        psql = ["psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", plain, "-f", str(backup)]
        _run(system, restore if custom else psql, secret)
        return
    client = ["mariadb", "-h", copy.host or "127.0.0.1", "-P", str(copy.port or 3306), "-u", copy.username or ""]
    with backup.open("rb") as file:
        _run(system, [*client, str(copy.database)], secret, given=file.fileno())


def _run(system: System, command: Sequence[str], secret: dict[str, str], *, given: int = subprocess.DEVNULL) -> None:
    try:
        ended = subprocess.run(  # noqa: S603 - the server's own program, by a fixed list of words
            command, env={**os.environ, **secret}, stdin=given, capture_output=True, check=False, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise SourceUnreadable(
            f"{command[0]} did not run ({type(failure).__name__})",
            where=system.id,
            do=f"install the server's client programs ({command[0]}) on this machine",
        ) from None
    if ended.returncode:
        raise SourceUnreadable(
            f"{command[0]} could not put the backup back (exit code {ended.returncode})",
            where=system.id,
            do="run it by hand into an empty database to see why; its words may hold data, so they are not repeated",
        )
