"""An approved plan: two persons, exactly these records, void when the register changes (promises 2 and 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from domain.evidence import Entry
from domain.trouble import Refused
from ledger.approvals import What
from ledger.officers import OfficerRole
from ledger.open import open_ledger
from tests.stories.small_house import LONG_AGO, SmallHouse

EVERYBODY = set(range(1, 13))


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    made = SmallHouse(tmp_path)
    made.countersign()
    return made


def keep_plan(house: SmallHouse) -> str:
    told = house.termijn("plan", "desk", "--keep", "--by", "board").stdout
    return next(word for word in told.split() if len(word) == 64)


def approve(house: SmallHouse, digest: str, *, by: str) -> None:
    """Two more officers, some minutes later; `by` gives the approval that 'board' asked for."""
    later = datetime.now(UTC) + timedelta(minutes=5)
    ledger = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: later)
    phones = {}
    for name, role in (("board", OfficerRole.MANAGEMENT), ("second", OfficerRole.PRIVACY_OFFICER)):
        voucher = phones.get("board", house.phone)
        address = ledger.officers.enrol(
            name,
            role,
            code=voucher.at(later),
            entry=Entry(kind="officer.enrolled", by="board" if "board" in phones else "fg"),
        )
        made = pyotp.parse_uri(address)
        assert isinstance(made, pyotp.TOTP)
        phones[name] = made
    asked, given = Entry(kind="approval.asked", by="board"), Entry(kind="approval.given", by=by)
    ledger.approvals.request(What.PLAN, [digest], code=phones["board"].at(later + timedelta(seconds=30)), entry=asked)
    again = later - timedelta(seconds=30) if by == "board" else later
    ledger.approvals.approve(What.PLAN, [digest], code=phones[by].at(again), entry=given)


def test_an_approved_plan_takes_what_it_names_and_nothing_that_came_due_since(house: SmallHouse) -> None:
    digest = keep_plan(house)
    approve(house, digest, by="second")
    house.visit(50, LONG_AGO)
    ended = house.termijn("purge", "--arm", "--plan", digest)
    assert ended.returncode == 0, ended.stderr
    assert house.living() == (EVERYBODY | {50}) - {1, 2, 3}


def test_a_plan_that_was_approved_is_void_when_the_register_changes(house: SmallHouse) -> None:
    digest = keep_plan(house)
    approve(house, digest, by="second")
    house.edit("activities/visits.toml", '"6 months"', '"7 months"')
    ended = house.termijn("purge", "--arm", "--plan", digest)
    assert ended.returncode == 4
    assert "void" in ended.stderr
    assert house.living() == EVERYBODY


def test_a_plan_approved_by_its_own_requester_is_refused(house: SmallHouse) -> None:
    digest = keep_plan(house)
    with pytest.raises(Refused):
        approve(house, digest, by="board")
    assert house.termijn("purge", "--arm", "--plan", digest).returncode == 4
    assert house.living() == EVERYBODY
