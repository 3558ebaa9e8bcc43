"""The year as the ledger tells it: how each request went, what was destroyed, which breaches there were."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path

from domain.cases import State
from domain.grounds import GROUNDS
from domain.letters import LetterKind
from domain.year_report import Audience, Way, YearReport, sum_up
from ledger.erasures import ErasureState
from tasks.breaches import breach_norms
from tasks.clock import AMSTERDAM
from tasks.office import Office
from tasks.report import lay_down


def tell_year(office: Office, year: int, as_of: date) -> YearReport:
    """The report of a year, from the ledger alone. Raises LedgerBroken where a case or breach is missing."""
    ledger = office.ledger
    ways = ways_of_cases(office)
    destroyed = Counter[str]()
    for closed in ledger.batches.closed_batches():
        if closed.at.astimezone(AMSTERDAM).year == year and not closed.system.startswith("drill:"):
            destroyed[closed.system] += closed.records
    erased = [e for e in ledger.erasures.carried_out() if e.state is ErasureState.COMPLETE and e.complete_at]
    return sum_up(
        ways,
        ledger.breaches.list_all(),
        year=year,
        as_of=as_of,
        destroyed=destroyed,
        erased=sum(e.complete_at is not None and e.complete_at.astimezone(AMSTERDAM).year == year for e in erased),
        norms=breach_norms(office),
    )


def ways_of_cases(office: Office) -> list[Way]:
    """Every case with the first day in each of its states and the grounds of its refusals, as the events tell it."""
    refused, partly = (_grounds(office, kind) for kind in (LetterKind.REFUSAL, LetterKind.PART_REFUSAL))
    entered: dict[str, dict[State, date]] = {}
    for event in office.ledger.events.events():
        record = json.loads(event.body)["record"]
        if "case" in record and "state" in record:
            day = datetime.fromisoformat(event.at).astimezone(AMSTERDAM).date()
            entered.setdefault(str(record["case"]), {}).setdefault(State(record["state"]), day)
    nothing: frozenset[str] = frozenset()
    return [
        Way(one, entered.get(one.number, {}), refused.get(one.number, nothing), partly.get(one.number, nothing))
        for one in office.ledger.cases.list_cases()
    ]


def _grounds(office: Office, kind: LetterKind) -> dict[str, frozenset[str]]:
    """Case → the grounds of its letters of this kind that went, each as it was written last."""
    gone, told = office.ledger.letters.gone(), dict[tuple[str, str], list[str]]()
    for what in ("letter.recorded", "letter.rewritten"):  # a letter that is written anew was recorded before
        for event in office.ledger.events.events(kind=what):
            body = json.loads(event.body)
            record, facts = body["record"], body["facts"]
            if record.get("kind") == kind.value and (event.subject, kind, record["occasion"]) in gone:
                told[event.subject, record["occasion"]] = facts.get(GROUNDS, [])
    found: dict[str, frozenset[str]] = {}
    for (case, _), grounds in told.items():
        found[case] = found.get(case, frozenset()) | frozenset(grounds)
    return found


def file_year(office: Office, year: int, as_of: date, audience: Audience) -> Path:
    """Lay the report (PDF and JSON) in the output folder; returns the PDF."""
    from reports import year_report_json, year_report_pdf

    told, name = tell_year(office, year, as_of), f"year-{year}-{audience.value}"
    lay_down(office.settings.out / f"{name}.json", year_report_json(told, audience))
    file = office.settings.out / f"{name}.pdf"
    lay_down(file, year_report_pdf(told, audience, office.register.organisation))
    return file
