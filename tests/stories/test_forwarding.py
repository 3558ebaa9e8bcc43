"""A request about a practice is sent there, sealed and once; the person hears where it went; silence is chased."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import select

from domain.cases import State
from domain.morning import MorningList
from ledger.schema import events
from reports import deadline_list_markdown
from reports.morning_mail import morning_message
from tasks.deadlines import morning_list
from tasks.forwarding import chase_practices
from tasks.to_forward import say_what_to_forward
from tests.stories.small_house import ACTIVITY, TODAY, SmallHouse

MARK = "Zonderlinge"
SYSTEM = """
title = "Careweb"
connector = "sql"
url = "env:CW_URL"
[dataset.patient]
title = "Patiënten"
activity = "dossier"
key = ["id"]
tenant = "practice_id"
triggers = ["seen_on"]
identifies = { email = "email", name_born = ["surname", "born_on"] }
ceiling = { records = 5, share = 0.5 }
columns.id = { class = "technical" }
columns.practice_id = { class = "technical" }
columns.surname = { class = "export", label = "Achternaam" }
columns.born_on = { class = "export", label = "Geboren op" }
columns.email = { class = "export", label = "E-mail" }
columns.seen_on = { class = "export", label = "Gezien op" }
"""
LADDER = """
since = 2026-11-25
source = "AVG 28"
last_checked = 2026-11-25
[[rung]]
days_after = 3
told = ["handler"]
tone = "reminder"
asks = "Bel de praktijk."
[again]
every_days = 7
told = ["handler"]
tone = "alarm"
asks = "Vraag het opnieuw."
"""
PRACTICE = """
[[practice]]
system = "cw"
controller = "{0}"
title = "Praktijk {0}"
email = "praktijk{0}@example.com"
answers = "{1}"
contract = "verwerkersovereenkomst"
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    house = SmallHouse(tmp_path)
    processor = ACTIVITY.replace("Bezoek", "Dossier", 1).replace(
        '"controller"', '"processor"\non_behalf_of = "de praktijk"'
    )
    (house.register / "activities/dossier.toml").write_text(processor.replace('"destroy"', '"propose"'), "utf-8")
    (house.register / "systems/cw.toml").write_text(SYSTEM, "utf-8")
    practices = "".join(PRACTICE.format(n, a) for n, a in ((1, "practice"), (2, "practice"), (3, "we")))
    (house.register / "practices.toml").write_text(LADDER + practices, "utf-8")
    house.secrets["CW_URL"] = f"sqlite:///{tmp_path / 'cw.db'}"
    with sqlite3.connect(tmp_path / "cw.db") as db:
        db.execute(
            "CREATE TABLE patient (id INTEGER PRIMARY KEY, practice_id, surname, born_on DATE, email, seen_on DATE)"
        )
        for number in (1, 2, 3):
            row = (number, number, "Naam4", "1980-01-31", "bezoeker4@example.org", str(TODAY))
            db.execute("INSERT INTO patient VALUES (?, ?, ?, ?, ?, ?)", row)
    here = {
        "TERMIJN_SKIN": "plain", "TERMIJN_REGISTER_DIR": house.register, "TERMIJN_OUT": tmp_path / "out",
        "TERMIJN_LEDGER": f"sqlite:///{tmp_path / 'ledger.db'}", **house.secrets,
    }  # fmt: skip
    for name, value in here.items():
        monkeypatch.setenv(name, str(value))
    return house


def said(house: SmallHouse, *words: str, given: str = "") -> str:
    ended = house.termijn(*words, given=given)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def new_case(house: SmallHouse) -> str:
    subject = f'name = "{MARK}"\nsurname = "Naam4"\nborn_on = 1980-01-31\nemail = "bezoeker4@example.org"\n'
    number = said(house, "case", "new", "--subject", "-", given=subject).split()[1]
    said(house, "identity", "record", number, "call-back")
    return number


def pdf_text(file: Path, phrase: str) -> str:
    plain = file.with_suffix(".plain.pdf")
    with pikepdf.open(file, password=phrase) as opened:
        opened.save(plain)
    return subprocess.run(["pdftotext", "-layout", str(plain), "-"], capture_output=True, text=True, check=True).stdout


def chased(as_of: datetime) -> MorningList:
    told: MorningList = getattr(chase_practices, "fn", chase_practices)(morning_list(as_of.date()))
    return told


def test_each_practice_gets_a_case_of_its_own_sealed_and_once_and_the_mandated_one_stays(house: SmallHouse) -> None:
    number = new_case(house)
    shown = said(house, "case", "practices", number)
    assert all(f"Praktijk {n}" in shown for n in (1, 2, 3))
    assert "12Care itself" in shown, "the reception desk is our own"
    told = said(house, "case", "forward", number)
    sealed = re.findall(r"(\S+/forwards/(\S+)-(cw-\d)\.pdf): passphrase, to be told by telephone: (\S+)", told)
    assert [(case, practice) for _, case, practice, _ in sealed] == [
        (f"{TODAY.year}-0002", "cw-1"), (f"{TODAY.year}-0003", "cw-2"),
    ]  # fmt: skip
    assert re.search(rf"case {TODAY.year}-0004: practice cw-3: is answered by us", told)
    for file, case, practice, phrase in sealed:
        text = pdf_text(Path(file), phrase)
        assert [p.stat().st_mode & 0o777 for p in (Path(file).parent, Path(file))] == [0o700, 0o600]
        assert MARK in text
        assert "artikel 28 lid 3 onder e" in text
        mail = (house.folder / "out/mail" / f"{case}-{practice}.eml").read_bytes()
        assert MARK.encode() not in mail
        assert b"bezoeker4" not in mail
        assert f"praktijk{practice[-1]}@example.com".encode() in mail
    again = said(house, "case", "forward", number)
    assert "passphrase" not in again, "handed over once"
    ledger = house.ledger()
    cases = ledger.cases.list_cases()
    assert [(c.origin, c.controller) for c in cases] == [("", ""), *((number, f"cw-{n}") for n in (1, 2, 3))]
    assert {c.received_on for c in cases} == {cases[0].received_on}
    assert all(c.identity_is_verified for c in cases)
    with ledger.events.read() as connection:
        assert MARK not in str(connection.execute(select(events)).all())
    assert ledger.verify().ok


