"""What the ledger tells the guards: earlier nights, and which rules are countersigned."""

from __future__ import annotations

from datetime import date

from domain.guards import Facts
from ledger.approvals import What
from tasks.kept_plans import KeptPlan
from tasks.office import Office


def read_facts(office: Office, system: str, as_of: date, today: date, approved: KeptPlan | None) -> Facts:
    """The guards' facts for one system. `approved`: the approved plan of this run, if it has one."""
    ledger = office.ledger
    return Facts(
        as_of=as_of,
        today=today,
        last_armed=ledger.runs.last_armed_run(system),
        last_total=ledger.runs.last_total(system),
        countersigned=signatures(office, today),
        plan_approved=approved is not None,
    )


def signatures(office: Office, today: date) -> dict[str, str]:
    """Digest of every rule that stands countersigned → the officer who did it."""
    standing = office.ledger.approvals.standing(What.RULE, as_of=today)
    return {digest: approval.approved_by for digest, approval in standing.items()}
