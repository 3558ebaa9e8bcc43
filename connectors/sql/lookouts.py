"""What the guards look at in a database: crowded days, mass changes, references that no index serves, strange cascades.

Bounded where that is possible: a table is asked whether it holds more than so many rows, never how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import IdentifierPreparer

from connectors.sql.asking import Asker
from connectors.sql.days import Condition
from connectors.sql.due import due_statement
from connectors.sql.tables import Rows, Tables, refers
from domain.live import LiveReference
from domain.lookouts import (
    LARGE_TABLE,
    Crowd,
    Look,
    Reference,
    Sight,
    Unindexed,
    is_served,
    looks_of,
    references_of,
)  # fmt: skip
from domain.rules import DueTest

_BUSY = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND state = 'active' AND application_name <> 'termijn' AND backend_type = 'client backend'",
    # Ourselves asking is one of them.
    "mysql": "SELECT GREATEST(VARIABLE_VALUE - 1, 0) FROM information_schema.GLOBAL_STATUS"
    " WHERE VARIABLE_NAME = 'THREADS_RUNNING'",
}
_BUSY["mariadb"] = _BUSY["mysql"]
#: MariaDB indexes so many characters of a text without a length.
_PREFIX = 191


def look_out(asker: Asker, tables: Tables, test: DueTest, today: date, quoting: IdentifierPreparer) -> Sight:
    """All that can be seen of one rule in a database."""
    crowds: list[Crowd] = []
    changed: list[Crowd] = []
    future: list[tuple[str, int]] = []
    blind: list[str] = []
    late = 0
    for look in looks_of(tables.system, test.watches, test.rule):
        crowds += _crowded_days(asker, tables, test, look)
        changed += _changed_together(asker, tables, test, look, blind)
        future += _in_the_future(asker, tables, today, look)
        if test.as_of < today:
            after = sum(rows for _, rows in _in_the_future(asker, tables, test.as_of, look))
            late += after - sum(rows for _, rows in _in_the_future(asker, tables, today, look))
    read_whole = tuple(
        unindexed(asker, tables, reference, index_statement(tables, reference, quoting))
        for reference in references_of(tables.system, test.rule, tables.live)
        if not is_served(reference, tables.live)
    )
    return Sight(tuple(crowds), tuple(changed), tuple(future), read_whole, (), tuple(blind), late)


def taken_along(asker: Asker, tables: Tables, test: DueTest, table: str, by: LiveReference) -> int:
    """How many rows of a table refer to rows of the dossiers that are due."""
    name, schema = tables.place(table)
    referring = sa.table(name, *(sa.column(c) for c in by.columns), schema=schema)
    own = [referring.c[c] for c in by.columns]
    inside: list[Condition] = []
    for part in test.rule.parts if test.possible else ():
        if tables.system.datasets[part.dataset].table == by.table:
            owner, which = _due_rows(tables, test, part.path)
            theirs = sa.select(*owner.columns(by.to_columns)).where(which, *owner.only)
            inside.append((own[0] if len(own) == 1 else sa.tuple_(*own)).in_(theirs))
    counted = sa.select(sa.func.count()).select_from(referring).where(sa.or_(sa.false(), *inside))
    return int(asker.all(counted)[0][0])


def busy_statement(dialect: str) -> sa.TextClause | None:
    """Counts the sessions of others that are at work; None where there are none to count."""
    return sa.text(_BUSY[dialect]) if dialect in _BUSY else None


def _due_rows(tables: Tables, test: DueTest, path: Any) -> tuple[Rows, Condition]:
    """The rows at the end of a path in the dossiers that are due."""
    owner = tables.rows(test.rule.dataset.name)
    due = due_statement(tables, test).order_by(None).subquery()
    key = owner.key[0] if len(owner.key) == 1 else sa.tuple_(*owner.key)
    which: Condition = key.in_(sa.select(*due.c))
    for hop in path:
        rows = tables.rows(hop.dataset)
        owner, which = rows, refers(rows, hop, owner, which)
    return owner, which


def _crowded_days(asker: Asker, tables: Tables, test: DueTest, look: Look) -> Iterator[Crowd]:
    """Per date of its own: the day on which most of the dates that are over fall. Less where the register says why."""
    told = {t.column: t.same_day for t in tables.system.datasets[look.dataset].triggers}
    for watch in look.watches:
        column = str(watch.column)
        if watch.cutoff is not None and told.get(column) is None:
            rows = tables.rows(look.dataset)
            day = tables.day(rows, column)
            value, most, total = _largest(asker, rows, day.calendar_day(), [day.over_on(watch, test.as_of)])
            yield Crowd(look.dataset, column, total, most, _read_day(value))


def _changed_together(asker: Asker, tables: Tables, test: DueTest, look: Look, blind: list[str]) -> Iterator[Crowd]:
    """Of the rows whose own dates are over: by how few, and on how few days, they were last changed."""
    on = getattr(tables.system.datasets[look.dataset].changed, "on", None)
    for column in look.changed:
        rows = tables.rows(look.dataset)
        over = [tables.day(rows, str(w.column)).over_on(w, test.as_of) for w in look.watches]
        if column != on:
            _, most, total = _largest(asker, rows, rows.table.c[column], over)
            yield Crowd(look.dataset, column, total, most)
        elif rows.live[column].kind.can_start_a_term:
            value, most, total = _largest(asker, rows, tables.day(rows, column).calendar_day(), over)
            yield Crowd(look.dataset, column, total, most, _read_day(value))
        else:
            blind.append(f"when rows of {look.dataset} were last changed ({column} holds no date)")


def _largest(asker: Asker, rows: Rows, value: sa.ColumnElement[Any], where: list[Condition]) -> tuple[Any, int, int]:
    """The value that most of these rows share, how many share it, and how many rows there are. Empty is no value."""
    shared = (
        sa.select(value.label("v"), sa.func.count().label("n")).where(*where, *rows.only).group_by(value).subquery()
    )
    ranked = sa.select(shared.c.v, shared.c.n, sa.func.sum(shared.c.n).over()).order_by(
        sa.case((shared.c.v.is_(None), 1), else_=0), shared.c.n.desc(), shared.c.v
    )
    found = asker.all(ranked.limit(1))
    if not found:
        return None, 0, 0
    [(largest, most, total)] = found
    return largest, 0 if largest is None else int(most), int(total)


def _in_the_future(asker: Asker, tables: Tables, day: date, look: Look) -> Iterator[tuple[str, int]]:
    for watch in look.watches:
        rows = tables.rows(look.dataset)
        later = tables.day(rows, str(watch.column)).future(watch, day)
        counted = asker.all(sa.select(sa.func.count()).select_from(rows.table).where(later, *rows.only))
        if counted[0][0]:
            yield f"{look.dataset}.{watch.column}", int(counted[0][0])


def unindexed(asker: Asker, tables: Tables, reference: Reference, mend: str) -> Unindexed:
    """A reference that no index serves, with whether its table is large by now."""
    name, schema = tables.place(reference.table)
    beyond: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(sa.table(name, schema=schema))
    return Unindexed(reference, bool(asker.all(beyond.limit(1).offset(LARGE_TABLE))), mend)


def index_statement(
    tables: Tables, reference: Reference, quoting: IdentifierPreparer, *, expression: str = "", using: str = ""
) -> str:
    """The statement that makes the index, as the database's owner can run it while others work.

    `expression`: over what it goes instead of the columns. `using`: which kind of index, where it is not the usual.
    """
    live = tables.live.tables[reference.table].columns
    place, schema = tables.place(reference.table)
    table = quoting.quote(place)
    where = f"{quoting.quote_schema(schema)}.{table}" if schema else table
    unbounded = tables.dialect in ("mysql", "mariadb")
    columns = [
        quoting.quote(c) + (f"({_PREFIX})" if unbounded and live[c].type_name.upper().endswith("TEXT") else "")
        for c in reference.columns
    ]
    kind = "_plain_idx" if expression else "_idx"
    name = quoting.quote(f"{place}_{'_'.join(reference.columns)}"[: 60 - len(kind)] + kind)
    # PostgreSQL makes no index on a partitioned table while others write.
    beside = tables.dialect == "postgresql" and not tables.live.tables[reference.table].partitioned
    verb = "CREATE INDEX CONCURRENTLY" if beside else "CREATE INDEX"
    over = f"({expression})" if expression else ", ".join(columns)
    return f"{verb} {name} ON {where}{f' USING {using}' if using else ''} ({over})"


def _read_day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if value is None or isinstance(value, date) else date.fromisoformat(str(value)[:10])
