"""The verbs of the identity check: ask for it by letter, and keep what came of it."""

from __future__ import annotations

from domain.cases import IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.identity_ladder import Outcome, Tried
from tasks.clock import today
from tasks.correspondence import send_letter
from tasks.office import Office


def ask_identity(office: Office, number: str, method: IdentityMethod, *, why: str, by: str) -> str | None:
    """Ask the person to show who they are by this rung; returns what went wrong with the letter, if anything.

    Raises Refused where a lighter rung was possible and `why` gives no reason, before anything is asked.
    """
    book, asked = office.ledger.cases, Tried(method, Outcome.ASKED)
    office.ledger.identity.note(number, asked, why=why, entry=Entry(kind="identity.asked", by=by, case=number))
    case = book.read_case(number)
    if case.state is not State.IDENTITY_ASKED:
        entry = Entry(kind="case.identity-asked", by=by, case=number)
        case = book.move(number, State.IDENTITY_ASKED, on=today(), entry=entry)
    return send_letter(office, case, "identity-question", {"method": method.value})


def record_check(
    office: Office, number: str, method: IdentityMethod, result: IdentityResult, *, why: str, by: str
) -> None:
    """Keep method, result and who checked. Raises Refused by the ladder, NotFound."""
    check = IdentityCheck(method, result, by, today())
    entry = Entry(kind="case.identity", by=by, case=number)
    office.ledger.cases.record_identity(number, check, entry=entry, why=why)
