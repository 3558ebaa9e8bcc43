"""The worlds of the contract suite: one system, kept in memory, in SQLite, in PostgreSQL and in MariaDB.

A `World` is all that a test needs of a source: build its tables, load rows, look at what is left, change it from
another connection, make it lie, and open the connector. A REST world only has to offer the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest

from connectors.in_memory import InMemoryConnector
from connectors.port import Announced, Connector, Destroyed
from connectors.sql import SqlConnector
from domain.activity import Activity
from domain.keys import Key
from domain.live import Kind, LiveColumn, LiveReference, LiveSchema, LiveTable
from domain.rules import DueTest, compile_rules, due_test
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


#: What a service without transactions does otherwise by nature; tests/contract/test_rest.py says what it does do.
NOT_OVER_REST = {
    "test_destroying_twice_is_destroying_once": "over REST an announced record that is gone counts as destroyed",
    "test_a_row_that_the_register_does_not_know_keeps_the_whole_batch": "over REST each dossier goes by itself",
    "test_a_source_that_keeps_what_it_says_it_deleted_is_found_out": "no roll-back over REST; the re-read finds it",
}


@pytest.fixture(params=["memory", "sqlite", "postgres", "mariadb", "rest"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Each kind of source in turn."""
    made: World
    if request.param == "memory":
        made = MemoryWorld()
    elif request.param == "sqlite":
        made = SqliteWorld(tmp_path)
    elif request.param == "rest":
        if request.node.originalname in NOT_OVER_REST:
            pytest.skip(NOT_OVER_REST[request.node.originalname])
        from tests.contract.rest_world import RestWorld

        made = RestWorld(SqliteWorld(tmp_path), tmp_path / "source.db")
    elif request.param == "mariadb":
        made = MariadbWorld(request.getfixturevalue("mariadb_url"))
    else:
        made = PostgresWorld(request.getfixturevalue("postgres_url"))
    yield made
    made.close()


@pytest.fixture
def every_world(tmp_path: Path, postgres_url: str, mariadb_url: str) -> Iterator[list[World]]:
    """All kinds of source at once; the first is the oracle. A TIMESTAMP holds 1970-2038 only, so MariaDB keeps text."""
    mariadb = MariadbWorld(mariadb_url, zoned="VARCHAR(40)")
    made: list[World] = [MemoryWorld(), SqliteWorld(tmp_path), PostgresWorld(postgres_url), mariadb]
    yield made
    for one in made:
        one.close()


def activity(name: str, *, maximum: str, **changes: Any) -> Activity:
    """An activity with one term, counted from the day."""
    term = {
        "since": date(2020, 1, 1), "maximum": maximum, "counts_from": "the last event", "article": "AVG 5.1.e",
        "source": "policy", "certainty": "certain", "last_checked": AS_OF, "at_expiry": "destroy",
    }  # fmt: skip
    given = {
        "id": name, "title": "An activity", "purpose": "A purpose", "role": "controller",
        "legal_ground": ["AVG 6.1.b"], "subjects": ["patient"], "source": "the person",
        "data": [{"item": "name", "category": "user.name"}], "security": ["locked"], "term": [{**term, **changes}],
    }  # fmt: skip
    return Activity.model_validate(given)


def system(datasets: Mapping[str, Mapping[str, Any]], schema: LiveSchema) -> System:
    """A system whose columns are those of the schema, none of them exported."""
    declared = {}
    for name, given in datasets.items():
        columns = {c: {"class": "technical"} for c in schema.tables[str(given.get("table", name))].columns}
        ceiling = {"ceiling": {"records": 1000, "share": 1}} if "activity" in given else {}
        declared[name] = {"columns": columns, **ceiling, **given}
    return System.model_validate(
        {"id": "clinic", "title": "Clinic", "connector": "memory", "url": "env:CLINIC", "dataset": declared}
    )


