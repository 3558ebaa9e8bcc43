"""The tables of the privacy mailbox and its rungs."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, UniqueConstraint

from ledger.tables.columns import metadata, moment, number, sealed, text

mail = Table(
    "mail",
    metadata,
    text("number", primary_key=True),
    number("year"),
    number("serial"),
    text("mailbox"),
    text("validity"),
    text("uid"),
    Column("received_on", Date, nullable=False),
    text("state"),
    text("reason"),
    text("asks"),
    Column("case", Text, ForeignKey("cases.number"), nullable=True),
    text("mark"),
    text("content"),
    text("seal"),
    sealed("raw", nullable=True),
    Column("flags", Text, nullable=True, info={"later": True}),
    UniqueConstraint("year", "serial", name="mail_is_numbered_once"),
    UniqueConstraint("mailbox", "validity", "uid", name="mail_is_stored_once"),
    Index("mail_by_mark", "mark"),
)

mail_rungs = Table(
    "mail_rungs",
    metadata,
    Column("mail", Text, ForeignKey("mail.number"), primary_key=True),
    text("rung", primary_key=True),
    text("state"),
    moment("at"),
    moment("settled_at", nullable=True),
)
