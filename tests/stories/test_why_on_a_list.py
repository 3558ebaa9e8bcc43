"""`termijn why` for a record of a practice: on which list it stands, and what its practice said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stories.practice_house import PracticeHouse, later_day

pytestmark = pytest.mark.slow


def why(house: PracticeHouse, key: int) -> dict[str, Any]:
    ended = house.termijn("why", "careweb", "patient", str(key), "--json")
    assert ended.returncode == 0, ended.stderr
    [told] = json.loads(ended.stdout)
    found: dict[str, Any] = told
    return found


def test_the_controllers_instruction_is_told_from_list_to_destruction(tmp_path: Path) -> None:
    house = PracticeHouse.found(tmp_path / "practices")
    house.draw()
    number = str(house.list_of(2)["number"])
    key = house.key_of(min(house.on_list(number)))
    assert f"on list {number} (drawn-up)" in why(house, key)["instruction"]
    house.send(2)
    assert f"on list {number} (sent)" in why(house, key)["instruction"]
    assert house.instruct(number, "all").returncode == 0
    assert "nothing is approved yet" in why(house, key)["instruction"]
    assert house.approve(number).returncode == 0
    assert why(house, key)["instruction"] == f"destroy it, by list {number}, approved by fg"
    house.purge()
    assert why(house, key)["standing"] == "destroyed"


def test_what_its_practice_keeps_is_frozen_by_that_list(tmp_path: Path) -> None:
    house = PracticeHouse.found(tmp_path / "practices")
    house.draw()
    number, _ = house.send(2)
    key = house.key_of(min(house.on_list(number)))
    assert house.instruct(number, "later", "--later", later_day(90)).returncode == 0
    told = why(house, key)
    assert [(f["kind"], f["id"]) for f in told["frozen"]] == [("its practice keeps it, list", number)]
    assert "released by itself" in told["next_step"]
