"""What a night of purging comes to, in counts and digests: the value that every report is made from.

Nothing here names a person or a record, so a night may be shown, stored and sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from domain.activity import Entry

#: What this program does itself when a term is over → what has then become of the record.
DONE = {"destroy": "destroyed", "strip": "emptied", "anonymise": "made anonymous"}


class Guarded(Entry):
    """A refusal or an unreadable source, as the report shows it."""

    where: str
    guard: str
    reason: str
    do: str


class BatchProof(Entry):
    """The evidence of one batch: its Merkle root over `records` keyed hashes, and its place in the chain."""

    batch: str
    records: int
    root: str
    event: int
    confirmed_at: datetime


class Signed(Entry):
    """Two officers, by their ids: who asked for this digest (of a rule or a plan) to be approved, and who did."""

    digest: str
    asked_by: str
    approved_by: str
    approved_at: datetime


class RuleNight(Entry):
    """One rule on one night. Dossiers are counted by their root; `rows` counts every row per dataset."""

    rule: str
    title: str
    activity: str
    activity_title: str
    action: str
    term: str
    counting: str
    counts_from: str
    article: str
    cutoff: date | None
    rule_digest: str
    countersigned_by: str | None
    total: int
    due: int
    missing: int
    implausible: int
    needed: int
    kept: int
    kept_by: Mapping[str, int] = {}
    frozen: Mapping[str, int] = {}
    waiting: int = 0  # due, and a dossier that stays refers to it
    instructed: int = 0  # due and free, and on a practice's approved instruction
    columns: Mapping[str, str] = {}  # of a row that survives: what becomes of each
    destroyed: int = 0
    changed: int = 0  # rows that survive, of which these columns were emptied or made anonymous
    stays_under: tuple[str, ...] = ()  # which terms keep such a row
    stays_until: Mapping[str, date] = {}  # activity → the last day until which it keeps a row that was changed tonight
    rows: Mapping[str, int] = {}
    signed: Signed | None = None
    backup_gone_on: date | None = None
    cleared: Mapping[str, int] = {}
    stayed: Mapping[str, int] = {}
    not_confirmed: int = 0
    total_after: int | None = None
    came_back: int | None = None  # by a restore, of what was destroyed before
    came_back_stays: int = 0
    refusals: tuple[Guarded, ...] = ()
    batches: tuple[BatchProof, ...] = ()
    backup_kept: str | None = None
    warnings: tuple[str, ...] = ()
    term_nl: str = ""

    @property
    def would_go(self) -> int:
        """How many dossiers the plan takes: due, not frozen, ours to do or instructed, and no guard refuses."""
        if self.refusals:
            return 0
        return self.due - sum(self.frozen.values()) - self.waiting if self.action in DONE else self.instructed

    @property
    def reread(self) -> int:
        """How many rows the source was asked for again after their destruction: those gone, and those still there."""
        return sum(self.rows.values()) + self.changed + self.not_confirmed

    @property
    def done(self) -> int:
        """How many dossiers were destroyed or, where the row survives, changed; each confirmed by a second look."""
        return self.destroyed + self.changed

    @property
    def said(self) -> str:
        """What the rule does to them, in a word: a row that survives is never called destroyed."""
        return DONE.get(self.action, "destroyed")  # what is proposed goes whole, on instruction


class Night(Entry):
    """One run of the purge over one or more systems."""

    run: str
    as_of: date
    started_at: datetime
    ended_at: datetime
    rehearsal: bool
    kind: str = "night"  # or "replay", after a restore
    register_digest: str
    plan_digest: str
    systems: tuple[str, ...]
    rules: tuple[RuleNight, ...]
    unreadable: tuple[Guarded, ...] = ()
    recovered: tuple[BatchProof, ...] = ()
    plan_signed: Signed | None = None
    chain_event: int = 0
    chain_hash: str = ""

    @property
    def refused_rules(self) -> tuple[RuleNight, ...]:
        """The rules that destroyed nothing because a guard refused them."""
        return tuple(r for r in self.rules if r.refusals)

    @property
    def complete(self) -> bool:
        """False when something was refused, unreadable or not confirmed: the night ends red."""
        return not (self.unreadable or any(r.refusals or r.not_confirmed for r in self.rules))
