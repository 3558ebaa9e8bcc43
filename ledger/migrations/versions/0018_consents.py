"""The opt-in register, who may not be approached, and who was told of a changed privacy policy.

Revision ID: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.lasting import forbid_delete

revision = "0018"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; no consent, withdrawal or objection can be taken out."""
    op.create_table(
        "consents",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("follows", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("serial", name="consents_are_numbered_once"),
    )
    op.create_table(
        "consent_stops",
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["consent"], ["consents.number"]),
        sa.PrimaryKeyConstraint("consent", "place"),
    )
    op.create_table(
        "suppressions",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("serial", name="suppressions_are_numbered_once"),
    )
    op.create_table(
        "mailings",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "mailed",
        sa.Column("mailing", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["mailing"], ["mailings.digest"]),
        sa.PrimaryKeyConstraint("mailing", "mark"),
    )
    op.create_index("mailed_by_mark", "mailed", ["mark"])
    for table in ("consents", "consent_stops", "suppressions", "mailings"):
        forbid_delete(table)


def downgrade() -> None:
    """There is no way back: who said no may not be lost."""
    raise NotImplementedError("restore the ledger from a backup of before")
