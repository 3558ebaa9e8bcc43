"""The main job on a real wholesaler: text keys, composite keys, a date that may be absent, a chain of managers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from tests.real.office import RealOffice, edited, load_sql, rows_by_dataset

pytestmark = [pytest.mark.real, pytest.mark.slow]
REGISTER = Path(__file__).parent / "northwind" / "register"
#: Plain SQL of our own, 28 years before: an order counts from its sending, where it was sent later than made.
AS_OF = "2026-04-28"
DUE = """
SELECT customer_id FROM orders GROUP BY customer_id
HAVING max(greatest(order_date, coalesce(shipped_date, order_date))) <= '1998-04-27'
"""
NEVER_SENT = "SELECT customer_id FROM orders WHERE shipped_date IS NULL"
TABLES = ("customers", "orders", "employees", "employee_territories", "products", "order_details")
Office = tuple[RealOffice, Engine]


@pytest.fixture
def office(tmp_path: Path, postgres_url: str) -> Iterator[Office]:
    load_sql(postgres_url, "northwind/northwind.sql.xz")
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    yield RealOffice(tmp_path, REGISTER, NORTHWIND_URL=postgres_url), engine
    engine.dispose()


def ask(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as database:
        return [tuple(row) for row in database.execute(text(statement))]


def run(engine: Engine, statement: str) -> None:
    with engine.begin() as database:
        database.execute(text(statement))


def counts(engine: Engine) -> dict[str, int]:
    return {t: ask(engine, f"SELECT count(*) FROM {t}")[0][0] for t in TABLES}


def codes(engine: Engine, statement: str) -> set[str]:
    return {code for (code,) in ask(engine, statement)}


def plan(house: RealOffice) -> list[str]:
    return house.termijn("plan", "northwind", "--as-of", AS_OF, "--keys").stdout.splitlines()


def test_plan_purge_and_evidence_agree_with_plain_sql(office: Office) -> None:
    house, engine = office
    checked = house.termijn("register", "check", "--live")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    due = codes(engine, DUE)
    assert 30 < len(due) < 70
    assert plan(house) == sorted(f"customers\t{code}" for code in due)

    house.countersign()
    held = min(due)
    house.termijn(
        "hold", "add", "northwind", "customers", held, "--owner", "fg", "--reason", "x", "--review", "2027-01-01"
    )
    stays = f"customer_id NOT IN ({DUE}) OR customer_id = '{held}'"
    before = counts(engine)
    kept = {
        "customers": ask(engine, f"SELECT count(*) FROM customers WHERE {stays}")[0][0],
        "orders": ask(engine, f"SELECT count(*) FROM orders WHERE {stays}")[0][0],
        "order_details": ask(engine, f"SELECT count(*) FROM order_details NATURAL JOIN orders WHERE {stays}")[0][0],
    }
    ended = house.termijn("purge", "northwind", "--arm", "--as-of", AS_OF)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    after = counts(engine)
    assert after == before | kept, "a dossier is customers, orders and lines; nothing else goes"
    assert codes(engine, DUE) == {held}
    ledger = house.ledger()
    assert sum(b.records for b in ledger.batches.closed_batches()) == sum(before[t] - kept[t] for t in kept)
    assert ledger.verify().ok
    again = house.termijn("purge", "northwind", "--arm", "--as-of", AS_OF)
    assert again.returncode == 0, again.stdout + again.stderr
    assert counts(engine) == after


def test_an_order_that_was_never_sent_keeps_its_customer_only_where_the_register_says_so(
    office: Office, tmp_path: Path
) -> None:
    house, engine = office
    both = codes(engine, DUE) & codes(engine, NEVER_SENT)
    assert both, "else this proves nothing"
    ignored = plan(house)
    change = ('{ column = "shipped_date", absent = "ignored" }', '"shipped_date"')
    house.register = edited(REGISTER, tmp_path / "blocks", "northwind", change)
    assert set(ignored) - set(plan(house)) == {f"customers\t{code}" for code in both}


def test_a_customer_without_an_order_has_no_term_that_started(office: Office) -> None:
    house, engine = office
    [one, *_] = sorted(codes(engine, "SELECT customer_id FROM customers EXCEPT SELECT customer_id FROM orders"))
    assert "MISSING" in house.termijn("why", "northwind", "customers", one, "--as-of", AS_OF).stdout


FORMER_PEOPLE = """
INSERT INTO employees (employee_id, last_name, first_name, hire_date, reports_to) VALUES
  (21, 'Oud', 'A', '1985-01-01', NULL), (22, 'Ouder', 'B', '1985-01-01', 21), (23, 'Oudst', 'C', '1985-01-01', NULL);
INSERT INTO employee_territories SELECT 22, territory_id FROM territories LIMIT 3;
UPDATE employees SET reports_to = 23 WHERE employee_id = 3;
"""


def test_whoever_somebody_that_stays_reports_to_stays(office: Office) -> None:
    house, engine = office
    assert not [line for line in plan(house) if line.startswith("employees")], "orders need all who are there"
    before = counts(engine)
    run(engine, FORMER_PEOPLE)
    house.countersign()
    ended = house.termijn("purge", "northwind", "--arm", "--as-of", AS_OF)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ask(engine, "SELECT employee_id FROM employees WHERE employee_id > 20") == [(23,)]
    assert counts(engine)["employee_territories"] == before["employee_territories"]
    assert house.ledger().verify().ok


def test_a_contact_gets_the_orders_of_their_company_with_every_line(office: Office) -> None:
    house, engine = office
    [(name, phone)] = ask(engine, "SELECT contact_name, phone FROM customers WHERE customer_id = 'ALFKI'")
    files = house.answer(f'name = "{name}"\nphone = "{phone}"\nclient_number = "ALFKI"\n')
    mine = "WHERE customer_id = 'ALFKI'"
    assert rows_by_dataset(files) == {
        "customers": 1,
        "orders": ask(engine, f"SELECT count(*) FROM orders {mine}")[0][0],
        "order_details": ask(engine, f"SELECT count(*) FROM order_details NATURAL JOIN orders {mine}")[0][0],
    }
