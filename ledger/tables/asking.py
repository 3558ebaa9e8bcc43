"""The tables of who asks and how we know: checks of identity, representatives, secrecy, copies of documents."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Table, Text

from ledger.tables.columns import metadata, moment, number, sealed, text

identity_checks = Table(
    "identity_checks",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    number("serial", primary_key=True),
    text("method"),
    text("outcome"),
    text("by"),
    moment("at"),
    text("seal"),
    sealed("why", nullable=True),
)

askers = Table(
    "askers",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    number("serial", primary_key=True),
    text("file"),
    text("by"),
    moment("at"),
    text("seal"),
    sealed("person", nullable=True),
    sealed("why", nullable=True),
)

secrecy_flags = Table(
    "secrecy_flags",
    metadata,
    text("flag", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    text("kind"),
    text("by"),
    moment("at"),
    text("seal"),
    sealed("person", nullable=True),
    sealed("why", nullable=True),
)

secrecy_decisions = Table(
    "secrecy_decisions",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    Column("flag", Text, ForeignKey("secrecy_flags.flag"), primary_key=True),
    Column("may", Boolean, nullable=False),
    text("by"),
    moment("at"),
    text("seal"),
    sealed("why", nullable=True),
)

id_copies = Table(
    "id_copies",
    metadata,
    text("number", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    text("mail"),
    text("media"),
    text("state"),
    moment("gone_at", nullable=True),
    text("by"),
    moment("at"),
    text("seal"),
    sealed("content", nullable=True),
)
