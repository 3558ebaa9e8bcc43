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
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

#: The migration that makes exactly these tables; a test holds the two against each other.
VERSION = "0022"
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
    Index("events_by_subject", "subject"),
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
    Column("ground", Text, nullable=True, info={"later": True}),
    Column("told_on", Date, nullable=True, info={"later": True}),
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
    Column("controller", Text, nullable=True, info={"later": True}),
    Column("special", Boolean, nullable=True, info={"later": True}),
    Column("made_by", Text, nullable=True, info={"later": True}),
    Column("released_by", Text, nullable=True, info={"later": True}),
    Column("released_at", Moment, nullable=True, info={"later": True}),
    Column("gone_at", Moment, nullable=True, info={"later": True}),
    _text("seal", nullable=True),
)

office_seals = Table(
    "office_seals",
    metadata,
    _number("id", primary_key=True),
    _text("certificate"),
    sealed("key"),
    _moment("at"),
    _text("seal"),
)

lists = Table(
    "lists",
    metadata,
    _text("number", primary_key=True),
    _number("year"),
    _number("serial"),
    _text("system"),
    _text("rule"),
    _text("controller"),
    _text("rule_digest"),
    _text("digest"),
    Column("as_of", Date, nullable=False),
    _number("records"),
    _text("state"),
    _moment("drawn_at"),
    Column("sent_on", Date, nullable=True),
    _text("instruction", nullable=True),
    _text("answer", nullable=True),
    Column("later", Date, nullable=True),
    Column("settled_on", Date, nullable=True),
    _text("settlement", nullable=True),
    _text("sha256", nullable=True),
    _text("seal"),
    sealed("lines"),
    sealed("passphrase", nullable=True),
    UniqueConstraint("year", "serial", name="lists_are_numbered_once"),
)

instructions = Table(
    "instructions",
    metadata,
    _number("id", primary_key=True),
    Column("list", Text, ForeignKey("lists.number"), nullable=False),
    _text("digest"),
    _text("answer"),
    _text("role"),
    _text("reference"),
    Column("received_on", Date, nullable=False),
    Column("later", Date, nullable=True),
    _text("recorded_by"),
    _moment("at"),
    _text("seal"),
    sealed("kept"),
)

chases = Table(
    "chases",
    metadata,
    Column("list", Text, ForeignKey("lists.number"), primary_key=True),
    _text("rung", primary_key=True),
    _text("state"),
    _moment("at"),
    _moment("settled_at", nullable=True),
)

breaches = Table(
    "breaches",
    metadata,
    _text("number", primary_key=True),
    _number("year"),
    _number("serial"),
    _text("state"),
    _text("file"),
    _text("source", nullable=True),
    _moment("opened_at"),
    _text("seal"),
    sealed("told", nullable=True),
    UniqueConstraint("year", "serial", name="breaches_are_numbered_once"),
    UniqueConstraint("source", name="breaches_are_proposed_once"),
)

breach_rungs = Table(
    "breach_rungs",
    metadata,
    Column("breach", Text, ForeignKey("breaches.number"), primary_key=True),
    _text("rung", primary_key=True),
    _text("state"),
    _moment("at"),
    _moment("settled_at", nullable=True),
)

asks = Table(
    "asks",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _text("holder", primary_key=True),
    Column("asked_on", Date, nullable=False),
    Column("answered_on", Date, nullable=True),
)

ask_rungs = Table(
    "ask_rungs",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _text("holder", primary_key=True),
    _text("rung", primary_key=True),
    _text("state"),
    _moment("at"),
    _moment("settled_at", nullable=True),
)

consents = Table(
    "consents",
    metadata,
    _text("number", primary_key=True),
    _number("serial"),
    _text("purpose"),
    _text("act"),
    Column("on", Date, nullable=False),
    _moment("at"),
    _text("channel"),
    _text("capacity"),
    _text("version"),
    _text("digest"),
    _text("recipients"),
    Column("expires_on", Date, nullable=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=True),
    _text("follows", nullable=True),
    _text("by"),
    _text("marks"),
    _text("seal"),
    sealed("person", nullable=True),
    sealed("proof", nullable=True),
    UniqueConstraint("serial", name="consents_are_numbered_once"),
)

consent_stops = Table(
    "consent_stops",
    metadata,
    Column("consent", Text, ForeignKey("consents.number"), primary_key=True),
    _text("place", primary_key=True),
    _text("state"),
    _moment("settled_at", nullable=True),
    _text("seal"),
    sealed("why", nullable=True),
)

suppressions = Table(
    "suppressions",
    metadata,
    _text("number", primary_key=True),
    _number("serial"),
    Column("added_on", Date, nullable=False),
    _moment("at"),
    _text("channel"),
    Column("case", Text, ForeignKey("cases.number"), nullable=True),
    _text("by"),
    _text("marks"),
    Column("lifted_on", Date, nullable=True),
    _text("seal"),
    UniqueConstraint("serial", name="suppressions_are_numbered_once"),
)

mailings = Table(
    "mailings",
    metadata,
    _text("digest", primary_key=True),
    _text("version"),
    _moment("begun_at"),
    _moment("ended_at", nullable=True),
    _text("seal"),
)

mailed = Table(
    "mailed",
    metadata,
    Column("mailing", Text, ForeignKey("mailings.digest"), primary_key=True),
    _text("mark", primary_key=True),
    _text("state"),
    Column("on", Date, nullable=False),
    Index("mailed_by_mark", "mark"),
)

