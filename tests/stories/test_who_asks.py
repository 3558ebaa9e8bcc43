"""Who asks, and whether they may: identity by the lightest check, representatives with proof, secrets that stop."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from domain.evidence import Entry
from domain.identity_ladder import Outcome
from ledger.officers import OfficerRole
from ledger.open import open_ledger
from ledger.schema import askers, events, identity_checks, secrecy_decisions, secrecy_flags
from tests.stories.small_house import TODAY, SmallHouse

MARK = "Zonderlinge"


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    return SmallHouse(tmp_path)


def said(house: SmallHouse, *words: str, given: str = "") -> str:
    ended = house.termijn(*words, given=given)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def refused(house: SmallHouse, *words: str) -> str:
    ended = house.termijn(*words)
    assert ended.returncode == 4, (ended.stdout, ended.stderr)
    return ended.stderr


def new_case(house: SmallHouse, *more: str, kind: str = "access", born: str = "1980-01-31") -> str:
    subject = f'name = "{MARK} Naam4"\nsurname = "Naam4"\nborn_on = {born}\nemail = "bezoeker4@example.org"\n'
    told = said(house, "case", "new", "--kind", kind, "--subject", "-", *more, given=subject)
    return told.split()[1]


def pdf_text(pdf: bytes, folder: Path) -> str:
    (folder / "one.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", str(folder / "one.pdf"), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def enrol(house: SmallHouse, *names: str) -> dict[str, pyotp.TOTP]:
    """DPOs, enrolled some hours ago one after another, so that each has an unused code now."""
    phones: dict[str, pyotp.TOTP] = {}
    for hours, name in enumerate(names):
        moment = datetime.now(UTC) - timedelta(hours=len(names) - hours)
        ledger = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda at=moment: at)
        code = phones[names[0]].at(moment) if phones else ""
        address = ledger.officers.enrol(name, OfficerRole.DPO, code=code, entry=Entry("officer.enrolled", names[0]))
        made = pyotp.parse_uri(address)
        assert isinstance(made, pyotp.TOTP)
        phones[name] = made
        ledger.close()
    return phones


def test_a_copy_is_asked_last_and_what_was_tried_is_written_down_without_the_person(house: SmallHouse) -> None:
    number = new_case(house)
    assert "lighter check was possible" in refused(house, "identity", "ask", number, "masked copy")
    said(house, "identity", "impossible", number, "logged-in session", "--why", f"{MARK} heeft geen account")
    said(house, "identity", "record", number, "call-back", "not verified")
    assert "mail to known address" in refused(house, "identity", "record", number, "masked copy")
    assert "next: mail to known address" in said(house, "identity", "ladder", number)
    asked = said(house, "identity", "ask", number, "ID shown", "--why", f"{MARK} komt langs")
    assert "identity asked" in asked
    assert "identity-asked" in said(house, "case", "show", number)
    said(house, "identity", "record", number, "ID shown", "verified", "--why", f"{MARK} stond aan de balie")
    said(house, "case", "move", number, "in-progress")
    ledger = house.ledger()
    rungs = [(c.tried.method.value, c.tried.outcome) for c in ledger.identity.of_case(number)]
    assert rungs == [
        ("logged-in session", Outcome.NOT_POSSIBLE), ("call-back", Outcome.NOT_VERIFIED),
        ("ID shown", Outcome.ASKED), ("ID shown", Outcome.VERIFIED),
    ]  # fmt: skip
    with ledger.events.read() as connection:
        assert MARK not in str(connection.execute(select(events)).all())
        assert MARK not in str(connection.execute(select(identity_checks)).all())
    assert MARK in ledger.identity.of_case(number)[0].why
    assert ledger.verify().ok


PARENT = f'name = "Ouder {MARK}"\naddress = ["Dorpsstraat 1", "1234 AB Dorp"]\nemail = "ouder@example.org"\n'


def verified(house: SmallHouse, number: str) -> None:
    said(house, "identity", "record", number, "call-back")


def test_a_parent_proves_authority_and_gets_the_letter_and_a_child_of_13_is_heard(house: SmallHouse) -> None:
    young = new_case(house, born=f"{TODAY.year - 8}-01-31")
    verified(house, young)
    assert "under 12" in refused(house, "case", "move", young, "in-progress")
    told = said(house, "case", "represent", young, "--capacity", "parent", "--person", "-", given=PARENT)
    assert "authority-register" in told
    assert MARK not in told
    shown = said(house, "letter", "show", young, "acknowledgement")
    assert "inzage in de gegevens van de persoon voor wie u vraagt" in shown, "the letter is to the parent"
    assert "not proven yet: authority-register" in refused(house, "case", "move", young, "in-progress")
    said(house, "case", "proven", young, "authority-register")
    said(house, "case", "move", young, "in-progress")
    said(house, "find", young, "--include", "desk.visitor:4")
    said(house, "export", young)
    letter = pdf_text(house.open_package(young)["letter.pdf"], house.folder)
    assert "Dorpsstraat 1" in letter
    older = new_case(house, born=f"{TODAY.year - 13}-01-01")
    said(house, "case", "represent", older, "--capacity", "parent", "--about", "dossier", "--person", "-", given=PARENT)
    said(house, "case", "proven", older, "authority-register")
    assert "was not heard" in refused(house, "case", "move", older, "in-progress")
    said(house, "case", "child", older, "refuses")
    assert "the child is 12 to 15 and refuses" in refused(house, "case", "move", older, "in-progress")
    said(house, "case", "represent", older, "--capacity", "parent", "--about", "other")
    phones = enrol(house, "fg")
    assert "own interest comes first" in refused(house, "case", "move", older, "in-progress")
    weigh = ("case", "weigh", older, "--by", "fg", "--may", "--why", f"{MARK}: vader betaalt de rekening")
    said(house, *weigh, "--code", phones["fg"].now())
    said(house, "case", "move", older, "in-progress")
    ledger = house.ledger()
    with ledger.events.read() as connection:
        assert MARK not in str(connection.execute(select(events)).all())
        assert MARK not in str(connection.execute(select(askers)).all())
    assert ledger.verify().ok


def test_an_export_is_not_released_when_the_standing_of_who_asks_is_taken_back(house: SmallHouse) -> None:
    number = new_case(house)
    verified(house, number)
    said(house, "case", "represent", number, "--capacity", "attorney", "--person", "-", given=PARENT)
    said(house, "case", "proven", number, "written-authority")
    said(house, "case", "move", number, "in-progress")
    said(house, "export", number)
    said(house, "case", "represent", number, "--capacity", "partner")
    code = enrol(house, "fg")["fg"].now()
    [package] = house.ledger().packages.list_packages(number)
    assert "not allowed" in refused(house, "package", "release", package.file, "--by", "fg", "--code", code)


def test_a_secrecy_flag_stops_answer_release_and_later_requests_until_an_officer_decides(house: SmallHouse) -> None:
    number = new_case(house)
    verified(house, number)
    said(house, "case", "move", number, "in-progress")
    said(house, "export", number)
    phones = enrol(house, "fg", "fg-two", "fg-three")
    said(house, "secrecy", "flag", number, "--kind", "parents-apart", "--why", f"{MARK} mag het adres niet weten")
    [package] = house.ledger().packages.list_packages(number)
    release = ("package", "release", package.file, "--by", "fg", "--code")
    why = refused(house, *release, phones["fg"].now())
    assert "an officer must look" in why
    assert "parents" not in why, "the words may stand on a screen that the requester sees"
    assert "secrecy flag" in refused(house, "export", number)
    later = new_case(house, kind="erasure")
    verified(house, later)
    said(house, "case", "move", later, "in-progress")
    assert "secrecy flag" in refused(house, "erase", "plan", later)
    other = said(house, "case", "new", "--subject", "-", given='name = "Ander"\nemail = "ander@example.org"\n').split()[
        1
    ]
    assert house.ledger().secrecy.of_case(other) == ()
    decide = (
        "secrecy",
        "decide",
        number,
        "S0001",
        "--by",
        "fg-two",
        "--why",
        f"adres van {MARK} is weggelaten",
        "--may",
    )
    assert "not the right code" in refused(house, *decide, "--code", "000000")
    said(house, *decide, "--code", phones["fg-two"].now())
    said(house, *release, phones["fg"].now())
    assert MARK in said(house, "secrecy", "show", number, "--by", "fg")
    assert house.ledger().secrecy.stops(later), "each request is decided for itself"
    ledger = house.ledger()
    with ledger.events.read() as connection:
        for table in (events, secrecy_flags, secrecy_decisions):
            assert MARK not in str(connection.execute(select(table)).all())
    assert ledger.verify().ok
    files = house.open_package(number)
    assert not [name for name, body in files.items() if b"S0001" in body or b"parents-apart" in body]


def test_a_letter_goes_to_the_representative_and_none_goes_past_a_flag(house: SmallHouse) -> None:
    number = new_case(house)
    said(house, "case", "represent", number, "--capacity", "attorney", "--person", "-", given=PARENT)
    assert "no mail server" in refused(house, "letter", "send", number, "acknowledgement")
    ledger = house.ledger()
    [letter] = ledger.letters.of_case(number)
    address, text = ledger.letters.open_letter(letter)
    assert address == "ouder@example.org"
    assert "Dorpsstraat 1" in text
    said(house, "secrecy", "flag", number, "--kind", "safe-address", "--why", "de ouder mag het adres niet weten")
    stopped = refused(house, "letter", "send", number, "identity-question")
    assert "an officer must look" in stopped
    assert len(ledger.letters.of_case(number)) == 1


def test_who_is_written_down_again_keeps_what_is_not_said_anew(house: SmallHouse) -> None:
    number = new_case(house)
    nobody = house.termijn("case", "represent", number, "--about", "dossier")
    assert nobody.returncode == 6
    assert "nobody was written down" in nobody.stderr
    said(
        house, "case", "represent", number, "--capacity", "attorney", "--about", "dossier", "--cannot-decide",
        "--person", "-", given=PARENT,
    )  # fmt: skip
    said(house, "case", "proven", number, "written-authority")

    def kept() -> tuple[object, ...]:
        asker = house.ledger().askers.of_case(number)
        assert asker is not None
        return asker.capacity.value, asker.about, asker.deceased, asker.incapable, [p.value for p in asker.proofs]

    said(house, "case", "represent", number, "--person", "-", given=PARENT + 'phone = "0612345678"\n')
    assert kept() == ("attorney", ("dossier",), False, True, ["written-authority"])
    said(house, "case", "represent", number, "--about", "other", "--deceased")
    assert kept() == ("attorney", ("other",), True, True, ["written-authority"])
    said(house, "case", "represent", number, "--alive", "--can-decide")
    assert kept() == ("attorney", ("other",), False, False, ["written-authority"])
    said(house, "case", "represent", number, "--capacity", "survivor", "--deceased")
    assert kept() == ("survivor", ("other",), True, False, [])
    said(house, "case", "represent", number, "--capacity", "partner")
    assert kept() == ("partner", ("other",), True, False, [])
