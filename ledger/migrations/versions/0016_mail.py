"""The privacy mailbox: every message that came, encrypted, with what was proposed for it.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "mail",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("validity", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("year", "serial", name="mail_is_numbered_once"),
        sa.UniqueConstraint("mailbox", "validity", "uid", name="mail_is_stored_once"),
    )
    op.create_index("mail_by_mark", "mail", ["mark"])


def downgrade() -> None:
    """There is no way back: no message may be lost."""
    raise NotImplementedError("restore the ledger from a backup of before")
