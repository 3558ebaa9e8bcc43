"""When a request must be answered: the promise of 28 days and the month of the law, side by side.

The law (AVG 12(3), Regulation 1182/71 art. 3): one month from receipt, the day of receipt not counted, ending on
the same day number or the last day of a shorter month; three months from receipt where an extension was told, with
its reasons, inside the first month. The promise (12Care's policy): 28 days. The law's last day moves forward over
weekends and holidays (art. 3(4)); that date is shown and never planned on. The promise moves back, to a working
day that is surely not too late. Dates in, dates out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.holidays_nl import working_day_on_or_after, working_day_on_or_before
from domain.terms import Term
from domain.trouble import Refused

PROMISE = Term(weeks=4)  # 12Care's own promise: 28 days, written answer
LAW = Term(months=1)  # AVG 12(3), first sentence
EXTENDED = Term(months=3)  # AVG 12(3), second sentence: three in all, from receipt
BREACH_HOURS = 72  # AVG 33(1)


class PauseReason(StrEnum):
    """The only two questions to the person that stop the clock (EDPB Guidelines 01/2022 §5.3)."""

    IDENTITY = "identity"
    CLARIFICATION = "clarification"


@dataclass(frozen=True, slots=True)
class Pause:
    """Time in which we wait for the person: from the day we asked until the day of the answer (None: still waiting).

    Raises `Refused` for another reason than identity or clarification, and for an answer before its question.
    """

    asked_on: date
    answered_on: date | None
    reason: PauseReason
    note: str = ""

    def __post_init__(self) -> None:
        if self.reason not in tuple(PauseReason):
            raise Refused(
                "only a question about identity or a clarification stops the clock",
                where="pause",
                do=f"give one of the reasons {', '.join(PauseReason)}; for anything else the clock runs on",
            )
        object.__setattr__(self, "reason", PauseReason(self.reason))
        if self.answered_on is not None and self.answered_on < self.asked_on:
            raise Refused(
                f"the answer of {self.answered_on} comes before the question of {self.asked_on}",
                where="pause",
                do="correct the dates; the clock stands still from the question until the answer",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The three limits of one request. `*_day` is the raw date; the bare name is the date after weekends and holidays.

    `promise` lies on or before `promise_day`. `law` and `extended` lie on or after theirs: shown, never planned on.
    """

    promise_day: date
    promise: date
    law_day: date
    law: date
    extended_day: date
    extended: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Limits):
    """The limits of one request with its pauses counted, and beside them, always, what they were without (`unpaused`).

    `paused_days`: how far the pauses moved the law's limit. `standing_still`: a question is still open. The extended
    limits are always filled in, so that they can be shown; they are in force only where `extended_on` is a date.
    """

    received: date
    unpaused: Limits
    paused_days: int
    standing_still: bool
    extended_on: date | None


def deadline_for(
    received: date, *, pauses: Sequence[Pause] = (), extended_on: date | None = None, as_of: date | None = None
) -> Deadline:
    """The deadline of a request received on `received`, as it stood at the end of `as_of`.

    An open pause makes the clock stand still up to `as_of`, which it therefore needs. With `as_of` given, what came
    after it (an answer, a question, an extension) does not count yet. A pause that began after a limit had run out
    does not bring that limit back. Raises `Refused`.
    """
    _check_pauses(received, pauses, as_of)
    still = _standing_still([(p.asked_on, p.answered_on or as_of) for p in pauses], as_of)
    unpaused, limits = _limits(received, ()), _limits(received, still)
    deadline = Deadline(
        promise_day=limits.promise_day,
        promise=limits.promise,
        law_day=limits.law_day,
        law=limits.law,
        extended_day=limits.extended_day,
        extended=limits.extended,
        received=received,
        unpaused=unpaused,
        paused_days=(limits.law_day - unpaused.law_day).days,
        standing_still=any(_is_open(p, as_of) for p in pauses),
        extended_on=None,
    )
    if extended_on is None or (as_of is not None and extended_on > as_of):
        return deadline
    return extend(deadline, extended_on)


def extend(deadline: Deadline, on: date) -> Deadline:
    """The deadline after a notice of extension, with its reasons, that went to the person on `on`."""
    check_may_extend(deadline, on)
    return replace(deadline, extended_on=on)


