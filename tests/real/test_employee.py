"""The main job on a real HR database: cascades, composite keys, a sentinel date, a trigger that copies SQL text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from tests.real.office import RealOffice, load_employee, rows_by_dataset

pytestmark = [pytest.mark.real, pytest.mark.slow]
TABLES = ("employee", "salary", "title", "dept_emp", "dept_manager")
#: Plain SQL of our own: whoever has no open end and nothing after the cutoff.
LEAVERS = """
SELECT e.emp_no FROM employee e
JOIN (SELECT emp_no, to_date FROM salary UNION ALL SELECT emp_no, to_date FROM title
      UNION ALL SELECT emp_no, to_date FROM dept_emp UNION ALL SELECT emp_no, to_date FROM dept_manager) x
  ON x.emp_no = e.emp_no
GROUP BY e.emp_no
HAVING max(x.to_date) <= '2001-11-22' AND count(*) = count(x.to_date)
"""


@pytest.fixture
def office(tmp_path: Path, postgres_url: str) -> Iterator[tuple[RealOffice, Engine]]:
    load_employee(postgres_url, tmp_path)
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    yield RealOffice(tmp_path, Path(__file__).parent / "employee" / "register", EMPLOYEE_URL=postgres_url), engine
    engine.dispose()


def counts(engine: Engine, where: str = "true") -> dict[str, int]:
    with engine.connect() as database:
        return {t: database.scalar(text(f"SELECT count(*) FROM {t} WHERE {where}")) or 0 for t in TABLES}


def test_plan_purge_and_evidence_agree_with_plain_sql(office: tuple[RealOffice, Engine]) -> None:
    house, engine = office
    checked = house.termijn("register", "check", "--live")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with engine.connect() as database:
        leavers = {n for (n,) in database.execute(text(LEAVERS))}
    assert 100 < len(leavers) < 5000
    planned = house.termijn("plan", "employee", "--as-of", "2026-11-23", "--keys").stdout.splitlines()
    assert planned == sorted(f"employee\t{n}" for n in leavers)

    refused = house.termijn("purge", "employee", "--arm", "--as-of", "2026-11-23")
    assert refused.returncode == 4
    before, theirs = counts(engine), counts(engine, f"emp_no IN ({LEAVERS})")
    house.countersign()
    held = min(leavers)
    house.termijn(
        "hold", "add", "employee", "employee", str(held), "--owner", "fg", "--reason", "x", "--review", "2027-01-01"
    )
    kept = counts(engine, f"emp_no = {held}")
    ended = house.termijn("purge", "employee", "--arm", "--as-of", "2026-11-23")
    assert ended.returncode == 0, ended.stderr
    after = counts(engine)
    assert after == {t: before[t] - theirs[t] + kept[t] for t in TABLES}
    with engine.connect() as database:
        assert {n for (n,) in database.execute(text(LEAVERS))} == {held}
        logged = [q for (q,) in database.execute(text("SELECT query FROM audit WHERE operation = 'DELETE'"))]
    assert logged, "the trigger saw the deletion"
    assert not any(re.search(r"\b\d{5,}\b|\d{4}-\d\d-\d\d", q) for q in logged), "the trigger copied a value"
    ledger = house.ledger()
    assert sum(b.records for b in ledger.batches.closed_batches()) == sum(theirs.values()) - sum(kept.values())
    assert ledger.verify().ok
    again = house.termijn("purge", "employee", "--arm", "--as-of", "2026-11-23")
    assert again.returncode == 0, again.stderr
    assert counts(engine) == after


def test_an_employee_with_a_namesake_gets_their_own_file_and_nothing_of_the_other(
    office: tuple[RealOffice, Engine],
) -> None:
    house, engine = office
    pairs = (
        """SELECT min(emp_no), max(emp_no) FROM employee GROUP BY first_name, last_name HAVING count(*) = 2 LIMIT 1"""
    )
    with engine.connect() as database:
        one, other = database.execute(text(pairs)).one()
        who = database.execute(text(f"SELECT last_name, birth_date FROM employee WHERE emp_no = {one}")).one()
    subject = f'name = "{who[0]}"\nsurname = "{who[0]}"\nborn_on = {who[1]}\nclient_number = "{one}"\n'
    files = house.answer(subject)
    expected = {t: n for t, n in counts(engine, f"emp_no = {one}").items() if n}
    assert rows_by_dataset(files) == expected
    assert str(other).encode() not in files["data.json"]
