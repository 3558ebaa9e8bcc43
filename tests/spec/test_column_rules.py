"""One record, several rules: which column goes when, and how long the row stays, in the words of the law."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.activity import Activity, AtExpiry
from domain.column_rules import Change
from domain.rules import RetentionRule, compile_rules, due_test
from domain.standing import Standing, WatchFacts, stand
from domain.system import System
from domain.treatment import Fixed, Plain
from domain.trouble import RegisterInvalid

_TERMS = {
    "AWR 52: payroll": ("payroll", {"minimum": "7 years", "counting": "from the end of the calendar year"}),
    "Vrijst.besl. 7(5): file": ("file", {"maximum": "2 years"}),
    "URLB 7.5: identity": ("identity", {"minimum": "5 years", "counting": "from the end of the calendar year"}),
    "pension": ("pension", {"minimum": "10 years"}),
    "figures": ("figures", {"maximum": "2 years", "at_expiry": "anonymise"}),
    "processor": ("practice", {"maximum": "1 year", "at_expiry": "propose"}),
    "strips": ("strips", {"maximum": "1 year", "at_expiry": "strip"}),
}
COLUMNS = ("id", "bsn", "name", "phone", "born_on", "left_on", "tenant")


def activities(**changes: Any) -> dict[str, Activity]:
    found = {}
    for name, given in _TERMS.values():
        term = {
            "since": date(2020, 1, 1), "counts_from": "leaving", "article": "an article", "source": "a source",
            "certainty": "certain", "last_checked": date(2026, 11, 23), "at_expiry": "destroy",
            **given, **changes.get(name, {}),
        }  # fmt: skip
        found[name] = Activity.model_validate({
            "id": name, "title": name.title(), "purpose": "a purpose", "role": "controller",
            "legal_ground": ["AVG 6.1.c"], "subjects": ["staff"], "source": "the person", "security": ["locked"],
            "data": [{"item": "name", "category": "user.name"}], "term": [term],
        })  # fmt: skip
    return found


def system(columns: dict[str, dict[str, Any]] | None = None, *, activity: str = "payroll", **dataset: Any) -> System:
    declared = {c: {"class": "technical", **(columns or {}).get(c, {})} for c in COLUMNS}
    staff = {
        "activity": activity, "key": ["id"], "triggers": ["left_on"], "tenant": "tenant", "columns": declared,
        "ceiling": {"records": 5, "share": 0.5}, **dataset,
    }  # fmt: skip
    return System.model_validate(
        {"id": "hr", "title": "HR", "connector": "sql", "url": "env:HR", "dataset": {"staff": staff}}
    )


def rules(of: System, as_of: date = date(2026, 11, 23), **changes: Any) -> dict[str, RetentionRule]:
    return {r.name: r for r in compile_rules(of, activities(**changes), as_of)}


#: A person left on this day; on that day: the row, and the column `phone` under the activity named.
STORY = """
left on    | on         | phone follows | row  | phone | why
2024-11-23 | 2026-11-23 | file          | kept | kept  | the last of the two years
2024-11-22 | 2026-11-23 | file          | kept | due   | two years are over: the phone goes, the row stays
2019-12-31 | 2026-12-31 | file          | kept | due   | AWR 52: seven years after the calendar year, last day
2019-12-31 | 2027-01-01 | file          | due  | due   | and the day after
2019-12-31 | 2027-01-01 | pension       | kept | kept  | the longest minimum wins: a column that must stay ten years
2019-12-31 | 2029-12-31 | pension       | kept | kept  | the last of the ten years
2019-12-31 | 2030-01-01 | pension       | due  | due   | all terms are over
2021-06-30 | 2027-01-01 | identity      | kept | due   | URLB 7.5: five years, from 1 January of year six
2021-06-30 | 2026-12-31 | identity      | kept | kept  | a day earlier
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


@pytest.mark.parametrize(("left", "on", "follows", "row", "phone", "why"), _rows(STORY))
def test_the_longest_minimum_wins_per_column(left: str, on: str, follows: str, row: str, phone: str, why: str) -> None:
    known, as_of = activities(), date.fromisoformat(on)
    tests = {
        r.name: due_test(r, known, as_of) for r in compile_rules(system({"phone": {"activity": follows}}), known, as_of)
    }
    seen = WatchFacts(rows=1, latest=date.fromisoformat(left))
    for name, standing in (("hr.staff", row), (f"hr.staff#{follows}", phone)):
        test = tests[name]
        assert stand(test, [seen] * len(test.watches)).standing is Standing(standing), (name, why)


def test_a_column_that_follows_its_row_adds_nothing() -> None:
    [plain], [told] = rules(system()).values(), rules(system({"phone": {"activity": "payroll"}})).values()
    assert (plain.name, plain.digest, plain.watches) == (told.name, told.digest, told.watches)


