"""Which due dossiers are tied to others of the same rule, because rows of one refer to rows of the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from connectors.sql.days import Condition
from connectors.sql.due import due_statement
from connectors.sql.tables import Rows, Tables
from domain.rules import DueTest, Part, Tie
from domain.ties import Pair


def tie_statements(tables: Tables, test: DueTest) -> Iterator[tuple[Tie, sa.Select[Any]]]:
    """Per tie: the key of the dossier referred to (where it is due), then the key of the dossier that refers to it."""
    for tie in test.rule.ties:
        referrer, own_root, from_own = _up(tables, tie.referrer, test.rule.dataset.name)
        target, their_root, from_their = _up(tables, tie.target, test.rule.dataset.name)
        links = [referrer.table.c[own] == target.table.c[their] for own, their in tie.by]
        other = sa.or_(*(a != b for a, b in zip(own_root.key, their_root.key, strict=True)))
        is_due = _is_due(tables, test, their_root)
        if tie.both:
            is_due = sa.or_(is_due, _is_due(tables, test, own_root))
        joined = from_their.join(from_own, sa.and_(*links))
        where = [is_due, other, *own_root.only, *their_root.only, *referrer.only, *target.only]
        yield tie, sa.select(*their_root.key, *own_root.key).select_from(joined).where(*where).distinct()


def _is_due(tables: Tables, test: DueTest, roots: Rows) -> Condition:
    due = due_statement(tables, test).order_by(None)
    return (roots.key[0] if len(roots.key) == 1 else sa.tuple_(*roots.key)).in_(due)


def read_pairs(tie: Tie, answer: Iterator[Any], width: int) -> Iterator[Pair]:
    """The pairs of a tie; of rows that belong to both dossiers, each needs the other."""
    for row in answer:
        theirs, own = tuple(row[:width]), tuple(row[width:])
        yield theirs, own
        if tie.both:
            yield own, theirs


def _up(tables: Tables, part: Part, root: str) -> tuple[Rows, Rows, sa.FromClause]:
    """The rows of a part, the roots of their dossiers, and the two joined."""
    if not part.path:
        rows = tables.rows(root)
        return rows, rows, rows.table
    roots = tables.rows(root)
    steps, joined = tables.join(part.path)
    links = [steps[0].table.c[own] == roots.table.c[their] for own, their in part.path[0].by]
    return steps[-1], roots, joined.join(roots.table, sa.and_(*links))
