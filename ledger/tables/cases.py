"""The tables of the requests: who asks, what was decided on their records, and the steps that were taken."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Table, Text, UniqueConstraint

from ledger.tables.columns import metadata, moment, number, sealed, text

cases = Table(
    "cases",
    metadata,
    text("number", primary_key=True),
    number("year"),
    number("serial"),
    text("state"),
    text("file"),
    text("seal"),
    sealed("subject", nullable=True),
    UniqueConstraint("year", "serial", name="cases_are_numbered_once"),
)

matches = Table(
    "matches",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    text("leaf", primary_key=True),
    text("system"),
    text("dataset"),
    sealed("key"),
    Column("include", Boolean, nullable=False),
    text("by"),
    moment("at"),
)

case_steps = Table(
    "case_steps",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    text("step", primary_key=True),
    text("by"),
    moment("at"),
    text("seal"),
    sealed("why", nullable=True),
)

escalations = Table(
    "escalations",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    text("limit", primary_key=True),
    text("rung", primary_key=True),
    text("state"),
    moment("at"),
    moment("settled_at", nullable=True),
)

asks = Table(
    "asks",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    text("holder", primary_key=True),
    Column("asked_on", Date, nullable=False),
    Column("answered_on", Date, nullable=True),
)

ask_rungs = Table(
    "ask_rungs",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    text("holder", primary_key=True),
    text("rung", primary_key=True),
    text("state"),
    moment("at"),
    moment("settled_at", nullable=True),
)

notices = Table(
    "notices",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    text("party", primary_key=True),
    text("title"),
    text("kind"),
    Column("told_on", Date, nullable=True),
    Column("confirmed_on", Date, nullable=True),
    Column("excused_on", Date, nullable=True),
    text("seal"),
    sealed("why", nullable=True),
)

passages = Table(
    "passages",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    text("mark", primary_key=True),
    Column("withhold", Boolean, nullable=False),
    text("by"),
    moment("at"),
    text("seal"),
)

marked = Table(
    "marked",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    number("serial", primary_key=True),
    text("system"),
    text("dataset"),
    text("mark"),
    text("article"),
    text("by"),
    moment("at"),
    text("seal"),
    sealed("place", nullable=True),
    sealed("reason", nullable=True),
)
