"""Packages are released by an officer, special ones by two, and seen to be gone; the office has a seal of its own.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.lasting import forbid_delete

revision = "0005"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; packages of before are sealed by `ledger.open`, which has the keys, as not yet released."""
    for column in (
        sa.Column("controller", sa.Text(), nullable=True),
        sa.Column("special", sa.Boolean(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_at", sa.Text(), nullable=True),
        sa.Column("gone_at", sa.Text(), nullable=True),
        sa.Column("seal", sa.Text(), nullable=True),
    ):
        op.add_column("packages", column)
    op.create_table(
        "office_seals",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for table in ("packages", "office_seals"):
        forbid_delete(table)


def downgrade() -> None:
    """There is no way back: a package that waits for its second person would be anybody's."""
    raise NotImplementedError("restore the ledger from a backup of before")
