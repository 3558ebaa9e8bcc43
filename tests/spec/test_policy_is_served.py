"""Every kind of data and every promise in 12Care's privacy policy, item by item, against the register."""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.activity import Activity
from register.loader import load_activities

HERE = Path(__file__).parent
POLICY = HERE.parents[2] / "shared" / "privacybeleid-12care.txt"
SECTIONS: list[dict[str, Any]] = tomllib.loads((HERE / "policy_items.toml").read_text("utf-8"))["section"]
ITEMS = [(s["name"], item) for s in SECTIONS for item in s["items"]]
DATA_ITEMS = [(s["name"], item) for s in SECTIONS if s.get("data", False) for item in s["items"]]


@pytest.fixture(scope="module")
def activities() -> dict[str, Activity]:
    return load_activities()


@pytest.fixture(scope="module")
def policy_text() -> str:
    if not POLICY.is_file():
        reason = "the policy's own text is not beside this repository (../shared/privacybeleid-12care.txt)"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; CI must have it")
        pytest.skip(reason)
    return POLICY.read_text("utf-8")


@pytest.mark.parametrize(("section", "item"), ITEMS)
def test_an_item_of_the_policy_is_served_by_an_activity(
    section: str, item: str, activities: dict[str, Activity]
) -> None:
    serving = [name for name, a in activities.items() if f"{section}: {item}" in a.policy]
    assert serving, f"no activity has {section + ': ' + item!r} in `policy`"


@pytest.mark.parametrize(("section", "item"), DATA_ITEMS)
def test_a_kind_of_data_in_the_policy_is_among_the_data_of_each_activity_that_says_it_serves_it(
    section: str, item: str, activities: dict[str, Activity]
) -> None:
    for name, activity in activities.items():
        if f"{section}: {item}" in activity.policy:
            assert item in {d.item for d in activity.data}, (
                f"{name}.toml serves {item!r} but does not list it in `data`"
            )


def test_no_activity_serves_a_line_that_is_not_in_the_policy(activities: dict[str, Activity]) -> None:
    known = {f"{section}: {item}" for section, item in ITEMS}
    unknown = [(name, line) for name, a in activities.items() for line in a.policy if line not in known]
    assert unknown == []


def test_the_things_a_register_easily_forgets_each_have_their_activity(activities: dict[str, Activity]) -> None:
    assert {
        "website-cookies", "opt-in-register", "processor-agreements", "breach-register", "policy-changes",
        "identity-checks", "suppression-list", "careweb-access-log", "destruction-evidence",
    } <= activities.keys()  # fmt: skip


def test_every_bullet_of_the_real_policy_is_in_our_list_under_its_own_heading(policy_text: str) -> None:
    listed = {(s["heading"], item) for s in SECTIONS for item in s["items"]}
    heading, missing, bullets = "", [], 0
    for line in filter(None, (line.strip() for line in policy_text.splitlines())):
        if line.startswith("•"):
            bullets += 1
            bullet = (heading, line.removeprefix("•").strip())
            missing += [] if bullet in listed else [bullet]
        else:
            heading = line
    assert missing == []
    assert bullets == 55, "the policy has other bullets than when policy_items.toml was written"


def test_every_section_and_item_of_our_list_stands_literally_in_the_real_policy(policy_text: str) -> None:
    said = _words(policy_text)
    assert [s["heading"] for s in SECTIONS if _words(s["heading"]) not in said] == []
    assert [(section, item) for section, item in ITEMS if _words(item) not in said] == []


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# LAW.md §0, the traps


def test_trap_b_copies_and_statements_go_five_years_after_the_calendar_year_of_leaving(
    activities: dict[str, Activity],
) -> None:

    for name in ("id-copy", "wage-tax-statement", "hired-staff-id-copy"):
        term = activities[name].term[-1]
        assert term.kept_until(date(2020, 3, 15)) == date(2025, 12, 31), name


def test_trap_c_a_copy_of_an_id_is_not_kept_after_the_check(activities: dict[str, Activity]) -> None:
    term = activities["identity-checks"].term[-1]
    assert (str(term.maximum), term.minimum) == ("1 day", None)


def test_trap_e_a_childs_dossier_counts_from_the_last_medical_change_as_any_other(
    activities: dict[str, Activity],
) -> None:
    term = activities["medical-dossier"].term[-1]
    assert str(term.minimum) == "20 years"
    assert "laatste medische wijziging" in term.counts_from
    assert "begint hij niet opnieuw" in str(term.choice)


def test_12care_never_destroys_on_its_own_what_it_keeps_for_a_practice(activities: dict[str, Activity]) -> None:
    kept_for_others = {n: a for n, a in activities.items() if a.role == "processor"}
    assert kept_for_others.keys() == {"medical-dossier", "careweb-access-log", "patient-invoices"}
    assert {t.at_expiry for a in kept_for_others.values() for t in a.term} == {"propose"}


def test_a_term_without_a_legal_figure_is_visible_as_a_choice_that_the_dpo_signs(
    activities: dict[str, Activity],
) -> None:
    unsure = {n for n, a in activities.items() if any(t.certainty == "unsure" for t in a.term)}
    assert {"payroll", "reintegration", "website-cookies", "privacy-requests"} <= unsure
    for name in unsure:
        assert "De FG tekent" in str(activities[name].term[-1].choice), name
