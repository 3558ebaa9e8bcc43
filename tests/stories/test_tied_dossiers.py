"""A visitor whom another visitor refers to: the plan, `why`, and the night all say the same of who waits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stories.small_house import SmallHouse


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """Twelve visitors, three of them of long ago; 1 was brought by nobody, 2 by 1, and 7 (of lately) by 3."""
    made = SmallHouse(tmp_path)
    made.sql("ALTER TABLE visitor ADD COLUMN brought_by INTEGER REFERENCES visitor(id)")
    made.edit(
        "systems/desk.toml",
        'triggers = ["left_on"]',
        'triggers = ["left_on"]\nreferences = [{ dataset = "visitor", by = { brought_by = "id" } }]\n'
        'columns.brought_by = { class = "technical" }',
    )
    made.sql("UPDATE visitor SET brought_by = 1 WHERE id = 2")
    made.sql("UPDATE visitor SET brought_by = 3 WHERE id = 7")
    made.countersign()
    return made


def test_who_is_referred_to_by_a_visitor_that_stays_waits_and_every_page_says_so(house: SmallHouse) -> None:
    [told] = json.loads(house.termijn("plan", "desk", "--json").stdout)["rules"]
    assert (told["due"], told["waiting"], told["would_go"]) == (3, 1, 2)
    [why] = json.loads(house.termijn("why", "desk", "visitor", "3", "--json").stdout)
    assert why["next_step"].startswith("it waits: another dossier")
    [other] = json.loads(house.termijn("why", "desk", "visitor", "1", "--json").stdout)
    assert not other["next_step"].startswith("it waits")

    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 0, ended.stderr
    assert house.living() == set(range(3, 13))
    [report] = (house.folder / "out").glob("night-*-armed-????????.json")
    [rule] = json.loads(report.read_bytes())["rules"]
    assert (rule["due"], rule["waiting"], rule["destroyed"]) == (3, 1, 2)


def test_a_hold_on_a_visitor_keeps_whom_they_refer_to(house: SmallHouse) -> None:
    hold = ("hold", "add", "desk", "visitor", "2", "--owner", "fg", "--reason", "x", "--review", "2030-01-01")
    assert house.termijn(*hold).returncode == 0
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    assert house.living() == set(range(1, 13))
