"""The tables of what happened and its proof: the keys, the chain of events, the batches that were destroyed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text

from ledger.tables.columns import metadata, moment, number, sealed, text

key_checks = Table("key_checks", metadata, text("id", primary_key=True), sealed("proof"))

head = Table(
    "head",
    metadata,
    number("id", primary_key=True),
    number("seq"),
    text("hash"),
    text("seal"),
    CheckConstraint("id = 1", name="head_is_one_row"),
)

events = Table(
    "events",
    metadata,
    number("seq", primary_key=True),
    text("at"),
    text("kind"),
    text("by"),
    text("subject"),
    text("body"),
    text("previous"),
    text("hash"),
    Index("events_by_subject", "subject"),
)

batches = Table(
    "batches",
    metadata,
    text("id", primary_key=True),
    text("rule"),
    text("system"),
    text("digest"),
    moment("announced_at"),
    moment("closed_at", nullable=True),
    number("event", nullable=True),
    number("records"),
    text("root", nullable=True),
    text("key_id", nullable=True),
)

batch_keys = Table(
    "batch_keys",
    metadata,
    Column("batch", Text, ForeignKey("batches.id"), primary_key=True),
    text("dataset", primary_key=True),
    sealed("keys"),
)

leaves = Table(
    "leaves",
    metadata,
    Column("batch", Text, ForeignKey("batches.id"), primary_key=True),
    text("dataset", primary_key=True),
    Column("blob", LargeBinary, nullable=False),
)