erasures = Table(
    "erasures",
    metadata,
    _text("digest", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    _text("ground"),
    _text("state"),
    _moment("drawn_at"),
    _moment("complete_at", nullable=True),
    _text("seal"),
)

passages = Table(
    "passages",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _text("mark", primary_key=True),
    Column("withhold", Boolean, nullable=False),
    _text("by"),
    _moment("at"),
    _text("seal"),
)

marked = Table(
    "marked",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _number("serial", primary_key=True),
    _text("system"),
    _text("dataset"),
    _text("mark"),
    _text("article"),
    _text("by"),
    _moment("at"),
    _text("seal"),
    sealed("place", nullable=True),
    sealed("reason", nullable=True),
)

case_steps = Table(
    "case_steps",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _text("step", primary_key=True),
    _text("by"),
    _moment("at"),
    _text("seal"),
    sealed("why", nullable=True),
)

notices = Table(
    "notices",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _text("party", primary_key=True),
    _text("title"),
    _text("kind"),
    Column("told_on", Date, nullable=True),
    Column("confirmed_on", Date, nullable=True),
    Column("excused_on", Date, nullable=True),
    _text("seal"),
    sealed("why", nullable=True),
)

corrections = Table(
    "corrections",
    metadata,
    _text("digest", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    _text("state"),
    _moment("drawn_at"),
    _moment("done_at", nullable=True),
    _text("seal"),
)

statements = Table(
    "statements",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _number("serial", primary_key=True),
    _text("system"),
    _text("dataset"),
    _text("by"),
    _moment("at"),
    _text("seal"),
    sealed("key"),
    sealed("text"),
)

letters = Table(
    "letters",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _text("kind", primary_key=True),
    _text("occasion", primary_key=True),
    _text("state"),
    _text("message_id"),
    _number("attempts"),
    _text("by"),
    _moment("at"),
    _moment("tried_at", nullable=True),
    Column("gone_on", Date, nullable=True),
    _text("seal"),
    sealed("address", nullable=True),
    sealed("text", nullable=True),
)

mail = Table(
    "mail",
    metadata,
    _text("number", primary_key=True),
    _number("year"),
    _number("serial"),
    _text("mailbox"),
    _text("validity"),
    _text("uid"),
    Column("received_on", Date, nullable=False),
    _text("state"),
    _text("reason"),
    _text("asks"),
    Column("case", Text, ForeignKey("cases.number"), nullable=True),
    _text("mark"),
    _text("content"),
    _text("seal"),
    sealed("raw", nullable=True),
    Column("flags", Text, nullable=True, info={"later": True}),
    UniqueConstraint("year", "serial", name="mail_is_numbered_once"),
    UniqueConstraint("mailbox", "validity", "uid", name="mail_is_stored_once"),
    Index("mail_by_mark", "mark"),
)

identity_checks = Table(
    "identity_checks",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _number("serial", primary_key=True),
    _text("method"),
    _text("outcome"),
    _text("by"),
    _moment("at"),
    _text("seal"),
    sealed("why", nullable=True),
)

askers = Table(
    "askers",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    _number("serial", primary_key=True),
    _text("file"),
    _text("by"),
    _moment("at"),
    _text("seal"),
    sealed("person", nullable=True),
    sealed("why", nullable=True),
)

secrecy_flags = Table(
    "secrecy_flags",
    metadata,
    _text("flag", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    _text("kind"),
    _text("by"),
    _moment("at"),
    _text("seal"),
    sealed("person", nullable=True),
    sealed("why", nullable=True),
)

secrecy_decisions = Table(
    "secrecy_decisions",
    metadata,
    Column("case", Text, ForeignKey("cases.number"), primary_key=True),
    Column("flag", Text, ForeignKey("secrecy_flags.flag"), primary_key=True),
    Column("may", Boolean, nullable=False),
    _text("by"),
    _moment("at"),
    _text("seal"),
    sealed("why", nullable=True),
)

id_copies = Table(
    "id_copies",
    metadata,
    _text("number", primary_key=True),
    Column("case", Text, ForeignKey("cases.number"), nullable=False),
    _text("mail"),
    _text("media"),
    _text("state"),
    _moment("gone_at", nullable=True),
    _text("by"),
    _moment("at"),
    _text("seal"),
    sealed("content", nullable=True),
)

mail_rungs = Table(
    "mail_rungs",
    metadata,
    Column("mail", Text, ForeignKey("mail.number"), primary_key=True),
    _text("rung", primary_key=True),
    _text("state"),
    _moment("at"),
    _moment("settled_at", nullable=True),
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
    _text("seal", nullable=True),
    CheckConstraint("id = 1", name="switch_is_one_row"),
)

#: Tables of which no row may change, and tables of which no row may go: the databases themselves refuse it.
UNCHANGING = ("events", "leaves")
LASTING = (
    *UNCHANGING, "batches", "requests", "approvals", "cases", "holds", "lists", "instructions", "breaches", "packages",
    "consents", "consent_stops", "suppressions", "mailings",
    "office_seals", "erasures", "case_steps", "notices", "corrections", "identity_checks", "askers", "secrecy_flags",
    "secrecy_decisions", "id_copies", "letters",
)  # fmt: skip
