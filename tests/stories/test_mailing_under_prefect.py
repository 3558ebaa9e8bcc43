"""A message to everybody, and withdrawals that wait, under Prefect: both end red, and neither names anybody there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from domain.consents import Act
from tests.stories.erasing_house import ANNA, BOB, ErasingHouse
from tests.stories.post_office import Letters, letters
from tests.stories.test_consents import CONSENTS, stated
from tests.stories.test_policy_change import POLICY, agree
from tests.stories.test_under_prefect import HOUSE, places_of, run

__all__ = ["letters"]
pytestmark = [pytest.mark.prefect, pytest.mark.slow]
FLOWS = """
from domain.trouble import NotConfirmed
from flows.settle_withdrawals import settle_withdrawals
from flows.tell_policy_change import tell_policy_change
for story in (settle_withdrawals, lambda: tell_policy_change("2", rehearsal=False)):
    try:
        story()
    except NotConfirmed as red:
        print("RED", red)
"""


def test_a_refused_address_and_a_waiting_withdrawal_reach_prefect_as_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, letters: Letters
) -> None:
    house = ErasingHouse(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)
    house._write("policy.toml", POLICY)
    house._write("consents.toml", CONSENTS.partition("[purpose.pool]")[0])
    house.put("visitor", 1, ANNA)
    house.put("visitor", 2, {**BOB, "email": "vol.postvak@voorbeeld.nl"})
    house.put("reader", 1, ANNA)
    stated("news", Act.WITHDRAWN, who={"email": ANNA["email"]})
    agree(house)
    home = tmp_path / "prefect"
    quiet = {
        **{k: v for k, v in os.environ.items() if k.startswith("TERMIJN_")}, "DESK_URL": os.environ["DESK_URL"],
        "TERMIJN_SKIN": "prefect", "PYTHONPATH": str(HOUSE), "PREFECT_HOME": str(home), "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "240",
    }  # fmt: skip
    ended = run("-c", FLOWS, **quiet)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.count("RED") == 2, ended.stdout + ended.stderr[-2000:]
    assert letters.to == [ANNA["email"]]
    files = [p for p in home.rglob("*") if p.is_file()]
    assert places_of({"not everybody was told: 1 told now; 0 told before; 1 FAILED"}, files), "it did not reach Prefect"
    marks = {ANNA["email"], "vol.postvak", ANNA["phone"], BOB["phone"], ANNA["surname"]}
    assert places_of(marks, [*files, *tmp_path.glob("ledger.db*")]) == []
    assert not any(mark in ended.stdout + ended.stderr for mark in marks)
