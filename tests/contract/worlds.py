"""The worlds of the contract suite: one system, kept in memory, in SQLite, in PostgreSQL and in MariaDB.

A `World` is all that a test needs of a source: build its tables, load rows, look at what is left, change it from
another connection, make it lie, and open the connector. A REST world only has to offer the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg
import pymysql

from connectors.in_memory import InMemoryConnector
from connectors.port import Announced, Connector
from connectors.sql import SqlConnector
from domain.live import Kind, LiveSchema, LiveTable
from domain.system import System

AS_OF = date(2026, 11, 23)
LONG_AGO = datetime.fromisoformat("2000-05-01 09:30")


def anybody(announced: Announced) -> bool:
    """A ledger that knows every receipt."""
    return True


class World(Protocol):
    """One kind of source."""

    name: str

    def build(self, system: System, schema: LiveSchema) -> None:
        """Make the tables, with the references that the schema declares."""

    def load(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Add rows, from a connection of its own."""

    def change(self, table: str, where: Mapping[str, Any], **values: Any) -> None:
        """Change rows, from a connection of its own."""

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What the source holds, written alike by every world."""

    def lie(self, table: str) -> None:
        """From now on the source says that rows of this table are gone, and keeps them."""

    def drop(self, table: str) -> None:
        """The table is gone."""

    def empty(self) -> None:
        """All tables are empty."""

    def open(self) -> Connector:
        """A connector to this source."""

    def close(self) -> None:
        """End of the test."""


def written(value: Any, kind: Kind) -> Any:
    """A value as every world writes it in `rows`."""
    if kind is Kind.ZONED and isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value


class MemoryWorld:
    """The twin."""

    name = "memory"

    def __init__(self) -> None:
        self._data: dict[str, list[dict[str, Any]]] = {}
        self._lies: set[str] = set()

    def build(self, system: System, schema: LiveSchema) -> None:
        self._system, self._schema = system, schema
        self._data |= {table: [] for table in schema.tables}

    def load(self, table: str, *rows: Mapping[str, Any]) -> None:
        columns = self._schema.tables[table].columns
        self._data[table] += [{c: row.get(c) for c in columns} for row in rows]

    def change(self, table: str, where: Mapping[str, Any], **values: Any) -> None:
        for row in self._data[table]:
            if all(row[c] == v for c, v in where.items()):
                row.update(values)

    def rows(self, table: str) -> list[dict[str, Any]]:
        kinds = {c: live.kind for c, live in self._schema.tables[table].columns.items()}
        return [{c: written(v, kinds[c]) for c, v in row.items()} for row in self._data[table]]

    def lie(self, table: str) -> None:
        self._lies.add(table)

    def drop(self, table: str) -> None:
        del self._data[table]

    def empty(self) -> None:
        for rows in self._data.values():
            rows.clear()

    def open(self) -> Connector:
        return InMemoryConnector(self._system, self._data, schema=self._schema, lies=self._lies, vouch=anybody)

    def close(self) -> None:
        pass


_SQLITE = {
    Kind.TEXT: "TEXT", Kind.INTEGER: "INTEGER", Kind.NUMBER: "NUMERIC", Kind.DATE: "DATE", Kind.MOMENT: "DATETIME",
    Kind.ZONED: "TEXT", Kind.BOOLEAN: "BOOLEAN", Kind.BINARY: "BLOB", Kind.OTHER: "CHAR(36)",
}  # fmt: skip
_POSTGRES = {
    Kind.TEXT: "text", Kind.INTEGER: "integer", Kind.NUMBER: "numeric", Kind.DATE: "date", Kind.MOMENT: "timestamp",
    Kind.ZONED: "timestamptz", Kind.BOOLEAN: "boolean", Kind.BINARY: "bytea", Kind.OTHER: "uuid",
    Kind.DATE_RANGE: "daterange", Kind.MOMENT_RANGE: "tsrange", Kind.ZONED_RANGE: "tstzrange",
}  # fmt: skip


_MARIADB = {
    Kind.TEXT: "TEXT", Kind.INTEGER: "INT", Kind.NUMBER: "DECIMAL(20,6)", Kind.DATE: "DATE", Kind.MOMENT: "DATETIME(6)",
    Kind.BOOLEAN: "BOOLEAN", Kind.BINARY: "VARBINARY(190)", Kind.OTHER: "UUID",
}  # fmt: skip


class SqlWorld:
    """A database; the dialects differ in types, in place holders and in how they lie."""

    name: str
    types: Mapping[Kind, str]
    mark: str
    url: str

    def __init__(self) -> None:
        self._open: list[Connector] = []

    def build(self, system: System, schema: LiveSchema) -> None:
        self._system, self._schema = system, schema
        with self.session() as session:
            for table, live in schema.tables.items():
                columns = [f"{c} {self._type(c, live)}" for c in live.columns]
                columns.append(f"PRIMARY KEY ({', '.join(live.key)})")
                if self.name == "sqlite":
                    columns += [self._reference(r) for r in live.references]
                session.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            for table, live in schema.tables.items() if self.name != "sqlite" else ():
                for reference in live.references:
                    session.execute(f"ALTER TABLE {table} ADD {self._reference(reference)}")

    def _type(self, column: str, table: LiveTable) -> str:
        return self.types[table.columns[column].kind]

    @staticmethod
    def _reference(reference: Any) -> str:
        own, theirs = ", ".join(reference.columns), ", ".join(reference.to_columns)
        return f"FOREIGN KEY ({own}) REFERENCES {reference.table} ({theirs}) ON DELETE {reference.on_delete}"

    def load(self, table: str, *rows: Mapping[str, Any]) -> None:
        with self.session() as session:
            for row in rows:
                marks = ", ".join([self.mark] * len(row))
                statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
                session.execute(statement, [self._stored(v) for v in row.values()])

    def change(self, table: str, where: Mapping[str, Any], **values: Any) -> None:
        given = ", ".join(f"{c} = {self.mark}" for c in values)
        which = " AND ".join(f"{c} = {self.mark}" for c in where)
        with self.session() as session:
            everything = [self._stored(v) for v in (*values.values(), *where.values())]
            session.execute(f"UPDATE {table} SET {given} WHERE {which}", everything)

    def rows(self, table: str) -> list[dict[str, Any]]:
        columns = self._schema.tables[table].columns
        with self.session() as session:
            found = session.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        return [{c: written(v, columns[c].kind) for c, v in zip(columns, row, strict=True)} for row in found]

    def drop(self, table: str) -> None:
        with self.session() as session:
            session.execute(f"DROP TABLE {table}{' CASCADE' if self.name == 'postgres' else ''}")

    def empty(self) -> None:
        with self.session() as session:
            for table in self._schema.tables:
                session.execute(f"DELETE FROM {table}")

    def open(self) -> Connector:
        connector = SqlConnector(self._system, self.url, lock_seconds=2, vouch=anybody)
        self._open.append(connector)
        return connector

    def close(self) -> None:
        for connector in self._open:
            connector.close()

    def run(self, statement: str) -> None:
        """A statement of the database's owner, outside a transaction where it must be."""
        with self.session() as session:
            if self.name == "postgres":
                session.commit()
                session.autocommit = True
            session.execute(statement)

    def session(self) -> Any:
        """A transaction of somebody else, kept at its end."""
        raise NotImplementedError

    def _stored(self, value: Any) -> Any:
        return value


