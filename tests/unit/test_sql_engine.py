"""How a SQL source is opened, what it shows of itself, and that its failures repeat nothing of it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import date

import psycopg
import pytest
import sqlalchemy as sa

from connectors.open import open_connector
from connectors.sql import SqlConnector
from connectors.sql.asking import reading
from connectors.sql.engine import make_engine
from domain.keys import Keys
from domain.live import Kind
from domain.system import System
from domain.trouble import SourceUnreadable

_MARK = "Zonnebloem-73"


def _system(columns, *, key=("id",), table="person", **changes):
    return System.model_validate({
        "id": "hr", "title": "HR", "connector": "sql", "url": "env:HR_URL",
        "dataset": {"person": {
            "table": table, "key": key, "activity": "staff", "ceiling": {"records": 1, "share": 1},
            "columns": {c: {"class": "technical"} for c in columns},
        }},
        **changes,
    })  # fmt: skip


@pytest.fixture
def sqlite_file(tmp_path):
    path = tmp_path / "source.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT UNIQUE, left_on DATE)")
        connection.execute("INSERT INTO person VALUES (1, ?, '2001-01-01')", [_MARK])
    connection.close()
    return path


def test_every_engine_hides_its_parameters(sqlite_file, postgres_url):
    for url in (f"sqlite:///{sqlite_file}", postgres_url):
        engine = make_engine(_system(["id"]), url, statement_seconds=1, lock_seconds=1)
        assert engine.hide_parameters is True


def test_sqlite_holds_to_references_and_wipes_what_it_deletes(sqlite_file):
    engine = make_engine(_system(["id"]), f"sqlite:///{sqlite_file}", statement_seconds=1, lock_seconds=3)
    with engine.connect() as connection:
        told = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("foreign_keys", "secure_delete")}
        assert told == {"foreign_keys": 1, "secure_delete": 1}
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 3000


def test_postgres_knows_who_asks_and_for_how_long(postgres_url):
    engine = make_engine(_system(["id"]), postgres_url, statement_seconds=7, lock_seconds=2)
    with engine.connect() as connection:
        asked = ["application_name", "statement_timeout", "lock_timeout"]
        assert [connection.exec_driver_sql(f"SHOW {a}").scalar() for a in asked] == ["termijn", "7s", "2s"]


def test_a_file_that_does_not_exist_is_not_an_empty_source(tmp_path):
    connector = SqlConnector(_system(["id"]), f"sqlite:///{tmp_path}/nowhere.db")
    with pytest.raises(SourceUnreadable, match="does not answer"):
        connector.look()
    assert not (tmp_path / "nowhere.db").exists()


@pytest.mark.parametrize(
    "url", ["", "no address", f"oracle-x://{_MARK}@host/db", f"postgresql://{_MARK}:x@host:port/db"]
)
def test_a_secret_that_is_no_address_is_named_and_not_repeated(url):
    with pytest.raises(SourceUnreadable, match="env:HR_URL") as found:
        SqlConnector(_system(["id"]), url)
    assert _MARK not in str(found.value)


def test_a_server_that_is_gone_is_named_without_its_address():
    url = f"postgresql://{_MARK}:{_MARK}@127.0.0.1:1/db"
    with pytest.raises(SourceUnreadable) as found:
        SqlConnector(_system(["id"]), url).look()
    assert _MARK not in str(found.value)
    assert "127.0.0.1" not in str(found.value)
    assert found.value.where == "hr"


def test_a_statement_that_takes_too_long_is_stopped(postgres_url):
    engine = make_engine(_system(["id"]), postgres_url, statement_seconds=0.1, lock_seconds=1)
    import sqlalchemy as sa

    with pytest.raises(SourceUnreadable, match="57014"), reading(engine, _system(["id"])) as asker:
        asker.all(sa.text("SELECT pg_sleep(5)"))


def test_a_drivers_words_about_a_row_are_never_repeated(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE person (id int PRIMARY KEY, name text)")
        connection.execute("INSERT INTO person VALUES (1, %s)", [_MARK])
    engine = make_engine(_system(["id"]), postgres_url, statement_seconds=5, lock_seconds=1)
    import sqlalchemy as sa

    with pytest.raises(SourceUnreadable, match="22P02") as found, reading(engine, _system(["id"])) as asker:
        asker.all(sa.text("SELECT name::int FROM person"))
    assert _MARK not in str(found.value)
    assert found.value.__suppress_context__


def test_a_postgres_schema_shows_what_matters_to_a_term(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("""
            CREATE SCHEMA hr;
            CREATE TYPE hr.state AS ENUM ('in', 'out');
            CREATE DOMAIN hr.code AS varchar(4);
            CREATE TABLE hr.person (id uuid PRIMARY KEY, code hr.code UNIQUE, state hr.state, born date,
                seen timestamptz, changed timestamp, pay numeric(8,2), active bool, photo bytea, note xml);
            CREATE TABLE hr.log (id int, at date, person uuid REFERENCES hr.person ON DELETE CASCADE,
                PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE TABLE hr.log_2001 PARTITION OF hr.log FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
            CREATE INDEX ON hr.log (person);
            CREATE VIEW hr.everybody AS SELECT * FROM hr.person;
            CREATE FUNCTION hr.copy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER audit AFTER DELETE ON hr.person FOR EACH ROW EXECUTE FUNCTION hr.copy();
            CREATE TRIGGER welcome AFTER INSERT ON hr.person FOR EACH ROW EXECUTE FUNCTION hr.copy();
            CREATE TABLE public.elsewhere (id int);
        """)
    seen = SqlConnector(_system(["id"], schema="hr"), postgres_url).look()
    assert set(seen.tables) == {"person", "log"}
    person, log = seen.tables["person"], seen.tables["log"]
    kinds = {c: live.kind for c, live in person.columns.items()}
    assert kinds == {
        "id": Kind.OTHER, "code": Kind.TEXT, "state": Kind.OTHER, "born": Kind.DATE, "seen": Kind.ZONED,
        "changed": Kind.MOMENT, "pay": Kind.NUMBER, "active": Kind.BOOLEAN, "photo": Kind.BINARY, "note": Kind.OTHER,
    }  # fmt: skip
    assert person.triggers == ("audit",)
    assert log.key == ("id", "at")
    assert ("person",) in log.indexes
    [reference] = log.references
    assert (reference.columns, reference.table, reference.on_delete) == (("person",), "person", "CASCADE")


def test_a_sqlite_schema_shows_what_matters_to_a_term(tmp_path):
    path = tmp_path / "source.db"
    with sqlite3.connect(path) as connection:
        connection.executescript("""
            CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, left_on DATE, seen DATETIME, pay REAL,
                photo BLOB, odd);
            CREATE TABLE pay (person INTEGER REFERENCES person (id) ON DELETE CASCADE, month TEXT,
                to_audit TEXT REFERENCES audit, PRIMARY KEY (person, month));
            CREATE TABLE audit (what TEXT PRIMARY KEY);
            CREATE VIEW everybody AS SELECT * FROM person;
            CREATE TRIGGER copy AFTER DELETE ON person BEGIN INSERT INTO audit VALUES ('gone'); END;
            CREATE TRIGGER welcome AFTER INSERT ON person BEGIN DELETE FROM audit; END;
        """)
    connection.close()
    seen = SqlConnector(_system(["id"]), f"sqlite:///{path}").look()
    assert set(seen.tables) == {"person", "pay", "audit"}
    person = seen.tables["person"]
    assert [live.kind.value for live in person.columns.values()] == [
        "integer", "text", "date", "moment", "number", "binary", "other",
    ]  # fmt: skip
    assert person.triggers == ("copy",)
    assert [(r.columns, r.table, r.to_columns, r.on_delete) for r in seen.tables["pay"].references] == [
        (("person",), "person", ("id",), "CASCADE"),
        (("to_audit",), "audit", ("what",), "NO ACTION"),
    ]


@pytest.mark.parametrize(
    ("made_as", "values"),
    [
        ("uuid", ["'7f2c0c1e-5b6e-4a43-9a3c-0d9e6a1b2c3d'"]),
        ("char(4)", ["'ab'"]),
        ("varchar(3)", ["'abc'"]),
        ("numeric(10,2)", ["12.50"]),
        ("date", ["'2001-02-03'"]),
        ("timestamptz", ["'2001-02-03 10:00+01'"]),
        ("bytea", ["'\\x00ff'"]),
        ("bigint", ["9000000000"]),
        ("boolean", ["true"]),
    ],
)
def test_keys_of_every_type_lead_back_to_their_row(postgres_url, made_as, values):
    with psycopg.connect(postgres_url) as connection:
        connection.execute(f"CREATE TABLE person (id {made_as}, nr int, left_on date, PRIMARY KEY (id, nr))")
        for value in values:
            connection.execute(f"INSERT INTO person VALUES ({value}, 1, '2001-01-01')")
    for key in (("id",), ("id", "nr")):
        connector = SqlConnector(_system(["id", "nr", "left_on"], key=key), postgres_url)
        [row] = connector.rows(_part(), [tuple(_only_row(connector, postgres_url)[c] for c in key)])
        written = tuple(row[c] for c in key)
        from domain.keys import key_text

        assert connector.read_key("person", key_text(written)) == written
        assert connector.still_there("person", Keys([written])) == Keys([written])
        connector.close()


def _part():
    from domain.rules import Part

    return Part("person", ())


def _only_row(connector, url):
    with psycopg.connect(url) as connection:
        cursor = connection.execute("SELECT id, nr FROM person")
        return dict(zip(("id", "nr"), cursor.fetchone(), strict=True))


def test_a_longer_text_is_not_cut_down_to_another_key(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE person (id varchar(3) PRIMARY KEY, left_on date)")
        connection.execute("INSERT INTO person VALUES ('abc', '2001-01-01')")
    connector = SqlConnector(_system(["id", "left_on"]), postgres_url)
    assert len(connector.still_there("person", Keys([("abcd",)]))) == 0


def test_a_row_with_an_infinite_date_is_read_all_the_same(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE person (id int PRIMARY KEY, left_on date, seen timestamptz)")
        connection.execute("INSERT INTO person VALUES (1, 'infinity', '0044-03-15 BC'), (2, '2001-01-01', 'infinity')")
    connector = SqlConnector(_system(["id", "left_on", "seen"]), postgres_url)
    rows = list(connector.rows(_part(), [(1,), (2,)]))
    assert rows[0]["left_on"] == "infinity"
    assert rows[1]["left_on"] == date(2001, 1, 1)


def test_bytes_are_keys_in_sqlite_too(tmp_path):
    path = tmp_path / "source.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE person (id BLOB PRIMARY KEY, left_on DATE)")
        connection.execute("INSERT INTO person VALUES (x'00ff', '2001-01-01')")
    connection.close()
    connector = SqlConnector(_system(["id", "left_on"]), f"sqlite:///{path}")
    assert connector.read_key("person", "00ff") == (b"\x00\xff",)
    assert connector.still_there("person", Keys([(b"\x00\xff",), (b"\x01",)])) == Keys([(b"\x00\xff",)])


def test_opening_a_memory_system_loads_no_database_code():
    program = "import sys, connectors.open; sys.exit('sqlalchemy' in sys.modules or 'httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_register_says_which_connector_opens(sqlite_file):
    system = _system(["id", "name", "left_on"])
    connector = open_connector(system, secret=lambda name: {"env:HR_URL": f"sqlite:///{sqlite_file}"}[name])
    assert connector.read_key("person", "1") == (1,)
    connector.close()


def test_what_is_read_at_once_flows_in_without_a_cursor_in_the_server(postgres_url):
    engine = make_engine(_system(["id"]), postgres_url, statement_seconds=5, lock_seconds=2)
    asked = []
    sa.event.listen(engine, "after_cursor_execute", lambda *told: asked.append(type(told[1]).__name__))

    def numbers(last, first=1):
        return sa.select(sa.func.generate_series(first, last).column_valued("n"))

    with reading(engine, _system(["id"])) as asker:
        pages = list(asker.flow(numbers(25_000), 10_000))
        assert [len(page) for page in pages] == [10_000, 10_000, 5_000]
        assert [n for page in pages for (n,) in page] == list(range(1, 25_001))
        assert list(asker.flow(numbers(0), 10_000)) == []
        assert asked == ["Flowing", "Flowing"]
        begun = asker.flow(numbers(500_000), 1_000)
        assert len(next(begun)) == 1_000
        begun.close()
    with reading(engine, _system(["id"])) as asker:
        assert [row[0] for row in asker.all(sa.text("SELECT 1"))] == [1]  # who stopped half-way hinders nobody
        usual = list(asker.pages(numbers(1), 10))
        assert asked[-1] == "ServerCursor"
        assert len(usual) == 1
    broken = sa.select(sa.literal_column("1 / (15000 - n)")).select_from(sa.text("generate_series(1, 20000) n"))
    with pytest.raises(SourceUnreadable), reading(engine, _system(["id"])) as asker:
        list(asker.flow(broken, 10))


def test_a_connection_that_its_server_ended_is_made_anew_before_it_is_used(postgres_url):
    engine = make_engine(_system(["id"]), postgres_url, statement_seconds=5, lock_seconds=2)
    with reading(engine, _system(["id"])) as asker:
        [[first]] = asker.all(sa.text("SELECT pg_backend_pid()"))
    with reading(engine, _system(["id"])) as asker:
        assert asker.all(sa.text("SELECT pg_backend_pid()")) == [(first,)], "the same one, and nobody was asked"
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    with reading(engine, _system(["id"])) as asker:
        [[second]] = asker.all(sa.text("SELECT pg_backend_pid()"))
    assert second != first
