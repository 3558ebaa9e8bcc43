"""Which days are holidays in the Netherlands, and which are working days.

The library `holidays` knows the movable feasts. Two things it does not: it has 5 May in lustrum years only, where
the Algemene termijnenwet (ATW) art. 3(1) has it every year; and it lacks the days that a Royal Decree puts on a
level with a holiday (ATW art. 3(3)). Whether decree days also count under Regulation 1182/71 is unsure (LAW.md
§2.1), so a date that was moved forward over one is shown and never planned on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

_DECREE_2023_2025 = (
    "Besluit gelijkstelling van 28 april 2023, 19 mei 2023, 10 mei 2024, 27 december 2024 en 30 mei 2025 "
    "met een algemeen erkende feestdag (Atw art. 3 lid 3)"
)
_DECREE_2026_2028 = (
    "Besluit gelijkstelling van 2 januari 2026, 15 mei 2026, 7 mei 2027, 28 april 2028 en 26 mei 2028 "
    "met een algemeen erkende feestdag (Atw art. 3 lid 3)"
)
#: Day → the decree that names it. A new decree adds lines; last checked 2026-11-23.
DECREE_DAYS: Mapping[date, str] = {
    date(2023, 4, 28): _DECREE_2023_2025,
    date(2023, 5, 19): _DECREE_2023_2025,
    date(2024, 5, 10): _DECREE_2023_2025,
    date(2024, 12, 27): _DECREE_2023_2025,
    date(2025, 5, 30): _DECREE_2023_2025,
    date(2026, 1, 2): _DECREE_2026_2028,
    date(2026, 5, 15): _DECREE_2026_2028,
    date(2027, 5, 7): _DECREE_2026_2028,
    date(2028, 4, 28): _DECREE_2026_2028,
    date(2028, 5, 26): _DECREE_2026_2028,
}
#: The last day that a decree we know of says anything about; the next decree is due before it.
DECREES_KNOWN_UNTIL = date(2028, 12, 31)

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=1)
def _feasts() -> Mapping[date, str]:
    """The library's list, taken up when it is first asked: a night that counts no working days does without."""
    import holidays

    feasts: Mapping[date, str] = holidays.country_holidays("NL", language="nl")
    return feasts


def holiday_name(day: date) -> str | None:
    """The Dutch name of the holiday on `day`; None on any other day, plain Saturdays and Sundays included."""
    # Asked first: a movable feast (Hemelvaart 2016) can fall on 5 May, and both names are then right.
    name = _feasts().get(day)
    if name is not None:
        return str(name)
    if (day.month, day.day) == (5, 5):
        return "Bevrijdingsdag"
    return "Gelijkgesteld bij koninklijk besluit" if day in DECREE_DAYS else None


def is_holiday(day: date) -> bool:
    """Whether `day` is a holiday (ATW art. 3), decree days included."""
    return holiday_name(day) is not None


def is_working_day(day: date) -> bool:
    """Whether `day` is neither a Saturday, a Sunday nor a holiday (Regulation 1182/71 art. 2(2))."""
    return day.weekday() < _SATURDAY and not is_holiday(day)


def working_day_on_or_before(day: date) -> date:
    """`day` itself where it is a working day, else the last one before it: the safe side for a promise."""
    while not is_working_day(day):
        day -= _ONE_DAY
    return day


def working_day_on_or_after(day: date) -> date:
    """`day` itself where it is a working day, else the next one (Regulation 1182/71 art. 3(4))."""
    while not is_working_day(day):
        day += _ONE_DAY
    return day
