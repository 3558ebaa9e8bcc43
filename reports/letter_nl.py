"""The letters of a request in plain Dutch (B1): short sentences, words that everybody knows.

A line is a paragraph; `# ` opens the title, `## ` a heading, `- ` an item of a list. `{name}` is filled in; a line with
`{*name}` is repeated for each of several values, and left out where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.cases import IdentityMethod
from domain.letters import LetterKind
from domain.moves import DIRECT_MARKETING, OWN_SITUATION, CaseKind

#: What the person asks, as it stands after "uw verzoek om".
RIGHT: Mapping[CaseKind, str] = {
    CaseKind.ACCESS: "inzage in uw gegevens",
    CaseKind.PORTABILITY: "een kopie van uw gegevens om mee te nemen",
    CaseKind.RECTIFICATION: "verbetering van uw gegevens",
    CaseKind.ERASURE: "wissen van uw gegevens",
    CaseKind.WGBO_DESTRUCTION: "vernietiging van uw medisch dossier",
    CaseKind.RESTRICTION: "beperking van het gebruik van uw gegevens",
    CaseKind.OBJECTION: "stoppen met het gebruik van uw gegevens",
    CaseKind.CONSENT: "een wijziging van uw toestemming",
    CaseKind.ACCESS_LOG: "een overzicht van wie uw dossier bekeek",
}

#: The same where somebody else asks for the person.
RIGHT_OF_ANOTHER: Mapping[CaseKind, str] = {
    CaseKind.ACCESS: "inzage in de gegevens van de persoon voor wie u vraagt",
    CaseKind.PORTABILITY: "een kopie van de gegevens van de persoon voor wie u vraagt",
    CaseKind.RECTIFICATION: "verbetering van de gegevens van de persoon voor wie u vraagt",
    CaseKind.ERASURE: "wissen van de gegevens van de persoon voor wie u vraagt",
    CaseKind.WGBO_DESTRUCTION: "vernietiging van het medisch dossier van de persoon voor wie u vraagt",
    CaseKind.RESTRICTION: "beperking van het gebruik van de gegevens van de persoon voor wie u vraagt",
    CaseKind.OBJECTION: "stoppen met het gebruik van de gegevens van de persoon voor wie u vraagt",
    CaseKind.CONSENT: "een wijziging van de toestemming van de persoon voor wie u vraagt",
    CaseKind.ACCESS_LOG: "een overzicht van wie het dossier bekeek van de persoon voor wie u vraagt",
}

#: How a person shows who they are, by the way that was chosen.
METHODS: Mapping[IdentityMethod, tuple[str, ...]] = {
    IdentityMethod.SESSION: ("Log in op uw account. Stuur ons van daaruit een bericht.",),
    IdentityMethod.KNOWN_ADDRESS: (
        "Schrijf ons vanaf het mailadres dat wij al van u hebben.",
        "Zet erbij wat wij nog meer van u weten. Dat is bijvoorbeeld uw postcode, of uw laatste bezoek.",
    ),
    IdentityMethod.CALL_BACK: ("Vraag ons om u te bellen. Wij bellen het nummer dat wij al van u hebben.",),
    IdentityMethod.ID_SHOWN: (
        "Kom bij ons langs met uw paspoort, identiteitskaart of rijbewijs. Wij kijken ernaar en maken geen kopie.",
    ),
    IdentityMethod.MASKED_COPY: (
        "Maak een kopie van uw paspoort, identiteitskaart of rijbewijs.",
        "Streep door: uw foto, uw BSN en de regels met pijltjes onderaan. Doe dit overal waar uw BSN staat.",
        "Schrijf op de kopie: voor {trading_as}, met de datum.",
        "Geef de kopie bij ons af of stuur hem op. Wij kijken ernaar en vernietigen hem meteen.",
    ),
}
#: What a person need not send, unless it is what we ask for.
NO_COPY = "Stuur geen kopie van uw paspoort of identiteitskaart. Die hebben wij niet nodig."

#: What stands where nobody gave something else.
DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "how": (*METHODS[IdentityMethod.CALL_BACK], *METHODS[IdentityMethod.ID_SHOWN])
}

DISAGREE = """\
## Bent u het niet eens met ons antwoord?
- Neem eerst contact op met onze {officer}: {officer_email}, {officer_address}.
- U kunt een klacht indienen bij de {supervisor}, {supervisor_address}, telefoon {supervisor_phone}, \
{supervisor_site} (artikel 77 AVG).
- U kunt ook naar de rechtbank. Dat doet u met een verzoekschrift, binnen zes weken nadat u dit antwoord kreeg \
(artikel 35 UAVG).
"""

#: How the part comes that is granted, where the rest is not.
GRANTED = """\
Het deel dat u wel krijgt, hebben wij voor u klaargezet. U krijgt het apart van deze brief, als een beveiligd bestand. \
Het wachtwoord krijgt u op een andere manier, bijvoorbeeld per telefoon.
"""

#: The answer to a request that is granted, by kind and ground.
ANSWER: Mapping[tuple[CaseKind, str], str] = {
    (CaseKind.ACCESS, ""): """\
