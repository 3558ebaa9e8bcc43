"""What a practice gets when a request is forwarded: the request, its clock, and our offer to help."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from domain.cases import Case, CaseKind
from domain.practices import Practice
from domain.register import Organisation
from reports.dutch import day, officer, told
from reports.page import Sheet

_ASKS: Mapping[CaseKind, str] = {
    CaseKind.ACCESS: "inzage in de gegevens (artikel 15 AVG; artikel 7:456 BW)",
    CaseKind.PORTABILITY: "overdracht van de gegevens (artikel 20 AVG)",
    CaseKind.RECTIFICATION: "verbetering van de gegevens (artikel 16 AVG)",
    CaseKind.ERASURE: "wissing van de gegevens (artikel 17 AVG)",
    CaseKind.WGBO_DESTRUCTION: "vernietiging van het dossier (artikel 7:455 BW)",
    CaseKind.RESTRICTION: "beperking van het gebruik van de gegevens (artikel 18 AVG)",
    CaseKind.OBJECTION: "bezwaar tegen het gebruik van de gegevens (artikel 21 AVG)",
    CaseKind.CONSENT: "intrekken of wijzigen van toestemming (artikel 7 AVG)",
    CaseKind.ACCESS_LOG: "een overzicht van wie het dossier bekeek (artikel 15e Wabvpz)",
}
_NAMED = {"bsn": "BSN", "client_number": "Cliëntnummer", "email": "E-mail", "phone": "Telefoon"}


def forward_pdf(
    case: Case, practice: Practice, subject: Mapping[str, Any], asker: Mapping[str, Any], who: Organisation,
    *, law: date, as_of: date,
) -> bytes:  # fmt: skip
    """The request, with who asks: it leaves this house encrypted. The same day gives the same bytes."""
    sheet = Sheet(title=f"Doorgestuurd verzoek ({case.number})", header=who.trading_as, footer=f"kenmerk {case.number}")
    for line in (who.trading_as, officer(who.officer.title), who.street, f"{who.postcode} {who.city}"):
        sheet.paragraph(line, size=9, after=0)
    sheet.space(26)
    sheet.paragraph(practice.title, size=10.5, after=26)
    sheet.facts([("Datum", f"{who.city}, {day(as_of)}"), ("Ons kenmerk", case.number)])
    sheet.heading("Een verzoek voor uw praktijk", 1)
    sheet.paragraph(
        f"Op {day(case.received_on)} kregen wij een verzoek over gegevens in Careweb. Voor die gegevens bent u de "
        "verwerkingsverantwoordelijke. Daarom sturen wij het verzoek aan u door. U beslist en u antwoordt."
    )
    sheet.facts([("Gevraagd", _ASKS[case.kind])])
    sheet.paragraph("Het gaat over deze persoon:")
    sheet.facts(_about(subject))
    if asker:
        sheet.paragraph("Iemand anders vraagt dit namens deze persoon:")
        sheet.facts([("Naam", str(asker["name"])), *_contact(asker)])
    checked = case.identity_is_verified
    sheet.paragraph(
        "Wij hebben gecontroleerd wie het verzoek doet." if checked else
        "Wij hebben nog niet gecontroleerd wie het verzoek doet. Doe dat zelf voordat u iets over deze persoon zegt."
    )  # fmt: skip
    sheet.heading("Uw termijn", 1)
    sheet.paragraph(
        f"De wet geeft een maand vanaf de dag waarop het verzoek binnenkwam: uiterlijk {day(law)} (artikel 12 lid 3 "
        "AVG). Reken dus niet vanaf vandaag."
    )
    sheet.heading("Wij helpen u", 1)
    sheet.paragraph(
        "Wij kunnen de gegevens voor u opzoeken, exporteren, verbeteren of vernietigen, zodra u ons dat schriftelijk "
        "opdraagt (artikel 28 lid 3 onder e AVG)."
    )
    sheet.paragraph(
        f"Bevestig binnen drie werkdagen aan {who.email} dat u het verzoek hebt, met ons kenmerk. Zet in uw e-mail "
        "geen gegevens van de persoon.",
        style=sheet.bold,
    )
    sheet.paragraph("Met vriendelijke groet,", after=18)
    sheet.paragraph(who.trading_as, style=sheet.bold, after=2)
    sheet.paragraph(officer(who.officer.title))
    return sheet.finish()


def forward_mail(case: Case, practice: Practice, sealed: bytes, who: Organisation, *, sender: str) -> EmailMessage:
    """The message to the practice: a number and an encrypted file, and nothing of the person."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"Verzoek {case.number} voor uw praktijk"
    message["From"], message["To"] = sender, practice.email
    message["Message-ID"] = f"<{case.number}.forward.{practice.id}@termijn.invalid>"
    message.set_content(
        f"Bij ons kwam een verzoek binnen over gegevens in Careweb waarover uw praktijk beslist.\n\n"
        f"Het staat in het versleutelde bestand bij dit bericht. Wij bellen u met de wachtwoordzin.\n"
        f"Bevestig ons binnen drie werkdagen dat u het verzoek hebt, met kenmerk {case.number}.\n\n"
        f"{who.trading_as}, {officer(who.officer.title)}\n",
        cte="8bit",
    )
    message.add_attachment(sealed, maintype="application", subtype="pdf", filename=f"{case.number}.pdf")
    return message


def _about(subject: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [("Naam", told(subject.get("name", "")))]
    if subject.get("born_on"):
        rows.append(("Geboren", told(subject["born_on"])))
    rows += [(title, told(subject[name])) for name, title in _NAMED.items() if subject.get(name)]
    return rows + ([("Adres", ", ".join(map(str, subject["address"])))] if subject.get("address") else [])


def _contact(person: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [(_NAMED[name], told(person[name])) for name in ("email", "phone") if person.get(name)]
    return rows + ([("Adres", ", ".join(map(str, person["address"])))] if person.get("address") else [])
