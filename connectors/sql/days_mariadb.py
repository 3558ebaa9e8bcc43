"""How MariaDB reads a day: zero dates and days of no calendar are none, and an offset in text is reckoned in seconds.

MariaDB knows zones by name only where its zone tables were loaded. So not the text is turned into a day of the
system's zone, but the start of the day that is asked about into a moment, by Python.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.stored_days import SHAPE

Condition = sa.ColumnElement[bool]
#: Days that no calendar has: the year 0, 31 April, 30 February, and 29 February outside leap years.
NO_DAY = "^(0000|....-(02-3|(04|06|09|11)-31))"
LEAP = "^([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"
_WITH_ZONE = "^.{16,}[Z+-]"
#: Days before 1 January of the year 1 in TO_SECONDS, which counts from the year 0; `date.toordinal` starts at 1.
_YEAR_ZERO = 365
_DAY_SECONDS = 86_400


def is_a_day(column: sa.ColumnElement[Any]) -> Condition:
    """Whether a DATE, DATETIME or TIMESTAMP holds a day: not empty, 0000-00-00, 2006-11-00 or 31 February."""
    there_and_back = sa.func.from_days(sa.func.to_days(column)) == sa.func.date(column)
    return sa.func.coalesce(there_and_back, sa.false())


def writes_a_day(text: sa.ColumnElement[Any]) -> Condition:
    """Whether a text, compared by its bytes, has the one shape of `stored_days` and names a day of the calendar."""
    shaped = sa.and_(
        text.regexp_match(rf"\A({SHAPE})\z"),
        sa.not_(text.regexp_match(NO_DAY)),
        sa.or_(sa.func.substr(text, 6, 5) != "02-29", text.regexp_match(LEAP)),
    )
    return sa.func.coalesce(shaped, sa.false())


def written_since(text: sa.ColumnElement[Any], day: date, zone: ZoneInfo) -> Condition:
    """Whether the day that a text writes is `day` or later. NULL where it writes none."""
    start = datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
    there = (start.toordinal() + _YEAR_ZERO) * _DAY_SECONDS + start.hour * 3600 + start.minute * 60 + start.second
    return sa.case(
        (sa.not_(writes_a_day(text)), sa.null()),
        (text.regexp_match(_WITH_ZONE), _seconds(text) >= there),
        else_=sa.func.left(text, 10) >= day.isoformat(),
    )


def _seconds(text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Seconds in UTC since the year 0, the fraction left out. Asked of a text with a zone only."""
    plain: sa.ColumnElement[Any] = sa.case(
        (sa.func.substr(text, 17, 1) == ":", sa.func.left(text, 19)), else_=sa.func.left(text, 16)
    )
    # The hours and the minutes of '+01:00'; of a Z there are none.
    hours, minutes = sa.func.substr(text, -5, 2), sa.func.right(text, 2)
    ahead: sa.ColumnElement[Any] = hours * sa.literal_column("3600") + minutes * sa.literal_column("60")
    local = sa.func.to_seconds(plain)
    return sa.case(
        (sa.func.right(text, 1) == "Z", local),
        (sa.func.substr(text, -6, 1) == "-", local + ahead),
        else_=local - ahead,
    )
