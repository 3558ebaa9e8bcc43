"""The year on paper: requests per month and kind, how long they took, what was destroyed, which breaches there were."""

from __future__ import annotations

from typing import Any

import orjson

from domain.grounds import OTHER, UNWRITTEN
from domain.register import Organisation
from domain.year_report import Audience, YearReport, shown
from reports.dutch import count, day
from reports.page import ACCENT, INK, LEFT, LINE, SOFT, Sheet
from reports.table import Col, draw_table

_KINDS = {
    "access": "Inzage",
    "portability": "Overdracht",
    "rectification": "Correctie",
    "erasure": "Wissing",
    "wgbo-destruction": "Vernietiging medisch dossier",
    "restriction": "Beperking",
    "objection": "Bezwaar",
    "consent": "Toestemming",
    "access-log": "Wie keek in het dossier",
}
_GROUNDS = {OTHER: "een andere grond", UNWRITTEN: "niet vastgelegd in een brief van ons"}
_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_PLOT = 120.0


def year_report_json(told: YearReport, audience: Audience) -> bytes:
    """The report for machines: two spaces, keys sorted; for the regulator small counts as text."""
    body = _blurred(told.model_dump(mode="json"), audience)
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def year_report_pdf(told: YearReport, audience: Audience, who: Organisation) -> bytes:
    """The report as PDF; the same year gives the same bytes."""
    whose = "voor de directie" if audience is Audience.BOARD else "voor de Autoriteit Persoonsgegevens"
    title = f"Jaarverslag privacy {told.year}"
    sheet = Sheet(title=f"{title}, {whose}", header=f"{who.trading_as} · {title}", footer="zonder persoonsgegevens")
    sheet.heading(title, 1)
    sheet.paragraph(f"{who.name} ({who.trading_as}), {whose}. Stand op {day(told.as_of)}.")
    late = sum(k.late for k in told.kinds)
    sheet.paragraph(
        f"{shown(told.received, audience)} verzoeken van mensen kwamen binnen. "
        f"{shown(late, audience)} kregen te laat antwoord of wachten te lang.",
        size=12,
    )
    if audience is Audience.REGULATOR:
        sheet.note("Aantallen onder de vijf zijn niet uitgesplitst, zodat niemand te herkennen is.")
    sheet.heading("Verzoeken per maand")
    _plot(sheet, told, audience)
    sheet.heading("Verzoeken per soort")
    _kinds(sheet, told, audience)
    sheet.heading("Geweigerd, en op welke grond")
    _refusals(sheet, told, audience)
    sheet.heading("Vernietigd")
    rows = [[system, count(number)] for system, number in told.destroyed.items()]
    draw_table(sheet, [Col("Systeem", 0.7), Col("Met bewijs vernietigd", 0.3, number=True)], rows, size=9)
    sheet.paragraph(f"Op verzoek van een betrokkene helemaal afgehandeld: {shown(told.erased, audience)}.")
    sheet.heading("Datalekken")
    _breaches(sheet, told, audience)
    return sheet.finish()


def _kinds(sheet: Sheet, told: YearReport, audience: Audience) -> None:
    heads = [
        Col("Soort", 0.24), Col("Binnen", 0.1, number=True), Col("Beantw.", 0.1, number=True),
        Col("Geweig.", 0.1, number=True), Col("Door", 0.08, number=True), Col("Open", 0.08, number=True),
        Col("Te laat", 0.1, number=True), Col("Verlengd", 0.1, number=True), Col("Dagen", 0.1, number=True),
    ]  # fmt: skip
    rows = [
        [
            _KINDS.get(k.kind, k.kind),
            *(shown(n, audience) for n in (k.received, k.answered, k.refused, k.forwarded, k.open, k.late, k.extended)),
            "–" if k.usual_days is None else str(k.usual_days),
        ]
        for k in told.kinds
    ]
    draw_table(sheet, heads, rows, size=8)
    sheet.paragraph(
        "Door: doorgestuurd naar de praktijk die beslist. Dagen: de helft kreeg binnen zoveel dagen antwoord. "
        "Te laat: na de dag waarop wij stuurden (28 dagen, of drie maanden na een bericht van verlenging).",
        size=8.5,
        colour=SOFT,
    )


def _refusals(sheet: Sheet, told: YearReport, audience: Audience) -> None:
    if not told.refusals:
        sheet.paragraph("Er is geen verzoek geweigerd, ook niet voor een deel.")
        return
    rows = [[_GROUNDS.get(r.ground, r.ground), *(shown(n, audience) for n in (r.whole, r.part))] for r in told.refusals]
    heads = [Col("Grond", 0.5), Col("Helemaal", 0.25, number=True), Col("Voor een deel", 0.25, number=True)]
    draw_table(sheet, heads, rows, size=8)
    sheet.paragraph("Een verzoek dat op meer gronden is geweigerd, telt bij elke grond.", size=8.5, colour=SOFT)


def _breaches(sheet: Sheet, told: YearReport, audience: Audience) -> None:
    b = told.breaches
    sheet.facts(
        [
            ("Bekend geworden", shown(b.known, audience)),
            ("Gemeld aan de AP", shown(b.authority_told, audience)),
            ("Waarvan na 72 uur", shown(b.authority_late, audience)),
            ("Gemeld aan betrokkenen", shown(b.persons_told, audience)),
            ("Gemeld aan praktijken", shown(b.practices_told, audience)),
            ("Bleek geen datalek", shown(b.dismissed, audience)),
        ]
    )


def _plot(sheet: Sheet, told: YearReport, audience: Audience) -> None:
    sheet.need(_PLOT + 24)
    floor, step, most = sheet.y - _PLOT, sheet.width / 12, max(*told.months, 1)
    said = "; ".join(f"{m}: {shown(n, audience)}" for m, n in zip(_MONTHS, told.months, strict=True))
    right = LEFT + sheet.width
    with sheet.figure(
        f"Staafdiagram van verzoeken per maand. {said}.", left=LEFT, bottom=floor - 14, right=right, top=sheet.y
    ):
        canvas = sheet.canvas
        canvas.setStrokeColor(LINE)
        canvas.line(LEFT, floor, right, floor)
        for n, (name, number) in enumerate(zip(_MONTHS, told.months, strict=True)):
            x, high = LEFT + n * step + step * 0.18, (_PLOT - 16) * number / most
            canvas.setFillColor(ACCENT)
            canvas.rect(x, floor, step * 0.64, high, stroke=0, fill=1)
            canvas.setFillColor(INK)
            canvas.setFont(sheet.regular.name, 8)
            canvas.drawCentredString(x + step * 0.32, floor - 11, name)
            few = audience is Audience.REGULATOR and 0 < number < 5
            canvas.drawCentredString(x + step * 0.32, floor + high + 3, "<5" if few else str(number or ""))
    sheet.space(_PLOT + 22)


def _blurred(value: Any, audience: Audience, name: str = "") -> Any:
    """Small counts as text, wherever they stand; years, days and usual lengths stay."""
    if isinstance(value, dict):
        return {k: _blurred(v, audience, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_blurred(v, audience, name) for v in value]
    if isinstance(value, int) and name not in ("year", "usual_days"):
        told = shown(value, audience)
        return value if told == str(value) else told
    return value
