"""What every answer that hands data over has in common: its head, what was searched, what stays, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.package import PackageContents
from domain.register import Organisation
from reports.dutch import count, day, officer, rule, things
from reports.fhir_bundle import medical_parts
from reports.letter_text import outcome, request, words
from reports.page import Sheet
from reports.table import Col, draw_table
from reports.tagged_file import Attachment

#: Room for a heading, the sentence below it, and the first rows of the table that follows: they stay together.
_WITH_ITS_TABLE = 170.0


def new_sheet(contents: PackageContents, who: Organisation) -> Sheet:
    """An empty letter in the language of the person."""
    say, nl, asked = words(contents.language), contents.language, request(contents.kind, contents.language)
    return Sheet(
        title=f"{asked[0].upper()}{asked[1:]} ({contents.case})",
        header=f"{who.trading_as} · {who.name}",
        footer=f"{say['reference']}: {contents.case} · {say['page_footer']}",
        language=nl,
        of="van" if nl == "nl" else "of",
    )


def replaced(amount: int, language: str) -> str:
    """The sentence that owns up to characters which our font cannot print."""
    say = words(language)
    return say["replaced"].format(count=things(amount, say["place"], say["places"], language))


def opening(sheet: Sheet, contents: PackageContents, who: Organisation, say: Mapping[str, str]) -> None:
    """From whom, to whom, about what, and that the request came in."""
    for line in (
        who.trading_as,
        officer(who.officer.title, contents.language),
        who.street,
        f"{who.postcode} {who.city}",
    ):
        sheet.paragraph(line, size=9, after=0)
    sheet.space(26)
    for line in (contents.addressee.name, *contents.addressee.address):
        sheet.paragraph(line, size=10.5, after=0)
    sheet.space(26)
    asked = request(contents.kind, contents.language)
    sheet.facts(
        [
            (say["date"], f"{who.city}, {day(contents.as_of, contents.language)}"),
            (say["reference"], contents.case),
            (say["subject"], f"{asked[0].upper()}{asked[1:]}"),
        ],
        label=110,
    )
    sheet.space(8)
    sheet.paragraph(say["dear"])
    sheet.paragraph(say["received"].format(received=day(contents.received_on, contents.language), request=asked))


def searched(sheet: Sheet, contents: PackageContents, say: Mapping[str, str]) -> None:
    """Every system with what it answered."""
    sheet.need(_WITH_ITS_TABLE)
    sheet.heading(say["searched"], 2)
    heads = say["searched_heads"].split("|")
    rows = [(s.title, outcome(s, contents.language), count(s.rows, contents.language)) for s in contents.searched]
    draw_table(sheet, [Col(heads[0], 3), Col(heads[1], 3), Col(heads[2], 1, number=True)], rows, size=9.5)


def left_out(sheet: Sheet, contents: PackageContents, say: Mapping[str, str]) -> None:
    """What is not in the copy and why, and what was destroyed before."""
    sheet.need(_WITH_ITS_TABLE)
    sheet.heading(say["withheld"], 2)
    if not contents.withheld:
        sheet.paragraph(say["withheld_none"])
    else:
        sheet.paragraph(say["withheld_lead"])
        heads = say["withheld_heads"].split("|")
        columns = [Col(heads[0], 2.6), Col(heads[1], 0.8, number=True), Col(heads[2], 3.4), Col(heads[3], 1.6)]
        rows = [
            (
                w.told,
                count(w.values, contents.language),
                w.because,
                rule(w.article, contents.language),
            )
            for w in contents.withheld
        ]
        draw_table(sheet, columns, rows, size=9)
    if contents.destroyed_before:
        sheet.need(_WITH_ITS_TABLE)
        sheet.heading(say["destroyed"], 2)
        sheet.paragraph(say["destroyed_lead"])
        heads = say["destroyed_heads"].split("|")
        gone = [
            (
                d.what,
                count(d.records, contents.language),
                day(d.when, contents.language),
                rule(d.article, contents.language),
            )
            for d in contents.destroyed_before
        ]
        columns = [Col(heads[0], 3), Col(heads[1], 1, number=True), Col(heads[2], 2), Col(heads[3], 2.4)]
        draw_table(sheet, columns, gone, size=9)


def disagree(sheet: Sheet, who: Organisation, language: str) -> None:
    """The officer, the authority and the court."""
    say = words(language)
    sheet.heading(say["disagree"], 2)
    said = say["disagree_list"].format(
        officer=officer(who.officer.title, language, inside=True),
        officer_email=who.officer.email,
        officer_address=who.officer.address,
        supervisor=who.supervisor.name,
        supervisor_address=who.supervisor.address,
        supervisor_phone=who.supervisor.phone,
        supervisor_site=who.supervisor.website,
    )
    sheet.bullets(said.split("|"))


def enclosed(
    sheet: Sheet, contents: PackageContents, files: Sequence[str], carries: Sequence[Attachment] | None
) -> None:
    """Which files there are and what travels inside the letter; `carries` None: the letter is one document with all."""
    say = words(contents.language)
    sheet.heading(say["inside"], 2)
    if carries is None:
        sheet.paragraph(say["one_document"])
        return
    medical = [say["inside_bundle"]] if medical_parts(contents) else []
    sheet.bullets([*files, *medical, *([say["inside_withheld"]] if contents.withheld else [])])
    sheet.paragraph(say["carries" if carries else "carries_not"])
    for one in carries:
        sheet.attach(one)


def closing(sheet: Sheet, contents: PackageContents, who: Organisation) -> None:
    """How the letter ends."""
    say = words(contents.language)
    sheet.note(say["safe"])
    if sheet.replaced:
        sheet.paragraph(replaced(sheet.replaced, contents.language))
    sheet.need(80)
    sheet.paragraph(say["regards"], after=18)
    sheet.paragraph(who.trading_as, style=sheet.bold, after=2)
    sheet.paragraph(officer(who.officer.title, contents.language))
