"""The tables of the ledger, and which of their columns are encrypted."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

#: The migration that makes exactly these tables; a test holds the two against each other.
VERSION = "0001"
metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as UTC text of one length, so that it sorts and hashes alike in every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else written(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


def written(moment: datetime) -> str:
    """A moment as the ledger writes it. ValueError where it has no zone: it could mean two moments."""
    if moment.tzinfo is None:
        raise ValueError("a moment in the ledger has a zone; pass an aware datetime")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def sealed(name: str, *, nullable: bool = False) -> Column[bytes]:
    """A column that only the keyring can read; `rotate_keys` finds it by its mark."""
    return Column(name, LargeBinary, nullable=nullable, info={"encrypted": True})


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable, primary_key=primary_key)


def _number(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=nullable, primary_key=primary_key, autoincrement=False)


def _moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, Moment, nullable=nullable)


key_checks = Table("key_checks", metadata, _text("id", primary_key=True), sealed("proof"))

head = Table(
    "head",
    metadata,
    _number("id", primary_key=True),
    _number("seq"),
    _text("hash"),
    _text("seal"),
    CheckConstraint("id = 1", name="head_is_one_row"),
)

events = Table(
    "events",
    metadata,
    _number("seq", primary_key=True),
    _text("at"),
    _text("kind"),
    _text("by"),
    _text("subject"),
    _text("body"),
    _text("previous"),
    _text("hash"),
)

batches = Table(
    "batches",
    metadata,
    _text("id", primary_key=True),
    _text("rule"),
    _text("system"),
    _text("digest"),
    _moment("announced_at"),
    _moment("closed_at", nullable=True),
    _number("event", nullable=True),
    _number("records"),
    _text("root", nullable=True),
    _text("key_id", nullable=True),
)

batch_keys = Table(
    "batch_keys",
    metadata,
    Column("batch", Text, ForeignKey("batches.id"), primary_key=True),
    _text("dataset", primary_key=True),
    sealed("keys"),
)

leaves = Table(
    "leaves",
    metadata,
    Column("batch", Text, ForeignKey("batches.id"), primary_key=True),
    _text("dataset", primary_key=True),
    Column("blob", LargeBinary, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    _text("digest", primary_key=True),
    _text("system"),
    Column("as_of", Date, nullable=False),
    _text("drawn_by"),
    _moment("at"),
    _text("body_hash"),
    sealed("body"),
    _text("state"),
)

officers = Table(
    "officers",
    metadata,
    _text("name", primary_key=True),
    _text("role"),
    sealed("secret"),
    _number("last_step"),
    _number("failures"),
    _moment("locked_until", nullable=True),
    _moment("enrolled_at"),
    _text("enrolled_by"),
    _moment("retired_at", nullable=True),
)

requests = Table(
    "requests",
    metadata,
    _number("id", primary_key=True),
    _text("what"),
    _text("digest"),
    _text("requested_by"),
    _moment("at"),
    Column("answered", Boolean, nullable=False),
    _text("seal"),
)

approvals = Table(
    "approvals",
    metadata,
    _number("id", primary_key=True),
    _text("what"),
    _text("digest"),
    _text("requested_by"),
    _text("approved_by"),
    _moment("at"),
    Column("expires_on", Date, nullable=True),
    _moment("revoked_at", nullable=True),
    _text("seal"),
)

cases = Table(
    "cases",
    metadata,
    _text("number", primary_key=True),
    _number("year"),
    _number("serial"),
    _text("state"),
    _text("file"),
    _text("seal"),
    sealed("subject", nullable=True),
    UniqueConstraint("year", "serial", name="cases_are_numbered_once"),
)

matches = Table(
    "matches",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _text("leaf", primary_key=True),
    _text("system"),
    _text("dataset"),
    sealed("key"),
    Column("include", Boolean, nullable=False),
    _text("by"),
    _moment("at"),
)

holds = Table(
    "holds",
    metadata,
    _text("id", primary_key=True),
    _text("scope"),
    _text("system"),
    _text("dataset"),
    _text("leaf"),
    _text("case"),
    sealed("target", nullable=True),
    _text("owner"),
    sealed("reason"),
    Column("review_on", Date, nullable=False),
    Column("until", Date, nullable=True),
    _moment("at"),
    Column("ended_on", Date, nullable=True),
    _text("seal"),
)

escalations = Table(
    "escalations",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _text("limit", primary_key=True),
    _text("rung", primary_key=True),
    _text("state"),
    _moment("at"),
    _moment("settled_at", nullable=True),
)

packages = Table(
    "packages",
    metadata,
    _text("file", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    _text("sha256"),
    _moment("sealed_at"),
    Column("expires_on", Date, nullable=False),
    sealed("passphrase", nullable=True),
    _text("state"),
)

runs = Table(
    "runs",
    metadata,
    _number("id", primary_key=True),
    _text("system"),
    Column("as_of", Date, nullable=False),
    Column("armed", Boolean, nullable=False),
    _text("plan"),
    _moment("at"),
    _text("counts"),
)

leases = Table(
    "leases",
    metadata,
    _text("system", primary_key=True),
    _text("owner"),
    _moment("until"),
)

switch = Table(
    "switch",
    metadata,
    _number("id", primary_key=True),
    Column("stopped", Boolean, nullable=False),
    _text("by"),
    _moment("at", nullable=True),
    CheckConstraint("id = 1", name="switch_is_one_row"),
)

#: Tables of which no row may change, and tables of which no row may go: the databases themselves refuse it.
UNCHANGING = ("events", "leaves")
LASTING = (*UNCHANGING, "batches", "requests", "approvals", "cases", "holds")
