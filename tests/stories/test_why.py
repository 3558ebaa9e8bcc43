"""`termijn why` on the small house: every record has an answer, whatever its state, and no answer tells a person."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.activity import TermBlock
from register.loader import load_register
from reports.letter import term_said
from tests.stories.small_house import LONG_AGO, TODAY, SmallHouse

REVIEW = str(TODAY + timedelta(days=30))
LATER = """
[dataset.parcel]
title = "Pakketten"
activity = "parcels"
key = ["id"]
triggers = ["came_on"]
ceiling = { records = 5, share = 0.5 }
columns.id = { class = "technical" }
columns.came_on = { class = "technical" }
[dataset.badge]
title = "Pasjes"
activity = "visits"
key = ["id"]
triggers = ["returned_on"]
references = [{ dataset = "visitor", by = { visitor_id = "id" } }]
ceiling = { records = 5, share = 0.5 }
columns.id = { class = "technical" }
columns.visitor_id = { class = "technical" }
columns.returned_on = { class = "technical" }
"""


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    return SmallHouse(tmp_path)


def why(house: SmallHouse, dataset: str, key: str, *more: str) -> list[dict[str, Any]]:
    ended = house.termijn("why", "desk", dataset, key, "--json", *more)
    assert ended.returncode == 0, ended.stderr
    told: list[dict[str, Any]] = json.loads(ended.stdout)
    return told


def test_a_root_and_a_row_of_its_dossier_have_the_same_answer(house: SmallHouse) -> None:
    assert why(house, "visitor", "1") == why(house, "note", "1")
    [told] = why(house, "visitor", "1")
    assert told["standing"] == "due"
    assert told["days_late"] > 500


def test_a_row_outside_every_dossier_says_that_no_rule_reaches_it(house: SmallHouse) -> None:
    house.sql("INSERT INTO note (id, visitor_id, text) VALUES (99, 404, 'x'), (98, NULL, 'x')")
    for key in ("98", "99"):
        assert why(house, "note", key)[0]["standing"] == "outside every dossier"


def test_a_row_in_two_dossiers_has_an_answer_for_each(house: SmallHouse) -> None:
    house.edit("systems/desk.toml", '{ visitor_id = "id" }', '{ surname = "surname" }')
    house.edit("systems/desk.toml", "columns.text", 'columns.surname = { class = "technical" }\ncolumns.text')
    house.sql("DROP TABLE note")
    house.sql("CREATE TABLE note (id INTEGER PRIMARY KEY, visitor_id INT, surname, text)")
    house.sql("INSERT INTO note VALUES (1, 1, 'Naam1', 'x')")
    house.sql("UPDATE visitor SET surname = 'Naam1' WHERE id IN (1, 5)")
    assert [w["standing"] for w in why(house, "note", "1")] == ["due", "kept"]


def test_holds_and_requests_are_told_each_by_its_number_and_a_reason_only_when_asked(house: SmallHouse) -> None:
    for reason in ("geschil met buurman", "tweede geschil"):
        words = ("--owner", "fg", "--reason", reason, "--review", REVIEW)
        assert house.termijn("hold", "add", "desk", "visitor", "2", *words).returncode == 0
    subject = 'name = "Naam2"\nsurname = "Naam2"\nborn_on = 1980-01-31\nemail = "bezoeker2@example.org"\n'
    assert house.termijn("case", "new", "--subject", "-", given=subject).returncode == 0
    [told] = why(house, "visitor", "2")
    assert [(f["kind"], f["id"][:2], f["owner"], f["review_on"]) for f in told["frozen"]] == [
        ("hold", "H0", "fg", REVIEW), ("hold", "H0", "fg", REVIEW), ("open request (access)", "20", "privacy", None),
    ]  # fmt: skip
    shown = house.termijn("why", "desk", "visitor", "2")
    assert "hold H0001 of fg, review on" in shown.stdout
    assert "geschil" not in shown.stdout + json.dumps(told)
    assert "geschil met buurman" in house.termijn("why", "desk", "visitor", "2", "--reasons").stdout
    assert "Naam2" not in shown.stdout


ODD = [
    (None, "missing", "empty"),
    ("soon", "missing", "not readable as a date"),
    ("9999-12-31", "implausible", "a stand-in for a date"),
    ("1899-01-01", "implausible", "before 1900"),
    (str(TODAY + timedelta(days=9)), "implausible", "in the future"),
]


def test_a_date_that_cannot_start_a_term_is_told_by_column_and_kind(house: SmallHouse) -> None:
    for number, (left_on, _, _) in enumerate(ODD, start=50):
        house.visit(number, left_on)
    for number, (left_on, standing, kind) in enumerate(ODD, start=50):
        [told] = why(house, "visitor", str(number))
        assert told["standing"] == standing
        assert told["considered"][0]["odd"] == [{"kind": kind, "rows": 1}]
        assert "left_on" in told["because"]
        assert not left_on or left_on not in json.dumps(told)


def test_a_dataset_without_a_rule_in_force_says_when_one_comes_and_what_others_need_is_named(house: SmallHouse) -> None:
    activity = (house.register / "activities/visits.toml").read_text("utf-8")
    coming = activity.replace("since = 2020-01-01", "since = 2099-01-01").replace('"Bezoek"', '"Pakketten"')
    (house.register / "activities/parcels.toml").write_text(coming, "utf-8")
    system = house.register / "systems/desk.toml"
    system.write_text(system.read_text("utf-8") + LATER, "utf-8")
    house.sql("CREATE TABLE parcel (id INTEGER PRIMARY KEY, came_on DATE)")
    house.sql("CREATE TABLE badge (id INTEGER PRIMARY KEY, visitor_id INT, returned_on DATE)")
    house.sql("INSERT INTO parcel VALUES (1, '2001-01-01')")
    house.sql("INSERT INTO badge VALUES (1, 3, ?), (2, 3, ?)", str(LONG_AGO), str(LONG_AGO))
    [parcel] = why(house, "parcel", "1")
    assert (parcel["standing"], "2099-01-01" in parcel["next_step"]) == ("no rule in force", True)
    [needed] = why(house, "visitor", "3")
    assert needed["standing"] == "needed"
    assert needed["needed_by"] == [{"dataset": "badge", "rows": 2}]


def test_a_destroyed_record_is_told_from_the_ledger_and_one_that_never_was_is_not_found(house: SmallHouse) -> None:
    house.countersign()
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    for dataset in ("visitor", "note"):
        [told] = why(house, dataset, "1")
        assert told["standing"] == "destroyed"
        [gone] = told["gone"]
        assert (gone["batch"], gone["rule"], gone["article"]) == (
            "B0000001", "desk.visitor", "AVG 5 lid 1 onder e",
        )  # fmt: skip
        assert gone["event"] > 0
    never = house.termijn("why", "desk", "visitor", "404")
    assert never.returncode == 6
    assert "->" in never.stderr
    house.visit(1, LONG_AGO)
    [back] = why(house, "visitor", "1")
    assert back["standing"] == "due"
    assert back["gone"]
    assert "is back" in back["next_step"]
    house.db.unlink()
    assert why(house, "visitor", "2")[0]["standing"] == "destroyed", "the ledger knows, also when the source is away"
    assert house.termijn("why", "desk", "visitor", "5").returncode == 5


def test_the_certificate_words_the_term_as_the_letter_does(house: SmallHouse) -> None:
    house.countersign()
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    [certificate] = (house.folder / "out").glob("*-certificate.json")
    [rule] = json.loads(certificate.read_bytes())["rules"]
    term: TermBlock = load_register(house.register).activities["visits"].term[0]
    assert rule["term_nl"] == term_said(term, "nl")
    assert rule["term_nl"].startswith("Hoogstens 6 maanden")
