"""`termijn stop` works on a purge that runs elsewhere, outlives it, and ends by an officer's code only."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from domain.evidence import Entry
from ledger.officers import OfficerRole
from ledger.open import open_ledger
from tests.stories.small_house import HOUSE, LONG_AGO, SmallHouse

DUE = 160
#: A purge whose every batch takes a moment, so that somebody can stop it.
SLOW = """
import os, time
import connectors.sql.connector as sql
real = sql.SqlConnector.destroy_straight
def destroy(self, *given, **named):
    time.sleep(1.5)
    return real(self, *given, **named)
sql.SqlConnector.destroy_straight = destroy
os.environ["TERMIJN_SKIN"] = "plain"
from flows.nightly_purge import nightly_purge
nightly_purge(systems=["desk"], rehearsal=False)
"""


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    made = SmallHouse(tmp_path)
    made.edit("systems/desk.toml", "records = 5, share = 0.5", "records = 500, share = 1.0")
    for number in range(100, 100 + DUE - 3):
        made.visit(number, LONG_AGO - timedelta(days=number))
    made.countersign()
    return made


def start_slow_purge(house: SmallHouse) -> subprocess.Popen[str]:
    settings = {
        "TERMIJN_REGISTER_DIR": str(house.register),
        "TERMIJN_LEDGER": f"sqlite:///{house.folder / 'ledger.db'}",
        "TERMIJN_OUT": str(house.folder / "out"),
        "TERMIJN_BATCH": "1",
        "PYTHONPATH": str(HOUSE),
    }
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TERMIJN_", "PREFECT_"))}
    whole = [sys.executable, "-c", SLOW]
    return subprocess.Popen(
        whole, cwd=house.folder, env=clean | house.secrets | settings, stderr=subprocess.PIPE, text=True
    )


def wait_until(true: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def board_of(house: SmallHouse) -> pyotp.TOTP:
    """A third officer, of whom nobody used a code yet; 'fg' vouches some minutes later."""
    later = datetime.now(UTC) + timedelta(minutes=3)
    ledger = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: later)
    entry = Entry("officer.enrolled", "fg")
    made = pyotp.parse_uri(
        ledger.officers.enrol("board", OfficerRole.MANAGEMENT, code=house.phone.at(later), entry=entry)
    )
    ledger.close()
    assert isinstance(made, pyotp.TOTP)
    return made


def test_a_purge_that_runs_elsewhere_stops_before_its_next_batch_and_goes_on_after_an_officers_code(
    house: SmallHouse,
) -> None:
    everybody, board = len(house.living()), board_of(house)
    running = start_slow_purge(house)
    wait_until(lambda: len(house.living()) < everybody)
    pulled = time.monotonic()
    assert house.termijn("stop", "--by", "fg", "--why", "een vraag van de directie").returncode == 0
    _, said = running.communicate(timeout=60)
    assert time.monotonic() - pulled < 10
    left = len(house.living())
    assert everybody - DUE < left < everybody
    assert "stop" in said

    again = house.termijn("purge", "desk", "--arm")  # a new process: the switch stands in the ledger
    assert again.returncode == 4
    assert "stop" in again.stderr
    assert len(house.living()) == left
    assert "STOPPED by fg" in house.termijn("stop", "--show").stdout

    assert house.termijn("go", "--by", "board", "--code", "000000").returncode == 4
    allowed = house.termijn("go", "--by", "board", "--code", board.now())
    assert allowed.returncode == 0, allowed.stderr
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    assert len(house.living()) == everybody - DUE
    ledger = house.ledger()
    assert ledger.verify().ok
    assert sum(b.records for b in ledger.batches.closed_batches()) == 2 * DUE  # each visitor with a note
    ledger.close()
