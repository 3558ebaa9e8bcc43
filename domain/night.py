"""What a night of purging comes to, in counts and digests: the value that every report is made from.

Nothing here names a person or a record, so a night may be shown, stored and sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from domain.activity import Entry


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
    destroyed: int = 0
    rows: Mapping[str, int] = {}
    cleared: Mapping[str, int] = {}
    stayed: Mapping[str, int] = {}
    not_confirmed: int = 0
    total_after: int | None = None
    refusals: tuple[Guarded, ...] = ()
    batches: tuple[BatchProof, ...] = ()
    backup_kept: str | None = None

    @property
    def would_go(self) -> int:
        """How many dossiers the plan takes: due, not frozen, and no guard refuses."""
        return 0 if self.refusals or self.action != "destroy" else self.due - sum(self.frozen.values())


class Night(Entry):
    """One run of the purge over one or more systems."""

    run: str
    as_of: date
    started_at: datetime
    ended_at: datetime
    rehearsal: bool
    register_digest: str
    plan_digest: str
    systems: tuple[str, ...]
    rules: tuple[RuleNight, ...]
    unreadable: tuple[Guarded, ...] = ()
    recovered: tuple[BatchProof, ...] = ()
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
