"""The year as the ledger tells it: how each request went, what was destroyed, which breaches there were."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path

from domain.cases import State
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
    """Every case with the first day in each of its states, as the events tell it."""
    entered: dict[str, dict[State, date]] = {}
    for event in office.ledger.events.events():
        record = json.loads(event.body)["record"]
        if "case" in record and "state" in record:
            day = datetime.fromisoformat(event.at).astimezone(AMSTERDAM).date()
            entered.setdefault(str(record["case"]), {}).setdefault(State(record["state"]), day)
    return [Way(case, entered.get(case.number, {})) for case in office.ledger.cases.list_cases()]


def file_year(office: Office, year: int, as_of: date, audience: Audience) -> Path:
    """Lay the report (PDF and JSON) in the output folder; returns the PDF."""
    from reports import year_report_json, year_report_pdf

    told, name = tell_year(office, year, as_of), f"year-{year}-{audience.value}"
    lay_down(office.settings.out / f"{name}.json", year_report_json(told, audience))
    file = office.settings.out / f"{name}.pdf"
    lay_down(file, year_report_pdf(told, audience, office.register.organisation))
    return file
