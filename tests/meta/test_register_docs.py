"""docs/register.md is what the report makes of the packaged register, and nothing a person typed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from register.loader import load_register
from reports.register_report import register_json, register_markdown

PAGE = Path(__file__).parents[2] / "docs" / "register.md"
#: The day on which the packaged register was last held against the law; the page is of that day.
AS_OF = date(2026, 11, 23)


def test_the_register_page_is_made_from_the_register_as_it_is_now() -> None:
    made = register_markdown(load_register(), AS_OF)
    assert PAGE.is_file(), "docs/register.md is missing; run `make docs`"
    # Not `==` in the assert: a diff of two long pages helps nobody.
    same = PAGE.read_text("utf-8") == made
    assert same, "the register has changed since docs/register.md was made; run `make docs`"


def test_the_page_names_every_activity_every_rule_and_every_term() -> None:
    register = load_register()
    page = register_markdown(register, AS_OF)
    for name, activity in register.activities.items():
        assert f"### {activity.title}\n\n- **Kenmerk:** `{name}`" in page
        assert all(block.counts_from in page and block.article in page for block in activity.term), name
        assert all(item.item in page for item in activity.data), name
    assert all(f"| `{rule.name}` |" in page for rule in register.rules_on(AS_OF))


def test_the_page_supplies_what_the_policy_leaves_out() -> None:
    page = register_markdown(load_register(), AS_OF)
    for said in ("beperking (18)", "Autoriteit Persoonsgegevens", "verzoekschrift, binnen zes weken"):
        assert said in page


def test_a_term_that_nobody_checked_for_a_year_is_named_on_the_page() -> None:
    assert "Langer dan een jaar niet nagekeken" not in register_markdown(load_register(), AS_OF)
    assert "- Medisch dossier in Careweb, laatst op 23 november 2026" in register_markdown(
        load_register(), date(2027, 11, 24)
    )


def test_the_json_holds_the_same_register_and_is_the_same_bytes_each_time() -> None:
    register = load_register()
    made = register_json(register, AS_OF)
    assert made == register_json(load_register(), AS_OF)
    told = json.loads(made)
    assert told["digest"] == register.digest
    assert told["activities"].keys() == register.activities.keys()
    assert told["activities"]["medical-dossier"]["held_in"] == ["careweb.patient"]
    assert told["systems"]["careweb"]["url"] == "env:CAREWEB_URL"
