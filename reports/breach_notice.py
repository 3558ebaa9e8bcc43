"""Drafts of the notices of a data breach: to the authority (AVG 33(3)), the practice (33(2)) and the person (34(2)).

A draft that lacks what the law asks for is not made. A person reads it before it goes.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.breaches import Breach, Norms, Whom, check_may_tell, duties
from domain.register import Organisation
from domain.trouble import Refused
from reports.breach_words import EXEMPTIONS, FIELDS, HARMS, PERSON, RISKS
from reports.dutch import count, listed, moment, officer
from reports.page import ALARM, Sheet

#: Without these the notice would not say what its article asks.
NEEDS: Mapping[Whom, tuple[str, ...]] = {
    Whom.AUTHORITY: ("facts",),  # the rest may follow in phases: 33(4)
    Whom.CONTROLLER: ("facts",),
    Whom.PERSONS: ("facts", "effects", "remedy"),
}


def breach_notice_pdf(
    breach: Breach, said: Mapping[str, str], whom: Whom, office: Organisation, *, norms: Norms, language: str = "nl"
) -> bytes:
    """The draft of one notice as PDF. Raises Refused where it is not ours to give, or a part is missing."""
    check_may_tell(breach, whom)
    missing = [name for name in NEEDS[whom] if not said.get(name, "").strip()]
    if missing:
        raise Refused(
            f"the notice must tell its {', '.join(missing)}",
            where=f"breach {breach.number}",
            do="write it first: termijn breach describe",
        )
    if whom is Whom.PERSONS:
        return _to_persons(breach, said, office, language)
    return _to_official(breach, said, whom, office, norms)


def _to_official(breach: Breach, said: Mapping[str, str], whom: Whom, office: Organisation, norms: Norms) -> bytes:
    authority = whom is Whom.AUTHORITY
    title = "Melding datalek aan de Autoriteit Persoonsgegevens" if authority else "Melding datalek aan de praktijk"
    sheet = Sheet(title=f"{title} {breach.number}", header=f"{office.trading_as} · {title}", footer=breach.number)
    sheet.heading(title, 1)
    [duty] = [d for d in duties(breach, norms) if d.whom is whom]
    late = duty.limit is not None and duty.is_late(duty.limit)
    sheet.paragraph(
        "Concept. Neem deze gegevens over in het formulier van de AP. Wat nog niet bekend is, meldt u later (AVG 33 "
        "lid 4)."
        if authority
        else "Concept. U bent verantwoordelijk voor deze gegevens. Wij verwerken ze voor u. U beslist of u het meldt "
        "aan de AP en aan de betrokkenen. Wij helpen u daarbij."
    )
    low, high = breach.persons or (None, None)
    people = "nog niet bekend" if low is None or high is None else f"{count(low)} tot {count(high)}"
    sheet.facts(
        [
            ("Ons kenmerk", breach.number),
            ("Organisatie", f"{office.name} ({office.trading_as}), {office.street}, {office.postcode} {office.city}"),
            ("Contact", f"{officer(office.officer.title)}, {office.officer.email}"),
            ("Bekend sinds", moment(breach.aware_at)),
            ("Uiterlijk melden", moment(duty.limit) if duty.limit else "niet nodig"),
            ("Soort", listed([HARMS["nl"][h] for h in breach.harms]) or "nog niet bekend"),
            ("Aantal mensen", people),
            ("Bijzondere gegevens", "ja (AVG 9)" if breach.special else "nee"),
            ("Risico", RISKS[breach.risk]),
            *([("Betrokkenen niet ingelicht", EXEMPTIONS[breach.exemption])] if breach.exemption else []),
        ]
    )
    for name, head in FIELDS.items():
        text = said.get(name, "").strip()
        if text:
            sheet.heading(head)
            sheet.paragraph(text)
        elif name in ("effects", "remedy", "measures"):
            sheet.heading(head)
            sheet.paragraph("Nog niet bekend. Dit volgt.")
    if late and authority and not breach.late_because:
        sheet.note("De 72 uur zijn voorbij: schrijf erbij waarom (AVG 33 lid 1).", colour=ALARM)
    return sheet.finish()


def _to_persons(breach: Breach, said: Mapping[str, str], office: Organisation, language: str) -> bytes:
    words = PERSON[language]
    sheet = Sheet(
        title=f"{words['title']} {breach.number}",
        header=f"{office.trading_as} · {words['title']}",
        footer=breach.number,
        language=language,
        of="van" if language == "nl" else "of",
    )
    sheet.heading(words["title"], 1)
    sheet.paragraph(words["dear"])
    sheet.paragraph(words["lead"])
    sheet.heading(words["what"])
    harms = listed([HARMS[language][h] for h in breach.harms], language)
    if harms:
        sheet.paragraph(words["kind"].format(harms=harms, aware=moment(breach.aware_at, language)))
    sheet.paragraph(said["facts"])
    sheet.heading(words["effects"])
    sheet.paragraph(said["effects"])
    sheet.heading(words["remedy"])
    sheet.paragraph(said["remedy"])
    sheet.heading(words["you"])
    sheet.paragraph(words["advice"])
    dpo, supervisor = office.officer, office.supervisor
    called = officer(dpo.title, language, inside=True)
    sheet.paragraph(words["ask"].format(officer=called, email=dpo.email, address=dpo.address, number=breach.number))
    sheet.paragraph(
        words["complain"].format(supervisor=supervisor.name, site=supervisor.website, phone=supervisor.phone)
    )
    sheet.paragraph(words["sorry"])
    return sheet.finish()