def test_a_rule_of_columns_names_its_columns_and_leaves_the_row_alone() -> None:
    of = system({"phone": {"activity": "file"}, "name": {"activity": "file", "at_expiry": {"fixed": "verwijderd"}}})
    row, columns = rules(of).values()
    assert (row.name, row.action, row.change) == ("hr.staff", AtExpiry.DESTROY, None)
    assert (columns.name, columns.filed_as, columns.action) == ("hr.staff#file", "staff#file", AtExpiry.STRIP)
    assert columns.change == Change((("name", Fixed(fixed="verwijderd")), ("phone", Plain.NULL)))
    assert [p.dataset for p in columns.parts] == ["staff"]
    assert columns.clears == ()


def test_what_is_proposed_to_a_controller_is_only_proposed_for_columns_too() -> None:
    assert rules(system({"phone": {"activity": "practice"}}))["hr.staff#practice"].action is AtExpiry.PROPOSE


def test_a_column_whose_activity_has_no_term_yet_keeps_the_row_and_itself() -> None:
    known = activities(pension={"since": date(2030, 1, 1)})
    as_of = date(2026, 11, 23)
    [row] = compile_rules(system({"phone": {"activity": "pension"}}), known, as_of)
    test = due_test(row, known, as_of)
    assert not test.possible
    assert stand(test, [WatchFacts(rows=1, latest=date(1990, 1, 1))] * 2).standing is Standing.KEPT


COUNTERSIGNED = [
    ({"phone": {"activity": "file"}}, {"phone": {"activity": "file", "at_expiry": {"fixed": "x"}}}, "the treatment"),
    ({"phone": {"activity": "file"}}, {"phone": {"activity": "file"}, "name": {"activity": "file"}}, "a column more"),
]


@pytest.mark.parametrize(("before", "after", "what"), COUNTERSIGNED)
def test_the_dpo_countersigns_columns_and_treatments(before: Any, after: Any, what: str) -> None:
    name = "hr.staff#file"
    assert rules(system(before))[name].digest != rules(system(after))[name].digest, what
    assert rules(system(before))["hr.staff"].digest == rules(system(after))["hr.staff"].digest


def test_the_dpo_countersigns_the_term_of_a_column_with_its_row() -> None:
    of = system({"phone": {"activity": "pension"}})
    before, after = rules(of), rules(of, pension={"minimum": "11 years"})
    assert {n for n in before if before[n].digest != after[n].digest} == {"hr.staff", "hr.staff#pension"}
    assert rules(system())["hr.staff"].digest != before["hr.staff"].digest


def test_a_ceiling_of_its_own_holds_for_a_rule_of_columns() -> None:
    of = system({"phone": {"activity": "file"}}, column_ceilings={"file": {"records": 50, "share": 0.9}})
    row, columns = rules(of).values()
    assert row.dataset.ceiling is not None
    assert columns.dataset.ceiling is not None
    assert (row.dataset.ceiling.records, columns.dataset.ceiling.records) == (5, 50)


def test_a_dataset_that_is_made_anonymous_has_one_rule_and_its_row_survives() -> None:
    told = {"name": {"category": "user.name", "at_expiry": "null"}, "born_on": {"at_expiry": "year"}}
    [rule] = rules(system(told, activity="figures")).values()
    assert (rule.name, rule.action) == ("hr.staff#figures", AtExpiry.ANONYMISE)
    assert rule.change == Change((("born_on", Plain.YEAR), ("name", Plain.NULL)))


def test_a_dataset_that_is_stripped_keeps_its_row() -> None:
    [rule] = rules(system({"name": {"at_expiry": "null"}}, activity="strips")).values()
    assert (rule.action, rule.change) == (AtExpiry.STRIP, Change((("name", Plain.NULL),)))


def test_an_identifying_column_may_be_emptied_or_get_a_value_that_identifies_nobody() -> None:
    told = {"phone": {"activity": "file", "at_expiry": {"fixed": "verwijderd"}}, "name": {"activity": "file"}}
    assert rules(system(told, identifies={"phone": "phone", "name": "name"}))["hr.staff#file"].change is not None


def test_a_change_is_read_back_from_the_event_that_tells_it() -> None:
    change = Change((("name", Fixed(fixed="verwijderd")), ("phone", Plain.NULL), ("born_on", Plain.YEAR)))
    assert Change.read(change.told()) == change
    for odd in ([["phone"]], "phone", None, {"phone": "null"}):
        with pytest.raises(ValueError, match="change"):
            Change.read(odd)


