"""Which two officers signed what, for the papers that tell of it."""

from __future__ import annotations

from datetime import date

from domain.night import Signed
from ledger.approvals import Approval, What
from tasks.office import Office


def signed_rules(office: Office, today: date) -> dict[str, Signed]:
    """Digest of every rule that stands countersigned → the two officers."""
    standing = office.ledger.approvals.standing(What.RULE, as_of=today)
    return {digest: _signed(approval) for digest, approval in standing.items()}


def signed_plan(office: Office, digest: str, today: date) -> Signed | None:
    """The two officers of an approved plan; None where there is no such plan or no standing approval."""
    approval = office.ledger.approvals.standing_approval(What.PLAN, digest, today) if digest else None
    return None if approval is None else _signed(approval)


def _signed(approval: Approval) -> Signed:
    return Signed(
        digest=approval.digest,
        asked_by=approval.requested_by,
        approved_by=approval.approved_by,
        approved_at=approval.at,
    )
