"""All tables of the ledger, the migration that makes exactly these, and which of their rows last."""

from __future__ import annotations

from ledger.tables.asking import askers, id_copies, identity_checks, secrecy_decisions, secrecy_flags
from ledger.tables.breaches import breach_rungs, breaches
from ledger.tables.cases import ask_rungs, asks, case_steps, cases, escalations, marked, matches, notices, passages
from ledger.tables.columns import Moment, metadata, sealed, written
from ledger.tables.consents import consent_stops, consents, mailed, mailings, suppressions
from ledger.tables.evidence import batch_keys, batches, events, head, key_checks, leaves
from ledger.tables.mail import mail, mail_rungs
from ledger.tables.nights import approvals, leases, officers, plans, requests, runs, switch
from ledger.tables.outgoing import chases, instructions, letters, lists, office_seals, packages
from ledger.tables.rights import corrections, erasures, holds, statements

__all__ = [
    "LASTING",
    "UNCHANGING",
    "VERSION",
    "Moment",
    "approvals",
    "ask_rungs",
    "askers",
    "asks",
    "batch_keys",
    "batches",
    "breach_rungs",
    "breaches",
    "case_steps",
    "cases",
    "chases",
    "consent_stops",
    "consents",
    "corrections",
    "erasures",
    "escalations",
    "events",
    "head",
    "holds",
    "id_copies",
    "identity_checks",
    "instructions",
    "key_checks",
    "leases",
    "leaves",
    "letters",
    "lists",
    "mail",
    "mail_rungs",
    "mailed",
    "mailings",
    "marked",
    "matches",
    "metadata",
    "notices",
    "office_seals",
    "officers",
    "packages",
    "passages",
    "plans",
    "requests",
    "runs",
    "sealed",
    "secrecy_decisions",
    "secrecy_flags",
    "statements",
    "suppressions",
    "switch",
    "written",
]

#: The migration that makes exactly these tables; a test holds the two against each other.
VERSION = "0022"

#: Tables of which no row may change, and tables of which no row may go: the databases themselves refuse it.
UNCHANGING = ("events", "leaves")
LASTING = (
    *UNCHANGING, "batches", "requests", "approvals", "cases", "holds", "lists", "instructions", "breaches", "packages",
    "consents", "consent_stops", "suppressions", "mailings",
    "office_seals", "erasures", "case_steps", "notices", "corrections", "identity_checks", "askers", "secrecy_flags",
    "secrecy_decisions", "id_copies", "letters",
)  # fmt: skip
