"""How a table of the ledger is made lasting: the database itself refuses to let a row go. For migrations only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def forbid_delete(table: str) -> None:
    """From now on no row of this table can be deleted, and the table not be emptied; 0001 does so in its own words."""
    name, message = f"{table}_no_delete", f"the {table} of the ledger stay as they were written"
    if op.get_bind().dialect.name == "sqlite":
        raise_ = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        op.execute(sa.text(f"CREATE TRIGGER {name} BEFORE DELETE ON {table} {raise_}"))
        return
    op.execute(
        sa.text(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
        )
    )
    op.execute(sa.text(f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"))
    op.execute(sa.text(f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {name}()"))
