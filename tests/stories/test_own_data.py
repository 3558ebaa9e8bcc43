"""Our own administration has terms too: what it holds of persons goes on its day, by the engine, with proof."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.intake import Ask
from domain.letters import LetterKind
from domain.trouble import NotFound, Refused
from ledger.mail_places import Place
from ledger.open import Ledger, open_ledger
from tests.stories.small_house import HOUSE, SmallHouse

THEN, CLOSED = datetime(2023, 10, 2, 9, 0, tzinfo=UTC), date(2023, 11, 1)
WORDS = b"From: zus@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nWat weet u van mij?"


def asks(ledger: Ledger, name: str, mail: str, *, closed: bool) -> str:
    """A request of 2023, closed in the same year or still open."""
    case = ledger.cases.open_case(
        CaseKind.ACCESS, received_on=THEN.date(), channel="mail", entry=Entry("case.received", "privacy"),
        subject={"name": name, "surname": name, "born_on": "1970-01-02", "email": [mail, f"oud.{mail}"]},
    )  # fmt: skip
    check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "privacy", THEN.date())
    ledger.cases.record_identity(case.number, check, entry=Entry("case.identity", "privacy"))
    ledger.cases.decide(
        case.number, system="desk", dataset="visitor", key="7", include=True, entry=Entry("match.decided", "privacy")
    )
    for to in (State.WITHDRAWN, State.CLOSED) if closed else (State.IN_PROGRESS,):
        ledger.cases.move(case.number, to, on=CLOSED, entry=Entry("case.moved", "privacy"))
    return case.number


def writes(ledger: Ledger, uid: int) -> str:
    kept = ledger.mail.store(
        Place("INBOX", 1, uid), received_on=THEN.date(), raw=WORDS + str(uid).encode(), message_id=f"<{uid}@x>",
        thread=(), named=(), asks=(Ask.ACCESS,), aside=None, entry=Entry("mail.kept", "privacy"),
    )  # fmt: skip
    assert kept is not None
    return kept.number


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """A reception desk, and Termijn's own administration as 12Care's register declares it."""
    house = SmallHouse(tmp_path)
    activities = (
        "privacy-requests", "privacy-mailbox", "termijn-runs", "opt-in-register", "suppression-list", "policy-changes",
        "identity-checks",
    )  # fmt: skip
    ours = ("systems/termijn", *(f"activities/{name}" for name in activities))
    for place in ours:
        shutil.copy(HOUSE / "register" / f"{place}.toml", house.register / f"{place}.toml")
    return house


def test_who_asked_is_forgotten_on_its_day_and_the_bare_request_stays(house: SmallHouse) -> None:
    then = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: THEN)
    over, running = (asks(then, n, f"{n}@example.org", closed=c) for n, c in (("Zus", True), ("Zo", False)))
    adopted, draft = writes(then, 1), writes(then, 2)
    for number in (over, running):
        then.letters.record(
            number, LetterKind.ACKNOWLEDGEMENT, "1", message_id="<1@x>", address="zus@example.org",
            text='{"lines": ["# Wij hebben uw verzoek ontvangen"]}', entry=Entry("letter.recorded", "privacy"),
        )  # fmt: skip
    then.mail.adopted(adopted, over, entry=Entry("mail.adopted", "privacy"))
    then.close()
    house.countersign()
    rehearsed = house.termijn("purge", "termijn")
    assert rehearsed.returncode == 0, rehearsed.stderr
    ledger = house.ledger()
    assert ledger.cases.subject_of(over)["name"] == "Zus", "a rehearsal forgets nothing"
    armed = house.termijn("purge", "termijn", "--arm")
    assert armed.returncode == 0, armed.stderr
    with pytest.raises(NotFound, match="forgotten"):
        ledger.cases.subject_of(over)
    assert ledger.cases.decisions_of(over) == ()
    assert ledger.cases.read_case(over).state is State.CLOSED, "that there was a request stays"
    assert ledger.cases.subject_of(running)["name"] == "Zo", "an open request keeps its person"
    assert len(ledger.cases.decisions_of(running)) == 1
    with pytest.raises(NotFound):
        ledger.mail.raw_of(adopted, entry=Entry("mail.read", "privacy"))
    assert ledger.mail.raw_of(draft, entry=Entry("mail.read", "privacy")).startswith(WORDS), "nobody looked at it yet"
    [letter], [kept] = ledger.letters.of_case(over), ledger.letters.of_case(running)
    with pytest.raises(NotFound, match="forgotten"):
        ledger.letters.open_letter(letter)
    assert ledger.letters.open_letter(kept)[0] == "zus@example.org"
    destroyed = ledger.batches.was_destroyed
    assert destroyed("termijn", "letters", (over, "acknowledgement", "1"))
    assert destroyed("termijn", "requests", (over,))
    assert destroyed("termijn", "requesters", (over, 1))
    assert destroyed("termijn", "messages", (adopted,))
    assert not destroyed("termijn", "requests", (running,))
    assert ledger.verify().ok
    again = house.termijn("purge", "termijn", "--arm")
    assert again.returncode == 0, again.stderr
    assert ledger.verify().ok


def test_a_hold_and_an_open_request_of_the_same_person_keep_an_old_one(house: SmallHouse) -> None:
    then = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: THEN)
    old = asks(then, "Zus", "zus@example.org", closed=True)
    asks(then, "Zus", "zus@example.org", closed=False)
    then.close()
    house.countersign()
    assert house.termijn("purge", "termijn", "--arm").returncode == 0
    assert house.ledger().cases.subject_of(old)["name"] == "Zus"


def test_what_we_keep_of_somebodys_requests_goes_along_with_their_own_data(house: SmallHouse) -> None:
    then = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: THEN)
    asks(then, "Zus", "zus@example.org", closed=True)
    number = asks(then, "Zus", "zus@example.org", closed=False)
    asks(then, "Zo", "zo@example.org", closed=False)
    then.close()
    shown = house.termijn("find", number)
    assert shown.returncode == 0, shown.stderr
    assert house.termijn("export", number).returncode == 0
    data = house.open_package(number)["data.json"]
    assert b"oud.zus@example.org" in data
    assert b"zo@example.org" not in data


def test_an_open_request_is_not_forgotten_whoever_asks(house: SmallHouse) -> None:
    from ledger.own_data import Messages, Requests

    ledger = house.ledger()
    number, draft = asks(ledger, "Zo", "zo@example.org", closed=False), writes(ledger, 3)
    with pytest.raises(Refused, match="open case is not forgotten"):
        Requests(ledger.events).forget([(number,)])
    with pytest.raises(Refused, match="nobody looked"):
        Messages(ledger.events).forget([(draft,)])
    assert ledger.cases.subject_of(number)["name"] == "Zo"
