"""What a term of the law is, and on which day it ends.

A term from day D ends with the last moment of day D + term; what it keeps is due from the next day on
(DESIGN §4). Months and years are calendar arithmetic: where a month lacks the day, its last day counts
(Regulation 1182/71 art. 3(2)(c)). Never a day early.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from dateutil.relativedelta import relativedelta
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_WRITTEN = re.compile(r"(?P<number>\d{1,4}) (?P<unit>year|month|week|day)s?\Z")
_UNITS = ("years", "months", "weeks", "days")
#: Later than any date a term can reach; a start so late that its term passes this never ends.
LAST_DAY = date.max


@dataclass(frozen=True, slots=True)
class Term:
    """A period of the law: '20 years', '1 month', '4 weeks', '10 days'. Never a number of days."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    @classmethod
    def parse(cls, written: str) -> Term:
        """Read '20 years' or '1 year and 6 months'. Raises ValueError that says how to write it."""
        parts: dict[str, int] = {}
        for piece in written.split(" and "):
            match = _WRITTEN.match(piece)
            if match is None or match["unit"] + "s" in parts:
                raise ValueError(f"{written!r} is not a term; write for example '20 years' or '4 weeks'")
            parts[match["unit"] + "s"] = int(match["number"])
        if not any(parts.values()):
            raise ValueError(f"{written!r} is no time at all; a term is at least '1 day'")
        return cls(**parts)

    def after(self, start: date) -> date:
        """The last day of this term counted from `start`; `LAST_DAY` where the calendar ends first."""
        try:
            return start + relativedelta(years=self.years, months=self.months, weeks=self.weeks, days=self.days)
        except (ValueError, OverflowError):
            return LAST_DAY

    def before(self, end: date) -> date:
        """Roughly the start of a term that ends on `end`; `cutoff` makes it exact."""
        try:
            return end - relativedelta(years=self.years, months=self.months, weeks=self.weeks, days=self.days)
        except (ValueError, OverflowError):
            return date.min

    def __str__(self) -> str:
        given = [(getattr(self, unit), unit) for unit in _UNITS if getattr(self, unit)]
        return " and ".join(f"{n} {unit if n != 1 else unit[:-1]}" for n, unit in given)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: object) -> Term:
            if isinstance(value, Term):
                return value
            if not isinstance(value, str):
                raise ValueError(f"{value!r} is not a term; write for example '20 years' or '4 weeks'")
            return cls.parse(value)

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


class Counting(StrEnum):
    """From which day a term counts, once its start event is known."""

    DAY = "from the day"
    CALENDAR_YEAR = "from the end of the calendar year"
    BOOK_YEAR = "from the end of the book year"


def counted_from(start: date, counting: Counting, book_year_ends: tuple[int, int] = (12, 31)) -> date:
    """The day the term counts from: the start itself, or the last day of its calendar or book year.

    `book_year_ends` is (month, day); 29 February means the last day of February.
    """
    if counting is Counting.DAY:
        return start
    month, day = (12, 31) if counting is Counting.CALENDAR_YEAR else book_year_ends
    this_year = date(start.year, 1, 1) + relativedelta(month=month, day=day)
    if start <= this_year:
        return this_year
    return LAST_DAY if start.year >= LAST_DAY.year else this_year + relativedelta(years=1, day=day)


def last_day(
    start: date, term: Term, counting: Counting = Counting.DAY, book_year_ends: tuple[int, int] = (12, 31)
) -> date:
    """The last day that `term` covers; the record is due from the next day on."""
    return term.after(counted_from(start, counting, book_year_ends))


@lru_cache(maxsize=4096)  # a night asks it of the same few terms for every system, batch and forecast
def cutoff(
    as_of: date, term: Term, counting: Counting = Counting.DAY, book_year_ends: tuple[int, int] = (12, 31)
) -> date | None:
    """The latest start whose term is over on `as_of`: due ⇔ start ≤ cutoff. None: no start is early enough.

    `last_day` never decreases in `start`, so one date answers for every record and an index can serve it.
    """

    def over(start: date) -> bool:
        return last_day(start, term, counting, book_year_ends) < as_of

    guess = term.before(as_of)
    if counting is not Counting.DAY:
        # The year that is over lies up to a year before the guess: start from the guess's own year end.
        guess = max(date.min, guess - timedelta(days=min(400, (guess - date.min).days)))
    while not over(guess):
        if guess == date.min:
            return None
        guess -= timedelta(days=1)
    while guess < LAST_DAY and over(guess + timedelta(days=1)):
        guess += timedelta(days=1)
    return guess
