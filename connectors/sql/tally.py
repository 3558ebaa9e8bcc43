"""How all dossiers of a rule stand, counted in one statement in the order of `domain.standing.stand`.

Each path of watches becomes one grouped subquery with a few flags per owner, joined to the roots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.sql.bears import bears
from connectors.sql.days import Condition, DayColumn
from connectors.sql.due import Path, along, linked, watches_by_path
from connectors.sql.tables import Rows, Tables
from domain.rules import DueTest, Watch
from domain.standing import Standing, Tally

_DUE, _NEEDED, _IMPLAUSIBLE, _MISSING = -1, -2, -3, -4
_STANDINGS = {
    _DUE: Standing.DUE,
    _NEEDED: Standing.NEEDED,
    _IMPLAUSIBLE: Standing.IMPLAUSIBLE,
    _MISSING: Standing.MISSING,
}


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one watch can see, as conditions on a row that stands for a dossier; never NULL."""

    watch: Watch
    missing: Condition
    implausible: Condition
    sound: Condition
    needed: Condition
    keeps: Condition


def tally_statement(tables: Tables, test: DueTest) -> sa.Select[Any]:
    """Counts per code: a standing below zero, or the place of the watch that keeps the dossiers."""
    root = tables.rows(test.rule.dataset.name)
    joined: sa.FromClause = root.table
    sights: dict[int, _Sight] = {}
    for watch in test.watches:
        if not watch.path and watch.column is not None:
            sights[test.watches.index(watch)] = _sight(watch, tables.day(root, watch.column), test)
    for path, watches in watches_by_path(test).items():
        joined, seen = _below(tables, test, root, joined, path, watches)
        sights |= seen
    counted = root.only if test.rule.change is None else [*root.only, bears(root, test.rule.change)]
    inner = sa.select(_code(sights).label("code")).select_from(joined).where(*counted).subquery()
    return sa.select(inner.c.code, sa.func.count()).group_by(inner.c.code)


def read_tally(test: DueTest, counted: Sequence[Sequence[Any]]) -> Tally:
    """Turn the counts per code into a `Tally`."""
    standings: dict[Standing, int] = {}
    kept_by: dict[str, int] = {}
    for code, count in counted:
        standing = _STANDINGS.get(code, Standing.KEPT)
        if standing is Standing.DUE and not test.possible:
            standing = Standing.KEPT
        standings[standing] = standings.get(standing, 0) + count
        if standing is Standing.KEPT:
            activity = test.watches[code].activity if code >= 0 else test.rule.activity.id
            kept_by[activity] = kept_by.get(activity, 0) + count
    return Tally(sum(standings.values()), standings, kept_by)


def _code(sights: dict[int, _Sight]) -> sa.ColumnElement[int]:
    seen = sights.values()
    return sa.case(
        (sa.or_(sa.false(), *(s.missing for s in seen)), _literal(_MISSING)),
        (sa.or_(sa.false(), *(s.implausible for s in seen)), _literal(_IMPLAUSIBLE)),
        (sa.not_(sa.or_(sa.false(), *(s.sound for s in seen))), _literal(_MISSING)),
        (sa.or_(sa.false(), *(s.needed for s in seen)), _literal(_NEEDED)),
        *((sa.and_(s.sound, s.keeps), _literal(place)) for place, s in sorted(sights.items())),
        else_=_literal(_DUE),
    )


def _sight(watch: Watch, day: DayColumn, test: DueTest) -> _Sight:
    def sure(condition: Condition) -> Condition:
        return sa.func.coalesce(condition, sa.false())

    return _Sight(
        watch,
        missing=day.missing() if watch.absent == "blocks" else sa.false(),
        implausible=sure(day.implausible(watch, test.as_of)),
        sound=sure(day.sound(watch, test.as_of)),
        needed=sa.false(),
        keeps=sure(day.keeps(watch)),
    )


def _below(
    tables: Tables, test: DueTest, root: Rows, joined: sa.FromClause, path: Path, watches: Sequence[Watch]
) -> tuple[sa.FromClause, dict[int, _Sight]]:
    """Join the flags of one path to the roots."""
    steps, rows, where = along(tables, path, root, None)
    owned = steps[0].columns(own for own, _ in path[0].by)
    flags: list[sa.ColumnElement[Any]] = []
    for watch in watches:
        flags += _flags(tables, steps[-1], watch, test)
    named = [c.label(f"o{n}") for n, c in enumerate(owned)]
    grouped = sa.select(*named, *flags).select_from(rows).where(*where).group_by(*owned).subquery()
    joined = joined.outerjoin(grouped, linked(root, path, [grouped.c[f"o{n}"] for n in range(len(owned))]))
    places = [test.watches.index(w) for w in watches]
    return joined, {place: _read(w, place, grouped) for place, w in zip(places, watches, strict=True)}


def _flags(tables: Tables, rows: Rows, watch: Watch, test: DueTest) -> list[sa.ColumnElement[Any]]:
    place = test.watches.index(watch)
    if watch.column is None:
        return [sa.func.max(_literal(1)).label(f"needed{place}")]
    sight = _sight(watch, tables.day(rows, watch.column), test)
    asked = {
        "missing": sight.missing,
        "implausible": sight.implausible,
        "sound": sight.sound,
        "keeps": sa.and_(sight.sound, sight.keeps),
    }
    return [sa.func.max(sa.case((c, _literal(1)), else_=_literal(0))).label(f"{n}{place}") for n, c in asked.items()]


def _read(watch: Watch, place: int, grouped: sa.Subquery) -> _Sight:
    def flag(name: str) -> Condition:
        column = grouped.c.get(f"{name}{place}")
        return sa.false() if column is None else sa.func.coalesce(column, _literal(0)) == _literal(1)

    return _Sight(watch, flag("missing"), flag("implausible"), flag("sound"), flag("needed"), flag("keeps"))


def _literal(number: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(number), sa.Integer())
