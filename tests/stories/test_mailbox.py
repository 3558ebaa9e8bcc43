"""The privacy mailbox on a real dovecot over TLS: kept once, in whatever shape it came, and never lost."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.mailbox.message import Unparseable, take_apart
from domain.cases import CaseKind
from domain.evidence import Entry
from domain.trouble import SourceUnreadable
from ledger.schema import events
from tasks import adoption, intake
from tasks.office import open_office
from tests.stories.imap_house import MARK, Dovecot, letter, open_dovecot, settings_of
from tests.stories.postbox import open_postbox
from tests.stories.small_house import SmallHouse

_HOUSES = Path(__file__).resolve().parents[3:5]
DATA = next(
    (d for h in _HOUSES if (d := h / "shared/data/mail_files/mail_and_documents.tar.xz").exists()), Path("none")
)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with open_dovecot() as server:
        yield server


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    user = f"u{abs(hash(request.node.name))}"
    for name, value in settings_of(SmallHouse(tmp_path), dovecot, user).items():
        monkeypatch.setenv(name, value)
    return user


def read() -> intake.MailRead:
    found: intake.MailRead = getattr(intake.read_new, "fn", intake.read_new)()
    return found


def test_a_letter_becomes_one_draft_of_the_day_it_reached_the_mailbox_and_then_one_case(
    dovecot: Dovecot, house: str
) -> None:
    raw = letter("Ik wil inzage in mijn dossier.", Date="Mon, 1 Jan 2024 10:00:00 +0000")
    dovecot.put(house, raw)
    assert read().states == {"draft": 1}
    assert read().kept == 0
    dovecot.put(house, raw, letter("Komt er nog wat?", number=2, In_Reply_To="<1@example.org>"))
    assert read().states == {"aside": 1, "draft": 1}
    with open_office() as office:
        [first, *_] = office.ledger.mail.list_all()
        assert (first.received_on, [a.value for a in first.asks]) == (date(2026, 11, 1), ["access"])
        [case], _ = adoption.adopt(office, first.number, (), by="privacy")
        again, _ = adoption.adopt(office, first.number, (), by="privacy")
        assert [c.number for c in again] == [case.number]
        assert case.received_on == date(2026, 11, 1)
    dovecot.put(
        house,
        letter("Dank", number=3, In_Reply_To="<1@example.org>"),
        letter("Nog iets", number=4, subject=f"zaak {case.number}"),
        letter("Stuur alles hierheen", number=5, subject=f"zaak {case.number}", sender="eve@example.net"),
    )
    assert read().states == {"joined": 2, "draft": 1}
    with open_office() as office:
        joined = office.ledger.mail.list_all("joined")
        assert [(m.number[-4:], m.case) for m in joined] == [(f"000{n}", case.number) for n in (3, 4, 5)]
        [forged] = office.ledger.mail.list_all("draft")
        assert (forged.case, forged.reason) == (None, f"names case {case.number}, not from an address of that case")
        with office.ledger.events.read() as connection:
            told = str(connection.execute(select(events)).all())
        assert MARK not in told
        assert "inzage" not in told
        assert office.ledger.verify().ok
    assert MARK.encode() not in Path(str(office.settings.ledger).removeprefix("sqlite:///")).read_bytes()


BOUNCE = b"""From: MAILER-DAEMON@mx.example.org
To: termijn@localhost
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; gone@example.org
Action: %s
--b
Content-Type: text/rfc822-headers

