"""The same music shop in three dialects, each with its own names, and one register that is written for all of them."""

from __future__ import annotations

import lzma
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.real.office import RealOffice, data_or_skip, unpack_xz

REGISTER = Path(__file__).parent / "chinook" / "register"
_DRIVERS = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql", "sqlite": "sqlite"}
#: Words for people and the names of datasets, which stay; or a name of a table or a column, which the dialect writes.
_WORD = re.compile(r'(?:label|title|because|dataset) *= *"[^"]*"|\[dataset\.\w+\]|\b(?:[A-Z][a-z]+)+\b')
_DATASET = re.compile(r"\[dataset\.(\w+)\]")


def snake(name: str) -> str:
    """`InvoiceLine` as PostgreSQL's shop writes it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Shop(RealOffice):
    """An office over one of the three; `ask` takes plain SQL with the names in CamelCase."""

    def __init__(self, folder: Path, url: str) -> None:
        self.dialect = url.split(":", 1)[0].split("+", 1)[0]
        self._engine = sa.create_engine(sa.make_url(url).set(drivername=_DRIVERS[self.dialect]))
        super().__init__(folder, _register_for(self.dialect, folder), CHINOOK_URL=url)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a plain question, in no order."""
        named = re.sub(r"\b(?:[A-Z][a-z]+)+\b", lambda m: snake(m[0]), statement)
        with self._engine.connect() as connection:
            return [tuple(r) for r in connection.execute(sa.text(named if self._in_snake else statement))]

    def close(self) -> None:
        self._engine.dispose()

    @property
    def _in_snake(self) -> bool:
        return self.dialect == "postgresql"


def _register_for(dialect: str, folder: Path) -> Path:
    """The register itself, or its tables and columns in PostgreSQL's style; the datasets keep their names."""
    if dialect != "postgresql":
        return REGISTER
    made = Path(shutil.copytree(REGISTER, folder / "register"))
    file = made / "systems" / "chinook.toml"
    text = _WORD.sub(lambda m: m[0] if m[0].startswith(("[", "label", "title", "because", "dataset")) else snake(m[0]),
                     file.read_text("utf-8"))  # fmt: skip
    named = _DATASET.sub(lambda m: f'{m[0]}\ntable = "{snake(m[1])}"', text)
    file.write_text(named, "utf-8")
    return made


def load_sqlite(folder: Path) -> str:
    return f"sqlite:///{unpack_xz('chinook/Chinook_Sqlite.sqlite.xz', folder / 'chinook.sqlite')}"


def load_postgres(url: str) -> str:
    _feed(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", url], "chinook/Chinook_PostgreSql.sql.xz")
    return url


def load_mariadb(url: str) -> str:
    address = sa.make_url(url)
    account = [f"--host={address.host}", f"--port={address.port or 3306}", f"--user={address.username}"]
    account += [f"--password={address.password}"] if address.password else []
    client = ["mariadb", *account, "--default-character-set=utf8mb4", str(address.database)]
    _feed(client, "chinook/Chinook_MySql.sql.xz")
    return url


def _feed(client: Sequence[str], file: str) -> None:
    """Load a dump into a database of our own, not into the one that it wants to drop and make."""
    dump = lzma.decompress(data_or_skip(file).read_bytes()).decode("utf-8")
    ours = re.sub(r"^(DROP DATABASE|CREATE DATABASE|USE |\\c ).*$", "", dump, flags=re.MULTILINE)
    subprocess.run(client, input=ours.encode("utf-8"), check=True, capture_output=True)