def rule_test(of: System, activities: Mapping[str, Activity], *, root: str = "patient", as_of: date = AS_OF) -> DueTest:
    """The due test of one root dataset."""
    [rule] = [r for r in compile_rules(of, activities, as_of) if r.dataset.name == root]
    return due_test(rule, activities, as_of)


def announce(connector: Connector, test: DueTest, keys: Sequence[Key]) -> Announced:
    """The receipt that the ledger would give for these dossiers as they are now."""
    return Announced("batch-1", test.rule.digest, connector.dossiers(test.rule.parts, keys))


@pytest.fixture
def declare() -> Callable[..., System]:
    return system


@pytest.fixture
def promise() -> Callable[..., Activity]:
    return activity


@pytest.fixture
def test_of() -> Callable[..., DueTest]:
    return rule_test


@pytest.fixture
def receipt() -> Callable[..., Announced]:
    return announce


def _table(key: str, *, refers: Mapping[str, tuple[str, str]] | None = None, **columns: Kind) -> LiveTable:
    references = [LiveReference((own,), table, (their,)) for own, (table, their) in (refers or {}).items()]
    return LiveTable({c: LiveColumn(k) for c, k in columns.items()}, tuple(key.split()), tuple(references))


PATIENT = {"id": 1, "practice": 7, "surname": "a", "registered_on": date(2001, 1, 1), "kind": "patient"}
_PATIENT = {
    "id": Kind.INTEGER, "practice": Kind.INTEGER, "surname": Kind.TEXT, "born_on": Kind.DATE,
    "email": Kind.TEXT, "phone": Kind.TEXT,
    "bsn": Kind.TEXT, "client": Kind.TEXT, "iban": Kind.TEXT, "registered_on": Kind.DATE, "kind": Kind.TEXT,
    "main_contact": Kind.INTEGER, "mother": Kind.INTEGER,
}  # fmt: skip


