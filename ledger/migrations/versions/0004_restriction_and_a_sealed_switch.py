"""Restrictions (article 18) among the holds, a seal on the stop switch, and the events found by their subject.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; the seal of a switch of before is set by `ledger.open`, which has the keys."""
    op.add_column("holds", sa.Column("ground", sa.Text(), nullable=True))
    op.add_column("holds", sa.Column("told_on", sa.Date(), nullable=True))
    op.add_column("switch", sa.Column("seal", sa.Text(), nullable=True))
    op.create_index("events_by_subject", "events", ["subject"])


def downgrade() -> None:
    """There is no way back: a restriction would become an ordinary hold."""
    raise NotImplementedError("restore the ledger from a backup of before")
