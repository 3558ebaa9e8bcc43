"""Which tables of a MariaDB source would not really lose what is deleted from them, or could not take it back."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from domain.system import System
from domain.trouble import SourceUnreadable

_KEEPING = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_type = 'SYSTEM VERSIONED' ORDER BY 1"""
_WITHOUT_TRANSACTIONS = """
    SELECT t.table_name FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine
    WHERE t.table_schema = COALESCE(:schema, DATABASE()) AND t.table_name IN :ours
    AND COALESCE(e.transactions, 'NO') <> 'YES' ORDER BY 1"""


def check_no_history(connection: sa.Connection, system: System) -> None:
    """Raise `SourceUnreadable` where a table keeps the history of its rows: the schema does not list it as a table."""
    keeping = connection.execute(sa.text(_KEEPING), {"schema": system.db_schema}).scalars()
    found = [name for name in keeping if name not in system.ignored_tables]
    if found:
        raise SourceUnreadable(
            f"{_named(found)} keeps every row that is deleted from it (system versioning)",
            where=system.id,
            do="drop the history (ALTER TABLE … DROP SYSTEM VERSIONING), or name the table in ignored_tables",
        )


def check_transactions(connection: sa.Connection, system: System) -> None:
    """Raise `SourceUnreadable` where a table of the register could not take a deletion back."""
    ours = sorted({dataset.table for dataset in system.datasets.values()})
    question = sa.text(_WITHOUT_TRANSACTIONS).bindparams(sa.bindparam("ours", expanding=True))
    found = connection.execute(question, {"schema": system.db_schema, "ours": ours}).scalars().all()
    if found:
        raise SourceUnreadable(
            f"{_named(found)} knows no transactions, so a deletion that goes wrong could not be undone",
            where=system.id,
            do="move it to InnoDB (ALTER TABLE … ENGINE=InnoDB); until then nothing is destroyed in this source",
        )


def _named(tables: Sequence[str]) -> str:
    return f"table {tables[0]!r}" if len(tables) == 1 else f"one of the tables {', '.join(map(repr, tables))}"
