"""How SQL compares a date column with a day, in each dialect and for each kind of column.

The column itself is compared with a bound value, so that an index can serve it; where dates are kept as text, the
text is first read the way `connectors.stored_days` reads it. A range is compared by its end, `upper(column)`, which an
index on that expression can serve; it is NULL, and so missing, where the range is open, empty or not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.sql.days_mariadb import LEAP, NO_DAY, is_a_day, writes_a_day, written_since
from connectors.sql.keys import by_bytes
from connectors.sql.reading import DAY
from connectors.stored_days import SHAPE
from domain.live import Kind, LiveColumn
from domain.rules import FIRST_PLAUSIBLE, Watch

Condition = sa.ColumnElement[bool]
_UNCHANGED: sa.ColumnElement[str] = sa.literal_column("'+0 days'")


@dataclass(frozen=True)
class DayColumn:
    """A date column in a statement, of a kind that can start a term."""

    column: sa.ColumnElement[Any]
    kind: Kind
    dialect: str
    zone: ZoneInfo

    def missing(self) -> Condition:
        """Empty, or not readable as a date."""
        if self.dialect == "mariadb":
            return sa.not_(self._readable)
        return self._day.is_(None)

    def implausible(self, watch: Watch, as_of: date) -> Condition:
        """A sentinel, a day before 1900, or a day after `as_of`. Not true where the date is missing."""
        outside = [sa.not_(self._since(FIRST_PLAUSIBLE)), self._after(as_of)]
        outside += [sa.and_(self._since(d), sa.not_(self._after(d))) for d in _inner(watch, as_of)]
        return sa.and_(self._readable, sa.or_(*outside))

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

    def over_on(self, watch: Watch, as_of: date) -> Condition:
        """A date that is there, can be, and whose term is over."""
        return sa.false() if watch.cutoff is None else self._plausible_until(watch, as_of, min(watch.cutoff, as_of))

    def future(self, watch: Watch, as_of: date) -> Condition:
        """A date after `as_of` that no sentinel explains."""
        later = [d for d in watch.not_dates if d > as_of]
        return sa.and_(self._after(as_of), *(sa.not_(sa.and_(self._since(d), sa.not_(self._after(d)))) for d in later))

    def calendar_day(self) -> sa.ColumnElement[Any]:
        """The day alone, to group by. Asked of dates that can be only."""
        if self.dialect == "sqlite" or self.kind is Kind.TEXT:
            return self._day
        zoned = self.kind.end is Kind.ZONED and self.dialect == "postgresql"
        return sa.cast(sa.func.timezone(self.zone.key, self._day) if zoned else self._day, sa.Date())

    def _plausible_until(self, watch: Watch, as_of: date, last: date) -> Condition:
        if self.dialect != "sqlite":
            return self._between(watch, as_of, last)
        # Text sorts like the days it writes, give or take the day that its zone may shift: an index serves this.
        early = self.column < (last + timedelta(days=3)).isoformat()
        return sa.and_(early, self._sqlite_between(watch, as_of, last))

    def _between(self, watch: Watch, as_of: date, last: date) -> Condition:
        inside = [sa.not_(sa.and_(self._since(d), sa.not_(self._after(d)))) for d in _inner(watch, as_of)]
        return sa.and_(self._since(FIRST_PLAUSIBLE), sa.not_(self._after(last)), self._readable, *inside)

    def _sqlite_between(self, watch: Watch, as_of: date, last: date) -> Condition:
        """The usual shape is read once and compared as it is; only what is written otherwise is read part by part."""
        written = ReadDay(self.column, self.kind, self.dialect, self.zone)
        plain, other = written._between(watch, as_of, last), self._between(watch, as_of, last)
        return sa.case((_is_plain_day(self.column), plain), else_=other)

    @property
    def _readable(self) -> Condition:
        """Whether there is a day at all, where a comparison alone does not say so: MariaDB sorts its zero dates."""
        if self.dialect != "mariadb":
            return sa.true()
        return writes_a_day(self._day) if self.kind is Kind.TEXT else is_a_day(self.column)

    def _since(self, day: date) -> Condition:
        if self.dialect == "mariadb" and self.kind is Kind.TEXT:
            return written_since(self._day, day, self.zone)
        return self._day >= self._start(day)

    def _after(self, day: date) -> Condition:
        return self._since(day + timedelta(days=1)) if day < date.max else sa.false()

    def _start(self, day: date) -> sa.ColumnElement[Any]:
        """The first value of the column that falls on `day` or later."""
        if self.dialect == "sqlite":
            return sa.bindparam(None, day.isoformat(), type_=sa.String())
        if self.kind.end is Kind.MOMENT:
            return sa.bindparam(None, datetime.combine(day, time.min), type_=sa.DateTime())
        if self.kind.end is Kind.ZONED:
            start = datetime.combine(day, time.min, tzinfo=self.zone)
            return sa.bindparam(None, start, type_=sa.DateTime(timezone=True))
        return sa.bindparam(None, day, type_=sa.Date())

    @property
    def value(self) -> sa.ColumnElement[Any]:
        """What is compared with a day, NULL where there is none; its greatest is the latest date."""
        return sa.case((self._readable, self._day)) if self.dialect == "mariadb" else self._day

    @property
    def has_a_latest(self) -> bool:
        """Whether the greatest value is the latest date. MariaDB reads no zone in a text, so there it need not be."""
        return not (self.dialect == "mariadb" and self.kind is Kind.TEXT)

    def after(self, day: date) -> Condition:
        """A date after this day."""
        return self._after(day)

    def as_read(self, column: sa.ColumnElement[Any]) -> ReadDay:
        """A column of a subquery that holds what `value` read: it is not read a second time."""
        kind = Kind.DATE if self.kind is Kind.TEXT else self.kind
        return ReadDay(column, kind, self.dialect, self.zone)

    @cached_property
    def _day(self) -> sa.ColumnElement[Any]:
        """What is compared: the column itself, the end of its range, or the day that its text writes."""
        if self.kind.end is not self.kind:
            return sa.func.upper(self.column)
        if self.dialect == "sqlite":
            return _sqlite_day(self.column)
        if self.kind is not Kind.TEXT:
            return self.column
        if self.dialect == "mariadb":
            return by_bytes(self.column, LiveColumn(Kind.TEXT), self.dialect)
        return _text_day(self.column, self.zone)


class ReadDay(DayColumn):
    """A date that a subquery has read already."""

    @property
    def value(self) -> sa.ColumnElement[Any]:
        """The column itself: what was no day is NULL by now."""
        return self.column

    def _sqlite_between(self, watch: Watch, as_of: date, last: date) -> Condition:
        return self._between(watch, as_of, last)

    @cached_property
    def _day(self) -> sa.ColumnElement[Any]:
        return self.column


def _inner(watch: Watch, as_of: date) -> list[date]:
    """The sentinels that no other bound excludes already."""
    return [d for d in watch.not_dates if FIRST_PLAUSIBLE <= d <= as_of]


def _sqlite_day(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The two usual shapes in SQLite's own words, all others by `stored_days.day_of`.

    SQLite writes a day or a moment anew in just these shapes, so what it leaves unchanged is sound.
    """
    same, christian = _UNCHANGED, column >= sa.literal_column("'0001'")
    spaced = sa.func.replace(column, sa.literal_column("'T'"), sa.literal_column("' '"))
    return sa.case(
        (_is_plain_day(column), column),
        (sa.and_(sa.func.datetime(column, same).is_not_distinct_from(spaced), christian), _first_ten(column)),
        else_=getattr(sa.func, DAY)(column),
    )


def _is_plain_day(column: sa.ColumnElement[Any]) -> Condition:
    """Whether the text is a day of our calendar as SQLite itself writes it: YYYY-MM-DD and nothing else."""
    christian = column >= sa.literal_column("'0001'")
    return sa.and_(sa.func.date(column, _UNCHANGED).is_not_distinct_from(column), christian)


def _first_ten(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.substr(column, 1, 10)


def _text_day(column: sa.ColumnElement[Any], zone: ZoneInfo) -> sa.ColumnElement[Any]:
    """The day that a text writes in PostgreSQL, or NULL."""
    shaped = sa.and_(
        column.regexp_match(f"^({SHAPE})$"),
        sa.not_(column.regexp_match(NO_DAY)),
        sa.or_(sa.func.substr(column, 6, 5) != "02-29", column.regexp_match(LEAP)),
    )
    day = sa.cast(_first_ten(column), sa.Date())
    with_zone = column.regexp_match("^.{16,}[Z+-]")
    moment = sa.cast(sa.func.regexp_replace(column, r"\.[0-9]+", ""), sa.DateTime(timezone=True))
    there = sa.cast(sa.func.timezone(zone.key, moment), sa.Date())
    return sa.case((sa.and_(shaped, with_zone), there), (shaped, day))
