"""The tables of what leaves the house: packages and their seal, lists for practices, letters."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Table, Text, UniqueConstraint

from ledger.tables.columns import Moment, metadata, moment, number, sealed, text

packages = Table(
    "packages",
    metadata,
    text("file", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    text("sha256"),
    moment("sealed_at"),
    Column("expires_on", Date, nullable=False),
    sealed("passphrase", nullable=True),
    text("state"),
    Column("controller", Text, nullable=True, info={"later": True}),
    Column("special", Boolean, nullable=True, info={"later": True}),
    Column("made_by", Text, nullable=True, info={"later": True}),
    Column("released_by", Text, nullable=True, info={"later": True}),
    Column("released_at", Moment, nullable=True, info={"later": True}),
    Column("gone_at", Moment, nullable=True, info={"later": True}),
    text("seal", nullable=True),
)

office_seals = Table(
    "office_seals",
    metadata,
    number("id", primary_key=True),
    text("certificate"),
    sealed("key"),
    moment("at"),
    text("seal"),
)

lists = Table(
    "lists",
    metadata,
    text("number", primary_key=True),
    number("year"),
    number("serial"),
    text("system"),
    text("rule"),
    text("controller"),
    text("rule_digest"),
    text("digest"),
    Column("as_of", Date, nullable=False),
    number("records"),
    text("state"),
    moment("drawn_at"),
    Column("sent_on", Date, nullable=True),
    text("instruction", nullable=True),
    text("answer", nullable=True),
    Column("later", Date, nullable=True),
    Column("settled_on", Date, nullable=True),
    text("settlement", nullable=True),
    text("sha256", nullable=True),
    text("seal"),
    sealed("lines"),
    sealed("passphrase", nullable=True),
    UniqueConstraint("year", "serial", name="lists_are_numbered_once"),
)

instructions = Table(
    "instructions",
    metadata,
    number("id", primary_key=True),
    Column("list", Text, ForeignKey("lists.number"), nullable=False),
    text("digest"),
    text("answer"),
    text("role"),
    text("reference"),
    Column("received_on", Date, nullable=False),
    Column("later", Date, nullable=True),
    text("recorded_by"),
    moment("at"),
    text("seal"),
    sealed("kept"),
)

chases = Table(
    "chases",
    metadata,
    Column("list", Text, ForeignKey("lists.number"), primary_key=True),
    text("rung", primary_key=True),
    text("state"),
    moment("at"),
    moment("settled_at", nullable=True),
)

letters = Table(
    "letters",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    text("kind", primary_key=True),
    text("occasion", primary_key=True),
    text("state"),
    text("message_id"),
    number("attempts"),
    text("by"),
    moment("at"),
    moment("tried_at", nullable=True),
    Column("gone_on", Date, nullable=True),
    text("seal"),
    sealed("address", nullable=True),
    sealed("text", nullable=True),
)
