"""What a recipient or processor is told after a correction, erasure or restriction (AVG 19), and what we ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.cases import Case, CaseKind
from domain.recipients import Recipient
from domain.register import Organisation
from reports.dutch import day, officer, told
from reports.page import Sheet

_DONE: Mapping[CaseKind, tuple[str, str, str]] = {
    CaseKind.RECTIFICATION: (
        "Gegevens verbeterd",
        "Wij hebben gegevens van deze persoon verbeterd (artikel 16 AVG).",
        "Verbeter de gegevens ook bij u. Vraag ons welke gegevens het zijn, als u ze van ons kreeg.",
    ),
    CaseKind.ERASURE: (
        "Gegevens gewist",
        "Wij hebben gegevens van deze persoon gewist (artikel 17 AVG).",
        "Wis ook bij u wat u van ons kreeg, met elke kopie en elke verwijzing. Moet u iets bewaren? Zeg ons welke wet.",
    ),
    CaseKind.RESTRICTION: (
        "Verwerking beperkt",
        "Wij gebruiken de gegevens van deze persoon voorlopig niet (artikel 18 AVG).",
        "Gebruik en wijzig ze ook bij u niet, tot u van ons hoort dat het weer mag.",
    ),
}


def notice_pdf(case: Case, recipient: Recipient, subject: Mapping[str, Any], who: Organisation, as_of: date) -> bytes:
    """The notice, with who it is about: it leaves this house encrypted. The same day gives the same bytes."""
    title, done, ask = _DONE[case.kind]
    sheet = Sheet(title=f"{title} ({case.number})", header=who.trading_as, footer=f"ons kenmerk: {case.number}")
    for line in (who.trading_as, officer(who.officer.title), who.street, f"{who.postcode} {who.city}"):
        sheet.paragraph(line, size=9, after=0)
    sheet.space(26)
    sheet.paragraph(recipient.title, size=10.5, after=26)
    sheet.facts([("Datum", f"{who.city}, {day(as_of)}"), ("Ons kenmerk", case.number)])
    sheet.heading(title, 1)
    sheet.paragraph(done)
    born = subject.get("born_on")
    sheet.facts([("Naam", told(subject["name"])), *([("Geboren", told(born))] if born else [])])
    sheet.paragraph("Volgens ons register kreeg u gegevens van deze persoon van ons. Daarom schrijven wij u.")
    sheet.paragraph(ask, style=sheet.bold)
    sheet.paragraph(
        f"Bevestig dit binnen vijf werkdagen aan {who.email}, met ons kenmerk. Zet in uw e-mail geen gegevens van de "
        "persoon. Kan het niet, of kost het te veel moeite? Schrijf ons dan waarom."
    )
    sheet.paragraph("Met vriendelijke groet,", after=18)
    sheet.paragraph(who.trading_as, style=sheet.bold, after=2)
    sheet.paragraph(officer(who.officer.title))
    return sheet.finish()