class Clinic:
    """Patients with contacts, results of contacts (composite key), a main contact (a circle), and referrals.

    The term of a dossier is 20 years, that of results 25; a referral that stays keeps its patient.
    """

    def __init__(self, world: World, *, strict: bool, cascade: bool = False, letters: bool = False) -> None:
        self.world = world
        refers = {
            "patient": {"main_contact": ("contact", "id"), "mother": ("patient", "id")},
            "contact": {"patient_id": ("patient", "id")},
            "result": {"contact_id": ("contact", "id")},
            "referral": {"patient_id": ("patient", "id")},
        } if strict else {}  # fmt: skip
        goes = "CASCADE" if cascade else "NO ACTION"
        self.schema = LiveSchema({
            "patient": _table("id", refers=refers.get("patient"), **_PATIENT),
            "contact": _table(
                "id", refers=refers.get("contact"), id=Kind.INTEGER, patient_id=Kind.INTEGER, contact_on=Kind.DATE,
                noted=Kind.TEXT,
            ),
            "result": _table(
                "contact_id nr", refers=refers.get("result"), contact_id=Kind.INTEGER, nr=Kind.INTEGER,
                made_at=Kind.MOMENT,
            ),
            "referral": _table(
                "id", refers=refers.get("referral"), id=Kind.INTEGER, patient_id=Kind.INTEGER, sent_on=Kind.DATE
            ),
        })  # fmt: skip
        tables = {n: replace(t, references=tuple(replace(r, on_delete=goes) for r in t.references))
                  for n, t in self.schema.tables.items()}  # fmt: skip
        letter = _table("id", refers={"patient_id": ("patient", "id")}, id=Kind.INTEGER, patient_id=Kind.INTEGER)
        self.schema = LiveSchema(tables | ({"letter": letter} if letters else {}))
        self.system = system(
            {
                "patient": {
                    "key": ["id"], "activity": "dossier", "triggers": ["registered_on"], "tenant": "practice",
                    "only": {"kind": "patient"},
                    "references": [
                        {"dataset": "contact", "by": {"main_contact": "id"}, "when_gone": "clear"},
                        {"dataset": "patient", "by": {"mother": "id"}},
                    ],
                    "identifies": {
                        "bsn": "bsn", "email": "email", "phone": "phone", "client_number": "client", "iban": "iban",
                        "name_born": ["surname", "born_on"], "name": "surname",
                    },
                },
                "contact": {
                    "key": ["id"], "triggers": ["contact_on"],
                    "part_of": {"dataset": "patient", "by": {"patient_id": "id"}},
                },
                "result": {
                    "key": ["contact_id", "nr"], "activity": "results", "triggers": ["made_at"],
                    "part_of": {"dataset": "contact", "by": {"contact_id": "id"}},
                },
                "referral": {
                    "key": ["id"], "activity": "results", "triggers": ["sent_on"],
                    "references": [{"dataset": "patient", "by": {"patient_id": "id"}}],
                },
            },
            self.schema,
        )  # fmt: skip
        self.activities = {
            "dossier": activity("dossier", maximum="20 years"),
            "results": activity("results", maximum="25 years"),
        }
        self.test = rule_test(self.system, self.activities)
        self.parts = {p.dataset: p for p in self.test.rule.parts}
        world.build(self.system, self.schema)

    def open(self) -> Connector:
        """A connector to this clinic."""
        return self.world.open()

    def patient(self, number: int, **changes: Any) -> None:
        """A patient of long ago."""
        self.world.load("patient", {**PATIENT, "id": number, **changes})

    def contact(self, number: int, patient: int | None, on: Any = date(2002, 3, 1), **changes: Any) -> None:
        """A contact of long ago."""
        self.world.load("contact", {"id": number, "patient_id": patient, "contact_on": on, **changes})

    def result(self, contact: int, nr: int, made_at: Any = LONG_AGO) -> None:
        """A result of long ago."""
        self.world.load("result", {"contact_id": contact, "nr": nr, "made_at": made_at})

    def due(self, connector: Connector) -> list[Key]:
        """All due root keys."""
        return [k for page in connector.find_due(self.test) for k in page]

    def destroy(self, connector: Connector, *keys: Key, **changes: Any) -> Destroyed:
        """Announce and destroy these dossiers."""
        given: dict[str, Any] = {"allowed": lambda k: k, "announced": announce(connector, self.test, keys)}
        return connector.destroy(self.test, list(keys), **{**given, **changes})


@pytest.fixture
def clinic(world: World) -> Clinic:
    """A clinic whose source declares its references."""
    return Clinic(world, strict=True)


@pytest.fixture
def cascading(world: World) -> Clinic:
    """A clinic whose source deletes children by itself."""
    return Clinic(world, strict=True, cascade=True)


@pytest.fixture
def undeclared(world: World) -> Clinic:
    """A clinic with letters to patients, of which the register knows nothing."""
    return Clinic(world, strict=True, letters=True)


@pytest.fixture
def loose_clinic(world: World) -> Clinic:
    """The same clinic in a source that declares none."""
    return Clinic(world, strict=False)


def _log(kind: Kind) -> LiveSchema:
    return LiveSchema({"log": _table("id", id=Kind.INTEGER, at=kind)})


@pytest.fixture
def text_table() -> LiveSchema:
    """A log whose moments are text."""
    return _log(Kind.TEXT)


@pytest.fixture
def zoned_table() -> LiveSchema:
    """A log whose moments have a zone."""
    return _log(Kind.ZONED)


@pytest.fixture
def tagged_table() -> LiveSchema:
    """Records with a text for a key."""
    return LiveSchema({"tag": _table("code", code=Kind.TEXT, at=Kind.DATE)})


@pytest.fixture
def doubled_table() -> LiveSchema:
    """A log with a column that looks like a key and is none."""
    return LiveSchema({"log": _table("id", id=Kind.INTEGER, owner=Kind.INTEGER, at=Kind.DATE)})


@pytest.fixture
def number_table() -> LiveSchema:
    """A log whose moments are numbers."""
    return _log(Kind.INTEGER)
