"""How the dossiers of one rule are destroyed, and how what a killed run left behind is finished (DESIGN §4).

Killed at any instant, the next run finds the announced batches in the ledger and finishes them (`finish_announced`):
what is gone gets its evidence, what is still there stays and is due again.
"""

from __future__ import annotations

from connectors.port import Connector
from domain.night import BatchProof
from domain.plan import RulePlan
from domain.trouble import Refused, SourceUnreadable
from ledger.leases import Lease
from tasks.batches import BY, LEASE, Mandate, Outcome, Work, close_batch, confirm_gone, destroy_batches
from tasks.careful import tell
from tasks.change import change_batches, finish_changed, is_of_columns
from tasks.office import Office

__all__ = ["BY", "LEASE", "Outcome", "close_abandoned", "destroy_dossiers", "finish_announced"]


_BY_RULE = Mandate()


def destroy_dossiers(
    office: Office, connector: Connector, plan: RulePlan, *, lease: Lease, mandate: Mandate = _BY_RULE
) -> Outcome:
    """Carry out one rule of a plan, batch by batch. Stops at the first batch that fails or cannot be confirmed.

    Trouble half-way is a value: the other rules go on, the night ends red, and the next run finishes the batch.
    """
    outcome = Outcome(plan.rule.name)
    try:
        if plan.rule.change is not None:
            change_batches(office, connector, plan, outcome, lease=lease, mandate=mandate)
        else:
            destroy_batches(Work(office, connector, plan, outcome, lease, mandate=mandate))
    except (Refused, SourceUnreadable) as trouble:
        outcome.stopped = (trouble.what, trouble.do)
    return outcome


def close_abandoned(office: Office, label: str) -> None:
    """Close what a killed drill announced on its copy: the copy is gone, and nothing of it is evidence."""
    for batch in office.ledger.batches.open_batches(label):
        close_batch(office, batch.batch, {})


def finish_announced(office: Office, connector: Connector) -> list[BatchProof]:
    """Finish what an earlier run announced and did not close: evidence for what is gone, nothing for what lives."""
    proofs = []
    for batch in office.ledger.batches.open_batches(connector.system.id):
        if is_of_columns(batch.dossiers):
            proofs.append(finish_changed(office, connector, batch.batch, batch.dossiers))
        else:
            gone, _ = confirm_gone(connector, batch.dossiers)
            proofs.append(close_batch(office, batch.batch, gone))
        tell(f"{batch.rule}: an unfinished batch of an earlier run is closed, {proofs[-1].records} records gone")
    return proofs
