"""What a person does not get and why: each thing that was left out, how often, by which rule, and how to object.

Nothing of what was left out stands in it.
"""

from __future__ import annotations

from domain.package import PackageContents
from domain.register import Register
from reports.dutch import count, day, officer, rule
from reports.page import Sheet
from reports.table import Col, draw_table

_SAY = {
    "nl": {
        "title": "Wat wij niet meesturen",
        "lead": "Op {day} maakten wij een kopie van uw gegevens. Een deel zit er niet in. Hieronder staat wat dat is,"
        " hoe vaak het voorkomt, waarom wij het weglaten en welke regel dat zegt.",
        "text": "Staat er in een tekst over u ook iets over een ander? Dan halen wij alleen die woorden weg. Op die"
        " plek staat: [weggelaten]. Soms staat erbij wat het was, zoals een telefoonnummer. De rest van de tekst kunt"
        " u lezen. Gaat een heel gegeven over een ander? Dan sturen wij dat gegeven niet mee.",
        "access": "Wat u niet kunt meenemen, kunt u wel inzien. Vraag dan om inzage (artikel 15 AVG). Dat is gratis. In"
        " de brief staat hoe.",
        "heads": "Gegevens|Wat|Aantal|Waarom|Regel",
        "object": "Bent u het er niet mee eens?",
        "objects": "Vraag onze {officer} om er nog eens naar te kijken: {email}, {address}. Schrijf ons kenmerk {case}"
        " erbij."
        "|U kunt een klacht indienen bij de {supervisor}: {site}, telefoon {phone} (artikel 77 AVG)."
        "|U kunt naar de rechtbank, met een verzoekschrift, binnen zes weken nadat u ons antwoord kreeg (artikel 35"
        " UAVG).",
        "reference": "Ons kenmerk",
    },
    "en": {
        "title": "What we do not send",
        "lead": "On {day} we made a copy of your data. A part is not in it. Below you see what that is, how often it"
        " occurs, why we leave it out and which rule says so.",
        "text": "Does a text about you also say something about another person? Then we take out only those words. In"
        " their place it says: [left out]. Sometimes it adds what it was, such as a telephone number. You can read the"
        " rest of the text. Is a whole item about another person? Then we do not send that item.",
        "access": "What you cannot take along, you can see. Then ask for access (article 15 GDPR). It is free. The"
        " letter says how.",
        "heads": "Data|What|Number|Why|Rule",
        "object": "Do you disagree?",
        "objects": "Ask our {officer} to look at it again: {email}, {address}. Please mention our reference {case}."
        "|You may complain to the {supervisor}: {site}, telephone {phone} (article 77 GDPR)."
        "|You may go to court, by a petition within six weeks after you got our answer (article 35 UAVG).",
        "reference": "Our reference",
    },
}


def withheld_pdf(contents: PackageContents, register: Register) -> bytes:
    """The list as PDF. The same package gives the same bytes."""
    nl, say, who = contents.language, _SAY[contents.language], register.organisation
    sheet = Sheet(
        title=f"{say['title']} ({contents.case})",
        header=f"{who.trading_as} · {say['title']}",
        footer=f"{say['reference']}: {contents.case}",
        language=nl,
        of="van" if nl == "nl" else "of",
    )
    sheet.heading(say["title"], 1)
    sheet.paragraph(say["lead"].format(day=day(contents.as_of, nl)))
    sheet.paragraph(say["access" if contents.kind == "portability" else "text"])
    shares = (0.2, 0.24, 0.1, 0.26, 0.2)
    heads = [Col(h, w, w == 0.1) for h, w in zip(say["heads"].split("|"), shares, strict=True)]
    rows = [[w.dataset, w.what, count(w.values, nl), w.because, rule(w.article, nl)] for w in contents.withheld]
    draw_table(sheet, heads, rows, size=8)
    sheet.heading(say["object"])
    said = say["objects"].format(
        officer=officer(who.officer.title, nl, inside=True),
        email=who.officer.email,
        address=who.officer.address,
        case=contents.case,
        supervisor=who.supervisor.name,
        site=who.supervisor.website,
        phone=who.supervisor.phone,
    )
    sheet.bullets(said.split("|"))
    return sheet.finish()
