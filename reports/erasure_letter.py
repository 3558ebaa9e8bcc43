"""The answer to a request for erasure: what went, what stays until when and why, who is told, where to complain."""

from __future__ import annotations

from collections.abc import Mapping

from domain.erasure_papers import ErasureTold, ToldLine
from domain.register import Organisation
from reports.dutch import count, day, listed, officer, rule
from reports.erasure_words import DONE, WHY, erasure_words
from reports.page import ALARM, Sheet
from reports.table import Col, draw_table


def erasure_letter_pdf(told: ErasureTold, who: Organisation) -> bytes:
    """The letter, in the language of the person. The same answer gives the same bytes."""
    say, nl = erasure_words(told.language), told.language
    about = say["subject_medical" if told.medical else "subject"]
    sheet = Sheet(
        title=f"{about} ({told.case})",
        header=f"{who.trading_as} · {who.name}",
        footer=f"{say['reference']}: {told.case} · {say['footer']}",
        language=nl,
        of="van" if nl == "nl" else "of",
    )
    _head(sheet, told, who, say, about)
    if not told.complete:
        sheet.note(say["draft"], colour=ALARM)
    sheet.paragraph(_in_short(told, say), style=sheet.bold)
    if told.gone:
        _gone(sheet, told, say)
    if told.stays:
        sheet.heading(say["stays"])
        heads = [Col(h, w, n) for h, w, n in zip(say["stays_heads"].split("|"), _STAYS, _STAYS_NUMBER, strict=True)]
        draw_table(sheet, heads, [_stays(one, say, nl) for one in told.stays], size=8.5)
    if told.gone and told.recipients:
        sheet.heading(say["recipients"])
        sheet.paragraph(say["recipients_lead"].format(names=listed(told.recipients, nl)))
    sheet.paragraph(say["proof"])
    _disagree(sheet, who, say, nl)
    sheet.need(80)
    sheet.paragraph(say["regards"], after=18)
    sheet.paragraph(who.trading_as, style=sheet.bold, after=2)
    sheet.paragraph(officer(who.officer.title, nl))
    return sheet.finish()


_STAYS, _STAYS_NUMBER = (0.22, 0.1, 0.36, 0.14, 0.18), (False, True, False, False, False)


def _head(sheet: Sheet, told: ErasureTold, who: Organisation, say: Mapping[str, str], about: str) -> None:
    for line in (who.trading_as, officer(who.officer.title, told.language), who.street, f"{who.postcode} {who.city}"):
        sheet.paragraph(line, size=9, after=0)
    sheet.space(26)
    for line in (told.addressee.name, *told.addressee.address):
        sheet.paragraph(line, size=10.5, after=0)
    sheet.space(26)
    sheet.facts(
        [
            (say["date"], f"{who.city}, {day(told.as_of, told.language)}"),
            (say["reference"], told.case),
            (say["about"], about),
        ],
        label=110,
    )
    sheet.space(8)
    sheet.heading(about, 1)
    sheet.paragraph(say["dear"])
    received = say["received_medical" if told.medical else "received"]
    sheet.paragraph(received.format(received=day(told.received_on, told.language)))


def _in_short(told: ErasureTold, say: Mapping[str, str]) -> str:
    if not told.lines:
        return say["nothing"]
    if not told.stays:
        return say["all_gone"]
    return say["some_gone" if told.gone else "none_gone"]


def _gone(sheet: Sheet, told: ErasureTold, say: Mapping[str, str]) -> None:
    nl = told.language
    sheet.heading(say["gone"])
    sheet.paragraph(say["gone_lead"])
    shares = (0.3, 0.25, 0.12, 0.33)
    heads = [Col(h, w, w == 0.12) for h, w in zip(say["gone_heads"].split("|"), shares, strict=True)]
    rows = [[one.title, one.system, count(one.records, nl), DONE[nl][one.fate]] for one in told.gone]
    draw_table(sheet, heads, rows, size=8.5)
    if told.backups:
        sheet.paragraph(say["backup"].format(backups=" ".join(f"{b.rstrip('.')}." for b in told.backups)))


def _stays(one: ToldLine, say: Mapping[str, str], language: str) -> list[str]:
    why = WHY[language][one.fate].format(activity=one.activity or one.title, controller=one.controller or one.system)
    until = say["no_day"] if one.until is None else day(one.until, language)
    return [one.title, count(one.records, language), why, until, rule(one.article, language)]


def _disagree(sheet: Sheet, who: Organisation, say: Mapping[str, str], language: str) -> None:
    sheet.heading(say["disagree"])
    dpo, supervisor = who.officer, who.supervisor
    said = say["disagree_list"].format(
        officer=officer(dpo.title, language, inside=True),
        officer_email=dpo.email,
        officer_address=dpo.address,
        supervisor=supervisor.name,
        supervisor_address=supervisor.address,
        supervisor_phone=supervisor.phone,
        supervisor_site=supervisor.website,
    )
    sheet.bullets(said.split("|"))
