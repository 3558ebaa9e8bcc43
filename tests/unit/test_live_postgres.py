"""What PostgreSQL declares on partitions, by rules and in indexes, as the look at a source shows it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from connectors.sql import SqlConnector
from domain.drift import DriftKind, compare
from domain.live import LiveReference, LiveTable
from domain.rules import Hop, Part
from domain.system import System

TABLES = """
CREATE TABLE person (id int PRIMARY KEY, stay daterange);
CREATE TABLE payment (id int NOT NULL, person_id int, paid_on date NOT NULL) PARTITION BY RANGE (paid_on);
CREATE TABLE payment_old PARTITION OF payment FOR VALUES FROM (MINVALUE) TO ('2007-01-01');
CREATE TABLE payment_2007 PARTITION OF payment FOR VALUES FROM ('2007-01-01') TO ('2008-01-01') PARTITION BY LIST (id);
CREATE TABLE payment_2007_one PARTITION OF payment_2007 FOR VALUES IN (1);
CREATE TABLE payment_2007_rest PARTITION OF payment_2007 DEFAULT;
"""
COLUMNS = {"class": "technical"}
SYSTEM = System.model_validate({
    "id": "till", "title": "Till", "connector": "sql", "url": "env:TILL_URL",
    "dataset": {
        "person": {
            "key": ["id"], "activity": "x", "triggers": ["stay"], "ceiling": {"records": 1, "share": 1},
            "columns": {"id": COLUMNS, "stay": COLUMNS},
        },
        "payment": {
            "key": ["id"], "part_of": {"dataset": "person", "by": {"person_id": "id"}},
            "columns": {"id": COLUMNS, "person_id": COLUMNS, "paid_on": COLUMNS},
        },
    },
})  # fmt: skip
TO_PERSON = ("person_id",), "person", ("id",)


@pytest.fixture
def database(postgres_url: str) -> Iterator[psycopg.Connection[object]]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(TABLES)
        yield connection


def looked_at(postgres_url: str) -> dict[str, LiveTable]:
    connector = SqlConnector(SYSTEM, postgres_url)
    tables = dict(connector.look().tables)
    connector.close()
    return tables


def test_partitions_are_no_tables_of_their_own(postgres_url: str, database: psycopg.Connection[object]) -> None:
    assert set(looked_at(postgres_url)) == {"person", "payment"}


@pytest.mark.parametrize("partition", ["payment_old", "payment_2007_rest", "elsewhere.payment_late"])
def test_a_reference_of_one_partition_is_a_reference_of_the_whole(
    postgres_url: str, database: psycopg.Connection[object], partition: str
) -> None:
    database.execute("CREATE SCHEMA elsewhere")
    database.execute(
        "CREATE TABLE elsewhere.payment_late PARTITION OF payment FOR VALUES FROM ('2008-01-01') TO (MAXVALUE)"
    )
    assert looked_at(postgres_url)["payment"].references == ()
    database.execute(f"ALTER TABLE {partition} ADD FOREIGN KEY (person_id) REFERENCES person ON DELETE CASCADE")
    tables = looked_at(postgres_url)
    assert tables["payment"].references == (LiveReference(*TO_PERSON, "CASCADE"),)
    assert "payment_late" not in tables


def test_the_reference_that_only_one_partition_declares_blocks_until_the_register_knows_it(
    postgres_url: str, database: psycopg.Connection[object]
) -> None:
    database.execute("ALTER TABLE payment_old ADD FOREIGN KEY (id) REFERENCES person")
    connector = SqlConnector(SYSTEM, postgres_url)
    found = [d for d in compare(SYSTEM, connector.look()) if d.blocks]
    connector.close()
    assert [(d.kind, d.where) for d in found] == [(DriftKind.REFERENCE_UNDECLARED, "till.payment")]


def test_a_reference_to_a_partition_is_one_to_the_whole_and_told_once(
    postgres_url: str, database: psycopg.Connection[object]
) -> None:
    database.execute("ALTER TABLE payment ADD PRIMARY KEY (id, paid_on)")
    database.execute("CREATE TABLE note (payment int, paid date, FOREIGN KEY (payment, paid) REFERENCES payment)")
    database.execute("CREATE TABLE slip (payment int, paid date, FOREIGN KEY (payment, paid) REFERENCES payment_old)")
    tables = looked_at(postgres_url)
    for name in ("note", "slip"):
        assert tables[name].references == (LiveReference(("payment", "paid"), "payment", ("id", "paid_on")),)


def test_an_index_counts_when_the_parent_or_every_partition_has_it(
    postgres_url: str, database: psycopg.Connection[object]
) -> None:
    database.execute("CREATE INDEX ON payment_old (person_id)")
    database.execute("CREATE INDEX ON payment_2007_one (person_id, paid_on)")
    assert looked_at(postgres_url)["payment"].indexes == ()
    database.execute("CREATE INDEX ON payment_2007_rest (person_id, id)")
    assert looked_at(postgres_url)["payment"].indexes == (("person_id",),)
    database.execute("CREATE INDEX ON payment (paid_on)")
    assert looked_at(postgres_url)["payment"].indexes == (("paid_on",), ("person_id",))


def test_an_index_that_stands_on_the_parent_only_does_not_count(
    postgres_url: str, database: psycopg.Connection[object]
) -> None:
    database.execute("CREATE INDEX ON ONLY payment (person_id)")
    assert looked_at(postgres_url)["payment"].indexes == ()


@pytest.mark.parametrize(
    ("index", "counted"),
    [
        ("(stay)", ("stay",)),
        ("(upper(stay))", ("upper(stay)",)),
        ("(id, upper(stay), lower(stay))", ("id", "upper(stay)")),
        ("(lower(stay), id)", None),
        ("(id, stay) WHERE id > 5", None),
        ("USING gist (stay)", None),
    ],
)
def test_an_index_counts_as_far_as_its_columns_and_the_ends_of_ranges_go(
    postgres_url: str, database: psycopg.Connection[object], index: str, counted: tuple[str, ...] | None
) -> None:
    database.execute(f"CREATE INDEX ON person {index}")
    assert set(looked_at(postgres_url)["person"].indexes) == {("id",)} | ({counted} if counted else set())


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("ON DELETE TO payment DO INSTEAD NOTHING", True),
        ("ON UPDATE TO payment DO ALSO DELETE FROM person", True),
        ("ON DELETE TO payment_2007_one DO INSTEAD NOTHING", True),
        ("ON INSERT TO payment DO ALSO DELETE FROM person", False),
    ],
)
def test_a_rule_that_rewrites_a_deletion_is_a_side_effect_like_a_trigger(
    postgres_url: str, database: psycopg.Connection[object], rule: str, told: bool
) -> None:
    database.execute(f"CREATE RULE keep AS {rule}")
    connector = SqlConnector(SYSTEM, postgres_url)
    found = [d for d in compare(SYSTEM, connector.look()) if d.kind is DriftKind.TRIGGER_UNDECLARED]
    connector.close()
    assert [d.where for d in found] == (["till.payment"] if told else [])


def test_a_trigger_of_one_partition_is_a_trigger_of_the_whole(
    postgres_url: str, database: psycopg.Connection[object]
) -> None:
    database.execute("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'")
    database.execute("CREATE TRIGGER copy AFTER DELETE ON payment_2007_rest FOR EACH ROW EXECUTE FUNCTION f()")
    database.execute("CREATE TRIGGER every AFTER DELETE ON payment FOR EACH ROW EXECUTE FUNCTION f()")
    assert looked_at(postgres_url)["payment"].triggers == ("copy", "every")


def test_views_are_left_out_whatever_rules_make_them(postgres_url: str, database: psycopg.Connection[object]) -> None:
    database.execute("CREATE VIEW payer AS SELECT id FROM person")
    database.execute("CREATE RULE away AS ON DELETE TO payer DO INSTEAD DELETE FROM person WHERE id = OLD.id")
    database.execute("CREATE MATERIALIZED VIEW payers AS SELECT id FROM person")
    assert set(looked_at(postgres_url)) == {"person", "payment"}


ELSEWHERE = """
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.person (id int PRIMARY KEY);
CREATE TABLE elsewhere.visit (
  id int PRIMARY KEY, person_id int REFERENCES public.person ON DELETE CASCADE, other_id int REFERENCES elsewhere.person
);
CREATE TABLE elsewhere.letter (id int NOT NULL, person_id int) PARTITION BY LIST (id);
CREATE TABLE elsewhere.letter_one PARTITION OF elsewhere.letter FOR VALUES IN (1);
ALTER TABLE elsewhere.letter_one ADD FOREIGN KEY (person_id) REFERENCES public.person;
CREATE TABLE elsewhere.stranger (id int PRIMARY KEY REFERENCES elsewhere.person);
"""


def test_a_table_of_another_schema_that_hangs_on_our_rows_is_seen_and_no_other(
    postgres_url: str, database: psycopg.Connection[object]
) -> None:
    database.execute(ELSEWHERE)
    tables = looked_at(postgres_url)
    assert set(tables) == {"person", "payment", "elsewhere.visit", "elsewhere.letter"}
    assert tables["elsewhere.letter"].references == (LiveReference(*TO_PERSON),)
    assert set(tables["elsewhere.visit"].references) == {
        LiveReference(*TO_PERSON, "CASCADE"),
        LiveReference(("other_id",), "elsewhere.person", ("id",)),
    }
    connector = SqlConnector(SYSTEM, postgres_url)
    found = [d for d in compare(SYSTEM, connector.look()) if d.blocks]
    connector.close()
    assert [(d.kind, d.where) for d in found] == [
        (kind, f"till.elsewhere.{table}")
        for table in ("letter", "visit")
        for kind in (DriftKind.TABLE_UNCLASSIFIED, DriftKind.REFERENCE_UNDECLARED)
    ]


def test_a_table_of_another_schema_takes_its_place_in_the_dossier_once_it_is_declared(
    postgres_url: str, database: psycopg.Connection[object]
) -> None:
    database.execute(ELSEWHERE)
    database.execute("INSERT INTO person VALUES (1, '[2001-01-01,2002-01-01)'), (2, NULL)")
    database.execute("INSERT INTO elsewhere.visit VALUES (10, 1), (20, 2)")
    visit = {
        "name": "visit", "table": "elsewhere.visit", "key": ["id"],
        "part_of": {"dataset": "person", "by": {"person_id": "id"}},
        "columns": {"id": COLUMNS, "person_id": COLUMNS, "other_id": COLUMNS},
    }  # fmt: skip
    given = SYSTEM.model_dump(by_alias=True)
    given["dataset"]["visit"] = visit
    connector = SqlConnector(System.model_validate(given), postgres_url)
    assert {d.where for d in compare(connector.system, connector.look()) if d.blocks} == {"till.elsewhere.letter"}
    [root, part] = Part("person", ()), Part("visit", (Hop("visit", (("person_id", "id"),)),))
    found = connector.dossiers([part, root], [(1,)])
    assert {name: list(keys) for name, keys in found.items()} == {"person": [(1,)], "visit": [(10,)]}
    connector.close()


def test_a_reference_of_ours_into_another_schema_is_no_reference_to_our_table_of_that_name(
    postgres_url: str, database: psycopg.Connection[object]
) -> None:
    database.execute(ELSEWHERE)
    database.execute("ALTER TABLE payment ADD FOREIGN KEY (id) REFERENCES elsewhere.person")
    assert looked_at(postgres_url)["payment"].references == (LiveReference(("id",), "elsewhere.person", ("id",)),)
