"""When who must have been told of each request, worked out by hand-written arithmetic that shares nothing with ours.

A slow second opinion: the holidays of the year are typed in, the pauses are counted day by day.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta

from tests.stories.year.requests import Request

#: The days of 2026 and of the quarter after it on which no office works, the two of the decree included.
HOLIDAYS = {
    date(2026, 1, 1), date(2026, 1, 2), date(2026, 4, 3), date(2026, 4, 6), date(2026, 4, 27), date(2026, 5, 5),
    date(2026, 5, 14), date(2026, 5, 15), date(2026, 5, 25), date(2026, 12, 25), date(2027, 1, 1),
    date(2027, 3, 26), date(2027, 3, 29),
}  # fmt: skip
RUNGS = (14, 7, 3, 1, 0)


def rungs_of(one: Request, mornings: Iterable[date]) -> set[str]:
    """The rungs of one request, climbed or covered, over these mornings."""
    climbed: set[str] = set()
    for morning in mornings:
        if not one.received <= morning < one.ended:
            continue
        extended = one.extended is not None and one.extended <= morning
        left = (_steer_on(one, morning, extended=extended) - morning).days
        clock = "extended" if extended else "promise"
        if left < 0:
            climbed.add(f"overdue-{morning.isoformat()}")
        climbed |= {f"{clock}-{rung}" for rung in RUNGS if rung >= left}
    return climbed


def is_late(one: Request, on: date) -> bool:
    """Whether on this day the day to plan on is over."""
    extended = one.extended is not None and one.extended <= on
    return on > _steer_on(one, on, extended=extended)


def is_office_day(day: date) -> bool:
    """Whether somebody works."""
    return day.weekday() < 5 and day not in HOLIDAYS


def _steer_on(one: Request, morning: date, *, extended: bool) -> date:
    promise = _moved(one, one.received + timedelta(days=28), morning)
    law = _moved(one, _months(one.received, 1), morning)
    if extended:
        return _back(_moved(one, _months(one.received, 3), morning))
    return min(_back(promise), law)


def _moved(one: Request, limit: date, morning: date) -> date:
    """The limit, a day later for each day on which a question was open before the limit ran out."""
    day = one.received
    while day < min(limit, morning):
        if any(asked <= day < answered for asked, answered, _ in one.pauses):
            limit += timedelta(days=1)
        day += timedelta(days=1)
    return limit


def _back(day: date) -> date:
    while not is_office_day(day):
        day -= timedelta(days=1)
    return day


def _months(day: date, number: int) -> date:
    month = day.month - 1 + number
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
