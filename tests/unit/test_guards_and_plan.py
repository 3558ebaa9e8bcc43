"""The guards of promise 3, each on by default, and the plan that is frozen and hashed."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.activity import Activity
from domain.guards import Facts, refusals
from domain.keys import Keys
from domain.plan import Found, Freeze, PurgePlan, draw_up_plan
from domain.rules import DueTest, compile_rules, due_test
from domain.standing import Standing, Tally
from domain.system import System

AS_OF = date(2026, 11, 23)
ACTIVITY = Activity(
    id="visits",
    **tomllib.loads(
        """
title = "Bezoek"
purpose = "weten wie er was"
role = "controller"
legal_ground = ["AVG 6.1.f"]
subjects = ["bezoeker"]
source = "de bezoeker"
security = ["slot op de deur"]
data = [{ item = "naam", category = "user.name" }]
[[term]]
since = 2020-01-01
maximum = "6 months"
counts_from = "het bezoek"
article = "AVG 5"
source = "richtlijn"
certainty = "likely"
last_checked = 2026-11-23
at_expiry = "destroy"
"""
    ),
)
SYSTEM = """
title = "Balie"
connector = "sql"
url = "env:DESK_URL"
[dataset.visit]
activity = "visits"
key = ["id"]
triggers = ["visited_on"]
ceiling = { records = 5, share = 0.1 }
columns.id = { class = "technical" }
columns.visited_on = { class = "export", label = "Bezocht op" }
"""


def rule_test(system: str = SYSTEM) -> DueTest:
    made = System(id="desk", **tomllib.loads(system))
    [rule] = compile_rules(made, {"visits": ACTIVITY}, AS_OF)
    return due_test(rule, {"visits": ACTIVITY}, AS_OF)


TEST = rule_test()
SOUND = Facts(
    as_of=AS_OF,
    today=AS_OF,
    last_armed=AS_OF - timedelta(days=1),
    last_total={"desk.visit": 100},
    countersigned={TEST.rule.digest: "fg"},
)


def guards_of(*, total: int = 100, due: int = 3, test: DueTest = TEST, facts: Facts = SOUND) -> list[str]:
    tally = Tally(total, {Standing.DUE: due, Standing.KEPT: total - due})
    return [r.guard for r in refusals(test.rule, tally, due, facts)]


def test_a_sound_night_is_refused_by_no_guard() -> None:
    assert guards_of() == []


def test_a_rule_that_nobody_countersigned_is_refused() -> None:
    assert guards_of(facts=replace(SOUND, countersigned={})) == ["countersignature"]


def test_a_rule_that_changed_since_it_was_countersigned_is_refused() -> None:
    changed = rule_test(SYSTEM.replace("records = 5", "records = 6"))
    assert changed.rule.digest != TEST.rule.digest
    assert guards_of(test=changed) == ["countersignature"]


@pytest.mark.parametrize(
    ("total", "due", "refused"),
    [
        (100, 5, []),  # at the ceiling in number
        (100, 6, ["ceiling"]),  # one over
        (50, 5, []),  # at the ceiling in share
        (49, 5, ["ceiling"]),  # just over the share
        (100, 0, []),
    ],
)
def test_over_either_ceiling_the_rule_destroys_nothing(total: int, due: int, refused: list[str]) -> None:
    assert guards_of(total=total, due=due) == refused


@pytest.mark.parametrize("ceiling", ["{ records = 0, share = 1.0 }", "{ records = 9, share = 0.0 }"])
def test_a_ceiling_of_zero_means_zero(ceiling: str) -> None:
    test = rule_test(SYSTEM.replace("{ records = 5, share = 0.1 }", ceiling))
    facts = replace(SOUND, countersigned={test.rule.digest: "fg"})
    assert guards_of(due=1, test=test, facts=facts) == ["ceiling"]
    assert guards_of(due=0, test=test, facts=facts) == []


@pytest.mark.parametrize(
    ("as_of", "last_armed", "refused"),
    [
        (AS_OF, None, []),
        (AS_OF, AS_OF, []),
        (AS_OF, AS_OF + timedelta(days=1), ["clock"]),  # set back
        (AS_OF, AS_OF - timedelta(days=35), []),
        (AS_OF, AS_OF - timedelta(days=36), ["clock"]),  # jumped
        (AS_OF + timedelta(days=1), AS_OF, ["clock"]),  # the future
    ],
)
def test_a_clock_that_jumped_is_refused(as_of: date, last_armed: date | None, refused: list[str]) -> None:
    assert guards_of(facts=replace(SOUND, as_of=as_of, last_armed=last_armed)) == refused


def test_a_source_that_was_emptied_is_refused() -> None:
    assert guards_of(total=0, due=0) == ["empty source"]
    assert guards_of(total=0, due=0, facts=replace(SOUND, last_total={})) == []


def test_everything_due_at_once_is_refused() -> None:
    test = rule_test(SYSTEM.replace("{ records = 5, share = 0.1 }", "{ records = 500, share = 1.0 }"))
    facts = replace(SOUND, countersigned={test.rule.digest: "fg"})
    assert guards_of(total=10, due=10, test=test, facts=facts) == ["all due at once"]
    assert guards_of(total=10, due=9, test=test, facts=facts) == []


def test_a_rule_that_wants_each_plan_approved_waits_for_it() -> None:
    test = rule_test(SYSTEM.replace('key = ["id"]', 'key = ["id"]\napproval = "each plan"'))
    facts = replace(SOUND, countersigned={test.rule.digest: "fg"})
    assert guards_of(test=test, facts=facts) == ["approval"]
    assert guards_of(test=test, facts=replace(facts, plan_approved=True)) == []


def plan(due: Keys, freeze: Freeze | None = None, facts: Facts = SOUND) -> PurgePlan:
    tally = Tally(100, {Standing.DUE: len(due), Standing.KEPT: 100 - len(due)})
    return draw_up_plan(
        [Found(TEST, tally, due)],
        freezes={"desk": freeze or Freeze()},
        facts={"desk": facts},
        as_of=AS_OF,
        register_digest="r",
    )


def test_a_held_record_is_due_and_does_not_go() -> None:
    drawn = plan(Keys([(1,), (2,), (3,)]), Freeze({("visit", (2,)): "hold H0001"}))
    [rule] = drawn.rules
    assert rule.to_go == Keys([(1,), (3,)])
    assert rule.frozen == {"hold H0001": Keys([(2,)])}


def test_a_hold_on_the_whole_dataset_keeps_all_of_it() -> None:
    [rule] = plan(Keys([(1,), (2,)]), Freeze(whole={"visit": "hold H0002"})).rules
    assert len(rule.to_go) == 0
    assert len(rule.frozen["hold H0002"]) == 2


def test_a_refused_rule_takes_nothing_at_all() -> None:
    [rule] = plan(Keys((n,) for n in range(20))).rules
    assert [r.guard for r in rule.refusals] == ["ceiling"]
    assert len(rule.to_go) == 0


def test_two_renderings_of_one_plan_have_one_digest_and_any_change_another() -> None:
    one = plan(Keys([(1,), (2,)]))
    assert one.digest == plan(Keys([(1,), (2,)])).digest
    assert one.digest != plan(Keys([(1,), (3,)])).digest
    assert one.digest != plan(Keys([(1,), (2,)]), Freeze({("visit", (2,)): "hold H0001"})).digest


def test_without_the_list_of_holds_there_is_no_plan() -> None:
    with pytest.raises(KeyError):
        draw_up_plan(
            [Found(TEST, Tally(1, {Standing.DUE: 1}), Keys([(1,)]))],
            freezes={},
            facts={"desk": SOUND},
            as_of=AS_OF,
            register_digest="r",
        )