def check_may_extend(deadline: Deadline, on: date) -> None:
    """Raise `Refused` unless a notice that goes on `on` lies inside the first month (AVG 12(3)), for the first time.

    The month here is the one before any shift over weekends: the shifted date is never planned on.
    """
    if deadline.extended_on is not None:
        raise Refused(
            f"this request was already extended on {deadline.extended_on}",
            where="extension (AVG 12(3))",
            do=f"answer by {steering_day(deadline)}; the law knows one extension, to three months in all",
        )
    if not deadline.received <= on <= deadline.law_day:
        raise Refused(
            f"a notice on {on} lies outside the first month, {deadline.received} to {deadline.law_day}",
            where="extension (AVG 12(3))",
            do="answer at once and tell the person why it is late; a late notice extends nothing",
        )


def may_extend(deadline: Deadline, on: date) -> bool:
    """Whether `check_may_extend` has nothing against it."""
    try:
        check_may_extend(deadline, on)
    except Refused:
        return False
    return True


def steering_day(deadline: Deadline) -> date:
    """The working day to plan on: the earliest of promise and law, never moved forward.

    Once the person was told of an extension, it is the last working day within three months; the promise stays in
    sight in `promise`, and a notice later than that day leaves it broken.
    """
    if deadline.extended_on is None:
        return min(deadline.promise, deadline.law_day)
    return working_day_on_or_before(deadline.extended_day)


def days_left(deadline: Deadline, as_of: date) -> int:
    """Calendar days from `as_of` to the steering day: 0 on the day itself, negative when overdue."""
    return (steering_day(deadline) - as_of).days


def breach_limit(aware_at: datetime, *, hours: int = BREACH_HOURS) -> datetime:
    """When a data breach must be with the regulator (AVG 33(1)): hours that run through nights, weekends and holidays.

    Counted as elapsed hours, so a change to or from summer time moves the hand of the clock. In the zone of
    `aware_at`, which must have one; raises `Refused` where it has none.
    """
    if aware_at.tzinfo is None or aware_at.utcoffset() is None:
        raise Refused(
            "the moment of awareness has no time zone, so 72 hours from it are not certain",
            where="breach clock (AVG 33(1))",
            do="give the moment with its zone, for example 2026-11-23T14:30+01:00",
        )
    return (aware_at.astimezone(UTC) + timedelta(hours=hours)).astimezone(aware_at.tzinfo)


def _limits(received: date, still: Sequence[tuple[date, date]]) -> Limits:
    promise_day, law_day, extended_day = (_stretched(t.after(received), still) for t in (PROMISE, LAW, EXTENDED))
    return Limits(
        promise_day=promise_day,
        promise=working_day_on_or_before(promise_day),
        law_day=law_day,
        law=working_day_on_or_after(law_day),
        extended_day=extended_day,
        extended=working_day_on_or_after(extended_day),
    )


def _stretched(limit: date, still: Sequence[tuple[date, date]]) -> date:
    """`limit` moved by the days that the clock stood still, as far as it had not run out by then."""
    for began, ended in still:
        if began > limit:
            break
        limit += ended - began
    return limit


def _standing_still(asked: Iterable[tuple[date, date | None]], as_of: date | None) -> list[tuple[date, date]]:
    """From-until periods in order, cut off at `as_of`, where overlapping ones are one: a day never counts twice."""
    merged: list[tuple[date, date]] = []
    for began, until in sorted((b, u) for b, u in asked if u is not None):
        ended = until if as_of is None else min(until, as_of)
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        elif began < ended:
            merged.append((began, ended))
    return merged


def _is_open(pause: Pause, as_of: date | None) -> bool:
    if as_of is None:
        return pause.answered_on is None
    return pause.asked_on <= as_of and (pause.answered_on is None or pause.answered_on > as_of)


def _check_pauses(received: date, pauses: Sequence[Pause], as_of: date | None) -> None:
    for pause in pauses:
        if pause.asked_on < received:
            raise Refused(
                f"a question of {pause.asked_on} comes before the receipt on {received}",
                where="pause",
                do="correct the date of the question; nothing stands still before the clock runs",
            )
        if pause.answered_on is None and as_of is None:
            raise Refused(
                f"the question of {pause.asked_on} is still open, so the deadline depends on the day you look",
                where="pause",
                do="say as of which day (as_of)",
            )
