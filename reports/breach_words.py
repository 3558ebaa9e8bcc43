"""The words of a data breach in plain Dutch and in English: for the authority, the practice and the person."""

from __future__ import annotations

from collections.abc import Mapping

from domain.breaches import Exemption, Harm, Risk

HARMS: Mapping[str, Mapping[Harm, str]] = {
    "nl": {
        Harm.CONFIDENTIALITY: "iemand heeft gegevens gezien of gekregen die dat niet mocht",
        Harm.INTEGRITY: "gegevens zijn veranderd terwijl dat niet mocht",
        Harm.AVAILABILITY: "gegevens zijn weg of tijdelijk niet te gebruiken",
    },
    "en": {
        Harm.CONFIDENTIALITY: "somebody saw or received data who should not have",
        Harm.INTEGRITY: "data was changed that should not have been",
        Harm.AVAILABILITY: "data is lost, or cannot be used for now",
    },
}
RISKS: Mapping[Risk, str] = {
    Risk.NOT_JUDGED: "nog niet beoordeeld",
    Risk.UNLIKELY: "geen risico te verwachten",
    Risk.RISK: "risico",
    Risk.HIGH: "hoog risico",
}
EXEMPTIONS: Mapping[Exemption, str] = {
    Exemption.UNINTELLIGIBLE: "de gegevens zijn voor niemand leesbaar (AVG 34 lid 3 onder a)",
    Exemption.RISK_TAKEN_AWAY: "maatregelen achteraf namen het hoge risico weg (AVG 34 lid 3 onder b)",
    Exemption.DISPROPORTIONATE: "het kost te veel moeite; er komt een openbaar bericht (AVG 34 lid 3 onder c)",
}
FIELDS: Mapping[str, str] = {
    "facts": "Wat er gebeurd is",
    "effects": "Wat de gevolgen zijn of kunnen zijn",
    "remedy": "Wat wij gedaan hebben en gaan doen",
    "measures": "Hoe de gegevens beschermd waren",
    "late": "Waarom de melding later komt dan 72 uur",
    "contact": "Bij wie meer te vragen is",
}
PERSON: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "title": "Bericht over een datalek",
        "dear": "Geachte heer of mevrouw,",
        "lead": "Er is iets misgegaan met gegevens die over u gaan. In deze brief leest u wat er is gebeurd, wat dat"
        " voor u kan betekenen en wat u kunt doen.",
        "what": "Wat is er gebeurd?",
        "kind": "Het gaat om dit: {harms}. Wij weten het sinds {aware}.",
        "effects": "Wat kan dit voor u betekenen?",
        "remedy": "Wat doen wij?",
        "you": "Wat kunt u doen?",
        "advice": "Krijgt u een vreemde mail, brief of oproep? Ga er niet op in en laat het ons weten. Verander uw"
        " wachtwoord als u denkt dat iemand het kent.",
        "ask": "Hebt u vragen? Neem contact op met onze {officer}: {email}, {address}. Noem daarbij ons kenmerk"
        " {number}.",
        "complain": "U kunt ook een klacht indienen bij de {supervisor}: {site}, telefoon {phone}.",
        "sorry": "Wij vinden het heel vervelend dat dit is gebeurd. Het spijt ons.",
    },
    "en": {
        "title": "Notice of a data breach",
        "dear": "Dear Sir or Madam,",
        "lead": "Something went wrong with data about you. This letter says what happened, what it may mean for you"
        " and what you can do.",
        "what": "What happened?",
        "kind": "This is what it is about: {harms}. We have known since {aware}.",
        "effects": "What can this mean for you?",
        "remedy": "What are we doing?",
        "you": "What can you do?",
        "advice": "Do you get a strange e-mail, letter or call? Do not answer it, and let us know. Change your password"
        " if you think that somebody knows it.",
        "ask": "Do you have questions? Contact our {officer}: {email}, {address}. Please mention our reference"
        " {number}.",
        "complain": "You may also complain to the {supervisor}: {site}, telephone {phone}.",
        "sorry": "We are very sorry that this happened.",
    },
}
