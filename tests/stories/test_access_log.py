"""Who asks who looked at their file gets just that, readably; who asks for their data hears that it is there."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.trouble import RegisterInvalid
from register.loader import load_register
from tests.stories.small_house import SYSTEM, TODAY, SmallHouse

LOG = """
[dataset.look]
title = "Wie uw gegevens zag"
part_of = { dataset = "visitor", by = { visitor_id = "id" } }
key = ["id"]
columns.id = { class = "technical" }
columns.visitor_id = { class = "technical" }
columns.at = { class = "export", label = "Wanneer" }
columns.who = { class = "export", label = "Wie" }
columns.did = { class = "export", label = "Wat", means = { R = "gelezen", U = "gewijzigd" } }
columns.station = { class = "export", label = "Werkplek" }
[dataset.look.on_request]
kind = "access-log"
shows = ["at", "who", "did"]
article = "Wabvpz art. 15e"
"""


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """A desk that keeps who looked, and a note in which nobody looked yet for others."""
    made = SmallHouse(tmp_path)
    made.edit("systems/desk.toml", SYSTEM, SYSTEM + LOG)
    made.sql("CREATE TABLE look (id INTEGER PRIMARY KEY, visitor_id INT REFERENCES visitor(id), at, who, did, station)")
    for visitor, who, did in ((2, "mw. Balie", "R"), (2, "dhr. Balie", "U"), (2, "beheer", "X"), (3, "mw. Balie", "R")):
        made.sql(
            "INSERT INTO look (visitor_id, at, who, did, station) VALUES (?, ?, ?, ?, ?)",
            *(visitor, "2026-03-01 09:05:00", who, did, "balie 4"),
        )
    return made


def answered(house: SmallHouse, kind: CaseKind) -> dict[str, bytes]:
    ledger, entry = house.ledger(), Entry("case.received", "privacy")
    person = {"name": "Naam2", "surname": "Naam2", "born_on": "1980-01-31", "email": "bezoeker2@example.org"}
    subject = {**person, "phone": "0612345602"}
    case = ledger.cases.open_case(kind, received_on=TODAY, channel="mail", subject=subject, entry=entry)
    check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "privacy", TODAY)
    ledger.cases.record_identity(case.number, check, entry=Entry("case.identity", "privacy"))
    ledger.cases.move(case.number, State.IN_PROGRESS, on=TODAY, entry=Entry("case.in-progress", "privacy"))
    ledger.close()
    ended = house.termijn("export", case.number)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return house.open_package(case.number)


def printed(pdf: bytes) -> str:
    """All that the pages say, by the text that a copy takes along."""
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def test_an_access_log_case_gives_who_when_and_what_and_nothing_else(house: SmallHouse) -> None:
    house.sql("UPDATE note SET text = 'Bel voor vragen zijn broer Piet op 06-87654321, liefst in de avond.'")
    files = answered(house, CaseKind.ACCESS_LOG)
    tables = {n for n in files if n.startswith("csv/")} - {"csv/woordenboek.csv"}
    assert tables == {"csv/desk.look.csv"}
    read = pd.read_csv(io.BytesIO(files["csv/desk.look.csv"]), sep=";")
    assert list(read.columns[:3]) == ["Wanneer", "Wie", "Wat"]
    assert list(read["Wie"]) == ["mw. Balie", "dhr. Balie", "beheer"]
    assert list(read["Wat"]) == ["R", "U", "X"], "the data keeps its codes; paper says them in words"
    whole = b"".join(files.values())
    assert b"balie 4" not in whole
    assert b"06-87654321" not in whole
    page = files["index.html"].decode()
    assert "verzoek om te zien wie in uw dossier keek" in page
    assert "gewijzigd" in page
    assert "dhr. Balie" in printed(files["dossier.pdf"])
    letter = " ".join(printed(files["letter.pdf"]).split())
    assert "wie uw dossier heeft gezien of veranderd" in letter
    assert "kopie van uw gegevens" not in letter


def test_an_ordinary_request_is_told_that_the_overview_is_there_and_how_to_get_it(house: SmallHouse) -> None:
    files = answered(house, CaseKind.ACCESS)
    assert "csv/desk.look.csv" not in files
    assert "csv/desk.note.csv" in files
    assert b"mw. Balie" not in b"".join(files.values())
    for told in (printed(files["withheld.pdf"]), files["index.html"].decode()):
        words = " ".join(told.split())
        assert "Wie uw gegevens zag" in words
        assert "als u erom vraagt" in words
        assert "15e" in words


def test_an_overview_shows_only_what_an_export_shows(house: SmallHouse) -> None:
    house.edit("systems/desk.toml", 'shows = ["at", "who", "did"]', 'shows = ["at", "visitor_id"]')
    with pytest.raises(RegisterInvalid, match="visitor_id, which no export shows"):
        load_register(house.register)
