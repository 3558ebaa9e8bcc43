"""The guards of promise 3, each on by default, and the plan that is frozen and hashed."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.activity import Activity
from domain.guards import Facts, refusals, to_remember, warnings
from domain.keys import Keys
from domain.lookouts import Crowd, Reference, Sight, Undeclared, Unindexed
from domain.plan import Found, Freeze, PurgePlan, draw_up_plan
from domain.rules import DueTest, compile_rules, due_test
from domain.standing import Standing, Tally
from domain.system import System
from domain.trouble import Refusal

AS_OF = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
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
    now=NOW,
    last_event=NOW - timedelta(hours=8),
    last_unsound={"desk.visit": 0},
    sights={"desk.visit": Sight()},
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


def seen(*, crowds: tuple[Crowd, ...]) -> list[str]:
    return guards_of(facts=replace(SOUND, sights={"desk.visit": Sight(crowds=crowds)}))


def refusal(facts: Facts, *, total: int = 100, missing: int = 0) -> Refusal:
    tally = Tally(total, {Standing.DUE: 3, Standing.MISSING: missing, Standing.KEPT: total - 3 - missing})
    [only] = refusals(TEST.rule, tally, 3, facts)
    return only


def test_a_source_at_which_nobody_looked_is_refused() -> None:
    assert guards_of(facts=replace(SOUND, sights={})) == ["look-out"]


@pytest.mark.parametrize(
    ("most", "total", "refused"),
    [
        (100, 200, ["mass update"]),  # half of all that is over
        (99, 100, []),  # fewer than a hundred
        (100, 201, []),  # just less than half
        (4120, 5000, ["mass update"]),
    ],
)
def test_dates_that_are_over_and_fall_on_one_day_are_a_mass_update(most: int, total: int, refused: list[str]) -> None:
    crowd = Crowd("visit", "visited_on", total, most, date(2001, 1, 1))
    assert seen(crowds=(crowd,)) == refused


def test_a_mass_update_is_told_with_its_numbers_and_its_day() -> None:
    crowd = Crowd("visit", "visited_on", 5000, 4120, date(2001, 1, 1))
    told = refusal(replace(SOUND, sights={"desk.visit": Sight(crowds=(crowd,))}))
    assert "4,120 of 5,000 dates of visit.visited_on that are over fall on 2001-01-01" in told.reason
    assert "same_day" in told.do


@pytest.mark.parametrize("day", [None, date(2026, 11, 20)])
def test_rows_that_one_user_or_one_day_changed_are_a_mass_update_until_a_second_person_looked(day: date | None) -> None:
    sight = {"desk.visit": Sight(changed=(Crowd("visit", "updated_by", 150, 120, day),))}
    facts = replace(SOUND, sights=sight)
    assert guards_of(facts=facts) == ["mass update"]
    assert guards_of(facts=replace(facts, plan_approved=True)) == []


def test_a_plan_that_was_approved_lifts_no_crowded_day() -> None:
    crowd = Crowd("visit", "visited_on", 200, 200, date(2001, 1, 1))
    facts = replace(SOUND, plan_approved=True, sights={"desk.visit": Sight(crowds=(crowd,))})
    assert guards_of(facts=facts) == ["mass update"]


@pytest.mark.parametrize(
    ("total", "missing", "before", "refused"),
    [
        (1000, 100, 0, ["spoiled dates"]),
        (1000, 99, 0, []),  # fewer than a hundred more
        (1001, 100, 0, []),  # less than a tenth of all
        (1000, 300, 200, ["spoiled dates"]),
        (1000, 300, 201, []),  # they were missing before
        (1000, 900, None, []),  # the first night compares with nothing
    ],
)
def test_dates_that_went_missing_since_the_last_night_are_refused(
    total: int, missing: int, before: int | None, refused: list[str]
) -> None:
    facts = replace(SOUND, last_unsound={} if before is None else {"desk.visit": before})
    tally = Tally(total, {Standing.DUE: 3, Standing.MISSING: missing, Standing.KEPT: total - 3 - missing})
    assert [r.guard for r in refusals(TEST.rule, tally, 3, facts)] == refused
    assert list(refusals(TEST.rule, tally, 3, replace(facts, plan_approved=True))) == []


def test_what_a_guard_refused_is_not_what_the_next_night_finds_usual() -> None:
    tally = Tally(1000, {Standing.DUE: 3, Standing.MISSING: 500, Standing.IMPLAUSIBLE: 7})
    assert to_remember(tally, 507, ()) == {"total": 1000, "due": 3, "unsound": 507}
    assert to_remember(tally, 507, (Refusal("r", "spoiled dates", "", ""),)) == {"total": 1000, "due": 3}
    assert to_remember(tally, 507, (Refusal("r", "clock", "", ""),)) is None


@pytest.mark.parametrize(("ahead", "refused"), [(timedelta(minutes=10), []), (timedelta(minutes=11), ["clock"])])
def test_a_ledger_that_is_ahead_of_the_clock_is_refused(ahead: timedelta, refused: list[str]) -> None:
    assert guards_of(facts=replace(SOUND, last_event=NOW + ahead)) == refused
    assert guards_of(facts=replace(SOUND, last_event=None)) == []


def test_a_large_table_without_an_index_is_refused_with_the_statement_that_mends_it() -> None:
    mend = "CREATE INDEX note_visit_id_idx ON note (visit_id)"
    bare = Unindexed(Reference("note", ("visit_id",)), large=True, mend=mend)
    told = refusal(replace(SOUND, sights={"desk.visit": Sight(unindexed=(bare,))}))
    assert (told.guard, told.do) == ("index", f"let the database's owner run: {mend}")


def test_a_small_table_without_an_index_is_a_warning() -> None:
    bare = Unindexed(Reference("note", ("visit_id",)), large=False, mend="CREATE INDEX …")
    facts = replace(SOUND, sights={"desk.visit": Sight(unindexed=(bare,), future=(("visit.visited_on", 12),))})
    assert guards_of(facts=facts) == []
    told = list(warnings(TEST.rule, facts))
    assert any("CREATE INDEX" in w for w in told)
    assert any("12 dates of visit.visited_on lie in the future" in w for w in told)


def test_a_cascade_nobody_declared_refuses_the_rule_and_counts_what_it_would_take_along() -> None:
    strange = Undeclared("desk.fax", "an ignored table refers to registered data", "add a [dataset.…]", 12)
    told = refusal(replace(SOUND, sights={"desk.visit": Sight(undeclared=(strange,))}))
    assert told.guard == "undeclared"
    assert "12 rows" in told.reason


def test_why_records_share_a_day_is_part_of_what_is_countersigned() -> None:
    said = SYSTEM.replace('["visited_on"]', '[{ column = "visited_on", same_day = "elk jaar op 31 december" }]')
    assert rule_test(said).rule.digest != TEST.rule.digest


def test_dates_after_a_day_that_was_decided_on_late_are_not_spoiled() -> None:
    tally = Tally(1000, {Standing.DUE: 3, Standing.IMPLAUSIBLE: 150, Standing.KEPT: 847})
    late = replace(SOUND, sights={"desk.visit": Sight(late=60)})
    assert [r.guard for r in refusals(TEST.rule, tally, 3, SOUND)] == ["spoiled dates"]
    assert list(refusals(TEST.rule, tally, 3, late)) == []
