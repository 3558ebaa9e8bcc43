"""The statement of destruction (verklaring van vernietiging) for one practice: what went on its instruction, and proof.

Counts, dates and hashes only: no client number stands in it.
"""

from __future__ import annotations

import orjson

from domain.list_papers import Statement
from reports.dutch import count, day, officer
from reports.list_words import ANSWERS, ROLES, WHY_KEPT, WHY_STAYED, counted, practice
from reports.page import Sheet
from reports.register_activity import kept
from reports.table import Col, draw_table

_HOW = (
    "Wij vernietigen in de database zelf, in één handeling per partij. Daarna lezen wij het systeem opnieuw: alleen "
    "wat dan weg is, telt als vernietigd. Van elk vernietigd gegeven bewaren wij een controlegetal (BLAKE2b met "
    "sleutel) waaruit niemand het gegeven kan aflezen."
)
_CHECK = (
    "De controlegetallen van een partij samen geven één wortel (Merkle). De wortels staan in een keten waarin elke "
    "wijziging zichtbaar wordt. Een accountant of toezichthouder kan dit nagaan met: termijn ledger verify. In een "
    "partij kunnen ook gegevens van andere praktijken zitten; de laatste kolom telt alleen die van u."
)


def statement_json(told: Statement) -> bytes:
    """The statement for machines: two spaces, keys sorted. `Statement` without its `kind` reads it back."""
    body = {"kind": "verklaring van vernietiging", **told.model_dump(mode="json")}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def statement_pdf(told: Statement) -> bytes:
    """The statement as PDF; the same statement gives the same bytes."""
    head, office = told.head, told.head.office
    title = "Verklaring van vernietiging"
    sheet = Sheet(
        title=f"{title} {head.number}", header=f"{office.trading_as} · {title}", footer=f"lijst {head.number}"
    )
    sheet.heading(title, 1)
    sheet.paragraph(
        f"{office.name} ({office.trading_as}) verklaart aan {practice(head)}: op uw opdracht "
        f"{'is' if told.destroyed == 1 else 'zijn'} {counted(head, told.destroyed)} vernietigd.",
        size=11,
    )
    sheet.facts(
        [
            ("Lijst", f"{head.number}, opgesteld op {day(head.as_of)}, verstuurd op {day(told.sent_on)}"),
            ("Gegevens", f"{head.title} ({head.activity})"),
            ("Systeem", head.system),
            ("Bewaartermijn", f"{kept(head.term)} ({head.term.article})"),
            ("De termijn telt vanaf", head.term.counts_from),
            ("Afgehandeld op", day(told.settled_on)),
        ]
    )
    sheet.heading("Uw opdracht")
    sheet.facts(
        [
            ("Uw antwoord", ANSWERS[told.answer]),
            ("Gegeven door", ROLES[told.role]),
            ("Uw kenmerk", told.reference),
            ("Ontvangen op", day(told.received_on)),
            ("Vastgelegd door", told.recorded_by),
            ("Goedgekeurd door", f"{told.approved_by} (een tweede persoon)"),
        ]
    )
    sheet.heading("Aantallen")
    rows = [
        ["Op de lijst", count(told.asked)],
        ["Vernietigd en nagelezen", count(told.destroyed)],
        *([f"Gebleven op uw verzoek. {WHY_KEPT[why]}", count(n)] for why, n in told.kept.items()),
        *([f"Toch gebleven. {WHY_STAYED[why]}", count(n)] for why, n in told.stayed.items()),
    ]
    draw_table(sheet, [Col("Wat", 0.82), Col("Aantal", 0.18, number=True)], rows, size=9.5)
    if told.stayed:
        sheet.paragraph("Wat toch is gebleven, komt op een nieuwe lijst zodra het weg mag.")
    _proof(sheet, told)
    return sheet.finish()


def _proof(sheet: Sheet, told: Statement) -> None:
    head = told.head
    sheet.heading("Hoe wij vernietigen")
    sheet.paragraph(_HOW)
    sheet.facts([("Reservekopieën", head.backup_kept or "niet opgegeven in het register")])
    sheet.heading("Bewijs")
    sheet.paragraph(_CHECK)
    if told.batches:
        heads = [
            Col("Partij", 0.13),
            Col("Keten", 0.09, number=True),
            Col("Wortel", 0.67),
            Col("Van u", 0.11, number=True),
        ]
        rows = [[b.batch, str(b.event), b.root, count(told.in_batch[b.batch])] for b in told.batches]
        draw_table(sheet, heads, rows, size=7.5)
    sheet.facts(
        [
            ("Plaats in de keten", str(told.chain_event)),
            ("Controlegetal", told.chain_hash),
            ("Regel", f"{head.rule}, tekst {head.rule_digest[:24]}"),
        ]
    )
    office = head.office
    sheet.paragraph(f"Vragen? {officer(office.officer.title)}, {office.officer.email}, {office.officer.address}.")
