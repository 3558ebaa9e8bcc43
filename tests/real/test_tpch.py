"""The main job on many rows: customers with orders and lines, and a composite reference that two dossiers share."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from tests.real.office import RealOffice, data_or_skip

pytestmark = [pytest.mark.real, pytest.mark.slow]
HERE = Path(__file__).parent / "tpch"
AS_OF = "2026-11-23"
#: Plain SQL of our own: all received, and nothing later than 30 years before.
DUE = """
SELECT o_custkey FROM orders LEFT JOIN lineitem ON l_orderkey = o_orderkey GROUP BY o_custkey
HAVING bool_and(l_orderkey IS NULL OR l_receiptdate IS NOT NULL)
AND max(greatest(o_orderdate, l_receiptdate)) <= '1996-11-22'
"""
#: Suppliers that ended, and of which no line that is there names a part.
SUPPLIERS_DUE = """
SELECT s_suppkey FROM supplier WHERE s_ended_on <= '1996-11-22'
AND NOT EXISTS (SELECT 1 FROM lineitem JOIN partsupp ON l_partkey = ps_partkey AND l_suppkey = ps_suppkey
                WHERE ps_suppkey = s_suppkey)
"""
LEAVE_ONE_SUPPLIER_TO_CUSTOMERS_WHO_GO = f"""
DELETE FROM lineitem USING orders
WHERE l_orderkey = o_orderkey AND l_suppkey = 81
AND (o_custkey NOT IN ({DUE}) OR o_custkey = (SELECT min(o_custkey) FROM ({DUE}) going))
"""
TABLES = ("customer", "orders", "lineitem", "supplier", "partsupp", "part", "nation")
Office = tuple[RealOffice, Engine]


@pytest.fixture
def office(tmp_path: Path, postgres_url: str) -> Iterator[Office]:
    schema = data_or_skip("perf_tpch/schema_postgres.sql").read_text("utf-8")
    load = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", postgres_url]
    given = schema + (HERE / "fill.sql").read_text("utf-8")
    subprocess.run(load, input=given, text=True, check=True, capture_output=True)
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    yield RealOffice(tmp_path, HERE / "register", TPCH_URL=postgres_url), engine
    engine.dispose()


def run(engine: Engine, statement: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as database:
        database.execute(text(statement))


def numbers(engine: Engine, statement: str) -> set[int]:
    with engine.connect() as database:
        return set(database.scalars(text(statement)))


def count(engine: Engine, rows: str) -> int:
    [number] = numbers(engine, f"SELECT count(*) FROM {rows}")
    return number


def counts(engine: Engine) -> dict[str, int]:
    return {t: count(engine, t) for t in TABLES}


def plan(house: RealOffice) -> list[str]:
    return house.termijn("plan", "tpch", "--as-of", AS_OF, "--keys").stdout.splitlines()


def purge(house: RealOffice) -> None:
    ended = house.termijn("purge", "tpch", "--arm", "--as-of", AS_OF)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_plan_purge_and_evidence_agree_with_plain_sql(office: Office) -> None:
    house, engine = office
    checked = house.termijn("register", "check", "--live")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    run(engine, LEAVE_ONE_SUPPLIER_TO_CUSTOMERS_WHO_GO)
    customers, suppliers = numbers(engine, DUE), numbers(engine, SUPPLIERS_DUE)
    assert 500 < len(customers) < 1200
    assert suppliers == set(range(91, 101)), "81 to 90 ended too, but lines still name their parts"
    due = sorted([f"customer\t{n}" for n in customers] + [f"supplier\t{n}" for n in suppliers])
    assert plan(house) == due, "no index serves the composite reference yet, and the answer is the same"
    assert "NEEDED" in house.termijn("why", "tpch", "supplier", "81", "--as-of", AS_OF).stdout

    asked = house.indexes_asked_for("tpch", "--as-of", AS_OF)
    assert {statement.partition(" ON ")[2] for statement in asked} == {
        "orders (o_custkey)", "lineitem (l_partkey, l_suppkey)", "partsupp (ps_suppkey)"
    }  # fmt: skip
    for statement in asked:
        run(engine, statement)
    house.countersign()
    held = min(customers)
    hold = ("hold", "add", "tpch", "customer", str(held))
    house.termijn(*hold, "--owner", "fg", "--reason", "x", "--review", "2027-01-01")
    stays = f"o_custkey NOT IN ({DUE}) OR o_custkey = {held}"
    before = counts(engine)
    after = before | {
        "customer": before["customer"] - len(customers) + 1,
        "orders": count(engine, f"orders WHERE {stays}"),
        "lineitem": count(engine, f"lineitem JOIN orders ON l_orderkey = o_orderkey WHERE {stays}"),
        "supplier": before["supplier"] - len(suppliers),
        "partsupp": count(engine, "partsupp WHERE ps_suppkey <= 90"),
    }
    purge(house)
    assert counts(engine) == after
    assert numbers(engine, DUE) == {held}
    assert plan(house) == ["supplier\t81"], "the last lines that named its parts have gone"

    after["partsupp"] -= count(engine, "partsupp WHERE ps_suppkey = 81")
    after["supplier"] -= 1
    for _ in range(2):
        purge(house)
        assert counts(engine) == after, "the second night takes that supplier, the third changes nothing"
    ledger = house.ledger()
    assert sum(b.records for b in ledger.batches.closed_batches()) == sum(before[t] - after[t] for t in TABLES)
    assert ledger.verify().ok
