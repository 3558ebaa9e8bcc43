"""The tables of the opt-in register: statements, what they stop, who gets no marketing, what was mailed."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, UniqueConstraint

from ledger.tables.columns import metadata, moment, number, sealed, text

consents = Table(
    "consents",
    metadata,
    text("number", primary_key=True),
    number("serial"),
    text("purpose"),
    text("act"),
    Column("on", Date, nullable=False),
    moment("at"),
    text("channel"),
    text("capacity"),
    text("version"),
    text("digest"),
    text("recipients"),
    Column("expires_on", Date, nullable=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=True),
    text("follows", nullable=True),
    text("by"),
    text("marks"),
    text("seal"),
    sealed("person", nullable=True),
    sealed("proof", nullable=True),
    UniqueConstraint("serial", name="consents_are_numbered_once"),
)

consent_stops = Table(
    "consent_stops",
    metadata,
    Column("consent", Text, ForeignKey("consents.number"), primary_key=True),
    text("place", primary_key=True),
    text("state"),
    moment("settled_at", nullable=True),
    text("seal"),
    sealed("why", nullable=True),
)

suppressions = Table(
    "suppressions",
    metadata,
    text("number", primary_key=True),
    number("serial"),
    Column("added_on", Date, nullable=False),
    moment("at"),
    text("channel"),
    Column("case", Text, ForeignKey("cases.number"), nullable=True),
    text("by"),
    text("marks"),
    Column("lifted_on", Date, nullable=True),
    text("seal"),
    UniqueConstraint("serial", name="suppressions_are_numbered_once"),
)

mailings = Table(
    "mailings",
    metadata,
    text("digest", primary_key=True),
    text("version"),
    moment("begun_at"),
    moment("ended_at", nullable=True),
    text("seal"),
)

mailed = Table(
    "mailed",
    metadata,
    Column("mailing", Text, ForeignKey("mailings.digest"), primary_key=True),
    text("mark", primary_key=True),
    text("state"),
    Column("on", Date, nullable=False),
    Index("mailed_by_mark", "mark"),
)
