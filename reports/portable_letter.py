"""The letter that answers who wants to take their data along (AVG 20): what goes, what stays, why, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from domain.package import PackageContents, Part
from domain.portability import Why, ground_of
from domain.register import Register
from reports.dutch import count, of_register, rule, things
from reports.letter_blocks import closing, disagree, enclosed, left_out, new_sheet, opening, searched
from reports.letter_text import words
from reports.page import Sheet
from reports.table import Col, draw_table
from reports.tagged_file import Attachment

_SAY: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "copy": "Bij deze brief zitten de gegevens die u kunt meenemen naar een ander. Een computer kan ze lezen."
        " Hieronder leest u wat erbij zit, wat niet, en waarom.",
        "found": "Wij hebben gezocht in {systems}. U kunt {rows} meenemen.",
        "none": "Wij hebben gezocht in {systems}. Wij vonden niets dat u volgens artikel 20 van de AVG kunt meenemen.",
        "stays": "Een deel kunt u niet meenemen. In deze brief staat wat dat is en waarom.",
        "whole": "U kunt alles meenemen wat wij van u vonden.",
        "open": "Wilt u alles zien wat wij van u hebben? Vraag dan om inzage. Dat is gratis.",
        "goes": "Wat u kunt meenemen",
        "lead": "U mag gegevens meenemen die u zelf aan ons gaf, of die ontstonden toen u onze dienst gebruikte. Dat"
        " geldt alleen als wij ze gebruiken omdat u toestemming gaf, of omdat wij een overeenkomst met u hebben"
        " (artikel 20 AVG).",
        "heads": "Gegevens|Aantal|Waarom u ze kunt meenemen|Waarom wij ze gebruiken",
        "other": "Naar een ander",
        "other_list": "U mag deze gegevens aan een ander geven, zoals een nieuwe zorgverlener of een ander bedrijf. Wij"
        " houden u niet tegen."
        "|Zullen wij ze rechtstreeks aan die ander sturen? Vraag het ons. Wij doen het als het technisch kan (artikel"
        " 20 lid 2 AVG)."
        "|Wij bewaren uw gegevens ook zelf nog, zolang dat moet of mag. Wilt u dat wij ze wissen? Dan vraagt u dat"
        " apart (artikel 17 AVG).",
        "access": "U kunt ook alles inzien",
        "access_text": "Inzage is een ander recht (artikel 15 AVG). Dan krijgt u een kopie van alle gegevens die wij"
        " van u hebben, ook van wat u hier niet kunt meenemen. U leest dan ook waarvoor wij ze gebruiken, met wie wij"
        " ze delen en hoe lang wij ze bewaren. Stuur uw vraag naar {email} of naar {address}. Schrijf ons kenmerk"
        " {case} erbij. U betaalt niets.",
        "inside_list": "index.html: alles in één pagina, voor telefoon, computer en voorleeshulp."
        "|letter.pdf: deze brief."
        "|data.json en schema.json: uw gegevens voor een computer, en de uitleg van de vorm. Geef deze twee aan de"
        " ander."
        "|csv: dezelfde gegevens voor een rekenblad (zoals Excel). In csv/woordenboek.csv staat wat elke kolom"
        " betekent."
        "|manifest.json: een lijst van alle bestanden met een controlegetal. Daarmee kan iedereen zien dat er niets is"
        " veranderd.",
    },
    "en": {
        "copy": "With this letter comes the data that you can take to somebody else. A computer can read it. Below you"
        " read what is included, what is not, and why.",
        "found": "We searched {systems}. You can take along {rows}.",
        "none": "We searched {systems}. We found nothing that article 20 GDPR lets you take along.",
        "stays": "Part of it you cannot take along. This letter says what that is, and why.",
        "whole": "You can take along all that we found about you.",
        "open": "Do you want to see all that we have about you? Then ask for access. It is free.",
        "goes": "What you can take along",
        "lead": "You may take along data that you gave us, or that came about when you used our service. That holds"
        " only where we use it because you consented, or because we have a contract with you (article 20 GDPR).",
        "heads": "Data|Records|Why you can take it|Why we use it",
        "other": "To somebody else",
        "other_list": "You may give this data to somebody else, such as a new care provider or another company. We do"
        " not hinder you."
        "|Shall we send it to them directly? Ask us. We do so where it is technically possible (article 20(2) GDPR)."
        "|We also keep your data ourselves, as long as we must or may. Do you want us to erase it? Ask for that"
        " separately (article 17 GDPR).",
        "access": "You can also see everything",
        "access_text": "Access is another right (article 15 GDPR). You then get a copy of all data that we have about"
        " you, including what you cannot take along here. You also read what we use it for, with whom we share it and"
        " how long we keep it. Send your question to {email} or to {address}. Mention our reference {case}. It is"
        " free.",
        "inside_list": "index.html: everything in one page, for phone, computer and screen reader."
        "|letter.pdf: this letter."
        "|data.json and schema.json: your data for a computer, and the description of its form. Give these two to the"
        " other party."
        "|csv: the same data for a spreadsheet. csv/woordenboek.csv tells what each column means."
        "|manifest.json: a list of all files with a checksum. With it anyone can see that nothing was changed.",
    },
}


def portable_letter_pdf(contents: PackageContents, register: Register, *, carries: Sequence[Attachment] = ()) -> bytes:
    """The letter, in the language of the person; `carries`: what travels inside it, for a computer."""
    fixed, who = words(contents.language), register.organisation
    say = _SAY["en" if contents.language == "en" else "nl"]
    sheet = new_sheet(contents, who)
    opening(sheet, contents, who, fixed)
    sheet.paragraph(say["copy"])
    _in_short(sheet, contents, say)
    if contents.parts:
        sheet.need(170)
        sheet.heading(say["goes"], 2)
        sheet.paragraph(say["lead"])
        heads = say["heads"].split("|")
        columns = [Col(heads[0], 2.4), Col(heads[1], 0.9, number=True), Col(heads[2], 2.8), Col(heads[3], 3)]
        draw_table(sheet, columns, list(_rows(contents)), size=9)
    left_out(sheet, contents, fixed)
    sheet.heading(say["other"], 2)
    sheet.bullets(say["other_list"].split("|"))
    sheet.heading(say["access"], 2)
    sheet.paragraph(say["access_text"].format(email=who.officer.email, address=who.officer.address, case=contents.case))
    searched(sheet, contents, fixed)
    disagree(sheet, who, contents.language)
    enclosed(sheet, contents, say["inside_list"].split("|"), carries)
    closing(sheet, contents, who)
    return sheet.finish()


def _in_short(sheet: Sheet, contents: PackageContents, say: Mapping[str, str]) -> None:
    fixed, nl = words(contents.language), contents.language
    systems = things(len(contents.searched), fixed["system"], fixed["systems"], nl)
    rows = things(contents.records, fixed["datum"], fixed["data"], nl)
    sheet.heading(fixed["short"], 2)
    found = say["found" if contents.records else "none"].format(systems=systems, rows=rows)
    sheet.bullets([found, say["stays" if contents.withheld else "whole"], say["open"]])


def _rows(contents: PackageContents) -> Iterator[tuple[str, str, str, str]]:
    """Each table that goes along: how many rows, how its data came to be, and on which ground we use it."""
    for part in contents.parts:
        grounds = dict.fromkeys(ground_of(contents.activities[name]) for name in part.activities)
        nl = contents.language
        ground = "; ".join(of_register(rule(g, nl), nl) for g in grounds if g is not None)
        yield part.title or part.dataset, count(len(part.records), contents.language), _came(part, contents), ground


def _came(part: Part, contents: PackageContents) -> str:
    found = {Why(column.origin.value) for column in part.columns.values() if column.origin is not None}
    said = "; ".join(why.said(contents.language)[0] for why in Why if why in found)
    return said[:1].upper() + said[1:]
