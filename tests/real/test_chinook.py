"""The main job on a real shop in SQLite: dates stored as text, names in CamelCase, foreign keys not enforced."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.real.office import RealOffice, rows_by_dataset, unpack_xz

pytestmark = [pytest.mark.real, pytest.mark.slow]
#: 2 years before 23 November 2026; the last invoice of a customer must not be later.
DUE = "SELECT CustomerId FROM Invoice GROUP BY CustomerId HAVING max(InvoiceDate) < '2024-11-23'"


@pytest.fixture
def office(tmp_path: Path) -> RealOffice:
    file = unpack_xz("chinook/Chinook_Sqlite.sqlite.xz", tmp_path / "chinook.sqlite")
    return RealOffice(tmp_path, Path(__file__).parent / "chinook" / "register", CHINOOK_URL=f"sqlite:///{file}")


def ask(office: RealOffice, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(office.folder / "chinook.sqlite") as database:
        return database.execute(statement).fetchall()


def number_of_case(office: RealOffice) -> str:
    return str(json.loads(office.termijn("case", "list", "--json").stdout)[-1]["case"])


def test_plan_and_purge_agree_with_plain_sql(office: RealOffice) -> None:
    checked = office.termijn("register", "check", "--live")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    due = {n for (n,) in ask(office, DUE)}
    assert 0 < len(due) < 59
    planned = office.termijn("plan", "chinook", "--as-of", "2026-11-23", "--keys").stdout.splitlines()
    assert planned == sorted(f"Customer\t{n}" for n in due)
    invoices = ask(office, f"SELECT count(*) FROM Invoice WHERE CustomerId NOT IN ({DUE})")
    lines = ask(office, f"SELECT count(*) FROM InvoiceLine NATURAL JOIN Invoice WHERE CustomerId NOT IN ({DUE})")
    tracks = ask(office, "SELECT count(*) FROM PlaylistTrack")
    office.countersign()
    ended = office.termijn("purge", "chinook", "--arm", "--as-of", "2026-11-23")
    assert ended.returncode == 0, ended.stderr
    assert ask(office, "SELECT count(*) FROM Customer") == [(59 - len(due),)]
    assert ask(office, "SELECT count(*) FROM Invoice") == invoices
    assert ask(office, "SELECT count(*) FROM InvoiceLine") == lines
    assert ask(office, "SELECT count(*) FROM PlaylistTrack") == tracks
    assert ask(office, DUE) == []
    assert office.ledger().verify().ok


def test_one_customer_gets_every_invoice_and_nobody_elses(office: RealOffice) -> None:
    [(number, first, last, email, phone)] = ask(
        office, "SELECT CustomerId, FirstName, LastName, Email, Phone FROM Customer WHERE CustomerId = 1"
    )
    subject = f'name = "{first} {last}"\nemail = "{email}"\nphone = "{phone}"\n'
    place = f"chinook.Customer:{number}"
    assert office.termijn("case", "new", "--subject", "-", given=subject).returncode == 0
    case = number_of_case(office)
    office.termijn("find", case, "--include", place)
    found = office.termijn("find", case).stdout
    assert "the person" in found
    assert ask(office, f"SELECT count(*) FROM Invoice WHERE CustomerId = {number}") == [(7,)]
    office.termijn("case", "move", case, "identity", "--method", "call-back")
    office.termijn("case", "move", case, "in-progress")
    ended = office.termijn("export", case)
    assert ended.returncode == 0, ended.stderr
    files = office.open_package(case)
    lines = ask(office, f"SELECT count(*) FROM InvoiceLine NATURAL JOIN Invoice WHERE CustomerId = {number}")
    assert rows_by_dataset(files) == {"Customer": 1, "Invoice": 7, "InvoiceLine": lines[0][0]}
