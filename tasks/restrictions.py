"""The person whose data are restricted hears that it will be lifted before it is (AVG 18 lid 3)."""

from __future__ import annotations

from datetime import date

from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from ledger.holds import Hold
from tasks.clock import today
from tasks.correspondence import send_letter
from tasks.office import Office


def tell_person(office: Office, hold: str, *, lifts_on: date, reasons: str, by: str) -> str | None:
    """Send the letter of its case, and write down that the person was told; returns what went wrong, if anything.

    The restriction stands until it is ended, and is not ended where the letter did not leave. Raises Refused, NotFound.
    """
    one = _restriction(office, hold)
    if lifts_on < today():
        raise Refused("that day is past; the person is told before it", where=f"hold {hold}", do="give a day to come")
    case = office.ledger.cases.read_case(one.case)
    facts = {"reasons": reasons, "lifted_on": lifts_on.isoformat(), "occasion": hold, "by": by}
    trouble = send_letter(office, case, "restriction-lifted", facts)
    if trouble is None:
        office.ledger.holds.tell(hold, on=today(), entry=Entry("restriction.told", by, case=one.case))
    return trouble


def _restriction(office: Office, hold: str) -> Hold:
    found = next((h for h in office.ledger.holds.list_active(today()) if h.id == hold), None)
    if found is None:
        raise NotFound("no such hold stands", where="hold", do="look it up with: termijn hold list")
    if found.ground is None or not found.case:
        raise Refused(
            "only a restriction of a case has a person to write to",
            where=f"hold {hold}",
            do="tell them by hand; then: termijn hold end … --told-on DATE",
        )
    return found
