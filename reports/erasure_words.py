"""The words of the answer to a request for erasure, in plain Dutch (B1) and in English, side by side."""

from __future__ import annotations

from collections.abc import Mapping

from domain.erasure import Fate

_NL = {
    "subject": "Uw verzoek om uw gegevens te wissen",
    "subject_medical": "Uw verzoek om uw medisch dossier te vernietigen",
    "date": "Datum",
    "reference": "Ons kenmerk",
    "about": "Onderwerp",
    "footer": "Vertrouwelijk",
    "dear": "Geachte heer of mevrouw,",
    "received": "Op {received} vroeg u ons om uw gegevens te wissen. Met deze brief geven wij u antwoord.",
    "received_medical": "Op {received} vroeg u ons om uw medisch dossier te vernietigen. Met deze brief geven wij u"
    " antwoord.",
    "all_gone": "Wij hebben alles gewist wat wij over u hadden.",
    "some_gone": "Wij hebben een deel gewist. Een ander deel blijft. U leest hieronder wat er blijft en waarom.",
    "none_gone": "Wij kunnen uw gegevens nu niet wissen. U leest hieronder waarom.",
    "nothing": "Wij hebben in al onze systemen gezocht. Wij vonden geen gegevens van u.",
    "gone": "Wat wij hebben gewist",
    "gone_lead": "Na het wissen hebben wij opnieuw gezocht. Deze gegevens zijn echt weg. Wij kunnen ze niet meer"
    " terughalen.",
    "gone_heads": "Gegevens|Waar|Aantal|Wat wij deden",
    "stays": "Wat blijft",
    "stays_heads": "Gegevens|Aantal|Waarom|Tot en met|Regel",
    "no_day": "nog niet bekend",
    "backup": "In reservekopieën kunnen uw gegevens nog even blijven staan. {backups} Wij gebruiken die kopieën alleen"
    " om een storing te herstellen. Zetten wij een kopie terug, dan wissen wij uw gegevens opnieuw.",
    "recipients": "Wie wij inlichten",
    "recipients_lead": "Deze gegevens hebben wij eerder gedeeld met anderen. Wij vertellen hun dat u om wissing vroeg"
    " (artikel 19 AVG). Het gaat om: {names}.",
    "proof": "Wij bewaren dat u dit vroeg en wat wij deden. Zo kunnen wij laten zien dat het goed is gegaan.",
    "disagree": "Bent u het niet eens met ons antwoord?",
    "disagree_list": "Neem eerst contact op met onze {officer}: {officer_email}, {officer_address}."
    "|U kunt een klacht indienen bij de {supervisor}, {supervisor_address}, telefoon {supervisor_phone},"
    " {supervisor_site} (artikel 77 AVG)."
    "|U kunt ook naar de rechtbank. Dat doet u met een verzoekschrift, binnen zes weken nadat u dit antwoord kreeg"
    " (artikel 35 UAVG).",
    "regards": "Met vriendelijke groet,",
    "draft": "Concept: het wissen is nog niet klaar of nog niet gecontroleerd. Verstuur deze brief niet.",
}
_EN = {
    "subject": "Your request to erase your data",
    "subject_medical": "Your request to destroy your medical file",
    "date": "Date",
    "reference": "Our reference",
    "about": "Subject",
    "footer": "Confidential",
    "dear": "Dear Sir or Madam,",
    "received": "On {received} you asked us to erase your data. This letter is our answer.",
    "received_medical": "On {received} you asked us to destroy your medical file. This letter is our answer.",
    "all_gone": "We erased everything that we had about you.",
    "some_gone": "We erased a part. Another part stays. Below you read what stays, and why.",
    "none_gone": "We cannot erase your data now. Below you read why.",
    "nothing": "We searched all our systems. We found no data about you.",
    "gone": "What we erased",
    "gone_lead": "After erasing we searched again. These data are really gone. We cannot bring them back.",
    "gone_heads": "Data|Where|Number|What we did",
    "stays": "What stays",
    "stays_heads": "Data|Number|Why|Up to and including|Rule",
    "no_day": "not known yet",
    "backup": "Your data can stay in backup copies for a while. {backups} We use those copies only to repair a failure."
    " If we put a copy back, we erase your data again.",
    "recipients": "Whom we tell",
    "recipients_lead": "We shared these data with others before. We tell them that you asked for erasure (article 19"
    " GDPR). They are: {names}.",
    "proof": "We keep that you asked this and what we did, so that we can show that it was done well.",
    "disagree": "Do you disagree with our answer?",
    "disagree_list": "Please contact our {officer} first: {officer_email}, {officer_address}."
    "|You may complain to the {supervisor}, {supervisor_address}, telephone {supervisor_phone}, {supervisor_site}"
    " (article 77 GDPR)."
    "|You may also go to court, by a petition within six weeks after you got this answer (article 35 of the Dutch"
    " implementation act, UAVG).",
    "regards": "Yours sincerely,",
    "draft": "Draft: the erasure is not finished or not verified yet. Do not send this letter.",
}
DONE: Mapping[str, Mapping[Fate, str]] = {
    "nl": {
        Fate.DESTROYED: "vernietigd",
        Fate.STRIPPED: "leeggemaakt; de rest blijft",
        Fate.ANONYMISED: "zo veranderd dat het niets meer over u zegt",
    },
    "en": {
        Fate.DESTROYED: "destroyed",
        Fate.STRIPPED: "emptied; the rest stays",
        Fate.ANONYMISED: "changed so that it says nothing about you any more",
    },
}
WHY: Mapping[str, Mapping[Fate, str]] = {
    "nl": {
        Fate.KEPT_BY_LAW: "De wet zegt dat wij dit moeten bewaren, voor: {activity}.",
        Fate.KEPT_FOR_CLAIM: "Dit is nodig voor een geschil of een rechtszaak.",
        Fate.RESTRICTED: "U of een ander vroeg om hier niets mee te doen (beperking).",
        Fate.OTHER_REQUEST: "Er loopt nog een ander verzoek over deze gegevens. Daarna kijken wij opnieuw.",
        Fate.STILL_NEEDED: "Wij hebben dit nu nog nodig, voor: {activity}.",
        Fate.NEEDED_BY_ANOTHER: "Een ander gegeven, dat blijft, kan niet zonder dit gegeven.",
        Fate.NOT_OURS: "Hierover beslissen wij niet zelf. Dat doet: {controller}. Wij sturen uw verzoek door.",
        Fate.OF_ANOTHER: "Dit hoort bij het dossier van iemand anders. Een medewerker bekijkt het apart.",
    },
    "en": {
        Fate.KEPT_BY_LAW: "The law says that we must keep this, for: {activity}.",
        Fate.KEPT_FOR_CLAIM: "This is needed for a dispute or a court case.",
        Fate.RESTRICTED: "You or somebody else asked us to do nothing with this (restriction).",
        Fate.OTHER_REQUEST: "Another request about these data is still open. We look again after that.",
        Fate.STILL_NEEDED: "We still need this now, for: {activity}.",
        Fate.NEEDED_BY_ANOTHER: "Another record, which stays, cannot do without this one.",
        Fate.NOT_OURS: "We do not decide about this ourselves. That is for: {controller}. We pass your request on.",
        Fate.OF_ANOTHER: "This is part of somebody else's file. A colleague looks at it separately.",
    },
}


def erasure_words(language: str) -> Mapping[str, str]:
    """The words in this language."""
    return _NL if language == "nl" else _EN
