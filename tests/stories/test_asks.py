"""Others are asked, reminded and waited for; the morning says how long they usually take and closes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from domain.cases import CaseKind
from domain.evidence import Entry
from domain.morning import MorningList
from tasks.asks import chase_holders
from tasks.deadlines import morning_list
from tasks.office import open_office
from tests.stories.small_house import TODAY, SmallHouse


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    house = SmallHouse(tmp_path)
    here = {
        "TERMIJN_SKIN": "plain",
        "TERMIJN_REGISTER_DIR": str(house.register),
        "TERMIJN_LEDGER": f"sqlite:///{tmp_path / 'ledger.db'}",
        "TERMIJN_OUT": str(tmp_path / "out"),
        **house.secrets,
    }
    for name, value in here.items():
        monkeypatch.setenv(name, value)
    return house


def chased(morning: MorningList) -> MorningList:
    """The verb of the morning's flow, without Prefect."""
    told: MorningList = getattr(chase_holders, "fn", chase_holders)(morning)
    return told


def test_a_holder_is_asked_reminded_once_a_rung_and_never_answered_for(house: SmallHouse) -> None:
    with open_office() as office:
        numbers = [
            office.ledger.cases.open_case(
                CaseKind.ACCESS, received_on=TODAY - timedelta(22), channel="mail", subject={"name": f"Naam{n}"},
                entry=Entry("case.received", "fg"),
            ).number
            for n in range(7)
        ]  # fmt: skip
    begun = (TODAY - timedelta(11)).isoformat()
    for number in numbers[:6]:
        assert house.termijn("ask", "new", number, "paper-archive", "--on", begun).returncode == 0
    for number in numbers[:5]:
        on = (TODAY - timedelta(2)).isoformat()
        assert house.termijn("ask", "answered", number, "paper-archive", "--on", on).returncode == 0
    told = chased(morning_list(TODAY))
    waiting, not_asked = (next(h for h in told.holders if h.case == n) for n in numbers[5:])
    assert (waiting.days_waiting, waiting.usually, waiting.rung) == (11, 9, f"{begun}-day-10")
    assert waiting.sent, "laid in the outbox: no mail server is named"
    assert (not_asked.advice, not_asked.asked_on) == ("ask now, it will be late", None)
    assert waiting.left == not_asked.left == told.cases[0].days_left, (
        "how long there is stands beside how long it takes"
    )
    again = chased(morning_list(TODAY))
    assert all(h.rung is None for h in again.holders), "each rung once"
    mail = next((house.folder / "out" / "mail").glob(f"{numbers[5]}-paper-archive-*.eml")).read_text("utf-8")
    assert "Naam5" not in mail
    with open_office() as office:
        assert {c.state.value for c in office.ledger.cases.list_cases()} == {"received"}, "silence closes nothing"
        assert office.ledger.verify().ok
    listed = json.loads(house.termijn("ask", "list", "--json").stdout)
    assert len(listed) == 6
    refused = house.termijn("ask", "new", numbers[0], "paper-archive")
    assert (refused.returncode, "asked already" in refused.stderr) == (4, True)
    assert house.termijn("ask", "new", numbers[6], "nobody").returncode == 6
