"""The main job on one real shop in three dialects: SQLite with dates as text, PostgreSQL in snake_case, MariaDB."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.office import rows_by_dataset
from tests.real.shop import Shop, load_mariadb, load_postgres, load_sqlite

pytestmark = [pytest.mark.real, pytest.mark.slow]
#: 2 years before 23 November 2026; the last invoice of a customer must not be later.
DUE = "SELECT CustomerId FROM Invoice GROUP BY CustomerId HAVING max(InvoiceDate) < '2024-11-23'"
#: What plain SQL says of the SQLite file, the same for all three.
DUE_CUSTOMERS = 11
LINES = "SELECT count(*) FROM InvoiceLine l JOIN Invoice i ON l.InvoiceId = i.InvoiceId WHERE CustomerId"
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$")
#: Where the dialect's own names of tables lead to in the package.
_PAGE = re.compile(r"csv/[\w.]+")
_TABLES = ("Customer", "Invoice", "InvoiceLine", "PlaylistTrack", "Employee", "Track")


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """The shop in each dialect in turn."""
    made = Shop(tmp_path, _loaded(request, request.param, tmp_path))
    yield made
    made.close()


@pytest.fixture
def shops(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Shop]]:
    """All three at once."""
    made = []
    for dialect in ("sqlite", "postgres", "mariadb"):
        folder = tmp_path / dialect
        folder.mkdir()
        made.append(Shop(folder, _loaded(request, dialect, folder)))
    yield made
    for one in made:
        one.close()


def _loaded(request: pytest.FixtureRequest, dialect: str, folder: Path) -> str:
    if dialect == "sqlite":
        return load_sqlite(folder)
    load = load_postgres if dialect == "postgres" else load_mariadb
    return load(request.getfixturevalue(f"{dialect}_url"))


def number_of_case(shop: Shop) -> str:
    return str(json.loads(shop.termijn("case", "list", "--json").stdout)[-1]["case"])


def counts(shop: Shop) -> dict[str, int]:
    return {table: shop.ask(f"SELECT count(*) FROM {table}")[0][0] for table in _TABLES}


def test_plan_and_purge_agree_with_plain_sql(shop: Shop) -> None:
    checked = shop.termijn("register", "check", "--live")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    due = {n for (n,) in shop.ask(DUE)}
    assert len(due) == DUE_CUSTOMERS
    planned = shop.termijn("plan", "chinook", "--as-of", "2026-11-23", "--keys").stdout.splitlines()
    assert planned == sorted(f"Customer\t{n}" for n in due)
    expected = counts(shop)
    expected["Customer"] -= len(due)
    expected["Invoice"] = shop.ask(f"SELECT count(*) FROM Invoice WHERE CustomerId NOT IN ({DUE})")[0][0]
    expected["InvoiceLine"] = shop.ask(f"{LINES} NOT IN ({DUE})")[0][0]
    shop.countersign()
    ended = shop.termijn("purge", "chinook", "--arm", "--as-of", "2026-11-23")
    assert ended.returncode == 0, ended.stderr
    assert counts(shop) == expected
    assert shop.ask(DUE) == []
    assert shop.ledger().verify().ok


def package_of(shop: Shop, number: int) -> dict[str, bytes]:
    """The package of one customer, by their name, e-mail address and phone."""
    who = f"SELECT FirstName, LastName, Email, Phone FROM Customer WHERE CustomerId = {number}"
    [(first, last, email, phone)] = shop.ask(who)
    subject = f'name = "{first} {last}"\nemail = "{email}"\nphone = "{phone}"\n'
    assert shop.termijn("case", "new", "--subject", "-", given=subject).returncode == 0
    case = number_of_case(shop)
    shop.termijn("find", case, "--include", f"chinook.Customer:{number}")
    assert "the person" in shop.termijn("find", case).stdout
    shop.termijn("case", "move", case, "identity", "--method", "call-back")
    shop.termijn("case", "move", case, "in-progress")
    ended = shop.termijn("export", case)
    assert ended.returncode == 0, ended.stderr
    return shop.open_package(case)


def _tables(files: dict[str, bytes]) -> dict[str, list[list[str]]]:
    """The rows of each CSV, under the labels and the names of datasets that all three share."""
    found = {}
    for name, content in files.items():
        if name.startswith("csv/") and "woordenboek" not in name:
            head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
            # SQLite's shop writes its moments as text, and a text is handed over as it stands.
            found[name.split(".")[1]] = [head, *sorted([_MOMENT.sub(r"\1T\2", cell) for cell in row] for row in rows)]
    return found


def test_one_customer_gets_the_same_package_whatever_the_dialect(shops: list[Shop]) -> None:
    number, told, read = 1, list[dict[str, list[list[str]]]](), list[str]()  # Luís Gonçalves, of São José dos Campos
    for shop in shops:
        files = package_of(shop, number)
        invoices = shop.ask(f"SELECT count(*) FROM Invoice WHERE CustomerId = {number}")[0][0]
        lines = shop.ask(f"{LINES} = {number}")[0][0]
        assert rows_by_dataset(files) == {"Customer": 1, "Invoice": invoices, "InvoiceLine": lines}
        told.append(_tables(files))
        pdf = subprocess.run(["pdftotext", "-", "-"], input=files["dossier.pdf"], capture_output=True, check=True)
        read += [pdf.stdout.decode(), _PAGE.sub("", files["index.html"].decode())]
    sqlite, postgres, mariadb = told
    assert postgres == mariadb
    assert sqlite == mariadb
    assert "Luís" in mariadb["Customer"][1]
    assert read[0::2] == [read[0]] * 3, "the dossier, word for word"
    assert read[1::2] == [read[1]] * 3, "and the page"
