"""What a run set in motion can land after it is dead, or after its lease is over: evidence stays true all the same."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from tests.faults.conftest import ALL_POSTGRES, POSTGRES, SQLITE, Opens
from tests.faults.office import FaultyOffice

pytestmark = pytest.mark.slow

#: Where a run falls asleep: calls go straight (announced inside the transaction), dossiers the careful way.
ASLEEP = [
    "before announce for practice.call",
    "after announce for practice.call",
    "destroy_straight: before COMMIT",
    "after announce for practice.dossier",
    "before destroy",
    "destroy: before COMMIT",
]


def _stopped_at(office: FaultyOffice, step: str) -> int:
    """A night that falls asleep at a step boundary, as a machine does that is suspended; its process id."""
    night = office.machine.start(office.order(signal_on=step, signal=signal.SIGSTOP))
    while "State:\tT" not in Path(f"/proc/{night}/status").read_text("utf-8"):
        time.sleep(0.01)
    return night


@pytest.mark.parametrize("pair", [SQLITE, POSTGRES], ids="-".join)
@pytest.mark.parametrize("where", ASLEEP)
def test_a_run_that_slept_through_its_lease_destroys_nothing_that_the_next_run_already_settled(
    office_in: Opens, pair: tuple[str, str], where: str
) -> None:
    office = office_in(pair)
    office.put_back()
    asleep = _stopped_at(office, where)
    try:
        office.later()
        office.night()  # it finishes what it can; what the sleeper holds locked in the source waits for another night
        office.nothing_is_lost_yet()
    finally:
        os.kill(asleep, signal.SIGCONT)
        code, _ = office.machine.wait(asleep)
    assert code != 0 or "COMMIT" in where, f"it lost its lease, and says so\n{office.log}"
    office.nothing_is_lost_yet()
    office.recovers()


@pytest.mark.parametrize("pair", [POSTGRES, ALL_POSTGRES], ids="-".join)
def test_a_commit_that_the_source_still_carries_out_when_its_run_is_dead_keeps_its_evidence(
    office_in: Opens, pair: tuple[str, str]
) -> None:
    """A deferred check makes the COMMIT of the source wait; the run is killed meanwhile, and the COMMIT succeeds."""
    office = office_in(pair)
    office.put_back()
    with psycopg.connect(office.source_url, autocommit=True) as gate:
        gate.execute("""
            CREATE OR REPLACE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER keeps AFTER DELETE ON dossier DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION waits()""")
        try:
            gate.execute("SELECT pg_advisory_lock(42)")
            night = office.machine.start(office.order())
            while not gate.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone():
                time.sleep(0.01)
            os.kill(night, signal.SIGKILL)
            office.machine.wait(night)
            office.later()
            office.night()  # while the dead run's COMMIT is still under way
            gate.execute("SELECT pg_advisory_unlock(42)")
            while gate.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").fetchone():
                time.sleep(0.01)
            office.nothing_is_lost_yet()
            office.recovers()
        finally:
            gate.execute("DROP TRIGGER keeps ON dossier; DROP FUNCTION waits()")


@pytest.mark.parametrize("pair", [SQLITE, ALL_POSTGRES], ids="-".join)
def test_a_batch_that_is_announced_late_is_finished_before_its_records_are_announced_again(
    office_in: Opens, pair: tuple[str, str]
) -> None:
    """The dead run's announcement lands after the next run looked for open batches, and before its own first."""
    office = office_in(pair)
    office.put_back()
    second = _stopped_at(office, "before announce for practice.dossier")  # it looked, and saw no open batch
    office.later()
    assert office.night(signal_on="after announce for practice.dossier") == -9
    office.later()
    with office.opened_ledger() as ledger:
        assert len(ledger.batches.open_batches()) == 1, "the announcement of the dead run"
    os.kill(second, signal.SIGCONT)
    assert office.machine.wait(second)[0] != 0, "it was told to let the next run finish that batch first"
    office.nothing_is_lost_yet()
    office.recovers()
