"""How SQL compares a date column with a day, in each dialect and for each kind of column.

The column itself is compared with a bound value, so that an index can serve it; where dates are kept as text, the
text is first read the way `connectors.stored_days` reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.sql.reading import DAY
from connectors.stored_days import SHAPE
from domain.live import Kind
from domain.rules import FIRST_PLAUSIBLE, Watch

Condition = sa.ColumnElement[bool]
#: Days that no calendar has: the year 0, 31 April, 30 February, and 29 February outside leap years.
_NO_DAY = "^(0000|....-(02-3|(04|06|09|11)-31))"
_LEAP = "^([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"


@dataclass(frozen=True)
class DayColumn:
    """A date column in a statement, of a kind that can start a term."""

    column: sa.ColumnElement[Any]
    kind: Kind
    dialect: str
    zone: ZoneInfo

    def missing(self) -> Condition:
        """Empty, or not readable as a date."""
        return self._day.is_(None)

    def implausible(self, watch: Watch, as_of: date) -> Condition:
        """A sentinel, a day before 1900, or a day after `as_of`. Not true where the date is missing."""
        outside = [self._day < self._start(FIRST_PLAUSIBLE), self._after(as_of)]
        return sa.or_(*outside, *(sa.and_(self._since(d), sa.not_(self._after(d))) for d in _inner(watch, as_of)))

    def sound(self, watch: Watch, as_of: date) -> Condition:
        """A date that can have started a term. Not true where the date is missing."""
        return self._plausible_until(watch, as_of, as_of)

    def over(self, watch: Watch, as_of: date) -> Condition:
        """Whether the watch lets this row go: its term is over, or its date is missing and that does not block."""
        if watch.cutoff is None:
            ended: Condition = sa.false()
        else:
            ended = self._plausible_until(watch, as_of, min(watch.cutoff, as_of))
        return ended if watch.absent == "blocks" else sa.or_(self.missing(), ended)

    def keeps(self, watch: Watch) -> Condition:
        """A date after the cutoff. Asked of sound dates only."""
        return self._since(FIRST_PLAUSIBLE) if watch.cutoff is None else self._after(watch.cutoff)

    def _plausible_until(self, watch: Watch, as_of: date, last: date) -> Condition:
        conditions = [self._since(FIRST_PLAUSIBLE), sa.not_(self._after(last))]
        if self.dialect == "sqlite":
            # Text sorts like the days it writes, give or take the day that its zone may shift: an index serves this.
            conditions.append(self.column < (last + timedelta(days=3)).isoformat())
        conditions += [sa.not_(sa.and_(self._since(d), sa.not_(self._after(d)))) for d in _inner(watch, as_of)]
        return sa.and_(*conditions)

    def _since(self, day: date) -> Condition:
        return self._day >= self._start(day)

    def _after(self, day: date) -> Condition:
        return self._since(day + timedelta(days=1)) if day < date.max else sa.false()

    def _start(self, day: date) -> sa.ColumnElement[Any]:
        """The first value of the column that falls on `day` or later."""
        if self.dialect == "sqlite":
            return sa.bindparam(None, day.isoformat(), type_=sa.String())
        if self.kind is Kind.MOMENT:
            return sa.bindparam(None, datetime.combine(day, time.min), type_=sa.DateTime())
        if self.kind is Kind.ZONED:
            start = datetime.combine(day, time.min, tzinfo=self.zone)
            return sa.bindparam(None, start, type_=sa.DateTime(timezone=True))
        return sa.bindparam(None, day, type_=sa.Date())

    @cached_property
    def _day(self) -> sa.ColumnElement[Any]:
        """What is compared: the column itself, or the day that its text writes."""
        if self.dialect == "sqlite":
            return _sqlite_day(self.column)
        if self.kind is Kind.TEXT:
            return _text_day(self.column, self.dialect, self.zone)
        if self.dialect == "postgresql":
            return self.column
        return sa.func.nullif(self.column, sa.literal_column("'0000-00-00'"))


def _inner(watch: Watch, as_of: date) -> list[date]:
    """The sentinels that no other bound excludes already."""
    return [d for d in watch.not_dates if FIRST_PLAUSIBLE <= d <= as_of]


def _sqlite_day(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The two usual shapes in SQLite's own words, all others by `stored_days.day_of`.

    SQLite writes a day or a moment anew in just these shapes, so what it leaves unchanged is sound.
    """
    same: sa.ColumnElement[str] = sa.literal_column("'+0 days'")
    christian = column >= sa.literal_column("'0001'")
    spaced = sa.func.replace(column, sa.literal_column("'T'"), sa.literal_column("' '"))
    return sa.case(
        (sa.and_(sa.func.date(column, same).is_not_distinct_from(column), christian), column),
        (sa.and_(sa.func.datetime(column, same).is_not_distinct_from(spaced), christian), _first_ten(column)),
        else_=getattr(sa.func, DAY)(column),
    )


def _first_ten(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.substr(column, 1, 10)


def _text_day(column: sa.ColumnElement[Any], dialect: str, zone: ZoneInfo) -> sa.ColumnElement[Any]:
    """The day that a text writes, or NULL. MariaDB reads no zones without its time zone tables: those stay NULL."""
    shaped = sa.and_(
        column.regexp_match(f"^({SHAPE})$"),
        sa.not_(column.regexp_match(_NO_DAY)),
        sa.or_(sa.func.substr(column, 6, 5) != "02-29", column.regexp_match(_LEAP)),
    )
    day = sa.cast(_first_ten(column), sa.Date())
    with_zone = column.regexp_match("^.{16,}[Z+-]")
    if dialect != "postgresql":
        return sa.case((sa.and_(shaped, sa.not_(with_zone)), day))
    moment = sa.cast(sa.func.regexp_replace(column, r"\.[0-9]+", ""), sa.DateTime(timezone=True))
    there = sa.cast(sa.func.timezone(zone.key, moment), sa.Date())
    return sa.case((sa.and_(shaped, with_zone), there), (shaped, day))
