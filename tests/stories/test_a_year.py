"""A year of 12Care, driven by the clock: no rung twice or missed, nothing late without its alarms, the ledger whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.cases import State
from ledger.open import Ledger, open_ledger
from ledger.rungs import Delivery
from ledger.schema import events
from tests.stories.year.oracle import is_late, is_office_day, rungs_of
from tests.stories.year.requests import Request, draw_requests

HOUSE = Path(__file__).resolve().parents[2]


def play(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TERMIJN_", "PREFECT_"))}
    whole = [sys.executable, "-m", "tests.stories.year", str(folder), *words]
    return subprocess.run(
        whole,
        cwd=HOUSE,
        env=clean | {"PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def mornings(until: date, *, year: int = 2026) -> list[date]:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((until - date(year, 1, 1)).days + 1)]
    return [day for day in days if is_office_day(day)]


def a_message_goes_on(after: date, until: date) -> str:
    """The first morning from this day on of which the second opinion says that somebody is told."""
    requests, looked_on = draw_requests(2026, until=until), mornings(until)
    for nth, day in enumerate(looked_on):
        if day >= after and any(rungs_of(r, looked_on[: nth + 1]) - rungs_of(r, looked_on[:nth]) for r in requests):
            return day.isoformat()
    raise AssertionError("nobody is told anything: there is nothing to kill")


def check_the_year(folder: Path, until: date, *, kills: int) -> Counter[str]:
    """Everything that must hold, against the second opinion; what there was, in counts."""
    moment = datetime(until.year, until.month, until.day, 23, tzinfo=UTC)
    ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}", clock=lambda: moment)
    requests, seen, looked_on = draw_requests(2026, until=until), Counter[str](), mornings(until)
    cases = ledger.cases.list_cases()
    assert len(cases) == len(requests)
    for one, case in zip(requests, cases, strict=True):
        assert (case.kind, case.received_on) == (one.kind, one.received)
        told = [c.rung for c in ledger.escalations.of_case(case.number)]
        assert sorted(told) == sorted(set(told)), "a rung twice"
        assert set(told) == rungs_of(one, looked_on), f"case {case.number}"
        _no_alarm_is_missing(one, until, told, looked_on)
        assert case.state is _expected(one, until), f"case {case.number}"
        seen.update([case.state.value, *(["paused"] if one.pauses else []), *(["extended"] if one.extended else [])])
        seen.update([one.end] if case.state is State.CLOSED else [])  # how it ended before it was closed
    seen["failed mail"] = sum(
        c.state is Delivery.FAILED for case in cases for c in ledger.escalations.of_case(case.number)
    )
    verified = ledger.verify()
    assert verified.ok, verified.problems
    seen["destroyed"] = verified.records
    _nothing_is_left_in_the_air(ledger, kills=kills)
    ledger.close()
    return seen


def _no_alarm_is_missing(one: Request, until: date, told: list[str], looked_on: list[date]) -> None:
    for day in looked_on:
        if one.received <= day < one.ended and day <= until and is_late(one, day):
            assert f"overdue-{day.isoformat()}" in told, "late, and nobody was told that day"


def _expected(one: Request, until: date) -> State:
    """Where the request stands at the end of this day, by its own script."""
    if one.closed <= until:
        return State.CLOSED
    if one.ended <= until:
        return State(one.end)
    waiting = [State(question) for asked, answered, question in one.pauses if asked <= until < answered]
    if waiting:
        return waiting[0]
    answered = any(answered <= until for _, answered, _ in one.pauses)
    worked_on = one.works_on <= until and one.end != "forwarded"
    return State.IN_PROGRESS if answered or worked_on else State.RECEIVED


def _nothing_is_left_in_the_air(ledger: Ledger, *, kills: int) -> None:
    """Of every message that was recorded it is known whether it left, but for the one at which the process died."""
    with ledger.events.read() as connection:
        told = Counter(connection.scalars(select(events.c.kind)))
    assert told["escalation.recorded"] - told["escalation.settled"] == kills


@pytest.mark.slow
def test_a_quarter_with_a_kill_in_its_middle(tmp_path: Path) -> None:
    day = a_message_goes_on(date(2026, 2, 16), date(2026, 3, 31))
    died = play(tmp_path, "--until", "2026-03-31", "--die-on", day)
    assert died.returncode == -9, died.stderr[-2000:]
    went_on = play(tmp_path, "--until", "2026-03-31")
    assert went_on.returncode == 0, went_on.stderr[-2000:]
    seen = check_the_year(tmp_path, date(2026, 3, 31), kills=1)
    print(went_on.stdout, dict(seen))
    assert seen["closed"] > 10
    assert seen["failed mail"] > 0


@pytest.mark.slow
@pytest.mark.skipif("TERMIJN_YEAR" not in os.environ, reason="the whole year takes two minutes: make year")
def test_the_whole_year_with_a_kill_in_its_middle(tmp_path: Path) -> None:
    died = play(tmp_path, "--die-on", a_message_goes_on(date(2026, 7, 1), date(2026, 12, 31)))
    assert died.returncode == -9, died.stderr[-2000:]
    went_on = play(tmp_path)
    assert went_on.returncode == 0, went_on.stderr[-2000:]
    seen = check_the_year(tmp_path, date(2026, 12, 31), kills=1)
    print(went_on.stdout, dict(seen))
    assert seen.total() > 500
    assert min(seen[what] for what in ("closed", "refused", "withdrawn", "forwarded", "failed mail", "extended")) > 0
