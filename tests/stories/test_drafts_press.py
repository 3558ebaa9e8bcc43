"""A message that nobody took up is on every morning's list and climbs the ladder, since its clock runs from receipt."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from connectors.mailbox.imap import Arrived
from domain.evidence import Entry
from domain.morning import MorningList
from domain.moves import CaseKind
from ledger.mail_places import Place
from ledger.rungs import CUT_OFF
from reports import deadline_list_markdown
from tasks import adoption, deadlines, drafts, intake
from tasks.deadlines import file_morning, morning_list
from tasks.drafts import escalate_drafts
from tasks.morning_mail import send_morning
from tasks.office import Office, open_office
from tests.stories.imap_house import MARK, letter
from tests.stories.small_house import SmallHouse

CAME = date(2026, 3, 2)  # a Monday: the promise is Monday 30 March


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    house = SmallHouse(tmp_path)
    for name, value in {
        "TERMIJN_SKIN": "plain",
        "TERMIJN_REGISTER_DIR": str(house.register),
        "TERMIJN_LEDGER": f"sqlite:///{tmp_path / 'ledger.db'}",
        "TERMIJN_OUT": str(tmp_path / "out"),
    }.items():
        monkeypatch.setenv(name, value)
    return house


def comes(office: Office, uid: int, raw: bytes, on: date = CAME) -> str:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    kept = intake.open_draft(office, Place("privacy", 1, uid), Arrived(uid, at, len(raw), raw))
    assert kept is not None
    return kept.number


def morning(as_of: date) -> MorningList:
    """The verbs of the morning's flow that look at drafts, without Prefect."""
    told: MorningList = getattr(escalate_drafts, "fn", escalate_drafts)(morning_list(as_of))
    getattr(file_morning, "fn", file_morning)(told)
    return told


def test_a_reminder_that_a_process_died_at_is_an_alarm_once_and_is_not_sent_twice(
    house: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office() as office:
        comes(office, 1, letter("Ik wil inzage.", number=1))
        office.ledger.cases.open_case(
            CaseKind.ACCESS, received_on=CAME, channel="letter", subject={"email": "a@voorbeeld.nl"},
            entry=Entry("case.received", "privacy"),
        )  # fmt: skip

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    day, verbs = CAME + timedelta(14), {deadlines: deadlines.escalate, drafts: drafts.escalate_drafts}
    for module, verb in verbs.items():
        climb = getattr(verb, "fn", verb)
        with monkeypatch.context() as patch:
            patch.setattr(module, "send", dies)
            with pytest.raises(KeyboardInterrupt):
                climb(morning_list(day))
        again = climb(morning_list(day))
        told = [(e.sent, e.trouble) for e in (*again.escalations, *(d for d in again.drafts if d.rung))]
        assert told == [(False, CUT_OFF)]
        third = climb(morning_list(day))
        assert not third.escalations
        assert not any(d.rung for d in third.drafts)


def test_nobody_takes_it_up_and_the_ladder_is_climbed_once_a_rung_until_somebody_does(house: SmallHouse) -> None:
    with open_office() as office:
        number = comes(office, 1, letter("Ik wil inzage.", number=1))
        comes(office, 2, letter("Ik ben er niet", number=2, Auto_Submitted="auto-replied"))
        comes(office, 3, letter("Hoe laat bent u open?", number=3))
    days = (CAME, CAME + timedelta(14), CAME + timedelta(15), CAME + timedelta(28), CAME + timedelta(29))
    lists = [morning(day) for day in days]
    assert [[(d.days_left, d.rung) for d in m.drafts] for m in lists] == [
        [one] * 2 for one in ((28, None), (14, "promise-14"), (13, None), (0, "promise-0"), (-1, "overdue-2026-03-31"))
    ]
    assert morning(days[-1]).drafts[0].rung is None, "each rung once"
    assert lists[0].set_aside == 1
    mail = (house.folder / "out" / "mail" / f"{number}-promise-0.eml").read_text("utf-8")
    assert "vandaag is de laatste dag" in mail
    assert f"{number} en 1 ander bericht: niet" in " ".join(mail.split()), "one message for those on the same rung"
    assert MARK not in mail
    told = deadline_list_markdown(lists[-1])
    assert f"| {number} | access | 1 OVERDUE | 2026-03-30 |" in told
    with open_office() as office:
        [case], _ = adoption.adopt(office, number, (), by="privacy")
    after = morning_list(days[-1])
    assert ([d.mail[-4:] for d in after.drafts], [c.case for c in after.cases]) == (["0003"], [case.number])
    with open_office() as office:
        assert office.ledger.verify().ok


def test_the_list_goes_to_the_dpo_once_a_day_with_its_plot_and_names_nobody(house: SmallHouse) -> None:
    with open_office() as office:
        comes(office, 1, letter("Ik wil inzage.", number=1))
        number = comes(office, 2, letter("Verwijder mijn gegevens.", number=2))
        adoption.adopt(office, number, (), by="privacy")
        adoption.adopt(office, "M2026-0001", (), by="privacy")
        comes(office, 3, letter("Hallo?", number=3))
    today = CAME + timedelta(days=30)
    for _ in range(2):
        assert getattr(send_morning, "fn", send_morning)(morning(today), None)
    mail = message_from_bytes((house.folder / "out" / "mail" / f"morning-{today}.eml").read_bytes(), policy=SMTP)
    body, paper = mail.iter_parts()
    assert mail["Subject"].strip() == "Ochtendlijst 1 april 2026: 3 te laat, 2 open verzoeken, 1 bericht wacht"
    assert "2026-0001 (wissing, received): 2 dagen te laat" in body.get_content()
    assert MARK not in str(mail)
    assert paper.get_content().startswith(b"%PDF")
    with open_office() as office:
        assert len(list(office.ledger.events.events(kind="morning.sent"))) == 1
        assert office.ledger.verify().ok


def test_what_nobody_could_read_waits_for_a_person_too(house: SmallHouse) -> None:
    assert house
    with open_office() as office:
        bomb = comes(office, 1, b"Subject: " + b"x" * 300_000 + b"\n\nhi")
        answered = comes(office, 2, letter("Vraagje", number=2))
        assert [d.notes for d in morning_list(CAME).drafts] == ["cannot be taken apart", ""]
        office.ledger.mail.set_aside(answered, entry=Entry("mail.set-aside", "privacy", why="answered by phone"))
        assert [d.mail for d in morning_list(CAME).drafts] == [bomb]