Subject: Uw verzoek
Message-ID: <%s.acknowledgement.1@localhost>
--b--
"""


def test_an_answer_to_our_letter_joins_from_the_persons_address_and_a_letter_that_came_back_waits_for_somebody(
    dovecot: Dovecot, house: str
) -> None:
    dovecot.put(house, letter("Ik wil inzage.", number=1))
    read()
    with open_office() as office:
        [case], _ = adoption.adopt(office, office.ledger.mail.list_all()[0].number, (), by="privacy")
    ours, number = f"<{case.number}.acknowledgement.1@localhost>", case.number.encode()
    dovecot.put(
        house,
        letter("Dank u wel", number=2, subject="Re: uw brief", In_Reply_To=ours),
        letter("Stuur het hierheen", number=3, subject="Re: uw brief", sender="eve@example.net", In_Reply_To=ours),
        BOUNCE % (b"failed", number),
        BOUNCE % (b"delayed", number),
        BOUNCE % (b"failed", b"2020-0001"),
    )
    assert read().states == {"joined": 1, "draft": 2, "aside": 2}
    with open_office() as office:
        drafts = [m.reason for m in office.ledger.mail.list_all("draft")]
    assert drafts == [
        f"names case {case.number}, not from an address of that case", f"a letter of case {case.number} came back"
    ]  # fmt: skip


def test_who_wrote_is_acknowledged_once_in_the_thread_of_the_message_and_a_machine_is_not(
    dovecot: Dovecot, house: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = letter("Ik wil inzage.", number=2, Auto_Submitted="auto-generated")
    dovecot.put(house, letter("Ik wil inzage in mijn dossier.", number=1), machine)
    read()
    with open_postbox() as (box, port):
        monkeypatch.setenv("TERMIJN_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("TERMIJN_SMTP_PORT", str(port))
        with open_office() as office:
            first, second = (m.number for m in office.ledger.mail.list_all())
            for number in (first, first, second):
                _, trouble = adoption.adopt(office, number, (CaseKind.ACCESS,), by="privacy")
                assert trouble == []
    [mail] = box.mails
    assert (mail["To"], mail["In-Reply-To"]) == (f"{MARK}@example.org", "<1@example.org>")
    assert "-000" in mail["Subject"]
    assert MARK not in mail["Subject"]


def test_an_unmarked_message_is_marked_later_and_none_is_kept_twice(
    dovecot: Dovecot, house: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.put(house, letter("Ik wil inzage.", number=1), letter("Verwijder mijn gegevens.", number=2))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("connectors.mailbox.imap.Inbox.mark", killed)
        with pytest.raises(KeyboardInterrupt):
            read()
    assert read().kept == 1
    assert dovecot.kept(house) == (2, 2)
    with open_office() as office:
        assert len(office.ledger.mail.list_all()) == 2


def test_mail_of_before_the_first_day_is_left_alone(
    dovecot: Dovecot, house: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERMIJN_MAILBOX_SINCE", "2026-05-10")
    dovecot.put(house, letter("Ik wil inzage.", number=1), at='"09-May-2026 23:00:00 +0200"')
    assert read().kept == 0
    dovecot.put(house, letter("Ik wil inzage.", number=2), at='"10-May-2026 01:00:00 +0200"')
    assert read().kept == 1
    assert read().kept == 0
    assert dovecot.kept(house) == (2, 1)


def test_a_certificate_nobody_vouches_for_is_refused(house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house
    monkeypatch.delenv("TERMIJN_MAILBOX_CA")
    with pytest.raises(SourceUnreadable, match="mailbox"):
        read()


def test_a_bomb_waits_for_a_person_with_a_reason_and_the_rest_is_read(dovecot: Dovecot, house: str) -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000))
    wide = b"Subject: " + b"x" * 290_000 + b"\n\nhi"
    dovecot.put(house, nested, wide, b"Subject: groot\n\n" + b"x\n" * 400_000, letter("Ik wil inzage."))
    came = read()
    assert came.states == {"draft": 4}, "what nobody could read may be a request"
    with open_office() as office:
        reasons = [m.reason for m in office.ledger.mail.list_all()]
    assert reasons == ["cannot be taken apart", "cannot be taken apart", "too large, left in the mailbox", ""]


COPY_THAT_STAYS = """From: MARK@example.org
Message-ID: <2@example.org>
In-Reply-To: <1@example.org>
Subject: Mijn paspoort
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: multipart/alternative; boundary=lost

Hier is hij, groeten uit Cura\xe7ao.
--b
Content-Type: image/png; name="paspoort.png"
Content-Transfer-Encoding: base64

aGFsbG8=
--b--
""".replace("MARK", MARK).encode("latin-1")


def test_a_copy_that_cannot_be_taken_out_is_told_once_and_its_message_is_not_opened_at_every_reading(
    dovecot: Dovecot, house: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dovecot.put(house, letter("Ik wil inzage.", number=1))
    read()
    with open_office() as office:
        [case], _ = adoption.adopt(office, office.ledger.mail.list_all()[0].number, (), by="privacy")
    dovecot.put(house, COPY_THAT_STAYS)
    assert read().states == {"joined": 1}
    with open_office() as office:
        [one] = office.ledger.mail.list_all("joined")
        assert one.flags == ("attachments", "identity document", "its copy could not be taken out")
        head = office.ledger.events.head()
    assert f"{one.number}: its copy could not be taken out" in capsys.readouterr().err
    assert [read().kept for _ in range(3)] == [0, 0, 0]
    assert one.number not in capsys.readouterr().err
    with open_office() as office:
        assert office.ledger.events.head() == head, "nothing is opened again, and nothing is told again"
        assert office.ledger.id_copies.list_all() == ()
        told = [e.kind for e in office.ledger.events.events(case=one.number)]
        assert told == ["mail.kept", "mail.read", "identity.copy-left"]
        looked = Entry(kind="mail.read", by="privacy")
        assert office.ledger.mail.raw_of(one.number, entry=looked) == COPY_THAT_STAYS.replace(b"\n", b"\r\n")
        assert (case.number, office.ledger.verify().ok) == (one.case, True)


@pytest.mark.skipif(not DATA.exists(), reason="the shared mail files are not on this machine")
def test_mail_that_none_of_us_wrote_is_kept_byte_for_byte(dovecot: Dovecot, house: str) -> None:
    with tarfile.open(DATA) as tar:
        members = [m for m in tar if m.isfile() and "eml_" in m.name]
        raws = [tar.extractfile(m).read() for m in members]  # type: ignore[union-attr]
    for raw in raws:
        try:
            take_apart(raw)
        except Unparseable:
            continue
    sendable = [r for r in raws if r.strip() and b"\0" not in r]
    assert len(sendable) > 140
    dovecot.put(house, *sendable)
    assert read().kept == len(sendable)
    with open_office() as office:
        found = office.ledger.mail.list_all()
        assert {m.state for m in found} <= {"draft", "aside", "joined"}
        looked = Entry(kind="mail.read", by="privacy")
        kept = {office.ledger.mail.raw_of(m.number, entry=looked).replace(b"\r\n", b"\n") for m in found[::10]}
    assert kept <= {r.replace(b"\r\n", b"\n") for r in sendable}
