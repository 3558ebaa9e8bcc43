"""What was decided about the data of one person who asked to be erased, and whether it is carried out whole.

Revision ID: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.lasting import forbid_delete

revision = "0015"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; no row of it may go."""
    op.create_table(
        "erasures",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.Text(), nullable=False),
        sa.Column("complete_at", sa.Text(), nullable=True),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    forbid_delete("erasures")


def downgrade() -> None:
    """There is no way back: what was decided about a person may not be lost."""
    raise NotImplementedError("restore the ledger from a backup of before")
