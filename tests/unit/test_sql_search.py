"""The sieve in SQL: however a source writes an identifier its row comes along, and the missing index is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sql import SqlConnector
from connectors.sql.engine import make_engine
from domain.identity import Identifier, identifiers_of
from domain.system import System

_EXPORT = {"class": "export", "label": "x"}
SYSTEM = System.model_validate({
    "id": "shop", "title": "Winkel", "connector": "sql", "url": "env:SHOP",
    "dataset": {
        "client": {
            "key": ["id"], "activity": "dossier", "ceiling": {"records": 1, "share": 1}, "triggers": ["born_on"],
            "identifies": {"bsn": "bsn", "email": "email", "phone": "phone", "client_number": "nr", "iban": "iban",
                           "name": "name", "name_born": ["name", "born_on"]},
            "columns": dict.fromkeys(("id", "bsn", "email", "phone", "nr", "iban", "name", "born_on"), _EXPORT),
        },
        "bill": {
            "key": ["id"], "part_of": {"dataset": "client", "by": {"client": "id"}},
            "columns": {"id": _EXPORT, "client": _EXPORT},
        },
    },
})  # fmt: skip
#: Of each kind how sources write one person, and some who are another.
CELLS = {
    "bsn": ["123456782", "1234.56.782", " 123456782", "123 456 782", "123456782.0", "１２３４５６７８２", "012345672",
            "12345672", "0123-45672", "87654321", "", "-", "000", "onbekend"],
    "email": ["jan@example.org", " Jan@Example.ORG ", "mailto:jan@example.org", "Jan <jan@example.org>", "",
              "jan@example.org.", "a@b.nl; jan@example.org", "a@b.nl,jan@example.org", "a@b.nl jan@example.org",
              "jan+x@example.org", "ＪＡＮ@example.org", "j.an@example.org", "jan@exämple.org",
              "jan@xn--exmple-cua.org", "o'jan@x_y.org"],
    "phone": ["+31612345678", "06-12345678", "06 12 34 56 78", "0031 6 12345678", "+31 (0)6 12345678", "(06)12345678",
              "0201234567 / 0612345678", "0201234567;0612345678", "06-12345678 (werk)", "06.12.34.56.78", "0612345679",
              "612345678", "140495", "+31140495", "112", "０６１２３４５６７８", "tel: 0612345678 na 18u"],
    "client_number": ["AB 12", "ab 12", " AB  12 ", "AB12", "4711", "04711", "null", "Ä1", "ab-12"],
    "iban": ["NL91ABNA0417164300", "NL91 ABNA 0417 1643 00", "nl91.abna.0417.1643.00", "NL91-ABNA-0417-1643-00",
             "IBAN: NL91ABNA0417164300", "NL02ABNA0123456789", ""],
    "name": ["Anna de Vries", "Vries, Anna de", "A. de Vries", "O'Brien", "o’brien", "obrien", "O Brien", "Sint-Jan",
             "van den Börg", "van den Borg", "Jansen-de Vries", "Jansen_Vries", "'t Hart", "Mevr. 't Hart", "De",
             "Ståhl", "STAHL", "Łukasz", "Lukasz", "Müller\tvan Dam", "Иванов", "x", "?", "Pa(u)l", "50% korting",
             "a''b"],
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, sa.Engine]]:
    """An empty shop; nothing of it has an index but its keys."""
    if request.param == "sqlite":
        (tmp_path / "shop.db").touch()
        url = f"sqlite:///{tmp_path / 'shop.db'}"
    else:
        url = request.getfixturevalue("postgres_url" if request.param == "postgresql" else "mariadb_url")
    made = make_engine(SYSTEM, url, statement_seconds=60, lock_seconds=10)
    columns = ", ".join(f"{name} varchar(80)" for name in ("bsn", "email", "phone", "nr", "iban", "name"))
    with made.connect().execution_options(termijn_writes=True) as connection:
        connection.execute(sa.text(f"CREATE TABLE client (id integer PRIMARY KEY, {columns}, born_on date)"))
        connection.execute(sa.text("CREATE TABLE bill (id integer PRIMARY KEY, client integer)"))
        connection.commit()
    yield url, made
    made.dispose()


def fill(engine: sa.Engine, rows: list[dict[str, Any]]) -> None:
    with engine.connect().execution_options(termijn_writes=True) as connection:
        for row in rows:
            names = ", ".join(row)
            connection.execute(sa.text(f"INSERT INTO client ({names}) VALUES (:{', :'.join(row)})"), row)
        connection.commit()


def every_row() -> list[dict[str, Any]]:
    columns = {"client_number": "nr"}
    cells = [(columns.get(kind, kind), cell) for kind, every in CELLS.items() for cell in every]
    rows: list[dict[str, Any]] = [{"id": n, column: cell} for n, (column, cell) in enumerate(cells)]
    rows += [{"id": 900, "name": "de Vries", "born_on": date(1980, 1, 31)}, {"id": 901, "born_on": date(1981, 1, 31)}]
    return rows


def borne(row: dict[str, Any]) -> set[Identifier]:
    return set(identifiers_of(row, SYSTEM.datasets["client"].identifies))


def test_no_row_is_missed_that_the_domain_would_match(engine: tuple[str, sa.Engine]) -> None:
    url, made = engine
    rows = every_row()
    fill(made, rows)
    every = {i for row in rows for i in borne(row)}
    assert {i.kind for i in every} == set(SYSTEM.datasets["client"].identifies.columns())
    connector = SqlConnector(SYSTEM, url)
    missed = []
    for identifier in sorted(every):
        came = {row["id"] for row in connector.search("client", [identifier])}
        missed += [(identifier.value, row) for row in rows if identifier in borne(row) and row["id"] not in came]
    assert missed == []
    assert {row["id"] for row in connector.search("client", sorted(every))} >= {r["id"] for r in rows if borne(r)}
    strange = [row["email"] for row in connector.search("client", [Identifier("email", "nobody@nowhere.nl")])]
    assert all(not cell.isascii() or set(cell.strip()) & set(" :;,<") for cell in strange), "only what SQL cannot read"
    connector.close()


def test_what_is_read_whole_is_named_with_the_statement_that_mends_it(engine: tuple[str, sa.Engine]) -> None:
    url, made = engine
    fill(made, every_row())
    connector = SqlConnector(SYSTEM, url)
    kinds = SYSTEM.datasets["client"].identifies.columns()
    before = connector.scans(kinds)
    told = {(s.reference.table, *s.reference.columns) for s in before}
    assert told == {("bill", "client"), *(("client", c[-1]) for c in kinds.values())}
    assert not any(s.large for s in before)
    wanted = [Identifier("email", "jan@example.org"), Identifier("name", "borg"), Identifier("bsn", "012345672")]
    found = sorted(row["id"] for row in connector.search("client", wanted))
    alone = {} if made.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with made.connect().execution_options(termijn_writes=True, **alone) as connection:
        for mend in {s.mend for s in before} - {""}:
            connection.exec_driver_sql(mend)
        connection.commit()
    connector.close()
    connector = SqlConnector(SYSTEM, url)
    left = {s.reference.columns[-1] for s in connector.scans(kinds)}
    never = {
        "sqlite": {"name", "born_on"},
        "postgresql": set(),
        "mariadb": {*(c[-1] for c in kinds.values())} - {"born_on"},
    }
    assert left == never[made.dialect.name]
    assert sorted(row["id"] for row in connector.search("client", wanted)) == found
    connector.close()
