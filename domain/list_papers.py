"""What the two papers of a destruction list tell: the list that a practice gets, and the statement of what was done.

The list holds client numbers and leaves only sealed. The statement holds counts, and may be sent and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from domain.activity import Entry, TermBlock
from domain.instruction import AtPractice, WhyKept, WhyStayed
from domain.lists import Answer
from domain.night import BatchProof
from domain.register import Organisation


class PaperLine(Entry):
    """One dossier: the number that the practice knows it by, its last date, and the day since which it may go."""

    client_number: str
    last_on: date | None
    due_since: date | None


class ListHead(Entry):
    """What both papers say at their head. `controller` is the practice's number in the system, never its name."""

    number: str
    controller: str
    office: Organisation
    system: str
    title: str
    activity: str
    rule: str
    rule_digest: str
    term: TermBlock
    as_of: date
    dossiers: bool  # whether a line is a dossier with a client number; else it is a single record
    backup_kept: str | None = None


class ProposedList(Entry):
    """The destruction list as a practice gets it."""

    head: ListHead
    lines: tuple[PaperLine, ...]


class Statement(Entry):
    """The statement of destruction (verklaring van vernietiging) for one practice: counts and evidence only."""

    head: ListHead
    sent_on: date
    answer: Answer
    role: AtPractice
    reference: str
    received_on: date
    recorded_by: str
    approved_by: str
    settled_on: date
    asked: int
    destroyed: int
    kept: Mapping[WhyKept, int]
    stayed: Mapping[WhyStayed, int]
    batches: tuple[BatchProof, ...]
    in_batch: Mapping[str, int]
    chain_event: int
    chain_hash: str


class WaitingList(Entry):
    """One open list on a morning."""

    number: str
    rule: str
    controller: str
    state: str
    answer: str
    records: int
    since: date | None
    rung: str | None = None
    sent: bool | None = None
    trouble: str | None = None


class ListsMorning(Entry):
    """The open lists of one morning, and the statements that were filed."""

    as_of: date
    lists: tuple[WaitingList, ...]
    statements: tuple[str, ...] = ()
