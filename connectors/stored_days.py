"""Which day a stored value names: the one reading that the twin, SQL and REST share.

Text counts as a date only in this shape: `YYYY-MM-DD`, or that with ` ` or `T`, `HH:MM[:SS[.fraction]]` and at most
a zone `Z` or `+HH:MM`. Anything else is unreadable, which is never due. A moment with a zone falls on the day it was
in the system's own zone; one without a zone on the day as stored. A range names the day of its upper bound, whether or
not that bound itself is inside (`[1 May, 1 June)` names 1 June): the later day, so never too early. A range that is
open or empty names none, for what it tells of is not over.
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from typing import Any

from psycopg.types.range import Range

_TIME = r"[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
_ZONE = r"Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9]"
#: The shape of a date in text; PostgreSQL reads the same expression. It lets 31 February through: see `day_of`.
SHAPE = rf"[0-9]{{4}}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:{_TIME}(?:{_ZONE})?)?"
_SHAPE = re.compile(SHAPE)
_FRACTION = re.compile(r"\.[0-9]+")
#: 'YYYY-MM-DDTHH:MM' is 16 long; a sign or a Z after that is a zone.
_AFTER_THE_MINUTE = 16


def day_of(value: Any, zone: tzinfo) -> date | None:
    """The day of a stored value; None where it is empty or cannot be read as a date."""
    if isinstance(value, Range):
        return beyond(value.upper) if isinstance(value.upper, str) else day_of(value.upper, zone)
    if isinstance(value, datetime):
        return _day_in(value, zone) if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _SHAPE.fullmatch(value):
        return _day_of_text(value, zone)
    return None


def beyond(text: str) -> date:
    """The day for 'infinity', or a year that Python has no date for: it is there, and starts no term."""
    return date.min if text.startswith("-") or text.endswith("BC") else date.max


def _day_of_text(text: str, zone: tzinfo) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    if not any(mark in text[_AFTER_THE_MINUTE:] for mark in "Z+-"):
        return day
    # A fraction never decides a day, and some databases would round it up into the next one.
    return _day_in(datetime.fromisoformat(_FRACTION.sub("", text)), zone)


def _day_in(moment: datetime, zone: tzinfo) -> date:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # the first or last day of the calendar, implausible either way
        return moment.date()
