"""`termijn calendar` on the small house: its numbers are those of a plan per month end, and no person is in it."""

from __future__ import annotations

import itertools
import json
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta

from domain.calendar import month_ends
from tests.stories.small_house import TODAY, SmallHouse


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    house = SmallHouse(tmp_path)
    for number in range(40):
        house.visit(100 + number, str(TODAY - relativedelta(months=6) + timedelta(days=9 * number - 20)))
    house.visit(200, None)
    house.visit(201, "9999-12-31")
    return house


@pytest.mark.parametrize(
    ("as_of", "ends"),
    [
        ("2026-11-25", ["2026-11-30", "2026-12-31", "2027-01-31"]),
        ("2026-11-30", ["2026-12-31", "2027-01-31", "2027-02-28"]),
        ("2028-01-31", ["2028-02-29", "2028-03-31", "2028-04-30"]),
    ],
)
def test_a_month_ends_on_its_last_day(as_of: str, ends: list[str]) -> None:
    assert [str(d) for d in month_ends(date.fromisoformat(as_of), 3)] == ends


def test_the_calendar_says_what_twelve_plans_say_and_lays_itself_down(house: SmallHouse) -> None:
    ended = house.termijn("calendar", "desk", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    script = """
import json, os, sys
from datetime import date
os.environ["TERMIJN_SKIN"] = "plain"
from tasks.night import rehearse
print(json.dumps([sum(len(r.due) for r in rehearse(date.fromisoformat(d), []).rules) for d in sys.argv[1:]]))
"""
    days = [TODAY, *month_ends(TODAY, 12)]
    plans = json.loads(house.run_python(script, *map(str, days)).stdout)
    falls = [after - before for before, after in itertools.pairwise(plans)]
    assert told["total"] == {"due_now": plans[0], "falls_due": falls}
    assert told["rules"][0]["falls_due"] == falls
    assert sum(falls) > 30, "the oracle has something to say"
    assert (house.folder / "out" / f"calendar-{TODAY}.pdf").read_bytes().startswith(b"%PDF")


def test_a_system_that_cannot_be_read_is_named_and_ends_with_its_code(house: SmallHouse) -> None:
    with sqlite3.connect(house.db) as db:
        db.execute("ALTER TABLE visitor ADD COLUMN nickname TEXT")
    ended = house.termijn("calendar", "--json")
    assert ended.returncode == 5
    assert json.loads(ended.stdout)["unreadable"][0]["where"] == "desk"
    assert house.termijn("calendar", "--months", "0").returncode == 4
