"""A copy of an identity document that came along: masked before it is used, gone with the check, with evidence."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select, update

from domain.cases import State
from domain.evidence import Entry, leaf
from domain.id_copies import CopyState
from domain.intake import Ask
from domain.moves import CaseKind
from ledger.mail import Place
from ledger.open import open_ledger
from ledger.schema import events, mail
from tests.stories.small_house import HOUSE, SmallHouse

PASSPORT, MASKED = b"\x89PNG\r\n\x1a\nBSN 999990019 P<NLDZONDERLING" * 50, b"\x89PNG\r\n\x1a\n masked " * 9
THEN = datetime.now(UTC) - timedelta(days=5)


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    house = SmallHouse(tmp_path)
    for activity in (
        "privacy-requests", "privacy-mailbox", "termijn-runs", "opt-in-register", "suppression-list", "policy-changes",
        "identity-checks",
    ):  # fmt: skip
        shutil.copy(HOUSE / f"register/activities/{activity}.toml", house.register / f"activities/{activity}.toml")
    shutil.copy(HOUSE / "register/systems/termijn.toml", house.register / "systems/termijn.toml")
    return house


def letter() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "zus@example.org", "privacy@12care.nl", "Inzage"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("Ik wil inzage in mijn gegevens. Mijn paspoort stuur ik mee.")
    message.add_attachment(PASSPORT, maintype="image", subtype="png", filename="paspoort.png")
    message.add_attachment(b"%PDF-1.7 rekening", maintype="application", subtype="octet-stream", filename="x.bin")
    return message.as_bytes()


def came(house: SmallHouse, at: datetime | None = None) -> str:
    moment = at or datetime.now(UTC)
    ledger = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: moment)
    kept = ledger.mail.store(
        Place("privacy", 1, 1), received_on=moment.date(), raw=letter(), message_id="<1@example.org>", thread=(),
        named=(), asks=(Ask.ACCESS,), aside=None, flags=("identity document",), entry=Entry("mail.kept", "privacy"),
    )  # fmt: skip
    ledger.close()
    assert kept is not None
    return kept.number


def adopted(house: SmallHouse, number: str) -> str:
    ended = house.termijn("mail", "adopt", number)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split()[1]


def test_an_unmasked_copy_is_not_used_and_the_check_destroys_the_masked_one_with_evidence(house: SmallHouse) -> None:
    number = came(house)
    case = adopted(house, number)
    ledger = house.ledger()
    [copy] = ledger.id_copies.list_all()
    assert (copy.case, copy.mail, copy.state) == (case, number, CopyState.UNSEEN)
    raw = ledger.mail.raw_of(number, entry=Entry("mail.read", "privacy"))
    assert b"paspoort stuur ik mee" in raw
    assert b"x.bin" in raw, "what is no identity document stays in the message"
    assert b"paspoort.png" not in raw
    check = ("identity", "record", case, "masked copy", "verified", "--why", "woont in Chili, geen account")
    assert "nobody looked" in house.termijn(*check).stderr
    looked = house.folder / "look.png"
    assert house.termijn("identity", "copy", "show", copy.number, "--to", str(looked)).returncode == 0
    assert looked.read_bytes() == PASSPORT
    assert looked.stat().st_mode & 0o077 == 0
    house.termijn("identity", "copy", "seen", copy.number, "--not-masked")
    refused = house.termijn(*check)
    assert refused.returncode == 4
    assert "it is not masked" in refused.stderr
    looked.write_bytes(MASKED)
    assert house.termijn("identity", "copy", "mask", copy.number, "--file", str(looked)).returncode == 0
    assert house.termijn(*check).returncode == 0
    [gone] = ledger.id_copies.list_all()
    assert gone.state is CopyState.DESTROYED
    assert "destroyed" in house.termijn("identity", "copy", "show", copy.number, "--to", "x").stderr
    told = [json.loads(e.body)["record"] for e in ledger.events.events(case=case)]
    proven = [r["destroyed_copies"] for r in told if "destroyed_copies" in r]
    key = ledger.events.keyring.evidence_key(ledger.events.keyring.evidence_ids[0])
    named = [f"{copy.number} as it came", copy.number]
    assert proven == [[leaf(key, "termijn", "id_copies", name).hex()] for name in named]
    with ledger.events.read() as connection:
        assert "paspoort" not in str(connection.execute(select(events)).all())
    assert ledger.verify().ok
    assert ledger.cases.read_case(case).identity_is_verified


def test_a_copy_goes_when_the_person_is_known_otherwise_or_takes_the_request_back(house: SmallHouse) -> None:
    case = adopted(house, came(house))
    assert house.termijn("identity", "record", case, "call-back").returncode == 0
    assert [c.state for c in house.ledger().id_copies.list_all()] == [CopyState.DESTROYED]


def test_a_copy_that_was_forgotten_goes_with_the_nightly_purge(house: SmallHouse) -> None:
    number = came(house, THEN)
    then = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: THEN)
    case = adopted(house, number)
    for to in (State.WITHDRAWN, State.CLOSED):
        then.cases.move(case, to, on=THEN.date(), entry=Entry("case.moved", "privacy"))
    assert [c.state for c in then.id_copies.list_all()] == [CopyState.DESTROYED]
    mail = then.mail.raw_of(number, entry=Entry("mail.read", "privacy"))
    then.id_copies.take(case, number, [("image/png", PASSPORT)], mail, entry=Entry("identity.copy-kept", "x"))
    then.close()
    house.countersign()
    armed = house.termijn("purge", "termijn", "--arm")
    assert armed.returncode == 0, armed.stderr
    ledger = house.ledger()
    assert [c.state for c in ledger.id_copies.list_all()] == [CopyState.DESTROYED] * 2
    assert ledger.batches.was_destroyed("termijn", "id_copies", ("K0002",))
    assert ledger.verify().ok


def test_a_message_whose_words_were_forgotten_stops_no_reading(house: SmallHouse) -> None:
    number, ledger = came(house), house.ledger()
    ledger.mail.set_aside(number, entry=Entry("mail.aside", "privacy", why="x"))
    with ledger.events.write(Entry("mail.forgotten", "termijn")) as writing:
        writing.connection.execute(update(mail).values(raw=None))
    case = ledger.cases.open_case(
        CaseKind.ACCESS, received_on=THEN.date(), channel="letter", subject={"email": "zus@example.org"},
        entry=Entry("case.received", "privacy"),
    )  # fmt: skip
    ledger.mail.join(number, case.number, entry=Entry("mail.joined", "privacy"))
    ledger.close()
    ended = house.run_python(
        "from tasks.office import open_office\nfrom tasks.id_copies import take_copies\n"
        "with open_office() as office:\n    print(take_copies(office, by='termijn'))"
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split()[-1] == "0"


def test_a_copy_in_a_message_that_is_joined_at_the_desk_has_its_term_as_one_that_was_adopted(house: SmallHouse) -> None:
    number, ledger = came(house), house.ledger()
    case = ledger.cases.open_case(
        CaseKind.ACCESS, received_on=THEN.date(), channel="letter", subject={"email": "zus@example.org"},
        entry=Entry("case.received", "privacy"),
    ).number  # fmt: skip
    ledger.close()
    done = house.termijn("mail", "take-up", given=f"j\n2020-0001\nj\n{case}\n")
    assert done.returncode == 0, done.stderr
    assert "no case with this number" in done.stdout
    assert f"{number} belongs to case {case}" in done.stdout
    listed = house.termijn("identity", "copy", "list")
    assert "K0001" in listed.stdout, listed.stdout + listed.stderr
    ledger = house.ledger()
    assert b"paspoort.png" not in ledger.mail.raw_of(number, entry=Entry("mail.read", "privacy"))
    assert house.termijn("identity", "record", case, "call-back").returncode == 0
    assert [(c.case, c.state) for c in ledger.id_copies.list_all()] == [(case, CopyState.DESTROYED)]


def test_a_copy_in_what_came_later_in_the_thread_goes_along_when_somebody_adopts_it_into_that_case(
    house: SmallHouse,
) -> None:
    ledger = house.ledger()
    plain = b"From: zus@example.org\r\nMessage-ID: <0@example.org>\r\nSubject: Inzage\r\n\r\nIk wil inzage."
    for uid, (raw, asks, thread, flags) in enumerate(
        [(plain, Ask.ACCESS, (), ()), (letter(), Ask.OTHER, ("<0@example.org>",), ("identity document",))], 1
    ):
        ledger.mail.store(
            Place("privacy", 1, uid), received_on=THEN.date(), raw=raw, message_id=f"<{uid - 1}@example.org>",
            thread=thread, named=(), asks=(asks,), aside=None, flags=flags, entry=Entry("mail.kept", "privacy"),
        )  # fmt: skip
    first, second = (m.number for m in ledger.mail.list_all())
    case = ledger.cases.open_case(
        CaseKind.ACCESS, received_on=THEN.date(), channel=f"mail {first}", subject={"email": "zus@example.org"},
        entry=Entry("case.received", "privacy"),
    ).number  # fmt: skip
    ledger.mail.adopted(first, case, entry=Entry("mail.adopted", "privacy"))
    ledger.close()
    assert f"case {case} is open" in house.termijn("mail", "adopt", second).stdout
    ledger = house.ledger()
    assert [(c.case, c.mail) for c in ledger.id_copies.list_all()] == [(case, second)]
