"""The register of all data breaches on paper (AVG 33 lid 5): of each its facts, its effects and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from domain.breaches import DOCUMENTED, Breach, BreachState, Phase, Whom
from domain.register import Organisation
from reports.breach_words import EXEMPTIONS, FIELDS, HARMS, RISKS
from reports.dutch import count, day, listed, moment
from reports.page import Sheet

_STANDS: Mapping[BreachState, str] = {
    BreachState.PROPOSED: "nog te beoordelen: misschien een datalek",
    BreachState.OPEN: "open",
    BreachState.DISMISSED: "bleek geen datalek",
    BreachState.CLOSED: "afgesloten",
}
_WHOM: Mapping[Whom, str] = {
    Whom.AUTHORITY: "Autoriteit Persoonsgegevens",
    Whom.CONTROLLER: "de praktijk",
    Whom.PERSONS: "de mensen om wie het gaat",
}
_PHASE: Mapping[Phase, str] = {Phase.FIRST: " (eerste deel)", Phase.MORE: " (aanvulling)", Phase.COMPLETE: ""}


def breach_register_pdf(
    every: Sequence[tuple[Breach, Mapping[str, str]]], office: Organisation, *, as_of: date
) -> bytes:
    """Every breach with what is on file of it, oldest first; personal data may stand in it."""
    title = "Register van datalekken"
    sheet = Sheet(title=title, header=f"{office.trading_as} · {title}", footer="Vertrouwelijk")
    sheet.heading(title, 1)
    sheet.paragraph(f"{office.name} ({office.trading_as}), stand op {day(as_of)}. Artikel: AVG 33 lid 5.")
    if not every:
        sheet.paragraph("Er is geen datalek bekend.")
    for breach, said in every:
        _draw(sheet, breach, said)
    return sheet.finish()


def _draw(sheet: Sheet, breach: Breach, said: Mapping[str, str]) -> None:
    sheet.heading(breach.number)
    closed = f" op {day(breach.closed_at.date())}" if breach.closed_at else ""
    told = [f"{_WHOM[t.whom]}, {moment(t.at)}{_PHASE[t.phase]}" for t in breach.told]
    facts = [
        ("Stand", _STANDS[breach.state] + closed),
        ("Bekend sinds", moment(breach.aware_at)),
        ("Soort", listed([HARMS["nl"][h] for h in breach.harms]) or "nog niet bekend"),
        ("Aantal mensen", f"{count(breach.persons[0])} tot {count(breach.persons[1])}" if breach.persons else "–"),
        ("Bijzondere gegevens", "ja (AVG 9)" if breach.special else "nee"),
        ("Risico", RISKS[breach.risk]),
        ("Gemeld aan", "; ".join(told) or "niemand"),
    ]
    facts += [("Betrokkenen niet ingelicht", EXEMPTIONS[breach.exemption])] if breach.exemption else []
    facts += [("Gevonden bij", breach.source)] if breach.source else []
    sheet.facts(facts)
    real = breach.state is not BreachState.DISMISSED
    for name, head in FIELDS.items():
        text = said.get(name, "").strip()
        if text or (real and name in DOCUMENTED):
            sheet.paragraph(f"{head}: {text or 'Nog niet vastgelegd.'}")
