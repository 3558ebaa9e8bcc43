"""The letter that answers a person: all of article 15(1) and (2) for this person, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.activity import EEA, Activity, Party, Role, TermBlock
from domain.package import PackageContents, Part
from domain.register import Organisation, Register
from reports.dutch import count, counting, country, day, listed, period, things
from reports.letter_text import request, words
from reports.page import Sheet
from reports.table import Col, draw_table


def letter_pdf(contents: PackageContents, register: Register) -> bytes:
    """The letter, in the language of the person."""
    say, who, nl = words(contents.language), register.organisation, contents.language
    asked = request(contents.kind, nl)
    sheet = Sheet(
        title=f"{asked[0].upper()}{asked[1:]} ({contents.case})",
        header=f"{who.trading_as} · {who.name}",
        footer=f"{say['reference']}: {contents.case} · {say['page_footer']}",
        language=nl,
        of="van" if nl == "nl" else "of",
    )
    _open(sheet, contents, who, say)
    _in_short(sheet, contents, say)
    _searched(sheet, contents, say)
    sheet.heading(say["why"], 2)
    for activity in contents.activities.values():
        _activity(sheet, activity, contents, say)
    _kept_until(sheet, contents, register, say)
    _left_out(sheet, contents, say)
    _transfers(sheet, contents, say)
    sheet.heading(say["rights"], 2)
    sheet.paragraph(say["rights_lead"])
    sheet.bullets(say["rights_list"].split("|"))
    sheet.paragraph(say["rights_how"].format(email=who.officer.email, address=who.officer.address, case=contents.case))
    if any("7:454" in (t.article if (t := a.term_on(contents.as_of)) else "") for a in contents.activities.values()):
        sheet.paragraph(say["medical"])
    _disagree(sheet, who, say)
    sheet.heading(say["inside"], 2)
    sheet.bullets(say["inside_list"].split("|"))
    sheet.note(say["safe"])
    if sheet.replaced:
        sheet.paragraph(replaced(sheet.replaced, nl))
    sheet.need(80)
    sheet.paragraph(say["regards"], after=18)
    sheet.paragraph(who.trading_as, style=sheet.bold, after=2)
    sheet.paragraph(who.officer.title)
    return sheet.finish()


def replaced(amount: int, language: str) -> str:
    """The sentence that owns up to characters which our font cannot print."""
    say = words(language)
    return say["replaced"].format(count=things(amount, say["place"], say["places"], language))


def term_said(term: TermBlock | None, language: str) -> str:
    """'minstens 20 jaar, gerekend vanaf: …': a term as the person reads it."""
    say = words(language)
    if term is None:
        return say["no_term"]
    parts = []
    if term.minimum is not None:
        parts.append(say["term_min"].format(minimum=period(str(term.minimum), language)))
    if term.maximum is not None:
        parts.append(say["term_max"].format(maximum=period(str(term.maximum), language)))
    said = say["term_said"].format(
        term=listed(parts, language),
        counting=counting(term.counting.value, language),
        event=term.counts_from,
        article=term.article,
    )
    return said[0].upper() + said[1:]


def kept_span(part: Part, language: str) -> tuple[str, str]:
    """Until when the records of a part stay, and why: one day, or the first and the last."""
    say = words(language)
    days = sorted({r.kept_until for r in part.records if r.kept_until is not None})
    why = list(dict.fromkeys(r.kept_because for r in part.records if r.kept_because))
    said = say["until_unknown"]
    if days:
        said = day(days[0], language)
        if days[0] != days[-1]:
            said = say["until_span"].format(first=said, last=day(days[-1], language))
        if any(r.kept_until is None for r in part.records):
            said += f" ({say['until_unknown']})"
    return said, "; ".join(why[:4]) or ("" if days else say["not_started"])


def _open(sheet: Sheet, contents: PackageContents, who: Organisation, say: Mapping[str, str]) -> None:
    for line in (who.trading_as, who.officer.title, who.street, f"{who.postcode} {who.city}"):
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
    sheet.paragraph(say["copy"])


def _in_short(sheet: Sheet, contents: PackageContents, say: Mapping[str, str]) -> None:
    nl = contents.language
    systems = things(len(contents.searched), say["system"], say["systems"], nl)
    rows = things(contents.records, say["datum"], say["data"], nl)
    sheet.heading(say["short"], 2)
    found = say["short_found"] if contents.records else say["short_none"]
    sheet.bullets(
        [
            found.format(systems=systems, rows=rows),
            say["short_withheld"] if contents.withheld else say["short_whole"],
            say["short_ask"],
        ]
    )


def _searched(sheet: Sheet, contents: PackageContents, say: Mapping[str, str]) -> None:
    sheet.heading(say["searched"], 2)
    heads = say["searched_heads"].split("|")
    rows = [
        (s.title, say.get(s.outcome.value, s.outcome.value), count(s.rows, contents.language))
        for s in contents.searched
    ]
    draw_table(sheet, [Col(heads[0], 3), Col(heads[1], 3), Col(heads[2], 1, number=True)], rows, size=9.5)


def _activity(sheet: Sheet, activity: Activity, contents: PackageContents, say: Mapping[str, str]) -> None:
    sheet.heading(activity.title, 3)
    sheet.paragraph(
        say["controller"]
        if activity.role is Role.CONTROLLER
        else say["processor"].format(who=_controllers(activity, contents.parts))
    )
    none = activity.automated_decisions.strip().lower().rstrip(".") in ("geen", "nee", "none", "no")
    sheet.facts(
        [
            (say["purpose"], activity.purpose),
            (say["ground"], "; ".join(activity.legal_ground)),
            (
                say["categories"],
                ", ".join(f"{d.item} ({say['special']})" if d.special else d.item for d in activity.data),
            ),
            (say["origin"], activity.source),
            (say["recipients"], parties(activity.recipients) or say["nobody"]),
            (say["processors"], parties(activity.processors) or say["nobody"]),
            (say["term"], term_said(activity.term_on(contents.as_of), contents.language)),
            (say["auto"], say["no_auto"] if none else activity.automated_decisions),
        ],
        strong=False,
    )


def _controllers(activity: Activity, parts: Sequence[Part]) -> str:
    """The practices themselves where they are known, else whom the register names."""
    named = dict.fromkeys(p.controller for p in parts if p.activity == activity.id and p.controller)
    return ", ".join(named) or str(activity.on_behalf_of)


def parties(found: Sequence[Party]) -> str:
    """Recipients or processors, each with its reason."""
    return "; ".join(f"{p.name} ({p.why})" for p in found)


def _kept_until(sheet: Sheet, contents: PackageContents, register: Register, say: Mapping[str, str]) -> None:
    if contents.parts:
        sheet.heading(say["until"], 2)
        sheet.paragraph(say["until_lead"])
        heads = say["until_heads"].split("|")
        rows = [
            (p.title or p.dataset, count(len(p.records), contents.language), *kept_span(p, contents.language))
            for p in contents.parts
        ]
        columns = [Col(heads[0], 2.4), Col(heads[1], 0.9, number=True), Col(heads[2], 2.6), Col(heads[3], 3.2)]
        draw_table(sheet, columns, rows, size=9)
    systems = {p.system for p in contents.parts}
    kept = [f"{s.title}: {s.backup_kept}." for n, s in register.systems.items() if n in systems and s.backup_kept]
    if kept:
        sheet.paragraph(say["backup"].format(backups=" ".join(k.replace("..", ".") for k in kept)))


def _left_out(sheet: Sheet, contents: PackageContents, say: Mapping[str, str]) -> None:
    sheet.heading(say["withheld"], 2)
    if not contents.withheld:
        sheet.paragraph(say["withheld_none"])
    else:
        sheet.paragraph(say["withheld_lead"])
        heads = say["withheld_heads"].split("|")
        columns = [Col(heads[0], 2.6), Col(heads[1], 0.8, number=True), Col(heads[2], 3.4), Col(heads[3], 1.6)]
        rows = [(w.what, count(w.values, contents.language), w.because, w.article) for w in contents.withheld]
        draw_table(sheet, columns, rows, size=9)
    if contents.destroyed_before:
        sheet.heading(say["destroyed"], 2)
        sheet.paragraph(say["destroyed_lead"])
        heads = say["destroyed_heads"].split("|")
        rows_gone = [(what, count(gone, contents.language)) for what, gone in contents.destroyed_before]
        draw_table(sheet, [Col(heads[0], 5), Col(heads[1], 1, number=True)], rows_gone, size=9)


def transfers(activities: Iterable[Activity], language: str) -> list[str]:
    """Every transfer out of the EEA with its safeguard (article 15(2)), each once."""
    say, found = words(language), {}
    for activity in activities:
        for party in (*activity.recipients, *activity.processors):
            if party.country not in EEA:
                found[party.name, party.why] = say["transfer"].format(
                    name=party.name, country=country(party.country, language), why=party.why, safeguard=party.safeguard
                )
    return list(found.values())


def _transfers(sheet: Sheet, contents: PackageContents, say: Mapping[str, str]) -> None:
    sheet.heading(say["transfers"], 2)
    found = transfers(contents.activities.values(), contents.language)
    if found:
        sheet.bullets(found)
    else:
        sheet.paragraph(say["no_transfers"])


def _disagree(sheet: Sheet, who: Organisation, say: Mapping[str, str]) -> None:
    sheet.heading(say["disagree"], 2)
    said = say["disagree_list"].format(
        officer=who.officer.title[0].lower() + who.officer.title[1:],
        officer_email=who.officer.email,
        officer_address=who.officer.address,
        supervisor=who.supervisor.name,
        supervisor_address=who.supervisor.address,
        supervisor_phone=who.supervisor.phone,
        supervisor_site=who.supervisor.website,
    )
    sheet.bullets(said.split("|"))