Wij hebben uw gegevens voor u klaargezet. U krijgt ze als een beveiligd bestand. Het wachtwoord krijgt u op een \
andere manier, bijvoorbeeld per telefoon.
In het bestand zit ook een brief. Daarin leest u waarvoor wij uw gegevens gebruiken, wie ze krijgt en hoe lang ze \
blijven.
""",
    (CaseKind.PORTABILITY, ""): """\
Wij hebben uw gegevens voor u klaargezet. U krijgt ze als een beveiligd bestand. Het wachtwoord krijgt u op een \
andere manier, bijvoorbeeld per telefoon.
Een computer kan dit bestand lezen. U kunt het dus aan een andere organisatie geven.
""",
    (CaseKind.ACCESS_LOG, ""): """\
Wij hebben het overzicht voor u klaargezet. U krijgt het als een beveiligd bestand. Het wachtwoord krijgt u op een \
andere manier, bijvoorbeeld per telefoon.
In het overzicht ziet u wie uw dossier opende, en wanneer.
""",
    (CaseKind.RECTIFICATION, ""): """\
Wij hebben gedaan wat u vroeg. Uw gegevens zijn verbeterd, of uw eigen verklaring staat er nu bij.
Kregen anderen deze gegevens van ons? Dan vertellen wij hun wat er is veranderd. Wilt u weten wie dat zijn? Vraag het \
ons.
""",
    (CaseKind.RESTRICTION, ""): """\
Wij doen wat u vraagt. Wij bewaren uw gegevens, maar wij gebruiken ze voorlopig niet. Wij wissen ze ook niet.
Soms mogen wij ze toch gebruiken. Dat mag als u het goed vindt, of als het nodig is voor een rechtszaak.
Kregen anderen deze gegevens van ons? Dan vertellen wij hun dit ook. Wilt u weten wie dat zijn? Vraag het ons.
Stopt de beperking? Dan hoort u dat van ons, voordat het zover is.
""",
    (CaseKind.OBJECTION, DIRECT_MARKETING): """\
Wij zijn gestopt. U krijgt van ons geen reclame meer, ook niet per e-mail of telefoon.
Was er al iets verstuurd? Dan kan het zijn dat u dat nog krijgt.
""",
    (CaseKind.OBJECTION, OWN_SITUATION): """\
Wij hebben goed naar uw situatie gekeken. U krijgt gelijk. Wij gebruiken uw gegevens hier niet meer voor.
""",
}

TEMPLATES: Mapping[LetterKind, str] = {
    LetterKind.ACKNOWLEDGEMENT: """\
# Wij hebben uw verzoek ontvangen
Op {received} kregen wij uw verzoek om {right}. Uw verzoek heeft nummer {number}.
## Wat gebeurt er nu?
- Wij kijken eerst of wij zeker weten wie u bent. Moeten wij iets vragen? Dan hoort u dat snel.
- Daarna zoeken wij in onze systemen en schrijven wij ons antwoord.
- U krijgt ons antwoord uiterlijk op {promise}. De wet geeft ons tijd tot en met {law}.
## Wat kunt u doen?
Wilt u iets vertellen of vragen? Antwoord dan op dit bericht, of mail naar {email}. Noem het nummer {number}. Stuur \
geen kopie van uw paspoort of identiteitskaart. Dit verzoek kost u niets.
""",
    LetterKind.IDENTITY_QUESTION: """\
# Wij willen zeker weten wie u bent
Op {received} kregen wij uw verzoek om {right}. Wij geven gegevens alleen aan de persoon over wie ze gaan. Wij weten \
nog niet zeker dat u dat bent.
## Hoe laat u zien wie u bent?
- {*how}
{no_copy}
## Wat betekent dit voor ons antwoord?
Wij wachten op u. Zolang wij wachten, staat onze termijn stil. Horen wij van u? Dan gaan wij meteen verder.
""",
    LetterKind.CLARIFICATION: """\
# Wij hebben een vraag over uw verzoek
Op {received} kregen wij uw verzoek om {right}. Wij willen u goed antwoorden. Daarom vragen wij u:
- {*question}
U mag dit zelf weten. Wilt u niets kiezen? Zeg ons dat dan ook. Dan zoeken wij alles.
## Wat betekent dit voor ons antwoord?
Wij wachten op u. Zolang wij wachten, staat onze termijn stil. Horen wij van u? Dan gaan wij meteen verder.
""",
    LetterKind.EXTENSION: """\
# Wij hebben meer tijd nodig
Op {received} kregen wij uw verzoek om {right}. Wij moeten u binnen een maand antwoorden. Dat lukt ons deze keer \
niet. Dit is de reden:
- {*reasons}
U krijgt ons antwoord uiterlijk op {extended}. De wet staat dit één keer toe (artikel 12 lid 3 AVG). Is het eerder \
klaar? Dan krijgt u het eerder.
## Bent u het hier niet mee eens?
- Neem contact op met onze {officer}: {officer_email}, {officer_address}.
- U kunt ook een klacht indienen bij de {supervisor}, {supervisor_address}, telefoon {supervisor_phone}, \
{supervisor_site}.
""",
    LetterKind.FORWARDING: """\
