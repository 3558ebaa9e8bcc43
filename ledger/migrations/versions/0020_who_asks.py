"""Who asks: how identity was checked, who stands for whom, what must stay secret, and copies of identity documents.

Revision ID: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.lasting import forbid_delete

revision = "0020"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLES = ("identity_checks", "askers", "secrecy_flags", "secrecy_decisions", "id_copies")


def _of_case(*more: sa.Column[str] | sa.Column[int]) -> list[sa.Column[str] | sa.Column[int]]:
    return [sa.Column("case", sa.Text(), nullable=False), *more]


def _signed() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in ("by", "at", "seal")]


def upgrade() -> None:
    """Make the tables; nothing that was checked or decided about a person's standing can be taken back."""
    op.create_table(
        "identity_checks",
        *_of_case(sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False)),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        *_signed(),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("case", "serial"),
    )
    op.create_table(
        "askers",
        *_of_case(sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False)),
        sa.Column("file", sa.Text(), nullable=False),
        *_signed(),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("case", "serial"),
    )
    op.create_table(
        "secrecy_flags",
        sa.Column("flag", sa.Text(), nullable=False),
        *_of_case(sa.Column("kind", sa.Text(), nullable=False)),
        *_signed(),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("flag"),
    )
    op.create_table(
        "secrecy_decisions",
        *_of_case(sa.Column("flag", sa.Text(), nullable=False)),
        sa.Column("may", sa.Boolean(), nullable=False),
        *_signed(),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.ForeignKeyConstraint(["flag"], ["secrecy_flags.flag"]),
        sa.PrimaryKeyConstraint("case", "flag"),
    )
    op.create_table(
        "id_copies",
        sa.Column("number", sa.Text(), nullable=False),
        *_of_case(sa.Column("mail", sa.Text(), nullable=False)),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gone_at", sa.Text(), nullable=True),
        *_signed(),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.number"]),
        sa.PrimaryKeyConstraint("number"),
    )
    for table in _TABLES:
        forbid_delete(table)


def downgrade() -> None:
    """There is no way back: what was checked of whom may not be lost."""
    raise NotImplementedError("restore the ledger from a backup of before")
