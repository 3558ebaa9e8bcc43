"""The DPO's morning at the desk: what waits is shown without harm, and one key says what becomes of each message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from connectors.mailbox.imap import Arrived
from ledger.mail_places import Place
from tasks import intake
from tasks.office import open_office
from tests.stories.imap_house import letter
from tests.stories.small_house import SmallHouse

EVIL = "Ik wil inzage. [/b] [link=http://x] \x1b]0;weg\x07\x1b[2J \u202etxet"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    house = SmallHouse(tmp_path)
    monkeypatch.setenv("TERMIJN_SKIN", "plain")
    monkeypatch.setenv("TERMIJN_LEDGER", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.setenv("TERMIJN_REGISTER_DIR", str(house.register))
    monkeypatch.setenv("TERMIJN_OUT", str(tmp_path / "out"))
    copy = message_from_bytes(letter("Mijn adres klopt niet, zie mijn paspoort.", number=3), policy=policy.default)
    copy.add_attachment(b"\xff\xd8beeld", maintype="image", subtype="jpeg", filename="paspoort.jpg")
    raws = [
        letter(EVIL, number=1),
        letter("Kunt u al iets zeggen?", number=2, In_Reply_To="<1@example.org>"),
        copy.as_bytes(),
        letter("Wat zijn uw openingstijden?", number=4),
        letter("Ik ben er niet", number=5, Auto_Submitted="auto-replied"),
    ]
    with open_office() as office:
        for uid, raw in enumerate(raws, 1):
            at = datetime.now(UTC) - timedelta(days=9 - uid)
            intake.open_draft(office, Place("privacy", 1, uid), Arrived(uid, at, len(raw), raw))
    return house


def test_the_mail_of_a_morning_is_taken_up_key_by_key(house: SmallHouse) -> None:
    listed = house.termijn("mail", "list")
    assert "4 draft, 0 joined, 0 adopted, 1 aside" in listed.stdout
    assert "attachments; identity document" in " ".join(listed.stdout.split())
    keys = ["x", "a", "k", "restriction", "s", "", "answered by phone"]
    done = house.termijn("mail", "take-up", given="\n".join(keys) + "\n")
    assert done.returncode == 0, done.stderr
    assert "choose one of these keys" in done.stdout
    assert "[link=http://x]" in done.stdout, "shown as it is written"
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout), "what would steer the terminal is taken out"
    assert "1 of 4" in done.stdout
    assert "2 of 4" not in done.stdout, "what followed the first went with it"
    with open_office() as office:
        assert [(m.state, m.case) for m in office.ledger.mail.list_all()] == [
            ("adopted", "2026-0001"), ("joined", "2026-0001"), ("adopted", "2026-0002"),
            ("aside", None), ("aside", None),
        ]  # fmt: skip
        assert [c.kind for c in office.ledger.cases.list_cases()] == ["access", "restriction"]
    assert "nothing waits" in house.termijn("mail", "take-up").stdout
    assert house.termijn("deadlines").stdout.count("2026-000") == 2


def test_an_attachment_is_looked_at_in_a_file_of_ones_own(house: SmallHouse) -> None:
    with open_office() as office:
        number = office.ledger.mail.list_all()[2].number
    file = house.folder / "kijk.jpg"
    assert house.termijn("mail", "attachment", number, "1", str(file)).returncode == 0
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"\xff\xd8beeld", 0o600)
    assert house.termijn("mail", "attachment", number, "2", str(house.folder / "b")).returncode == 6
    assert house.termijn("mail", "attachment", number, "1", str(file)).returncode == 2
