"""The destruction list (vernietigingslijst) that a practice gets: what we ask, what it can answer, and the lines.

Client numbers and dates only: never a name, a BSN or an address. It leaves the house sealed.
"""

from __future__ import annotations

import csv
from collections import Counter
from io import StringIO

from domain.instruction import WhyKept
from domain.list_papers import PaperLine, ProposedList
from reports.csv_tables import guarded
from reports.dutch import EMPTY, count, day
from reports.list_words import WHY_KEPT, counted, number_word, practice
from reports.page import Sheet
from reports.register_activity import kept
from reports.table import Col, draw_table

#: Above this the PDF counts the lines per year, and the CSV has them: nobody reads two hundred pages.
MOST_LINES = 2_000
STAYS = "Blijft (A-E)"
_TO_WRITE_ON = "________"


def destruction_list_csv(paper: ProposedList) -> bytes:
    """The lines for a spreadsheet, with an empty column for the practice's letter; it can be sent back filled in."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Lijst", number_word(paper.head), "Laatste datum", "Mag weg sinds", STAYS])
    writer.writerows(
        [paper.head.number, guarded(line.client_number), line.last_on or "", line.due_since or "", ""]
        for line in paper.lines
    )
    return out.getvalue().encode("utf-8-sig")


def destruction_list_pdf(paper: ProposedList) -> bytes:
    """The list as PDF; the same list gives the same bytes."""
    head = paper.head
    title = f"Vernietigingslijst {head.number}"
    sheet = Sheet(title=title, header=f"{head.office.trading_as} · Vernietigingslijst", footer=f"lijst {head.number}")
    sheet.heading(title, 1)
    sheet.facts(
        [
            ("Voor", practice(head)),
            ("Gegevens", f"{head.title} ({head.activity})"),
            ("Systeem", head.system),
            ("Opgesteld op", day(head.as_of)),
            ("Op deze lijst", counted(head, len(paper.lines))),
        ]
    )
    _ask(sheet, paper)
    _answers(sheet)
    _afterwards(sheet, paper)
    sheet.heading("De lijst")
    if len(paper.lines) > MOST_LINES:
        _per_year(sheet, paper)
    else:
        heads = [Col(number_word(head), 0.34), Col("Laatste datum", 0.24), Col("Mag weg sinds", 0.24), Col(STAYS, 0.18)]
        draw_table(sheet, heads, ([line.client_number, *_days(line), _TO_WRITE_ON] for line in paper.lines), size=9.5)
    return sheet.finish()


def _ask(sheet: Sheet, paper: ProposedList) -> None:
    head, term = paper.head, paper.head.term
    sheet.heading("Wat vragen wij u?")
    sheet.paragraph(
        f"Van alles op deze lijst ({counted(head, len(paper.lines))}) is de bewaartermijn voorbij. U bent "
        f"verantwoordelijk voor deze gegevens. {head.office.trading_as} bewaart ze voor u en mag ze niet zelf "
        "vernietigen (AVG artikel 28). Daarom vragen wij u: mogen ze weg?"
    )
    sheet.facts(
        [
            ("Bewaartermijn", kept(term)),
            ("De termijn telt vanaf", term.counts_from),
            ("Dat staat in", term.article),
        ]
    )
    sheet.note("Antwoordt u niet? Dan vernietigen wij niets. Wij herinneren u wel aan deze lijst.")


def _answers(sheet: Sheet) -> None:
    sheet.heading("Wat kunt u antwoorden?")
    sheet.bullets(
        [
            "Alles mag weg. Dan vernietigen wij alles op deze lijst.",
            "Een deel mag weg. Schrijf een letter achter alles wat blijft (zie hieronder). De rest vernietigen wij.",
            "Nu niet. Noem dan de dag waarop wij het u opnieuw mogen vragen. Tot u opdracht geeft, blijft alles staan.",
        ]
    )
    sheet.paragraph("Blijft iets? Kies dan de letter van uw reden:", after=2)
    draw_table(sheet, [Col("Letter", 0.1), Col("Reden", 0.9)], [[w.letter, WHY_KEPT[w]] for w in WhyKept], size=9.5)


def _afterwards(sheet: Sheet, paper: ProposedList) -> None:
    head, office = paper.head, paper.head.office
    sheet.heading("Hoe antwoordt u?")
    sheet.bullets(
        [
            f"Schrijf aan {office.trading_as}, {office.street}, {office.postcode} {office.city}, of mail naar "
            f"{office.email}.",
            f"Zet in uw brief of e-mail: het nummer van de lijst ({head.number}), uw antwoord, de datum, uw kenmerk en "
            "wie u bent in de praktijk: praktijkhouder, zorgverlener, bestuurder of functionaris gegevensbescherming.",
            "Zet geen namen van patiënten in uw brief of e-mail. Stuurt u de lijst ingevuld terug? Doe dat op papier, "
            "of in een zip-bestand met hetzelfde wachtwoord.",
        ]
    )
    sheet.heading("Wat doen wij daarna?")
    backup = f" {head.backup_kept}." if head.backup_kept else ""
    sheet.paragraph(
        "Twee medewerkers kijken uw opdracht na. Daarna vernietigen wij wat weg mag, in de nacht. Dat kan niet worden "
        "teruggedraaid. Komt er eerst nog iets bij in een dossier? Dan blijft het. Wat vastligt, bijvoorbeeld door een "
        "verzoek van de patiënt, blijft ook. U krijgt van ons een verklaring van vernietiging met de aantallen."
        + backup
    )


def _per_year(sheet: Sheet, paper: ProposedList) -> None:
    sheet.paragraph(
        f"De lijst heeft {count(len(paper.lines))} regels. Zij staan in het bestand {paper.head.number}.csv. Hier ziet "
        "u hoeveel het er zijn, per jaar van de laatste datum."
    )
    years = Counter(str(line.last_on.year) if line.last_on else EMPTY for line in paper.lines)
    rows = [[year, count(amount)] for year, amount in sorted(years.items())]
    draw_table(sheet, [Col("Jaar", 0.5), Col("Aantal", 0.5, number=True)], rows, size=9.5)


def _days(line: PaperLine) -> tuple[str, str]:
    return (
        EMPTY if line.last_on is None else day(line.last_on),
        EMPTY if line.due_since is None else day(line.due_since),
    )
