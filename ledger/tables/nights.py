"""The tables of what is planned and allowed: plans, officers and their approvals, runs, leases, the switch."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Table

from ledger.tables.columns import metadata, moment, number, sealed, text

plans = Table(
    "plans",
    metadata,
    text("digest", primary_key=True),
    text("system"),
    Column("as_of", Date, nullable=False),
    text("drawn_by"),
    moment("at"),
    text("body_hash"),
    sealed("body"),
    text("state"),
)

officers = Table(
    "officers",
    metadata,
    text("name", primary_key=True),
    text("role"),
    sealed("secret"),
    number("last_step"),
    number("failures"),
    moment("locked_until", nullable=True),
    moment("enrolled_at"),
    text("enrolled_by"),
    moment("retired_at", nullable=True),
)

requests = Table(
    "requests",
    metadata,
    number("id", primary_key=True),
    text("what"),
    text("digest"),
    text("requested_by"),
    moment("at"),
    Column("answered", Boolean, nullable=False),
    text("seal"),
)

approvals = Table(
    "approvals",
    metadata,
    number("id", primary_key=True),
    text("what"),
    text("digest"),
    text("requested_by"),
    text("approved_by"),
    moment("at"),
    Column("expires_on", Date, nullable=True),
    moment("revoked_at", nullable=True),
    text("seal"),
)

runs = Table(
    "runs",
    metadata,
    number("id", primary_key=True),
    text("system"),
    Column("as_of", Date, nullable=False),
    Column("armed", Boolean, nullable=False),
    text("plan"),
    moment("at"),
    text("counts"),
)

leases = Table(
    "leases",
    metadata,
    text("system", primary_key=True),
    text("owner"),
    moment("until"),
)

switch = Table(
    "switch",
    metadata,
    number("id", primary_key=True),
    Column("stopped", Boolean, nullable=False),
    text("by"),
    moment("at", nullable=True),
    text("seal", nullable=True),
    CheckConstraint("id = 1", name="switch_is_one_row"),
)