# Wij hebben uw verzoek doorgestuurd
Op {received} kregen wij uw verzoek om {right}. Wij mogen hierover niet zelf beslissen. Dat doet: {practice}. Wij \
bewaren deze gegevens alleen voor hen (artikel 28 AVG).
Op {today} hebben wij uw verzoek doorgestuurd. Wij hebben ook aangeboden om te helpen.
## Van wie krijgt u antwoord?
U krijgt antwoord van: {practice}. Hoort u niets? Vraag het daar, of vraag het ons. Noem dan het nummer {number}.
""",
    LetterKind.ANSWER: """\
# Ons antwoord op uw verzoek
Op {received} kregen wij uw verzoek om {right}. Met deze brief geven wij u antwoord.
{body}
- {*done}
{disagree}
""",
    LetterKind.PART_REFUSAL: """\
# Ons antwoord op uw verzoek
Op {received} kregen wij uw verzoek om {right}. Een deel doen wij. Een ander deel doen wij niet.
- {*done}
{granted}
## Wat wij niet doen, en waarom niet
- {*refused}
{disagree}
""",
    LetterKind.REFUSAL: """\
# Wij doen niet wat u vraagt
Op {received} kregen wij uw verzoek om {right}. Wij doen niet wat u vraagt. Dit is de reden:
- {*reasons}
Dit staat in de wet: {*article}.
{disagree}
""",
    LetterKind.DESTROYED: """\
# Ons antwoord op uw verzoek
Op {received} kregen wij uw verzoek om {right}. Ons antwoord zit als brief bij dit bericht. Daarin leest u wat weg \
is, wat blijft en waarom.
De brief is beveiligd met een wachtwoord. Dat krijgt u op een andere manier, bijvoorbeeld per telefoon.
{disagree}
""",
    LetterKind.RESTRICTION_LIFTED: """\
# Wij gaan uw gegevens weer gebruiken
U vroeg ons om uw gegevens een tijd niet te gebruiken. Dat stopt op {lifted_on}. Vanaf die dag gebruiken wij ze weer \
(artikel 18 lid 3 AVG). Dit is de reden:
- {*reasons}
{disagree}
""",
    LetterKind.POLICY_CHANGE: """\
# Er verandert iets in hoe wij met uw gegevens omgaan
Vanaf {since} verandert onze privacyverklaring. Dit is nieuw:
- {*changes}
De hele tekst leest u op {website}. U hoeft niets te doen.
Bent u het er niet mee eens? Of heeft u een vraag? Mail dan naar {email}.
""",
    LetterKind.RECIPIENTS: """\
# Wie de gegevens van ons kregen
Op {received} kregen wij uw verzoek om {right}. U vroeg ons wie deze gegevens van ons kregen (artikel 19 AVG). Dat \
staat hier.
- {*recipients}
Heeft u een vraag? Mail dan naar {email}. Noem het nummer {number}.
""",
    LetterKind.CONSENT_RECORDED: """\
# Wij hebben uw toestemming opgeschreven
U heeft ons toestemming gegeven. Het gaat om:
- {*purpose}
Dat schreven wij op {today} op. U mag altijd van mening veranderen. Mail dan naar {email}. Dat is net zo makkelijk \
als ja zeggen. Wat wij tot die dag deden, blijft geldig.
""",
    LetterKind.CONSENT_WITHDRAWN: """\
# U heeft uw toestemming ingetrokken
Op {received} vertelde u ons dat u geen toestemming meer geeft. Het gaat om:
- {*purpose}
Wij zijn hiermee gestopt. Hebben wij deze gegevens nergens anders voor nodig? Dan wissen wij ze. Wat wij eerder \
deden, blijft geldig.
U hoeft verder niets te doen. Wilt u later toch weer toestemming geven? Dat kan altijd.
{disagree}
""",
}

SAY: Mapping[str, str] = {
    "date": "Datum",
    "reference": "Ons kenmerk",
    "about": "Onderwerp",
    "footer": "Vertrouwelijk",
    "dear": "Geachte heer of mevrouw,",
    "regards": "Met vriendelijke groet,",
    "subject": "Uw verzoek {number}: {title}",
    "part": "{0} Waarom niet? {1} ({2})",
    "told": "{0}: wij vertelden het op {1}.",
    "confirmed": "{0}: wij vertelden het op {1}. Het antwoord kwam op {2}.",
    "excused": "{0}: vertellen kon niet, of kostte te veel moeite.",
    "untold": "{0}: wij gaan dit nog vertellen.",
    "nobody": "Niemand anders kreeg deze gegevens van ons.",
    "decider": "de zorgverlener die u behandelt",
    "decider_of_another": "de zorgverlener die deze persoon behandelt",
}
