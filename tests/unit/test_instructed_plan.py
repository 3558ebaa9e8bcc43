"""A rule that proposes takes what its practices let go, and no more: due, free, instructed, and no guard against it."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from domain.activity import Activity
from domain.guards import Facts
from domain.keys import Keys
from domain.night import RuleNight
from domain.plan import Found, Freeze, RulePlan, draw_up_plan
from domain.rules import DueTest, compile_rules, due_test
from domain.standing import Standing, Tally
from domain.system import System
from reports.night_text import result
from tests.golden import contents as given
from tests.unit.test_guards_and_plan import AS_OF, SYSTEM
from tests.unit.test_guards_and_plan import SOUND as NIGHT

DOSSIER = given.activities()["medical-dossier"]
DUE = Keys([(n,) for n in range(1, 5)])


def rule_test(activity: Activity = DOSSIER) -> DueTest:
    made = System(id="desk", **tomllib.loads(SYSTEM.replace('"visits"', '"medical-dossier"')))
    activities = {"medical-dossier": activity}
    [rule] = compile_rules(made, activities, AS_OF)
    return due_test(rule, activities, AS_OF)


TEST = rule_test()
SOUND = replace(NIGHT, countersigned={TEST.rule.digest: "fg"})


def plan_of(
    instructed: Keys | None, *, test: DueTest = TEST, facts: Facts = SOUND, freeze: Freeze | None = None
) -> RulePlan:
    found = Found(test, Tally(100, {Standing.DUE: 4, Standing.KEPT: 96}), DUE)
    said = {} if instructed is None else {test.rule.name: instructed}
    [made] = draw_up_plan(
        [found], freezes={"desk": freeze or Freeze()}, facts={"desk": facts}, as_of=AS_OF, register_digest="r",
        instructed=said,
    ).rules  # fmt: skip
    return made


@pytest.mark.parametrize("instructed", [None, Keys()])
def test_without_an_instruction_a_rule_that_proposes_takes_nothing_and_is_refused_by_nothing(
    instructed: Keys | None,
) -> None:
    made = plan_of(instructed, facts=replace(SOUND, countersigned={}))
    assert (made.to_go, made.refusals) == (Keys(), ())
    assert made.due_and_free == DUE


def test_it_takes_what_is_due_and_instructed_and_nothing_that_is_only_one_of_the_two() -> None:
    assert plan_of(Keys([(2,), (4,), (77,)])).to_go == Keys([(2,), (4,)])


def test_what_is_frozen_stays_although_it_is_instructed() -> None:
    freeze = Freeze({("visit", (2,)): "hold H0001"})
    assert plan_of(Keys([(2,), (4,)]), freeze=freeze).to_go == Keys([(4,)])


def test_a_rule_that_nobody_countersigned_destroys_nothing_on_a_practices_word_alone() -> None:
    made = plan_of(Keys([(2,)]), facts=replace(SOUND, countersigned={}))
    assert made.to_go == Keys()
    assert [r.guard for r in made.refusals] == ["countersignature"]


def test_the_ceiling_counts_what_is_instructed_and_not_what_is_due() -> None:
    system = SYSTEM.replace('"visits"', '"medical-dossier"').replace("records = 5", "records = 2")
    [rule] = compile_rules(System(id="desk", **tomllib.loads(system)), {"medical-dossier": DOSSIER}, AS_OF)
    test = due_test(rule, {"medical-dossier": DOSSIER}, AS_OF)
    facts = replace(SOUND, countersigned={rule.digest: "fg"})
    assert len(plan_of(Keys([(1,), (2,)]), test=test, facts=facts).to_go) == 2
    over = plan_of(Keys([(1,), (2,), (3,)]), test=test, facts=facts)
    assert [r.guard for r in over.refusals] == ["ceiling"]
    assert over.to_go == Keys(), "never the first two"


def test_an_instruction_opens_no_other_action() -> None:
    """What is returned is not destroyed; columns never stand on a list (tests/unit/test_list_lines.py)."""
    body = DOSSIER.model_dump(mode="json")
    body["term"][0]["at_expiry"] = "return"
    test = rule_test(Activity.model_validate(body))
    facts = replace(SOUND, countersigned={test.rule.digest: "fg"})
    assert plan_of(Keys([(1,)]), test=test, facts=facts).to_go == Keys()


def test_an_instruction_changes_the_digest_of_the_plan() -> None:
    found = Found(TEST, Tally(100, {Standing.DUE: 4}), DUE)
    digests = {
        draw_up_plan(
            [found], freezes={"desk": Freeze()}, facts={"desk": SOUND}, as_of=AS_OF, register_digest="r",
            instructed={TEST.rule.name: keys},
        ).digest
        for keys in (Keys(), Keys([(1,)]), Keys([(2,)]))
    }  # fmt: skip
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("instructed", "destroyed", "rehearsal", "said"),
    [
        (0, 0, False, "awaits the controller"),
        (3, 0, True, "3 would go"),
        (3, 3, False, "3 destroyed"),
    ],
)
def test_the_report_of_a_night_says_what_went_on_a_practices_word(
    instructed: int, destroyed: int, rehearsal: bool, said: str
) -> None:
    [rule] = [r for r in given.night().rules if r.action == "propose"]
    told: RuleNight = rule.model_copy(update={"instructed": instructed, "destroyed": destroyed})
    assert told.would_go == instructed
    assert result(told, rehearsal=rehearsal) == said


def test_an_instructed_dossier_waits_for_the_dossier_that_refers_to_it_and_was_not_instructed() -> None:
    found = Found(TEST, Tally(100, {Standing.DUE: 4}), DUE, ties=(((1,), (2,)), ((3,), (4,)), ((4,), (3,))))
    [made] = draw_up_plan(
        [found], freezes={"desk": Freeze()}, facts={"desk": SOUND}, as_of=AS_OF, register_digest="r",
        instructed={TEST.rule.name: Keys([(1,), (3,), (4,)])},
    ).rules  # fmt: skip
    assert set(made.to_go) == {(3,), (4,)}, "(1) goes only when (2) does, and the circle of (3) and (4) goes whole"
    assert set(made.due_and_free) == set(DUE)
