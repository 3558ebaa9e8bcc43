"""The tables of what was done for a person: holds, erasures, corrections, statements."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Table, Text

from ledger.tables.columns import metadata, moment, number, sealed, text

holds = Table(
    "holds",
    metadata,
    text("id", primary_key=True),
    text("scope"),
    text("system"),
    text("dataset"),
    text("leaf"),
    text("case"),
    sealed("target", nullable=True),
    text("owner"),
    sealed("reason"),
    Column("review_on", Date, nullable=False),
    Column("until", Date, nullable=True),
    moment("at"),
    Column("ended_on", Date, nullable=True),
    text("seal"),
    Column("ground", Text, nullable=True, info={"later": True}),
    Column("told_on", Date, nullable=True, info={"later": True}),
)

erasures = Table(
    "erasures",
    metadata,
    text("digest", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    text("ground"),
    text("state"),
    moment("drawn_at"),
    moment("complete_at", nullable=True),
    text("seal"),
)

corrections = Table(
    "corrections",
    metadata,
    text("digest", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    text("state"),
    moment("drawn_at"),
    moment("done_at", nullable=True),
    text("seal"),
)

statements = Table(
    "statements",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    number("serial", primary_key=True),
    text("system"),
    text("dataset"),
    text("by"),
    moment("at"),
    text("seal"),
    sealed("key"),
    sealed("text"),
)
