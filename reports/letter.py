"""The letter that answers a person: all of article 15(1) and (2) for this person, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from domain import why
from domain.activity import EEA, Activity, Party, Role, TermBlock
from domain.moves import CaseKind
from domain.package import PackageContents, Part
from domain.register import Register
from reports.dutch import count, counting, country, day, listed, of_register, period, rule, things
from reports.letter_blocks import closing, disagree, enclosed, left_out, new_sheet, opening, searched
from reports.letter_text import words
from reports.page import Sheet
from reports.portable_letter import portable_letter_pdf
from reports.register_activity import TO_FILL_IN, open_parties
from reports.table import Col, draw_table
from reports.tagged_file import Attachment

#: What the register remarks between brackets about a party that has no name yet.
_ASIDE = re.compile(r" \([^)]*\)")


def letter_pdf(contents: PackageContents, register: Register, *, carries: Sequence[Attachment] = ()) -> bytes:
    """The letter, in the language of the person; `carries`: what travels inside it, for a computer."""
    if contents.kind == "portability":
        return portable_letter_pdf(contents, register, carries=carries)
    sheet = new_sheet(contents, register.organisation)
    draw_letter(sheet, contents, register, carries)
    return sheet.finish()


def draw_letter(
    sheet: Sheet, contents: PackageContents, register: Register, carries: Sequence[Attachment] | None
) -> None:
    """The letter on a sheet; `carries` None: what it speaks of follows in the same document."""
    say, who = words(contents.language), register.organisation
    opening(sheet, contents, who, say)
    sheet.paragraph(say["copy_log" if contents.kind == CaseKind.ACCESS_LOG else "copy"])
    _in_short(sheet, contents, say)
    searched(sheet, contents, say)
    sheet.heading(say["why"], 2)
    if contents.language != "nl":
        sheet.paragraph(say["in_dutch"])
    for activity in contents.activities.values():
        _activity(sheet, activity, contents, say)
    _kept_until(sheet, contents, register, say)
    left_out(sheet, contents, say)
    _transfers(sheet, contents, say)
    sheet.heading(say["rights"], 2)
    sheet.paragraph(say["rights_lead"])
    sheet.bullets(say["rights_list"].split("|"))
    sheet.paragraph(say["rights_how"].format(email=who.officer.email, address=who.officer.address, case=contents.case))
    if any("7:454" in (t.article if (t := a.term_on(contents.as_of)) else "") for a in contents.activities.values()):
        sheet.paragraph(say["medical"])
    disagree(sheet, who, contents.language)
    enclosed(sheet, contents, say["inside_list"].split("|"), carries)
    closing(sheet, contents, who)


def term_said(term: TermBlock | None, language: str) -> str:
    """'Minstens 20 jaar, gerekend vanaf: …': a term as the person reads it, by `domain.why.words`."""
    said = rule(why.words(term, wording(language)), language)
    return said[0].upper() + said[1:]


def wording(language: str) -> why.Wording:
    """How this language says what `domain.why.words` decides."""
    say = words(language)
    return why.Wording(
        minimum=say["term_min"],
        maximum=say["term_max"],
        whole=say["term_said"],
        none=say["no_term"],
        period=lambda written: period(written, language),
        counting=lambda written: counting(written, language),
        listed=lambda parts: listed(parts, language),
    )


def kept_span(part: Part, language: str) -> tuple[str, str]:
    """Until when the records of a part stay, and why: one day, or the first and the last."""
    say = words(language)
    days = sorted(d for d in part.outline.days if d is not None)
    why = [rule(reason, language) for reason in part.outline.reasons]
    said = say["until_unknown"]
    if days:
        said = day(days[0], language)
        if days[0] != days[-1]:
            said = say["until_span"].format(first=said, last=day(days[-1], language))
        if None in part.outline.days:
            said += f" ({say['until_unknown']})"
    return said, "; ".join(why[:4]) or ("" if days else say["not_started"])


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


def _activity(sheet: Sheet, activity: Activity, contents: PackageContents, say: Mapping[str, str]) -> None:
    sheet.heading(of_register(activity.title, contents.language), 3)
    sheet.paragraph(
        say["controller"]
        if activity.role is Role.CONTROLLER
        else say["processor"].format(who=_controllers(activity, contents.parts, contents.language))
    )
    nl = contents.language
    none = activity.automated_decisions.strip().lower().rstrip(".") in ("geen", "nee", "none", "no")
    sheet.facts(
        [
            (say["purpose"], of_register(activity.purpose, nl)),
            (say["ground"], "; ".join(of_register(rule(ground, nl), nl) for ground in activity.legal_ground)),
            (say["categories"], _categories(activity, say, nl)),
            (say["origin"], of_register(activity.source, nl)),
            (say["recipients"], _recipients(activity, contents) or say["nobody"]),
            (say["processors"], parties(activity.processors, contents.language) or say["nobody"]),
            (say["term"], term_said(activity.term_on(contents.as_of), contents.language)),
            (say["auto"], say["no_auto"] if none else of_register(activity.automated_decisions, nl)),
        ],
        strong=False,
    )


def _categories(activity: Activity, say: Mapping[str, str], language: str) -> str:
    """The kinds of data, and apart from them the special ones (article 9)."""
    plain, special = (
        listed([of_register(d.item, language) for d in activity.data if d.special is s], language)
        for s in (False, True)
    )
    return "; ".join([*([plain] if plain else []), *([f"{say['special']}: {special}"] if special else [])])


def _controllers(activity: Activity, parts: Sequence[Part], language: str) -> str:
    """The practices themselves where they are known, else whom the register names."""
    named = dict.fromkeys(p.controller for p in parts if p.activity == activity.id and p.controller)
    return listed(list(named), language) or of_register(str(activity.on_behalf_of), language)


def _recipients(activity: Activity, contents: PackageContents) -> str:
    """Those to whom the data of this person went by name, and the others whom the register names."""
    named = dict.fromkeys(r for p in contents.parts if p.activity == activity.id for r in p.recipients())
    said = [words(contents.language)["named"].format(names=listed(list(named), contents.language))] if named else []
    return "; ".join([*said, *([told] if (told := parties(activity.recipients, contents.language)) else [])])


def parties(found: Sequence[Party], language: str) -> str:
    """Recipients or processors, each with its reason; one whose name the office has yet to fill in says so."""
    return "; ".join(_party(party, language) for party in found)


def _party(party: Party, language: str) -> str:
    if TO_FILL_IN not in party.name + party.why:
        return f"{of_register(party.name, language)} ({of_register(party.why, language)})"
    name = of_register(_ASIDE.sub("", party.name), language)
    why = of_register("; ".join(part for part in party.why.split("; ") if TO_FILL_IN not in part), language)
    return f"{name} ({why}{'; ' if why else ''}{words(language)['unnamed']})"


def _kept_until(sheet: Sheet, contents: PackageContents, register: Register, say: Mapping[str, str]) -> None:
    if contents.parts:
        sheet.need(170)
        sheet.heading(say["until"], 2)
        sheet.paragraph(say["until_lead"])
        heads = say["until_heads"].split("|")
        rows = [
            (p.title or p.dataset, count(len(p.records), contents.language), *kept_span(p, contents.language))
            for p in contents.parts
        ]
        columns = [Col(heads[0], 2.4), Col(heads[1], 0.9, number=True), Col(heads[2], 2.6), Col(heads[3], 3.2)]
        draw_table(sheet, columns, rows, size=9)
        if any(d is not None and d < contents.as_of for p in contents.parts for d in p.outline.days):
            sheet.paragraph(say["until_over"])
    systems = {p.system for p in contents.parts}
    nl = contents.language
    kept = [
        f"{s.title}: {of_register(s.backup_kept, nl)}."
        for n, s in register.systems.items()
        if n in systems and s.backup_kept
    ]
    if kept:
        sheet.paragraph(say["backup"].format(backups=" ".join(k.replace("..", ".") for k in kept)))


def transfers(activities: Iterable[Activity], language: str) -> list[str]:
    """Every transfer out of the EEA with its safeguard (article 15(2)), each once."""
    say, found = words(language), {}
    for activity in activities:
        for party in (*activity.recipients, *activity.processors):
            if party.country not in EEA:
                found[party.name, party.why] = say["transfer"].format(
                    name=of_register(party.name, language),
                    country=country(party.country, language),
                    why=of_register(party.why, language),
                    safeguard=of_register(party.safeguard or "", language),
                )
    return list(found.values())


def _transfers(sheet: Sheet, contents: PackageContents, say: Mapping[str, str]) -> None:
    sheet.heading(say["transfers"], 2)
    found = transfers(contents.activities.values(), contents.language)
    if found:
        sheet.bullets(found)
    else:
        sheet.paragraph(say["no_transfers"])
    if any(open_parties(activity) for activity in contents.activities.values()):
        sheet.paragraph(say["unknown_country"])
