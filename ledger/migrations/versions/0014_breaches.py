"""The register of data breaches with its ladder, and what was asked of those who hold data we cannot search.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.lasting import forbid_delete

revision = "0014"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; no breach may be taken out of its register (AVG 33(5))."""
    op.create_table(
        "breaches",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("year", "serial", name="breaches_are_numbered_once"),
        sa.UniqueConstraint("source", name="breaches_are_proposed_once"),
    )
    op.create_table(
        "breach_rungs",
        sa.Column("breach", sa.Text(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["breach"], ["breaches.number"]),
        sa.PrimaryKeyConstraint("breach", "rung"),
    )
    op.create_table(
        "asks",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("case", "holder"),
    )
    op.create_table(
        "ask_rungs",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("case", "holder", "rung"),
    )
    forbid_delete("breaches")


def downgrade() -> None:
    """There is no way back: the register of breaches may not be lost."""
    raise NotImplementedError("restore the ledger from a backup of before")
