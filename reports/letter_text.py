"""The fixed words of the letter to a person, in plain Dutch (B1) and in English, side by side."""

from __future__ import annotations

from collections.abc import Mapping

from domain.package import ELSEWHERE, NOT_HERE, Searched

_NL = {
    "date": "Datum",
    "reference": "Ons kenmerk",
    "subject": "Onderwerp",
    "page_footer": "Vertrouwelijk",
    "dear": "Geachte heer of mevrouw,",
    "received": "Op {received} kregen wij uw {request}. Met deze brief geven wij u antwoord.",
    "copy": "Bij deze brief zit een kopie van uw gegevens. U leest hieronder waarvoor wij uw gegevens gebruiken, met"
    " wie wij ze delen, hoe lang wij ze bewaren en wat u kunt doen.",
    "copy_log": "Bij deze brief zit een overzicht van wie uw dossier heeft gezien of veranderd, wanneer dat was en wat"
    " er is gebeurd (artikel 15e Wabvpz). Andere gegevens zitten er niet bij. Wilt u die zien? Vraag dan om inzage.",
    "short": "In het kort",
    "short_found": "Wij hebben gezocht in {systems}. Wij vonden {rows} van u.",
    "short_none": "Wij hebben gezocht in {systems}. Wij vonden geen gegevens van u.",
    "short_withheld": "Een deel sturen wij niet mee. In deze brief staat wat dat is en waarom.",
    "short_whole": "Wij hebben niets weggelaten.",
    "short_ask": "Klopt er iets niet, of wilt u dat wij iets wissen? Dan kunt u ons dat vragen. Dat is gratis.",
    "searched": "Waar wij hebben gezocht",
    "searched_heads": "Systeem|Uitkomst|Gegevens",
    "answered": "Gegevens van u gevonden",
    "nothing found": "Geen gegevens van u gevonden",
    NOT_HERE: "Niets van u voor deze praktijk",
    ELSEWHERE: "Alleen gegevens waarover een ander beslist. Daarover krijgt u een apart antwoord",
    "why": "Welke gegevens wij hebben, en waarom",
    "controller": "Wij beslissen zelf over deze gegevens. Wij zijn de verantwoordelijke.",
    "processor": "Wij bewaren deze gegevens in opdracht van: {who}. Die is verantwoordelijk en beslist erover. U kunt"
    " ook daar terecht met uw vragen.",
    "purpose": "Waarvoor",
    "ground": "Waarom het mag",
    "categories": "Welke soorten gegevens",
    "special": "bijzondere gegevens",
    "origin": "Hoe wij eraan komen",
    "recipients": "Wie de gegevens krijgt",
    "named": "van u weten wij: {names}",
    "unnamed": "de naam staat nog niet in ons register; vraag ons ernaar",
    "processors": "Wie ons helpt",
    "nobody": "Niemand buiten onze organisatie",
    "term": "Hoe lang",
    "term_said": "{terms}, gerekend {counting}: {event}. Dat staat in: {article}.",
    "term_min": "minstens {}",
    "term_max": "hoogstens {}",
    "no_term": "Voor deze gegevens staat de termijn nog niet vast. De bewaarregel in de wet beslist.",
    "auto": "Beslist een computer over u?",
    "no_auto": "Nee. Er wordt niet automatisch over u beslist en er wordt geen profiel van u gemaakt.",
    "until": "Tot wanneer wij uw gegevens bewaren",
    "until_lead": "Per soort gegevens ziet u tot en met welke dag wij ze bewaren. Daarna vernietigen wij ze, of beslist"
    " de verantwoordelijke daarover.",
    "until_heads": "Gegevens|Aantal|Bewaard tot en met|Waarom",
    "until_unknown": "nog niet bekend",
    "until_over": "Ligt een dag al achter ons? Die gegevens bleven staan omdat u ze opvroeg. Zij worden vernietigd"
    " nadat wij uw verzoek hebben afgehandeld, of wachten op de beslissing van de verantwoordelijke.",
    "until_span": "verschilt: van {first} tot en met {last}",
    "not_started": "De termijn is nog niet begonnen.",
    "backup": "Ook in reservekopieën (back-ups) kunnen uw gegevens nog even blijven staan. {backups} Wij gebruiken"
    " die kopieën alleen om een storing te herstellen.",
    "withheld": "Wat wij niet meesturen",
    "withheld_lead": "Deze gegevens zitten niet in uw kopie:",
    "withheld_heads": "Wat|Aantal|Waarom|Regel",
    "withheld_none": "Wij hebben niets weggelaten.",
    "destroyed": "Wat wij al eerder vernietigd hebben",
    "destroyed_lead": "Deze gegevens van u hadden wij eerder wel. De bewaartermijn was voorbij. Wij kunnen ze niet meer"
    " terughalen.",
    "destroyed_heads": "Gegevens|Aantal|Vernietigd op|Regel",
    "transfers": "Gaan uw gegevens naar een land buiten Europa?",
    "no_transfers": "Nee. Uw gegevens blijven binnen de Europese Economische Ruimte (EER).",
    "unknown_country": "Van wie hierboven nog geen naam heeft, hebben wij ook het land nog niet vastgelegd. Vraag ons"
    " ernaar.",
    "transfer": "{name} ({country}), voor: {why}. Zo zijn uw gegevens daar beschermd: {safeguard}.",
    "rights": "Wat u kunt vragen",
    "rights_lead": "U kunt ons vragen om:",
    "rights_list": "uw gegevens te verbeteren of aan te vullen als ze niet kloppen (artikel 16 AVG);"
    "|uw gegevens te wissen (artikel 17 AVG). Wij leggen het uit als wij iets volgens de wet moeten bewaren;"
    "|uw gegevens tijdelijk niet te gebruiken (beperking, artikel 18 AVG);"
    "|gegevens die u zelf gaf, mee te nemen naar een ander, of ze voor u door te sturen (artikel 20 AVG);"
    "|te stoppen met het gebruik van uw gegevens (bezwaar, artikel 21 AVG). Bij reclame stoppen wij altijd;"
    "|een toestemming die u gaf in te trekken (artikel 7 AVG). Dat geldt vanaf dat moment.",
    "rights_how": "Stuur uw vraag naar {email} of naar {address}. Schrijf ons kenmerk {case} erbij. U betaalt niets. U"
    " krijgt binnen 4 weken antwoord.",
    "medical": "Gaat het om uw medisch dossier? Dan vraagt u vernietiging aan uw zorgverlener (artikel 7:455 Burgerlijk"
    " Wetboek). Die mag alleen weigeren als de wet dat zegt of als een ander er groot belang bij heeft.",
    "disagree": "Bent u het niet eens met ons antwoord?",
    "disagree_list": "Neem eerst contact op met onze {officer}: {officer_email}, {officer_address}."
    "|U kunt een klacht indienen bij de {supervisor}, {supervisor_address}, telefoon {supervisor_phone},"
    " {supervisor_site} (artikel 77 AVG)."
    "|U kunt ook naar de rechtbank. Dat doet u met een verzoekschrift, binnen zes weken nadat u dit antwoord kreeg"
    " (artikel 35 UAVG). Na die zes weken kan het meestal niet meer.",
    "inside": "Wat er in dit pakket zit",
    "inside_list": "index.html: alles in één pagina, voor telefoon, computer en voorleeshulp. Begin hier."
    "|letter.pdf: deze brief."
    "|dossier.pdf: al uw gegevens, om te lezen of te printen."
    "|data.json en schema.json: dezelfde gegevens voor een computer, en de uitleg van de vorm. U kunt ze meenemen"
    " naar een ander."
    "|csv: dezelfde gegevens voor een rekenblad (zoals Excel). In csv/woordenboek.csv staat wat elke kolom betekent."
    " Voor tekst die een rekenblad als formule zou lezen, staat een apostrof (')."
    "|manifest.json: een lijst van alle bestanden met een controlegetal. Daarmee kan iedereen zien dat er niets is"
    " veranderd.",
    "inside_bundle": "bundle.json: uw medische gegevens voor het programma van een andere zorgverlener (FHIR).",
    "inside_withheld": "withheld.pdf: wat wij niet meesturen, en waarom.",
    "carries": "De bestanden data.json en schema.json zitten ook als bijlage in deze brief zelf.",
    "carries_not": "De bestanden data.json en schema.json zitten in dit pakket, maar niet als bijlage in deze brief.",
    "one_document": "Alles zit in dit ene document: eerst deze brief, daarna uw gegevens. Wilt u ze liever als"
    " bestanden voor een computer? Vraag het ons. Dit document is een kopie om te lezen. Onze handtekening staat in"
    " het pakket met de bestanden.",
    "safe": "Bewaar dit pakket op een veilige plek. Er staan persoonlijke gegevens in.",
    "regards": "Met vriendelijke groet,",
    "replaced": "Op {count} in dit document staat het teken \ufffd. Dat teken of die letter kunnen wij niet afdrukken."
    " In data.json staat wel wat er hoort.",
    "place": "plek",
    "places": "plekken",
    "datum": "gegeven",
    "data": "gegevens",
    "system": "systeem",
    "systems": "systemen",
}
_EN = {
    "date": "Date",
    "reference": "Our reference",
    "subject": "Subject",
    "page_footer": "Confidential",
    "dear": "Dear Sir or Madam,",
    "received": "On {received} we received your {request}. This letter is our answer.",
    "copy": "A copy of your data comes with this letter. Below you read what we use your data for, with whom we share"
    " it, how long we keep it, and what you can do.",
    "copy_log": "With this letter comes an overview of who saw or changed your file, when that was, and what was done"
    " (article 15e Wabvpz). Other data is not in it. Do you want to see that too? Then ask for access.",
    "short": "In short",
    "short_found": "We searched {systems}. We found {rows} about you.",
    "short_none": "We searched {systems}. We found no data about you.",
    "short_withheld": "Part of it is not included. This letter says what that is, and why.",
    "short_whole": "We left nothing out.",
    "short_ask": "Is something wrong, or do you want us to erase something? You may ask us. It is free.",
    "searched": "Where we searched",
    "searched_heads": "System|Outcome|Records",
    "answered": "Data about you found",
    "nothing found": "No data about you found",
    NOT_HERE: "Nothing of yours for this practice",
    ELSEWHERE: "Only data that others decide about. On that you get a separate answer",
    "why": "Which data we have, and why",
    "in_dutch": "Our register is in Dutch. What stands between “ and ” we copied from it.",
    "controller": "We decide about this data ourselves. We are the controller.",
    "processor": "We keep this data on behalf of: {who}. They are the controller and decide about it. You may also turn"
    " to them with your questions.",
    "purpose": "Purpose",
    "ground": "Legal ground",
    "categories": "Categories of data",
    "special": "special categories",
    "origin": "Where it comes from",
    "recipients": "Who receives it",
    "named": "of you we know: {names}",
    "unnamed": "its name is not in our register yet; ask us for it",
    "processors": "Who helps us",
    "nobody": "Nobody outside our organisation",
    "term": "How long",
    "term_said": "{terms}, counted {counting}: “{event}”. This follows from: {article}.",
    "term_min": "at least {}",
    "term_max": "at most {}",
    "no_term": "The term for this data is not set yet; the retention rule in the law decides.",
    "auto": "Automated decisions",
    "no_auto": "No. No automated decisions are made about you, and no profile is made of you.",
    "until": "Until when we keep your data",
    "until_lead": "For each kind of data you see up to and including which day we keep it. After that we destroy it, or"
    " the controller decides.",
    "until_heads": "Data|Records|Kept until|Why",
    "until_unknown": "not known yet",
    "until_over": "Is a day already past? That data stayed because you asked for it. It is destroyed after we have"
    " dealt with your request, or waits for the controller's decision.",
    "until_span": "differs: from {first} to {last}",
    "not_started": "The term has not started yet.",
    "backup": "Your data may also stay in backup copies for a while. {backups} We use those copies only to recover from"
    " a failure.",
    "withheld": "What we do not send",
    "withheld_lead": "This data is not in your copy:",
    "withheld_heads": "What|Number|Why|Rule",
    "withheld_none": "We left nothing out.",
    "destroyed": "What we destroyed before",
    "destroyed_lead": "We once held this data about you. Its retention term was over. We cannot get it back.",
    "destroyed_heads": "Data|Records|Destroyed on|Rule",
    "transfers": "Does your data go to a country outside Europe?",
    "no_transfers": "No. Your data stays within the European Economic Area (EEA).",
    "unknown_country": "Of those above that have no name yet, we have not recorded the country either. Ask us for it.",
    "transfer": "{name} ({country}), for: {why}. Your data is protected there by: {safeguard}.",
    "rights": "What you can ask",
    "rights_lead": "You can ask us to:",
    "rights_list": "correct or complete your data where it is wrong (article 16 GDPR);"
    "|erase your data (article 17 GDPR). We explain it when the law makes us keep something;"
    "|stop using your data for a time (restriction, article 18 GDPR);"
    "|hand over the data you gave us, or send it on for you (portability, article 20 GDPR);"
    "|stop using your data (objection, article 21 GDPR). For advertising we always stop;"
    "|withdraw a consent you gave (article 7 GDPR). That counts from then on.",
    "rights_how": "Send your question to {email} or to {address}. Mention our reference {case}. It is free. You get an"
    " answer within 4 weeks.",
    "medical": "Is it about your medical file? Then ask your care provider to destroy it (article 7:455 of the Dutch"
    " Civil Code). They may only refuse when the law says so or when another person has a great interest in it.",
    "disagree": "Do you disagree with our answer?",
    "disagree_list": "First contact our {officer}: {officer_email}, {officer_address}."
    "|You can complain to the {supervisor}, {supervisor_address}, telephone {supervisor_phone}, {supervisor_site}"
    " (article 77 GDPR)."
    "|You can also go to court (the Dutch rechtbank), with a petition (verzoekschrift), within six weeks after you"
    " received this answer (article 35 UAVG). After those six weeks it is usually too late.",
    "inside": "What is in this package",
    "inside_list": "index.html: everything in one page, for phone, computer and screen reader. Start here."
    "|letter.pdf: this letter."
    "|dossier.pdf: all your data, to read or print."
    "|data.json and schema.json: the same data for a computer, and the description of its form. You can take them"
    " to someone else."
    "|csv: the same data for a spreadsheet. csv/woordenboek.csv tells what each column means. A text that a"
    " spreadsheet would run as a formula has an apostrophe (') in front."
    "|manifest.json: a list of all files with a checksum. With it anyone can see that nothing was changed.",
    "inside_bundle": "bundle.json: your medical data for the program of another care provider (FHIR).",
    "inside_withheld": "withheld.pdf: what we do not send, and why.",
    "carries": "The files data.json and schema.json are also attached to this letter itself.",
    "carries_not": "The files data.json and schema.json are in this package, but not attached to this letter.",
    "one_document": "All of it is in this one document: first this letter, then your data. Do you prefer files for a"
    " computer? Ask us. This document is a copy to read; our signature is in the package with the files.",
    "safe": "Keep this package in a safe place. It holds personal data.",
    "regards": "Yours faithfully,",
    "replaced": "In {count} of this document you see the sign \ufffd. We cannot print the letter or sign that belongs"
    " there; data.json has it.",
    "place": "place",
    "places": "places",
    "datum": "record",
    "data": "records",
    "system": "system",
    "systems": "systems",
}
_REQUEST = {
    "nl": {
        "access": "verzoek om inzage in uw gegevens",
        "portability": "verzoek om uw gegevens mee te nemen (overdracht)",
        "rectification": "verzoek om correctie van uw gegevens",
        "erasure": "verzoek om uw gegevens te wissen",
        "wgbo-destruction": "verzoek om uw medisch dossier te vernietigen",
        "restriction": "verzoek om uw gegevens tijdelijk niet te gebruiken (beperking)",
        "objection": "bezwaar tegen het gebruik van uw gegevens",
        "consent": "bericht over uw toestemming",
        "access-log": "verzoek om te zien wie in uw dossier keek",
    },
    "en": {
        "access": "request for access to your data",
        "portability": "request to take your data with you (portability)",
        "rectification": "request to correct your data",
        "erasure": "request to erase your data",
        "wgbo-destruction": "request to destroy your medical file",
        "restriction": "request to restrict the use of your data",
        "objection": "objection to the use of your data",
        "consent": "message about your consent",
        "access-log": "request to see who looked at your file",
    },
}


def words(language: str) -> Mapping[str, str]:
    """All fixed texts in one language; Dutch where we do not have the language."""
    return _EN if language == "en" else _NL


def outcome(one: Searched, language: str) -> str:
    """What a system answered, as the person reads it."""
    say = words(language)
    return say.get(one.reason) or say.get(one.outcome.value, one.outcome.value)


def request(kind: str, language: str) -> str:
    """'verzoek om inzage in uw gegevens': what the person asked."""
    said = _REQUEST["en" if language == "en" else "nl"]
    return said.get(kind, said["access"] if language == "en" else "verzoek over uw gegevens")