class SqliteWorld(SqlWorld):
    """A SQLite file, its dates kept as text."""

    name, types, mark = "sqlite", _SQLITE, "?"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "source.db"
        self.url = f"sqlite:///{self._path}"

    @contextmanager
    def session(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def _stored(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat(sep=" ")
        return value.isoformat() if isinstance(value, date) else value

    def lie(self, table: str) -> None:
        with self.session() as session:
            session.execute(f"CREATE TRIGGER keep BEFORE DELETE ON {table} BEGIN SELECT RAISE(IGNORE); END")


class PostgresWorld(SqlWorld):
    """A PostgreSQL database."""

    name, types, mark = "postgres", _POSTGRES, "%s"

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.url) as connection:
            yield connection

    def lie(self, table: str) -> None:
        with self.session() as session:
            session.execute("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
            session.execute(f"CREATE TRIGGER keep BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep()")


class MariadbWorld(SqlWorld):
    """A MariaDB database, its text compared without regard to case. `zoned`: how moments with a zone are kept."""

    name, mark = "mariadb", "%s"

    def __init__(self, url: str, *, zoned: str = "TIMESTAMP(6) NULL") -> None:
        super().__init__()
        self.url, self.types = url, {**_MARIADB, Kind.ZONED: zoned}

    def _type(self, column: str, table: LiveTable) -> str:
        # A TEXT cannot be a key in InnoDB.
        short = column in table.key and table.columns[column].kind is Kind.TEXT
        return "VARCHAR(190)" if short else super()._type(column, table)

    @contextmanager
    def session(self) -> Iterator[Any]:
        address = urlsplit(self.url)
        given = {"user": address.username, "password": address.password or "", "database": address.path.lstrip("/")}
        connection = pymysql.connect(host=address.hostname, port=address.port or 3306, charset="utf8mb4", **given)
        with connection:
            cursor = _Told(connection)
            cursor.execute("SET time_zone = '+00:00'")
            yield cursor
            connection.commit()

    def _stored(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo and "TIMESTAMP" in self.types[Kind.ZONED]:
            return value.astimezone(UTC).replace(tzinfo=None)
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value

    def rows(self, table: str) -> list[dict[str, Any]]:
        kinds = {c: live.kind for c, live in self._schema.tables[table].columns.items()}
        return [{c: _as_utc(v) if kinds[c] is Kind.ZONED else v for c, v in r.items()} for r in super().rows(table)]

    def drop(self, table: str) -> None:
        with self.session() as session:
            session.execute("SET foreign_key_checks = 0")
            session.execute(f"DROP TABLE {table}")

    def lie(self, table: str) -> None:
        """No trigger of MariaDB keeps a row; a table with a history keeps every row that was deleted from it."""
        with self.session() as session:
            session.execute(f"ALTER TABLE {table} ADD SYSTEM VERSIONING")


class _Told(pymysql.cursors.Cursor):
    """A cursor whose `execute` returns itself, as the other drivers' do."""

    def execute(self, query: str, args: Any = None) -> Any:
        super().execute(query, args)
        return self


def _as_utc(value: Any) -> Any:
    return value if value is None or "+" in value else f"{value}+00:00"
