"""What holds of every deadline, whatever the dates: never later than the law, pauses only ever give time."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.deadlines import (
    Pause,
    PauseReason,
    days_left,
    deadline_for,
    may_extend,
    steering_day,
)
from domain.holidays_nl import is_working_day, working_day_on_or_after, working_day_on_or_before
from domain.ladder import Ladder, rung_on

RECEIVED = st.dates(date(2023, 1, 1), date(2029, 12, 31))
TOLD = ["handler", "dpo"]
LADDER = Ladder.model_validate(
    {
        "since": date(2026, 1, 1),
        "source": "a test",
        "last_checked": date(2026, 1, 1),
        "rung": [{"days_left": n, "told": TOLD, "tone": "reminder", "asks": "Look."} for n in (14, 7, 3, 1, 0)],
        "overdue": {"told": TOLD, "tone": "alarm", "asks": "Answer."},
    }
)


@st.composite
def pauses(draw: st.DrawFn, received: date) -> list[Pause]:
    """Up to four questions, in any order, overlapping or not."""
    made = []
    for _ in range(draw(st.integers(0, 4))):
        asked = received + timedelta(days=draw(st.integers(0, 120)))
        answered = asked + timedelta(days=draw(st.integers(0, 60)))
        made.append(Pause(asked, answered, draw(st.sampled_from(PauseReason))))
    return made


def days_stood_still(received: date, limit: date, found: list[Pause]) -> date:
    """The slow oracle: walk day by day; a day in a pause that began in time gives a day, whichever pauses share it."""
    for day in sorted({p.asked_on + timedelta(days=n) for p in found for n in range(_length(p))}):
        run_start = day
        while any(p.asked_on <= run_start - timedelta(days=1) < _end(p) for p in found):
            run_start -= timedelta(days=1)
        if run_start <= limit or day <= limit:
            limit += timedelta(days=1)
    return limit


def _length(p: Pause) -> int:
    return (_end(p) - p.asked_on).days


def _end(p: Pause) -> date:
    assert p.answered_on is not None
    return p.answered_on


@given(RECEIVED)
def test_the_promise_never_lies_after_the_law_and_both_raw_dates_have_the_right_number(received: date) -> None:
    deadline = deadline_for(received)
    assert deadline.promise <= deadline.promise_day <= deadline.law_day <= deadline.law
    assert (deadline.promise_day - received).days == 28
    assert deadline.law_day.day == received.day or (deadline.law_day + timedelta(days=1)).day == 1
    assert deadline.extended_day.day == received.day or (deadline.extended_day + timedelta(days=1)).day == 1
    assert deadline.law_day.month % 12 == (received.month + 1) % 12
    assert deadline.extended_day.month % 12 == (received.month + 3) % 12


@given(RECEIVED)
def test_what_was_shifted_is_the_nearest_working_day(received: date) -> None:
    deadline = deadline_for(received)
    assert is_working_day(deadline.promise)
    assert is_working_day(deadline.law)
    assert is_working_day(deadline.extended)
    between = (deadline.promise_day - deadline.promise).days
    assert not any(is_working_day(deadline.promise + timedelta(days=n)) for n in range(1, between + 1))
    between = (deadline.law - deadline.law_day).days
    assert not any(is_working_day(deadline.law_day + timedelta(days=n)) for n in range(between))


@given(RECEIVED)
def test_who_asks_later_never_has_an_earlier_deadline(received: date) -> None:
    one, next_day = deadline_for(received), deadline_for(received + timedelta(days=1))
    assert one.promise <= next_day.promise
    assert one.law_day <= next_day.law_day
    assert one.law <= next_day.law
    assert one.extended_day <= next_day.extended_day
    assert steering_day(one) <= steering_day(next_day)


@given(RECEIVED)
def test_working_days_on_either_side(day: date) -> None:
    assert working_day_on_or_before(day) <= day <= working_day_on_or_after(day)
    assert (working_day_on_or_before(day) == day) is is_working_day(day) is (working_day_on_or_after(day) == day)


@given(st.data(), RECEIVED)
def test_pauses_count_every_day_once_as_a_walk_by_day_does(data: st.DataObject, received: date) -> None:
    found = data.draw(pauses(received))
    deadline, without = deadline_for(received, pauses=found), deadline_for(received)
    assert deadline.promise_day == days_stood_still(received, without.promise_day, found)
    assert deadline.law_day == days_stood_still(received, without.law_day, found)
    assert deadline.extended_day == days_stood_still(received, without.extended_day, found)
    assert deadline.promise_day <= deadline.law_day <= deadline.extended_day


@given(st.data(), RECEIVED)
def test_a_pause_only_gives_time_and_its_order_does_not_matter(data: st.DataObject, received: date) -> None:
    found = data.draw(pauses(received))
    deadline = deadline_for(received, pauses=found)
    assert deadline == deadline_for(received, pauses=list(reversed(found)))
    assert deadline.promise_day >= deadline.unpaused.promise_day
    assert deadline.law_day >= deadline.unpaused.law_day
    assert deadline.paused_days <= sum(_length(p) for p in found)
    assert deadline.unpaused.law == deadline_for(received).law
    for left_out in range(len(found)):
        assert deadline_for(received, pauses=found[:left_out] + found[left_out + 1 :]).law_day <= deadline.law_day


@given(st.data(), RECEIVED)
def test_seen_day_by_day_a_limit_never_comes_nearer_than_a_day_a_day(data: st.DataObject, received: date) -> None:
    found = data.draw(pauses(received))
    start = received + timedelta(days=data.draw(st.integers(0, 200)))
    today = deadline_for(received, pauses=found, as_of=start)
    tomorrow = deadline_for(received, pauses=found, as_of=start + timedelta(days=1))
    moved = (tomorrow.promise_day - today.promise_day).days
    assert moved in (0, 1)
    if moved:
        assert today.standing_still


@given(RECEIVED, st.integers(-40, 120))
def test_an_extension_is_possible_in_the_first_month_and_at_no_other_time(received: date, after: int) -> None:
    deadline, notice = deadline_for(received), received + timedelta(days=after)
    assert may_extend(deadline, notice) is (received <= notice <= deadline.law_day)


@given(RECEIVED)
def test_a_morning_a_day_climbs_each_rung_once_and_leaves_none_out(received: date) -> None:
    deadline = deadline_for(received)
    climbed: list[str] = []
    for as_of in (received + timedelta(days=n) for n in range(40)):
        climb = rung_on(LADDER, deadline, as_of, set(climbed))
        if climb is not None:
            assert climb.covers == ()
            assert climb.days_left == days_left(deadline, as_of)
            climbed.append(climb.key)
    rungs, overdue = climbed[:5], climbed[5:]
    assert rungs == ["promise-14", "promise-7", "promise-3", "promise-1", "promise-0"]
    assert len(set(overdue)) == len(overdue) == (received + timedelta(days=39) - deadline.promise).days


@given(RECEIVED, st.sets(st.integers(0, 45), min_size=1))
def test_however_many_mornings_are_missed_each_rung_is_told_or_covered_once(received: date, days: set[int]) -> None:
    deadline = deadline_for(received)
    recorded: list[str] = []
    for n in sorted(days):
        climb = rung_on(LADDER, deadline, received + timedelta(days=n), set(recorded))
        recorded += [*climb.covers, climb.key] if climb else []
    assert len(recorded) == len(set(recorded))
    left = days_left(deadline, received + timedelta(days=max(days)))
    assert {r for r in recorded if r.startswith("promise")} == {f"promise-{n}" for n in (14, 7, 3, 1, 0) if n >= left}
    numbers = [int(r.removeprefix("promise-")) for r in recorded if r.startswith("promise")]
    assert all(a > b for a, b in pairwise(numbers))
