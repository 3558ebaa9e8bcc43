"""The tables of the data breaches and the clock on them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text, UniqueConstraint

from ledger.tables.columns import metadata, moment, number, sealed, text

breaches = Table(
    "breaches",
    metadata,
    text("number", primary_key=True),
    number("year"),
    number("serial"),
    text("state"),
    text("file"),
    text("source", nullable=True),
    moment("opened_at"),
    text("seal"),
    sealed("told", nullable=True),
    UniqueConstraint("year", "serial", name="breaches_are_numbered_once"),
    UniqueConstraint("source", name="breaches_are_proposed_once"),
)

breach_rungs = Table(
    "breach_rungs",
    metadata,
    Column("breach", Text, ForeignKey("breaches.number"), primary_key=True),
    text("rung", primary_key=True),
    text("state"),
    moment("at"),
    moment("settled_at", nullable=True),
)