def test_the_person_hears_first_the_practice_is_chased_and_the_case_waits_for_it(house: SmallHouse) -> None:
    number = new_case(house)
    first = said(house, "case", "forward", number, "--practice", "cw-1")
    assert "letter" in first, "not forwarded before the person was told"
    assert house.ledger().cases.read_case(number).state is State.RECEIVED
    tell_the_person(house, number)
    assert "forwarded" in said(house, "case", "forward", number, "--practice", "cw-1")
    assert house.ledger().cases.read_case(number).state is State.FORWARDED
    waits = house.termijn("case", "move", number, "closed")
    assert waits.returncode == 4
    assert "has not confirmed" in waits.stderr
    late = datetime.now(UTC) + timedelta(days=4)
    [line] = chased(late).holders
    assert (line.holder, line.rung, line.sent) == ("practice-cw-1", f"{TODAY}-day-3", True)
    [line] = chased(late).holders
    assert line.rung is None, "each rung once"
    said(house, "case", "confirmed", number)
    assert chased(late).holders == ()
    said(house, "case", "move", number, "closed")


def test_a_request_that_lies_about_is_told_each_morning_until_somebody_looked_and_forwarded_it(
    house: SmallHouse,
) -> None:
    number = new_case(house)
    assert to_forward(1) == [], "without delay is not at once"
    assert to_forward(3) == [(number, 3, False)]
    said(house, "case", "practices", number)
    assert to_forward(3) == [(number, 3, True)], "a practice decides, and it is not on its way"
    morning = told_of(3)
    assert f"termijn case forward {number}" in deadline_list_markdown(morning)
    mail = morning_message(morning, sender="t@localhost", to="fg@localhost")
    assert f"{number}: 3 dagen" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    said(house, "case", "forward", number)
    assert to_forward(3) == [], "each practice has a case of its own"


def test_of_whom_no_practice_holds_anything_nobody_is_reminded_and_an_objection_is_ours(house: SmallHouse) -> None:
    who = 'name = "Onbekende"\nemail = "nergens@example.org"\nphone = "0612399999"\n'
    number = said(house, "case", "new", "--subject", "-", given=who).split()[1]
    said(house, "case", "new", "--kind", "objection", "--subject", "-", given=who)
    assert [case for case, _, _ in to_forward(3)] == [number]
    said(house, "case", "practices", number)
    assert to_forward(3) == []


def told_of(days: int) -> MorningList:
    looking = getattr(say_what_to_forward, "fn", say_what_to_forward)
    told: MorningList = looking(morning_list(TODAY + timedelta(days=days)))
    return told


def to_forward(days: int) -> list[tuple[str, int, bool]]:
    return [(line.case, line.days, line.found) for line in told_of(days).to_forward]


def test_what_the_mail_server_did_not_take_is_not_called_handed_over_and_goes_later(house: SmallHouse) -> None:
    number = new_case(house)
    tell_the_person(house, number)
    house.secrets |= {"TERMIJN_SMTP_HOST": "127.0.0.1", "TERMIJN_SMTP_PORT": "9"}
    told = said(house, "case", "forward", number, "--practice", "cw-1")
    assert "did not take it" in told
    assert house.ledger().cases.read_case(number).state is State.RECEIVED
    assert house.ledger().asks.list_asks(number) == ()
    assert chased(datetime.now(UTC) + timedelta(days=9)).holders == (), "nobody is reminded of what they never had"
    del house.secrets["TERMIJN_SMTP_HOST"]
    assert "forwarded" in said(house, "case", "forward", number, "--practice", "cw-1")
    assert house.ledger().cases.read_case(number).state is State.FORWARDED


def tell_the_person(house: SmallHouse, number: str) -> None:
    """No mail server is named, so the letter goes by post."""
    said(house, "case", "done", number, "letter-sent", "--by", "privacy")


def test_a_practice_without_a_contract_gets_nothing(house: SmallHouse) -> None:
    number = new_case(house)
    ended = house.termijn("case", "forward", number, "--practice", "cw-9")
    assert ended.returncode == 6
    assert "practices.toml" in ended.stderr
    assert len(house.ledger().cases.list_cases()) == 1


def test_a_case_to_one_practice_hands_over_what_that_practice_holds_and_nothing_of_another(house: SmallHouse) -> None:
    number = new_case(house)
    said(house, "case", "forward", number)
    mandated = f"{TODAY.year}-0004"
    said(house, "case", "move", mandated, "in-progress")
    said(house, "export", mandated)
    made = house.ledger().packages.list_packages(mandated)
    assert [p.controller for p in made] == ["3"], "neither another practice's nor our own"
    data = house.open_package(mandated, "3")["data.json"]
    assert b"bezoeker4" in data
    assert "Patiënten".encode() in data
