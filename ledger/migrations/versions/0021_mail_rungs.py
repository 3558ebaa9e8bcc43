"""What is attached to a message, and which rungs were climbed for a message that nobody took up.

Revision ID: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.lasting import forbid_delete

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, make the table."""
    op.add_column("mail", sa.Column("flags", sa.Text(), nullable=True))
    op.create_table(
        "mail_rungs",
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mail"], ["mail.number"]),
        sa.PrimaryKeyConstraint("mail", "rung"),
    )
    forbid_delete("mail_rungs")


def downgrade() -> None:
    """There is no way back: who was told may not be lost."""
    raise NotImplementedError("restore the ledger from a backup of before")
