"""The rehearsal of a rule change on the small house: what it would change, destroying nothing."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from tests.stories.small_house import ACTIVITY, SYSTEM, TODAY, SmallHouse


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """Three left two years ago; one left five months ago; one three years ago; the others lately."""
    house = SmallHouse(tmp_path)
    house.visit(20, str(TODAY - relativedelta(months=5)))
    house.visit(21, str(TODAY - relativedelta(years=3)))
    return house


def propose(house: SmallHouse, text: str, name: str = "visits.toml") -> str:
    file = house.folder / "proposal" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    return str(file)


def compared(house: SmallHouse, file: str, *more: str) -> list[dict[str, Any]]:
    ended = house.termijn("plan", "--with", file, "--json", *more)
    assert ended.returncode == 0, ended.stderr
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    return found


CHANGES = [
    # the maximum would become → no longer due, still due, newly due
    ('"30 months"', 3, 1, 0),
    ('"4 months"', 0, 4, 1),
    ('"4 years"', 4, 0, 0),
]


@pytest.mark.parametrize(("maximum", "no_longer", "still", "newly"), CHANGES)
def test_a_longer_term_takes_back_and_a_shorter_one_adds(
    house: SmallHouse, maximum: str, no_longer: int, still: int, newly: int
) -> None:
    before = house.living()
    [change] = compared(house, propose(house, ACTIVITY.replace('"6 months"', maximum)))
    assert (change["no_longer"], change["still"], change["newly"]) == (no_longer, still, newly)
    assert (change["due"], change["new_due"]) == (no_longer + still, still + newly)
    assert change["to_countersign"]
    assert house.living() == before


def test_the_comparison_is_what_two_plans_say(house: SmallHouse) -> None:
    file = propose(house, ACTIVITY.replace('"6 months"', '"4 months"'))
    marked = house.termijn("plan", "desk", "--with", file, "--keys").stdout.splitlines()
    now = house.termijn("plan", "desk", "--keys").stdout.splitlines()
    house.edit("activities/visits.toml", '"6 months"', '"4 months"')
    then = house.termijn("plan", "desk", "--keys").stdout.splitlines()
    assert sorted(line[1:] for line in marked if line[0] in "-=") == now
    assert sorted(line[1:] for line in marked if line[0] in "+=") == then
    assert [line for line in marked if line[0] != "="] == ["+visitor\t20"]


def test_what_went_already_is_told_and_who_is_held_and_the_ceiling(house: SmallHouse) -> None:
    house.countersign()
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    review = str(TODAY + timedelta(days=30))
    house.termijn("hold", "add", "desk", "visitor", "20", "--owner", "fg", "--reason", "x", "--review", review)
    [change] = compared(house, propose(house, ACTIVITY.replace('"6 months"', '"4 months"')))
    assert (change["destroyed"], change["newly"], change["frozen"]) == (8, 1, 1)
    file = propose(house, ACTIVITY.replace('"6 months"', '"1 day"'))
    shown = house.termijn("plan", "--with", file).stdout
    assert "8 records went under this rule and cannot be brought back" in shown
    assert "over its ceiling nothing would go: 9 of 10" in shown
    assert "countersigns the new wording" in shown


def test_a_change_of_a_system_is_rehearsed_too_and_one_of_words_alone_moves_nobody(house: SmallHouse) -> None:
    [change] = compared(
        house, propose(house, SYSTEM.replace('triggers = ["left_on"]', 'triggers = ["born_on"]'), "desk.toml")
    )
    assert (change["newly"], change["still"]) == (10, 4)
    [change] = compared(house, propose(house, ACTIVITY.replace('"het bezoek"', '"het einde van het bezoek"')))
    assert (change["no_longer"], change["still"], change["newly"], change["to_countersign"]) == (0, 4, 0, True)
    file = propose(house, ACTIVITY.replace('purpose = "weten', 'purpose = "graag weten'))
    assert compared(house, file) == []
    assert "changes no rule" in house.termijn("plan", "--with", file).stdout


def test_a_new_rule_and_one_that_goes_are_compared_with_nothing(house: SmallHouse) -> None:
    with sqlite3.connect(house.db) as db:
        db.execute("CREATE TABLE badge (id INTEGER PRIMARY KEY, returned_on DATE)")
        db.execute("INSERT INTO badge VALUES (1, '2001-01-01')")
    badge = """
[dataset.badge]
activity = "visits"
key = ["id"]
triggers = ["returned_on"]
ceiling = { records = 5, share = 0.5 }
columns.id = { class = "technical" }
columns.returned_on = { class = "technical" }
"""
    house.edit("systems/desk.toml", 'title = "Balie"', 'title = "Balie"\nignored_tables = { badge = "komt later" }')
    [change] = compared(house, propose(house, SYSTEM + badge, "desk.toml"))
    assert (change["rule"], change["term"], change["newly"]) == ("desk.badge", None, 1)
    [change] = compared(house, propose(house, ACTIVITY.replace("since = 2020-01-01", "since = 2099-01-01")))
    assert (change["new_term"], change["no_longer"], change["to_countersign"]) == (None, 4, False)


def test_a_proposal_that_does_not_hold_is_told_whole_and_nothing_is_compared(house: SmallHouse) -> None:
    bad = ACTIVITY.replace('"6 months"', '"half a year"').replace('source = "richtlijn"\n', "")
    ended = house.termijn("plan", "--with", propose(house, bad))
    assert ended.returncode == 3
    assert "half a year" in ended.stderr
    assert "source" in ended.stderr
    assert house.termijn("plan", "--with", propose(house, "= not toml")).returncode == 3
    assert house.termijn("plan", "--with", "nowhere.toml").returncode == 6
    assert house.termijn("plan", "--with", propose(house, ACTIVITY), "--keep", "--by", "fg").returncode == 4
