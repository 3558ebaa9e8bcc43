"""Mail in, acknowledgement out, over a real dovecot and a real SMTP server: once, to the person, never to a machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message as Mail
from pathlib import Path

import pytest

from tasks import adoption, clock
from tasks.office import open_office
from tests.stories.imap_house import MARK, Dovecot, letter, open_dovecot, settings_of
from tests.stories.postbox import Postbox, open_postbox
from tests.stories.small_house import SmallHouse
from tests.stories.test_mailbox import read

OFFICE = "privacy@12care.example"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with open_dovecot() as server:
        yield server


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    with open_postbox() as opened:
        yield opened


@pytest.fixture
def house(
    tmp_path: Path, dovecot: Dovecot, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> str:  # fmt: skip
    user = f"a{abs(hash(request.node.name))}"
    given = settings_of(SmallHouse(tmp_path), dovecot, user)
    given |= {"TERMIJN_SMTP_HOST": "127.0.0.1", "TERMIJN_SMTP_PORT": str(postbox[1]), "TERMIJN_MAIL_FROM": OFFICE}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return user


def said(mail: Mail) -> str:
    """The words of a message, on one line."""
    [part] = [p for p in mail.walk() if p.get_content_type() == "text/plain"]
    return " ".join(bytes(part.get_payload(decode=True)).decode().split())


def test_mail_comes_in_and_one_acknowledgement_goes_out_with_its_number_and_both_dates(
    dovecot: Dovecot, house: str, postbox: tuple[Postbox, int]
) -> None:
    box, _ = postbox
    dovecot.put(house, letter("Ik wil inzage in mijn dossier.", number=1), at='"05-Mar-2026 12:00:00 +0100"')
    read()
    assert box.mails == [], "nobody adopted it yet"
    with open_office() as office:
        [draft] = office.ledger.mail.list_all("draft")
        for _ in range(2):
            [case], troubles = adoption.adopt(office, draft.number, (), by="privacy")
            assert troubles == []
    [mail] = box.mails
    assert (mail["To"], mail["In-Reply-To"]) == (f"{MARK}@example.org", "<1@example.org>")
    assert case.number in mail["Subject"]
    assert MARK not in mail["Subject"]
    assert "2 april 2026" in said(mail), "our promise"
    assert "5 april 2026" in said(mail), "the law"
    assert mail["Auto-Submitted"] == "auto-replied"
    answer = letter("Dank u.", number=2, subject=f"Re: {mail['Subject']}", In_Reply_To=mail["Message-ID"])
    dovecot.put(house, answer)
    assert read().states == {"joined": 1}
    assert len(box.mails) == 1


def test_a_machine_is_never_answered_and_an_answer_never_answered_again(
    dovecot: Dovecot, house: str, postbox: tuple[Postbox, int]
) -> None:
    box, _ = postbox
    dovecot.put(
        house,
        letter("Ik wil inzage. Ik ben er niet.", number=1, Auto_Submitted="auto-replied"),
        letter("Ik wil inzage.", number=2, Precedence="bulk"),
        letter("Ik wil inzage.", number=3, sender=OFFICE),
        letter("Ik wil inzage.", number=4, Return_Path="<>"),
    )
    assert read().states == {"aside": 4}
    with open_office() as office:
        for one in office.ledger.mail.list_all():
            assert adoption.adopt(office, one.number, (), by="privacy")[1] == []
        assert len(office.ledger.cases.list_cases()) == 4
    read()
    assert box.mails == []


def test_killed_between_the_case_and_its_letter_the_next_reading_sends_it_once(
    house: str, dovecot: Dovecot, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, _ = postbox
    dovecot.put(house, letter("Ik wil inzage.", number=1), letter("Verwijder mijn account.", number=2))
    read()
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(adoption, "send_letter", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        with open_office() as office:
            adoption.adopt(office, office.ledger.mail.list_all()[0].number, (), by="privacy")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    read()
    assert box.mails == [], "who adopts may still be at it"
    later = clock.now() + timedelta(minutes=30)
    monkeypatch.setattr(adoption, "now", lambda: later)
    for _ in range(2):
        read()
    assert [m["To"] for m in box.mails] == [f"{MARK}@example.org"]
