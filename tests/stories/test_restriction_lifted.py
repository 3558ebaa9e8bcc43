"""A restriction is lifted only after its person heard of it, and keeps everything until then (AVG 18 lid 3)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.cases import CaseKind
from domain.evidence import Entry
from domain.steps import Step
from domain.trouble import NotFound, Refused
from ledger.holds import Ground
from reports.dutch import day
from tasks import restrictions
from tasks.clock import today
from tasks.office import Office, open_office
from tasks.person import identifiers_from
from tests.stories.erasing_house import ANNA, ErasingHouse
from tests.stories.post_office import Letters, letters

__all__ = ["letters"]
SOON = today() + timedelta(days=7)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ErasingHouse:
    return ErasingHouse(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)


def restrict(office: Office, number: str) -> str:
    person, entry = identifiers_from(office.ledger.cases.subject_of(number)), Entry("hold.added", "fg", case=number)
    held = {"owner": "fg", "reason": "juistheid betwist", "review_on": date(2027, 1, 1)}
    return office.ledger.holds.add(**held, case=number, identifiers=person, ground=Ground.ACCURACY, entry=entry).id


def test_who_was_not_told_stays_restricted(house: ErasingHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    number, sent = house.case(CaseKind.RESTRICTION), list[dict[str, object]]()
    with open_office() as office:
        hold = restrict(office, number)
        case = office.ledger.cases.read_case(number)
        monkeypatch.setattr(restrictions, "send_letter", lambda *_: "the mail server did not take it")
        told = restrictions.tell_person(office, hold, lifts_on=SOON, reasons="Het adres klopt nu.", by="privacy")
        assert told == "the mail server did not take it"
        with pytest.raises(Refused, match="only after its person was told"):
            office.ledger.holds.end(hold, on=today(), entry=Entry("hold.ended", "privacy"))
        monkeypatch.setattr(restrictions, "send_letter", lambda *given: sent.append(given[3]))
        assert restrictions.tell_person(office, hold, lifts_on=SOON, reasons="Het klopt nu.", by="privacy") is None
        assert sent[0]["lifted_on"] == SOON.isoformat()
        [still] = office.ledger.holds.list_active(today())
        assert still.told_on == today(), "told, and it stands"
        assert Step.LIFTED not in office.ledger.steps.of(case, today())
        office.ledger.holds.end(hold, on=today(), entry=Entry("hold.ended", "privacy"))
        assert office.ledger.holds.list_active(today()) == ()
        assert Step.LIFTED in office.ledger.steps.of(case, today())
        assert office.ledger.verify().ok


def test_only_a_restriction_of_a_case_has_somebody_to_tell(house: ErasingHouse) -> None:
    number = house.case(CaseKind.RESTRICTION)
    with open_office() as office:
        held = {"owner": "fg", "reason": "geschil", "review_on": date(2027, 1, 1)}
        plain = office.ledger.holds.add(**held, case=number, entry=Entry("hold.added", "fg")).id
        hold = restrict(office, number)
        with pytest.raises(Refused, match="only a restriction"):
            restrictions.tell_person(office, plain, lifts_on=SOON, reasons="x", by="privacy")
        with pytest.raises(Refused, match="that day is past"):
            restrictions.tell_person(office, hold, lifts_on=date(2026, 1, 1), reasons="x", by="privacy")
        with pytest.raises(NotFound, match="no such hold stands"):
            restrictions.tell_person(office, "H0099", lifts_on=SOON, reasons="x", by="privacy")
        with pytest.raises(Refused, match="only who has a restriction"):
            office.ledger.holds.tell(plain, on=today(), entry=Entry("restriction.told", "privacy"))


def test_the_letter_says_when_and_why_and_then_it_is_lifted(house: ErasingHouse, letters: Letters) -> None:
    number = house.case(CaseKind.RESTRICTION)
    with open_office() as office:
        hold = restrict(office, number)
        why = "Wij hebben uw adres nagekeken. Het klopt nu."
        assert restrictions.tell_person(office, hold, lifts_on=SOON, reasons=why, by="privacy") is None
        [letter] = letters.taken
        words = " ".join(str(letter.get_payload(decode=True), "utf-8").split())
        assert letter["To"] == ANNA["email"]
        assert why in words
        assert day(SOON) in words
        assert restrictions.tell_person(office, hold, lifts_on=SOON, reasons=why, by="privacy") is None
        assert len(letters.taken) == 1, "told again is told once"
        office.ledger.holds.end(hold, on=today(), entry=Entry("hold.ended", "privacy"))
        assert office.ledger.holds.list_active(today()) == ()
