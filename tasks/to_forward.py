"""Which requests may be a practice's to answer and are not on their way there: without delay is a promise too."""

from __future__ import annotations

import json

from domain.morning import ForwardLine, MorningList
from domain.practices import waits_for_a_look
from tasks.careful import careful, tell
from tasks.forwarding import LOOKED, practice_book
from tasks.office import open_office


@careful
def say_what_to_forward(morning: MorningList) -> MorningList:
    """List the requests that nobody looked up with the practices, or that one must decide over. Sends nothing."""
    with open_office() as office:
        book, every = practice_book(office), office.ledger.cases.list_cases()
        if not book.practice:
            return morning
        split = {case.origin for case in every}
        found = {e.subject: json.loads(e.body)["facts"]["decide"] for e in office.ledger.events.events(kind=LOOKED)}
    lines = tuple(
        ForwardLine(case=case.number, days=(morning.as_of - case.received_on).days, found=case.number in found)
        for case in every
        if waits_for_a_look(case, morning.as_of, within=book.forward_within_days)
        and case.number not in split
        and found.get(case.number, 1)  # looked up, and none decides: it is ours
    )
    if lines:
        tell(f"{len(lines)} requests to look up or to forward")
    return morning.model_copy(update={"to_forward": lines})
