"""What falls due in the months to come: per rule, how many dossiers are due by the end of each month.

A count by a day is what the plan of that day would call due. Freezes and guards are not looked at: nobody knows them
beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from domain.activity import Activity, Entry
from domain.night import Guarded
from domain.register import Register
from domain.rules import DueTest, compile_rules, due_test

#: Looking further than this says more about the terms than about the work that comes.
MOST_MONTHS = 120


class Forecast(Entry):
    """One rule: how many of its dossiers are due by each day of its calendar, the calendar's own day first."""

    rule: str
    title: str
    activity: str
    activity_title: str
    action: str
    due_by: tuple[int, ...]

    @property
    def due_now(self) -> int:
        """What is due already on the calendar's own day."""
        return self.due_by[0]

    @property
    def falls_due(self) -> tuple[int, ...]:
        """What falls due in each month. Below zero where a longer term comes into force and takes dossiers back."""
        return tuple(later - earlier for earlier, later in pairwise(self.due_by))


class Row(Entry):
    """One activity over all its rules: due already, then per month."""

    title: str
    due_now: int
    falls_due: tuple[int, ...]

    @property
    def total(self) -> int:
        """Already due and falling due, together."""
        return self.due_now + sum(self.falls_due)


class Calendar(Entry):
    """The months to come for one or more systems. It holds counts only."""

    as_of: date
    month_ends: tuple[date, ...]
    systems: tuple[str, ...]
    rules: tuple[Forecast, ...]
    unreadable: tuple[Guarded, ...] = ()

    @property
    def by_activity(self) -> tuple[Row, ...]:
        """One row per activity, the one with most first."""
        rules: dict[str, list[Forecast]] = {}
        for one in self.rules:
            rules.setdefault(one.activity_title, []).append(one)
        rows = [_row(title, of, len(self.month_ends)) for title, of in rules.items()]
        return tuple(sorted(rows, key=lambda r: (-r.total, r.title)))

    @property
    def total(self) -> Row:
        """All activities together."""
        return _row("", self.rules, len(self.month_ends))


def _row(title: str, of: Sequence[Forecast], months: int) -> Row:
    return Row(
        title=title,
        due_now=sum(f.due_now for f in of),
        falls_due=tuple(sum(f.falls_due[n] for f in of) for n in range(months)),
    )


def month_ends(as_of: date, months: int) -> tuple[date, ...]:
    """The last days of the months to come, that of `as_of` first; on a month's last day the next month is first."""
    first = as_of + timedelta(days=1)
    return tuple(first + relativedelta(months=n, day=31) for n in range(months))


def look_ahead(register: Register, system: str, days: Iterable[date]) -> dict[str, list[DueTest | None]]:
    """Per rule its due test on each day, by the terms in force then; None where no term is in force on that day."""
    found: dict[str, list[DueTest | None]] = {}
    for n, day in enumerate(days):
        for rule in compile_rules(register.systems[system], register.activities, day):
            found.setdefault(rule.name, [None] * n).append(due_test(rule, register.activities, day))
        for tests in found.values():
            tests.extend([None] * (n + 1 - len(tests)))
    return found


def forecast(tests: Sequence[DueTest | None], counts: Sequence[int], activities: Mapping[str, Activity]) -> Forecast:
    """A rule's forecast from its due tests and what was counted for those that are there, in their order."""
    counted = iter(counts)
    due_by = tuple(0 if test is None else next(counted) for test in tests)
    rule = next(t.rule for t in tests if t is not None)
    return Forecast(
        rule=rule.name,
        title=rule.dataset.title or rule.dataset.name,
        activity=rule.activity.id,
        activity_title=activities[rule.activity.id].title,
        action=rule.action.value,
        due_by=due_by,
    )
