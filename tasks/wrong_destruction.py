"""What went and should not have: each is a possible data breach (AVG 4 onder 12: destruction, loss) for the DPO."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.activity import Role
from domain.breaches import Harm
from domain.guards import EMPTY_SOURCE
from domain.plan import RulePlan
from domain.trouble import NotFound, Refused
from ledger.destroyed import Closed
from tasks.breaches import propose_breach
from tasks.office import Office


def propose_unannounced(office: Office, closed: Closed) -> None:
    """Records went in this batch that nobody announced: no rule said so, and their evidence is all that is left."""
    if closed.unannounced and not closed.system.startswith("drill:"):  # a drill destroys in a copy
        records = "record was" if closed.unannounced == 1 else "records were"
        why = f"{closed.unannounced} {records} destroyed that the batch had not announced"
        propose_breach(office, _called(closed), harm=Harm.AVAILABILITY, why=why, role=_role(office, closed))


def propose_emptied(office: Office, rules: Iterable[RulePlan], as_of: date) -> None:
    """A source held records on the last armed night and holds none now, and it was not us."""
    for one in rules:
        if any(refusal.guard == EMPTY_SOURCE for refusal in one.refusals):
            why = "the source held records on the last night and is empty; others emptied it"
            source = f"{one.rule.name}, empty on {as_of}"
            propose_breach(office, source, harm=Harm.AVAILABILITY, why=why, role=one.rule.activity.role)


def propose_batch(office: Office, batch: str, *, why: str, by: str) -> str:
    """Somebody found that a batch should not have gone; returns the breach. Raises NotFound, Refused."""
    closed = next((c for c in office.ledger.batches.closed_batches() if c.batch == batch), None)
    if closed is None:
        raise NotFound(
            "no batch of this number was destroyed",
            where=batch,
            do="its certificate names it; or: termijn ledger export",
        )
    if not why.strip():
        raise Refused("that a batch was wrong is said with its reasons", where=batch, do="write them with --why")
    number = propose_breach(office, _called(closed), harm=Harm.AVAILABILITY, why=why, role=_role(office, closed), by=by)
    if number is None:
        raise Refused("a breach was proposed before for this batch", where=batch, do="see: termijn breach list")
    return number


def _called(closed: Closed) -> str:
    return f"batch {closed.batch}"


def _role(office: Office, closed: Closed) -> Role:
    """As what we held these records; controller, which owes the most, where the register has the rule no longer."""
    system = office.register.systems.get(closed.system)
    dataset = closed.rule.removeprefix(f"{closed.system}.").partition("#")[0]
    known = system.datasets.get(dataset) if system is not None else None
    activity = office.register.activities.get(known.activity) if known is not None and known.activity else None
    return activity.role if activity is not None else Role.CONTROLLER
