"""How a batch goes: announce in the ledger, delete in the source, read again, close with proof (DESIGN §4).

Killed at any instant, the next run finds the announced batch in the ledger and finishes it (`finish_announced`):
what is gone gets its evidence, what is still there stays and is due again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.port import Announced, Connector
from domain.evidence import Entry
from domain.keys import Key, Keys
from domain.night import BatchProof
from domain.plan import RulePlan
from domain.trouble import Refused, SourceUnreadable
from ledger.leases import Lease
from tasks.careful import tell
from tasks.clock import today
from tasks.freezes import read_freeze
from tasks.office import Office

BY = "termijn"
#: How long one machine may hold a system's lease without renewing it, in seconds.
LEASE = 120


@dataclass(slots=True)
class Outcome:
    """What became of one rule tonight. Counts; `stayed` counts dossiers by why they stayed after all."""

    rule: str
    destroyed: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    cleared: Counter[str] = field(default_factory=Counter)
    stayed: Counter[str] = field(default_factory=Counter)
    not_confirmed: int = 0
    batches: list[BatchProof] = field(default_factory=list)
    stopped: tuple[str, str] | None = None  # why it stopped half-way, and what to do
    total_after: int | None = None


def destroy_dossiers(office: Office, connector: Connector, plan: RulePlan, *, lease: Lease) -> Outcome:
    """Carry out one rule of a plan, batch by batch. Stops at the first batch that fails or cannot be confirmed.

    Trouble half-way is a value: the other rules go on, the night ends red, and the next run finishes the batch.
    """
    outcome = Outcome(plan.rule.name)
    try:
        _destroy_batches(office, connector, plan, outcome, lease=lease)
    except (Refused, SourceUnreadable) as trouble:
        outcome.stopped = (trouble.what, trouble.do)
    return outcome


def _destroy_batches(office: Office, connector: Connector, plan: RulePlan, outcome: Outcome, *, lease: Lease) -> None:
    rule = plan.rule
    to_go = plan.to_go
    for batch in to_go.batches(office.settings.batch):
        if office.ledger.switch.is_stopped():
            outcome.stopped = ("the stop switch is on", "find out why; then `termijn go`, and run again")
            break
        lease = office.ledger.leases.renew_lease(lease, seconds=LEASE)
        _destroy_batch(office, connector, plan, batch, outcome)
        tell(f"{rule.name}: {outcome.destroyed} of {len(to_go)} destroyed and confirmed")
        if outcome.not_confirmed:
            break


def _destroy_batch(
    office: Office, connector: Connector, plan: RulePlan, batch: Sequence[Key], outcome: Outcome
) -> None:
    rule = plan.rule
    root = rule.dataset.name
    dossiers = connector.dossiers(rule.parts, batch)
    there = tuple(dossiers.get(root, Keys()))
    if len(there) < len(batch):  # a part of a dossier that another rule of tonight took along, with evidence
        outcome.stayed["went with another dossier"] += len(batch) - len(there)
    if not there:
        return
    receipt = office.ledger.batches.announce(
        rule=rule.name,
        system=rule.system,
        digest=rule.digest,
        dossiers=dossiers,
        as_of=today(),
        entry=Entry(kind="batch.announced", by=BY, facts={"rule": rule.name, "digest": rule.digest}),
    )

    def allowed(keys: Sequence[Key]) -> Sequence[Key]:
        """Asked inside the deleting transaction: what is frozen by now stays."""
        return read_freeze(office, connector, [rule], plan.test.as_of).allowed(root, keys)

    went = connector.destroy(
        plan.test, there, allowed=allowed, announced=Announced(receipt.batch, rule.digest, receipt.dossiers)
    )
    gone, left = confirm_gone(connector, went.rows)
    proof = _close(office, receipt.batch, gone)
    outcome.destroyed += len(gone.get(root, Keys()))
    outcome.rows.update({name: len(keys) for name, keys in gone.items() if len(keys)})
    outcome.cleared.update(went.cleared)
    outcome.stayed.update({why: len(keys) for why, keys in went.stayed.items()})
    outcome.not_confirmed += left
    if proof.records:
        outcome.batches.append(proof)


def confirm_gone(connector: Connector, claimed: Mapping[str, Keys]) -> tuple[dict[str, Keys], int]:
    """Ask the source again. A count is a claim; only an empty re-read is a proof (promise 4)."""
    gone: dict[str, Keys] = {}
    left = 0
    for dataset, keys in claimed.items():
        there = set(connector.still_there(dataset, keys))
        left += len(there)
        gone[dataset] = Keys(k for k in keys if k not in there)
    return gone, left


def finish_announced(office: Office, connector: Connector) -> list[BatchProof]:
    """Finish what an earlier run announced and did not close: evidence for what is gone, nothing for what lives."""
    proofs = []
    for batch in office.ledger.batches.open_batches(connector.system.id):
        gone, _ = confirm_gone(connector, batch.dossiers)
        proofs.append(_close(office, batch.batch, gone))
        tell(f"{batch.rule}: an unfinished batch of an earlier run is closed, {proofs[-1].records} records gone")
    return proofs


def _close(office: Office, batch: str, gone: Mapping[str, Keys]) -> BatchProof:
    records = sum(len(keys) for keys in gone.values())
    closed = office.ledger.batches.close(
        batch, gone, entry=Entry(kind="batch.closed", by=BY, facts={"batch": batch, "records": records})
    )
    return BatchProof(batch=batch, records=records, root=closed.root, event=closed.event, confirmed_at=closed.at)
