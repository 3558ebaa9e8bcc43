"""What a search for a person reads whole, because no index serves it, with the statement that mends that.

Where a table is small that is no trouble. The source's own planner says whether an index serves a plain spelling; for a
number or a day the indexes of the live schema do.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import IdentifierPreparer, SQLCompiler

from connectors.sql.asking import Asker
from connectors.sql.lookouts import index_statement, unindexed
from connectors.sql.plain_cells import spelled
from connectors.sql.search import NUMBERS, sieve
from connectors.sql.tables import Rows, Tables
from domain.live import Kind
from domain.lookouts import Reference, Unindexed, is_served
from domain.person import ways_of

#: Values that nobody bears, to ask how they would be looked for.
_NOBODY = {"name_born": "nobody+1901-01-01", "bsn": "1", "client_number": "1"}


class _Explained(sa.Executable, sa.ClauseElement):
    inherit_cache = False

    def __init__(self, statement: sa.Select[Any]) -> None:
        self.statement = statement


@compiles(_Explained)
def _explain(element: _Explained, compiler: SQLCompiler, **words: Any) -> str:
    how = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN (FORMAT JSON)"
    return f"{how} {compiler.process(element.statement, **words)}"


def scans_of(asker: Asker, tables: Tables, kinds: Collection[str], quoting: IdentifierPreparer) -> Iterator[Unindexed]:
    """What a search by these kinds, and the walk from what it finds, reads whole; once each, by table."""
    seen: set[Reference] = set()
    for name, dataset in tables.system.datasets.items():
        for kind, columns in dataset.identifies.columns().items():
            place = Reference(dataset.table, columns[-1:])
            if kind in kinds and place not in seen and not _serves(asker, tables, tables.rows(name), kind):
                seen.add(place)
                yield unindexed(asker, tables, place, _mend(tables, tables.rows(name), kind, quoting))
    for way in ways_of(tables.system):
        place = Reference(tables.system.datasets[way.hop.dataset].table, tuple(sorted(own for own, _ in way.hop.by)))
        if place not in seen and not is_served(place, tables.live):
            seen.add(place)
            yield unindexed(asker, tables, place, index_statement(tables, place, quoting))


def _serves(asker: Asker, tables: Tables, rows: Rows, kind: str) -> bool:
    """Whether an index finds the rows of one identifier."""
    if _by_column(rows, kind):
        return is_served(Reference(rows.dataset.table, _column(rows, kind)), tables.live)
    if rows.dialect == "mariadb":
        return False
    asked = sa.select(*rows.key).where(sieve(rows, kind, [_NOBODY.get(kind, "nobody@nobody.nl")]))
    if rows.dialect == "sqlite":
        return not any(str(step[-1]).startswith("SCAN") for step in asker.all(_Explained(asked)))
    with asker.scans_avoided():
        [(plan,)] = asker.all(_Explained(asked))
    return _is_led(json.loads(plan) if isinstance(plan, str) else plan)


def _is_led(plan: Any) -> bool:
    """Whether every place where PostgreSQL's plan reads rows is led there by a condition on an index."""
    if isinstance(plan, list):
        return all(_is_led(one) for one in plan)
    if "Plan" in plan:
        return _is_led(plan["Plan"])
    below = plan.get("Plans", ())
    return _is_led(list(below)) if below else "Index Cond" in plan


def _by_column(rows: Rows, kind: str) -> bool:
    """Whether an index on the column itself serves: a number, or a day that the source keeps as one."""
    [column] = _column(rows, kind)
    held = rows.live[column].kind
    if kind == "name_born":
        return rows.dialect != "sqlite" and held in (Kind.DATE, Kind.MOMENT, Kind.ZONED)
    return held in NUMBERS and kind in ("bsn", "client_number")


def _column(rows: Rows, kind: str) -> tuple[str, ...]:
    return rows.dataset.identifies.columns()[kind][-1:]


def _mend(tables: Tables, rows: Rows, kind: str, quoting: IdentifierPreparer) -> str:
    """The statement that makes the index; empty where this database has none for it."""
    place = Reference(rows.dataset.table, _column(rows, kind))
    if _by_column(rows, kind):
        return index_statement(tables, place, quoting)
    of_words = kind == "name"
    if rows.dialect == "mariadb" or kind == "name_born" or (of_words and rows.dialect == "sqlite"):
        return ""
    [column] = place.columns
    cell = spelled(kind, sa.column(column, sa.types.NullType()), rows.live[column].kind, rows.dialect)
    written = str(cell.compile(dialect=quoting.dialect, compile_kwargs={"literal_binds": True}))
    return index_statement(tables, place, quoting, expression=written, using="gin" if of_words else "")
