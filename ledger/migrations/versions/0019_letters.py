"""The letters to the persons of requests: each kept before it leaves, its words and address encrypted.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.lasting import forbid_delete

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; that a letter was written can never be taken back."""
    op.create_table(
        "letters",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("tried_at", sa.Text(), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("case", "kind", "occasion"),
    )
    forbid_delete("letters")


def downgrade() -> None:
    """There is no way back: what was written to whom may not be lost."""
    raise NotImplementedError("restore the ledger from a backup of before")