#: columns, the rest of the dataset, and what the error names.
REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"id": {"activity": "file"}}, {}, "id.*keeps its value"),
    ({"left_on": {"at_expiry": "year"}}, {}, "left_on.*keeps its value"),
    ({"tenant": {"activity": "file"}}, {}, "tenant.*keeps its value"),
    ({"phone": {"activity": "file"}}, {"only": {"phone": "x"}}, "phone.*keeps its value"),
    ({"phone": {"activity": "file"}}, {"soft_delete": "phone"}, "phone.*keeps its value"),
    (
        {"phone": {"activity": "file"}},
        {"references": [{"dataset": "staff", "by": {"phone": "id"}}]},
        "phone.*keeps its value",
    ),
    ({"bsn": {"activity": "file"}}, {"references": [{"dataset": "staff", "by": {"name": "bsn"}}]}, "bsn.*refers to"),
    ({"phone": {"at_expiry": "null"}}, {}, "phone.*never kept beyond"),
    ({"phone": {"activity": "file", "at_expiry": "pseudonym"}}, {}, "phone.*trace"),
    ({"phone": {"activity": "file", "at_expiry": "stays"}}, {}, "phone.*trace"),
    ({"phone": {"activity": "file", "at_expiry": "shorter"}}, {}, "at_expiry"),
    ({}, {"activity": "figures"}, "no column says"),
    ({"name": {"category": "user.name"}, "phone": {"at_expiry": "null"}}, {"activity": "figures"}, "name.*of whom"),
    (
        {"name": {"at_expiry": "stays"}, "phone": {"at_expiry": "null"}},
        {"activity": "figures", "identifies": {"name": "name"}},
        "name.*of whom",
    ),
    (
        {"name": {"activity": "figures", "at_expiry": "pseudonym"}},
        {"identifies": {"name": "name"}},
        "name says who the person is",
    ),
    (
        {"born_on": {"activity": "figures", "at_expiry": "year"}},
        {"identifies": {"name_born": ["name", "born_on"]}},
        "born_on says who the person is",
    ),
    (
        {"name": {"activity": "file", "at_expiry": {"fixed": "verwijderd"}}},
        {"identifies": {"name": "name"}},
        "name says who the person is",
    ),
    ({"phone": {"activity": "file"}}, {"column_ceilings": {"pension": {"records": 1, "share": 1}}}, "pension"),
]


@pytest.mark.parametrize(("columns", "dataset", "says"), REFUSED)
def test_a_register_that_asks_for_what_cannot_be_is_refused(
    columns: dict[str, Any], dataset: dict[str, Any], says: str
) -> None:
    with pytest.raises((RegisterInvalid, ValueError), match=says):
        rules(system(columns, **dataset))


def test_a_row_that_survives_does_not_leave_its_parts_behind_as_they_are() -> None:
    of = system({"name": {"at_expiry": "null"}}, activity="figures").model_dump(mode="json", by_alias=True)
    of["dataset"]["note"] = {
        "key": ["id"], "part_of": {"dataset": "staff", "by": {"staff_id": "id"}},
        "columns": {c: {"class": "technical"} for c in ("id", "staff_id", "text")},
    }  # fmt: skip
    with pytest.raises(RegisterInvalid, match="note would survive"):
        rules(System.model_validate(of))


def test_a_service_over_rest_is_refused_by_name() -> None:
    of = system({"phone": {"activity": "file"}}).model_copy(update={"connector": "rest"})
    with pytest.raises(RegisterInvalid, match="REST"):
        rules(of)


def test_columns_of_a_part_follow_only_a_dataset_with_a_term_of_its_own() -> None:
    of = system().model_dump(mode="json", by_alias=True)
    of["dataset"]["note"] = {
        "key": ["id"], "part_of": {"dataset": "staff", "by": {"staff_id": "id"}},
        "columns": {"id": {"class": "technical"}, "staff_id": {"class": "technical"},
                    "text": {"class": "technical", "activity": "file"}},
    }  # fmt: skip
    with pytest.raises(ValueError, match="text: only a dataset with an `activity`"):
        System.model_validate(of)


def test_a_dossier_waits_for_the_columns_of_each_part() -> None:
    of = system().model_dump(mode="json", by_alias=True)
    of["dataset"]["spell"] = {
        "activity": "file", "key": ["id"], "part_of": {"dataset": "staff", "by": {"staff_id": "id"}},
        "triggers": ["ended_on"], "ceiling": {"records": 5, "share": 1},
        "columns": {"id": {"class": "technical"}, "staff_id": {"class": "technical"},
                    "ended_on": {"class": "technical"}, "doctor": {"class": "technical", "activity": "pension"}},
    }  # fmt: skip
    found = rules(System.model_validate(of))
    watched = [(w.dataset, w.column, w.activity) for w in found["hr.staff"].watches]
    assert watched == [
        ("staff", "left_on", "payroll"), ("spell", "ended_on", "file"), ("spell", "ended_on", "pension"),
    ]  # fmt: skip
    assert [w.activity for w in found["hr.spell#pension"].watches] == ["pension"]
