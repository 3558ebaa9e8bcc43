"""How many dossiers of a rule are due on each of several days, counted in one statement that reads each table once.

A dossier is due on a day when nothing in it is odd, nothing needs it, and for every watch its latest date is not
after that day's cutoff. So the latest date per watch is enough for all days. That a date is odd does not depend on
the day: a sentinel is always odd, and a date that lies after a day lies after its cutoff too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from connectors.sql.bears import bears
from connectors.sql.days import Condition, DayColumn
from connectors.sql.due import along, linked, watches_by_path
from connectors.sql.tables import Rows, Tables
from domain.rules import DueTest, Watch


@dataclass(frozen=True, slots=True)
class _Latest:
    """What one watch shows of a dossier: whether something in it blocks for ever, and its latest date."""

    blocked: Condition
    latest: DayColumn | None  # None: a watch that keeps by being there


def alike(tests: Sequence[DueTest]) -> Iterator[list[int]]:
    """Places of the tests that differ in nothing but their day and cutoffs: these can be counted together."""
    groups: dict[object, list[int]] = {}
    for n, test in enumerate(tests):
        if test.possible:
            watched = tuple(replace(w, cutoff=None) for w in test.watches)
            groups.setdefault((watched, test.rule.change), []).append(n)
    yield from groups.values()


def in_one_statement(tables: Tables, test: DueTest) -> bool:
    """Whether the latest date of every watch can be read; else each day is counted by itself."""
    dated = [(tables.rows(w.dataset), w.column) for w in test.watches if w.column is not None]
    return all(tables.day(rows, column).has_a_latest for rows, column in dated)


def forecast_statement(tables: Tables, tests: Sequence[DueTest]) -> sa.Select[Any]:
    """One row: per test how many dossiers are due. The tests are `alike`."""
    test = tests[0]
    last = max(t.as_of for t in tests)
    root = tables.rows(test.rule.dataset.name)
    joined: sa.FromClause = root.table
    seen: dict[int, _Latest] = {}
    for place, watch in enumerate(test.watches):
        if not watch.path and watch.column is not None:
            day = tables.day(root, watch.column)
            seen[place] = _Latest(_blocked(day, watch, last), day)
    for path, watches in watches_by_path(test).items():
        steps, rows, where = along(tables, path, root, None)
        owned = steps[0].columns(own for own, _ in path[0].by)
        named = [c.label(f"o{n}") for n, c in enumerate(owned)]
        places = [test.watches.index(w) for w in watches]
        flags = [f for p in places for f in _flags(tables, steps[-1], test.watches[p], p, last)]
        grouped = sa.select(*named, *flags).select_from(rows).where(*where).group_by(*owned).subquery()
        joined = joined.outerjoin(grouped, linked(root, path, [grouped.c[f"o{n}"] for n in range(len(owned))]))
        seen |= {p: _read(tables, steps[-1], test.watches[p], p, grouped) for p in places}
    counted = root.only if test.rule.change is None else [*root.only, bears(root, test.rule.change)]
    dated = {p: s.latest for p, s in seen.items() if s.latest is not None}
    started = sa.or_(sa.false(), *(latest.value.is_not(None) for latest in dated.values()))
    free = sa.and_(started, *(sa.not_(s.blocked) for s in seen.values()))
    latest = [day.value.label(f"latest{p}") for p, day in dated.items()]
    # SQLite would read the text of each date anew for every day, unless it is told to keep what it read.
    once = (
        sa.select(*latest).select_from(joined).where(*counted, free).cte().prefix_with("MATERIALIZED", dialect="sqlite")
    )
    read = {p: day.as_read(once.c[f"latest{p}"]) for p, day in dated.items()}
    return sa.select(*(_due_by(test, read) for test in tests))


def _due_by(test: DueTest, read: Mapping[int, DayColumn]) -> sa.ColumnElement[Any]:
    over = (_over(day, test.watches[place].cutoff) for place, day in read.items())
    return sa.func.sum(sa.case((sa.and_(*over), 1), else_=0))


def _over(latest: DayColumn, cutoff: date | None) -> Condition:
    """Whether a watch with this latest date lets the dossier go by a cutoff."""
    none = latest.value.is_(None)
    return none if cutoff is None else sa.or_(none, sa.not_(latest.after(cutoff)))


def _blocked(day: DayColumn, watch: Watch, last: date) -> Condition:
    """A date that blocks, whatever the day: odd until the last of the days, or missing where that blocks."""
    odd = sa.func.coalesce(day.implausible(watch, last), sa.false())
    return sa.or_(day.missing(), odd) if watch.absent == "blocks" else odd


def _flags(tables: Tables, rows: Rows, watch: Watch, place: int, last: date) -> list[sa.ColumnElement[Any]]:
    if watch.column is None:
        return [sa.func.max(1).label(f"blocked{place}")]
    day = tables.day(rows, watch.column)
    blocked = sa.func.max(sa.case((_blocked(day, watch, last), 1), else_=0))
    return [blocked.label(f"blocked{place}"), sa.func.max(day.value).label(f"latest{place}")]


def _read(tables: Tables, rows: Rows, watch: Watch, place: int, grouped: sa.Subquery) -> _Latest:
    blocked = sa.func.coalesce(grouped.c[f"blocked{place}"], 0) == 1
    if watch.column is None:
        return _Latest(blocked, None)
    return _Latest(blocked, tables.day(rows, watch.column).as_read(grouped.c[f"latest{place}"]))
