"""Our own administration has terms too: what it holds of persons goes on its day, by the engine, with proof."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.identity import Identifier
from domain.intake import Ask
from domain.letters import LetterKind
from domain.representatives import Asker, Capacity, Part, Proof
from domain.trouble import NotFound, Refused
from ledger.mail_places import Place
from ledger.open import Ledger, open_ledger
from ledger.own_representatives import Representatives
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


CHILD, PARENT, OTHER = "Kindje", "Ouder Appel", "Ander Peer"
HERS = {"name": PARENT, "address": ["Dorpsstraat 1", "1234 AB Dorp"], "email": "appel@example.org"}


def acts(ledger: Ledger, number: str, person: dict[str, object]) -> None:
    asker = Asker(capacity=Capacity.PARENT, about=(Part.OTHER,))
    ledger.askers.represent(number, asker, person=person, entry=Entry("case.represented", "privacy"))


def test_who_represents_finds_where_they_acted_and_nothing_of_the_person(house: SmallHouse) -> None:
    then = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: THEN)
    child = then.cases.open_case(
        CaseKind.ACCESS, received_on=THEN.date(), channel="mail", entry=Entry("case.received", "privacy"),
        subject={"name": CHILD, "surname": CHILD, "born_on": "2016-01-02", "email": "kindje@example.org"},
    ).number  # fmt: skip
    acts(then, child, {"name": OTHER, "email": "peer@example.org"})
    acts(then, child, HERS)
    then.askers.proven(child, Proof.AUTHORITY, entry=Entry("case.proof-seen", "privacy"))
    then.letters.record(
        child, LetterKind.ACKNOWLEDGEMENT, "1", message_id="<1@x>", address="appel@example.org",
        text='{"lines": ["# Over Kindje"]}', entry=Entry("letter.recorded", "privacy"),
    )  # fmt: skip
    number = asks(then, PARENT, "appel@example.org", closed=False)
    then.close()
    assert f"{child}|2" in house.termijn("find", number).stdout
    found = house.termijn("find", number, "--include", f"termijn.representatives:{child}|2")
    assert found.returncode == 0, found.stderr
    made = house.termijn("export", number)
    assert made.returncode == 0, made.stderr
    files = house.open_package(number)
    data = json.dumps(json.loads(files["data.json"]), ensure_ascii=False)
    for told in (child, "parent", PARENT, "Dorpsstraat 1", "appel@example.org"):
        assert told in data
    for body in files.values():
        for hidden in (CHILD, OTHER, "kindje@example.org", "peer@example.org"):
            assert hidden.encode() not in body


def test_who_represented_is_forgotten_on_the_day_of_the_request_and_a_hold_on_them_keeps_them(
    house: SmallHouse,
) -> None:
    then = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: THEN)
    over, held, running, _ = (
        asks(then, name, f"{name}@example.org", closed=closed)
        for name, closed in (("Zus", True), ("Zo", True), ("Nog", False), ("Meer", False))
    )
    peer = {"name": OTHER, "email": "peer@example.org"}
    for number, person in ((over, {"name": "Eerder Iemand"}), (over, HERS), (held, peer), (running, HERS)):
        acts(then, number, person)
    then.holds.add(
        owner="fg", reason="klacht", review_on=date(2099, 1, 1), entry=Entry("hold.placed", "fg"),
        identifiers=[Identifier("name", "ander peer"), Identifier("email", "peer@example.org")],
    )  # fmt: skip
    then.close()
    house.countersign()
    armed = house.termijn("purge", "termijn", "--arm")
    assert armed.returncode == 0, armed.stderr
    ledger = house.ledger()
    assert ledger.askers.person_of(over) == {}
    assert ledger.askers.of_case(over) is not None, "that somebody asked as a parent stays"
    assert ledger.askers.person_of(running)["name"] == PARENT
    destroyed = ledger.batches.was_destroyed
    assert [destroyed("termijn", "representatives", (over, nth)) for nth in (1, 2)] == [True, True]
    assert not destroyed("termijn", "representatives", (running, 1))
    assert ledger.verify().ok
    with pytest.raises(NotFound, match="forgotten"):
        ledger.cases.subject_of(held)
    assert ledger.askers.person_of(held) == peer, "the request is over, and its representative is held"
    with pytest.raises(Refused, match="open case is not forgotten"):
        Representatives(ledger.events).forget([(running, 1)])


def test_an_open_request_is_not_forgotten_whoever_asks(house: SmallHouse) -> None:
    from ledger.own_data import Messages, Requests

    ledger = house.ledger()
    number, draft = asks(ledger, "Zo", "zo@example.org", closed=False), writes(ledger, 3)
    with pytest.raises(Refused, match="open case is not forgotten"):
        Requests(ledger.events).forget([(number,)])
    with pytest.raises(Refused, match="nobody looked"):
        Messages(ledger.events).forget([(draft,)])
    assert ledger.cases.subject_of(number)["name"] == "Zo"
