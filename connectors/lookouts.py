"""The same look-outs in plain Python, for sources that are read row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from connectors.stored_days import day_of
from domain.lookouts import Crowd, Look, looks_of
from domain.rules import FIRST_PLAUSIBLE, DueTest, Watch
from domain.system import System


@dataclass(slots=True)
class Seen:
    """What one pass over each dataset of a rule came back with; counts, and days."""

    crowds: list[Crowd] = field(default_factory=list)
    changed: list[Crowd] = field(default_factory=list)
    future: list[tuple[str, int]] = field(default_factory=list)
    late: int = 0


def look_over(
    system: System, test: DueTest, rows_of: Callable[[str], Iterable[Mapping[str, Any]]], today: date
) -> Seen:
    """Count over the rows of each dataset with dates of its own. `rows_of`: all rows of a dataset, streamed."""
    seen, zone = Seen(), ZoneInfo(system.zone)
    for look in looks_of(system, test.watches, test.rule):
        days: dict[str, Counter[date]] = {str(w.column): Counter() for w in look.watches}
        shared: dict[str, Counter[Any]] = {column: Counter() for column in look.changed}
        future: Counter[str] = Counter()
        for row in rows_of(look.dataset):
            found = {str(w.column): day_of(row[str(w.column)], zone) for w in look.watches}
            over = {str(w.column): _is_over(w, found[str(w.column)], test.as_of) for w in look.watches}
            for watch in look.watches:
                column = str(watch.column)
                day = found[column]
                if day is not None and over[column]:
                    days[column][day] += 1
                if day is not None and day > today and day not in watch.not_dates:
                    future[column] += 1
                seen.late += day is not None and test.as_of < day <= today
            if all(over.values()):
                for column, counted in shared.items():
                    counted[_shared(system, look, column, row[column], zone)] += 1
        seen.crowds += _crowds(system, look, days)
        seen.changed += (_crowd(look, column, counted) for column, counted in shared.items())
        seen.future += ((f"{look.dataset}.{column}", n) for column, n in future.items())
    return seen


def _is_over(watch: Watch, day: date | None, as_of: date) -> bool:
    if day is None or watch.cutoff is None or day in watch.not_dates:
        return False
    return FIRST_PLAUSIBLE <= day <= min(watch.cutoff, as_of)


def _shared(system: System, look: Look, column: str, value: Any, zone: ZoneInfo) -> Any:
    changed = system.datasets[look.dataset].changed
    return day_of(value, zone) if changed is not None and column == changed.on else value


def _crowds(system: System, look: Look, days: Mapping[str, Counter[date]]) -> Iterator[Crowd]:
    told = {t.column: t.same_day for t in system.datasets[look.dataset].triggers}
    for watch in look.watches:
        if watch.cutoff is not None and told.get(str(watch.column)) is None:
            yield _crowd(look, str(watch.column), days[str(watch.column)])


def _crowd(look: Look, column: str, counted: Counter[Any]) -> Crowd:
    """The value that most rows share; of several, the first. Empty is no value."""
    known = [(-n, value) for value, n in counted.items() if value is not None]
    most, value = min(known, key=lambda one: (one[0], str(one[1])), default=(0, None))
    return Crowd(look.dataset, column, counted.total(), -most, value if isinstance(value, date) else None)
