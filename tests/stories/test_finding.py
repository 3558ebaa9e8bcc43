"""One person in three systems: one knows them, one knows nobody, one is down; a namesake is asked about."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from tests.stories.small_house import SYSTEM, TODAY, SmallHouse

PERSON = {"name": "Anna Naam2", "surname": "Naam2", "born_on": "1980-01-31", "email": "bezoeker2@example.org"}
STRANGER = {"name": "Wim Niemand", "surname": "Niemand", "born_on": "1944-05-05", "email": "wim@example.org"}
NUMBERS = (f"{TODAY.year}-0001", f"{TODAY.year}-0002")


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """A desk that knows the person; a club that knows nobody; a shop that knows a namesake and the person."""
    made = SmallHouse(tmp_path)
    for name in ("club", "shop"):
        text = SYSTEM.replace('title = "Balie"', f'title = "{name.title()}"').replace("DESK_URL", f"{name.upper()}_URL")
        (tmp_path / "register" / "systems" / f"{name}.toml").write_text(text, "utf-8")
        file = tmp_path / f"{name}.db"
        made.secrets[f"{name.upper()}_URL"] = f"sqlite:///{file}"
        with sqlite3.connect(made.db) as source, sqlite3.connect(file) as copy:
            source.backup(copy)
            copy.execute("DELETE FROM note")
            copy.execute("DELETE FROM visitor")
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        rows = [
            (1, "Naam2", "1980-01-31", "BEZOEKER2@Example.org", None, None),  # written otherwise, the same person
            (2, "Naam2", "1980-01-31", "een.ander@example.org", "0687654321", None),  # born on the same day
        ]
        shop.executemany("INSERT INTO visitor VALUES (?, ?, ?, ?, ?, ?)", rows)
        shop.execute("INSERT INTO note VALUES (1, 2, 'van de naamgenoot')")
    ledger = made.ledger()
    for person in (PERSON, STRANGER):
        case = ledger.cases.open_case(
            CaseKind.ACCESS, received_on=TODAY, channel="mail", subject=person, entry=Entry("case.received", "privacy")
        )
        check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "privacy", TODAY)
        ledger.cases.record_identity(case.number, check, entry=Entry("case.identity", "privacy"))
        ledger.cases.move(case.number, State.IN_PROGRESS, on=TODAY, entry=Entry("case.in-progress", "privacy"))
    ledger.close()
    return made


def outcomes(found: dict[str, Any]) -> dict[str, str]:
    return {s["system"]: s["outcome"] for s in found["systems"]}


def test_a_system_that_is_down_is_named_and_nothing_is_sealed(house: SmallHouse) -> None:
    (house.folder / "shop.db").rename(house.folder / "away.db")
    found = json.loads(house.termijn("find", NUMBERS[0], "--json").stdout)
    assert outcomes(found) == {"club": "nothing found", "desk": "answered", "shop": "not searched"}
    [shop] = [s for s in found["systems"] if s["system"] == "shop"]
    assert "does not answer" in shop["because"]
    ended = house.termijn("export", NUMBERS[0])
    assert ended.returncode == 5, ended.stderr
    assert "shop" in ended.stderr
    assert not list(house.folder.glob("out/packages/*.zip"))


def test_a_namesake_is_asked_about_and_never_taken(house: SmallHouse) -> None:
    ended = house.termijn("export", NUMBERS[0])
    assert ended.returncode == 4, ended.stderr
    assert "1 records may or may not be this person's" in ended.stderr
    found = json.loads(house.termijn("find", NUMBERS[0], "--exclude", "shop.visitor:2", "--json").stdout)
    told = {(s["system"], c["key"]): c["is_the_person"] for s in found["systems"] for c in s["candidates"]}
    assert told == {("desk", "2"): True, ("shop", "1"): True, ("shop", "2"): False}
    assert house.termijn("export", NUMBERS[0]).returncode == 0
    package = house.open_package(NUMBERS[0])
    assert b"BEZOEKER2@Example.org" in package["data.json"]
    assert not any(b"een.ander@" in body or b"naamgenoot" in body for body in package.values())


def test_who_is_known_nowhere_gets_that_as_an_answer(house: SmallHouse) -> None:
    ended = house.termijn("export", NUMBERS[1])
    assert ended.returncode == 0, ended.stderr
    package = house.open_package(NUMBERS[1])
    systems = json.loads(package["data.json"])["systems"]
    assert {k: (v["outcome"], v["datasets"]) for k, v in systems.items()} == dict.fromkeys(
        ("club", "desk", "shop"), ("nothing found", [])
    )
    read = subprocess.run(["pdftotext", "-", "-"], input=package["letter.pdf"], capture_output=True, check=True)
    assert "Wij vonden geen gegevens van u." in " ".join(read.stdout.decode().split())


def test_several_cases_are_searched_in_one_pass_and_shown_in_their_order(house: SmallHouse) -> None:
    ended = house.termijn("find", NUMBERS[1], NUMBERS[0], "--json")
    second, first = json.loads(ended.stdout)
    assert (second["case"], first["case"]) == (NUMBERS[1], NUMBERS[0])
    assert first == json.loads(house.termijn("find", NUMBERS[0], "--json").stdout)
    assert set(outcomes(second).values()) == {"nothing found"}
    [desk] = [s for s in first["systems"] if s["system"] == "desk"]
    told = {(one["table"], *one["columns"]): (one["large"], one["mend"]) for one in desk["read_whole"]}
    assert told["note", "visitor_id"] == (False, "CREATE INDEX note_visitor_id_idx ON note (visitor_id)")
    assert told["visitor", "email"][1].startswith("CREATE INDEX visitor_email_plain_idx ON visitor ((CASE WHEN")
    assert "each search reads" not in house.termijn("find", NUMBERS[0]).stdout, "small tables are no trouble"
    with sqlite3.connect(house.db) as db:
        db.execute("WITH n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 11000)"
                   " INSERT INTO note SELECT i, 3, 'x' FROM n")  # fmt: skip
    lines = house.termijn("find", NUMBERS[0]).stdout.splitlines()
    [at] = [n for n, line in enumerate(lines) if "each search reads that whole table" in line]
    assert lines[at].startswith("  desk: no index serves note (visitor_id), which is large")
    assert lines[at + 1] == "    -> let the database's owner run: CREATE INDEX note_visitor_id_idx ON note (visitor_id)"
    refused = house.termijn("find", *NUMBERS, "--exclude", "shop.visitor:2")
    assert (refused.returncode, "one person at a time" in refused.stderr) == (4, True)
