"""What a message asks, in the words of people: 86 sentences in two languages, and what each should propose."""

from __future__ import annotations

from collections import Counter

import pytest

from domain.intake import Aside, Ask, asks_of, case_numbers, looks_like_identity, own_words, why_aside

TABLE = """
access | Ik wil graag inzage in mijn dossier.
access | Kunt u mij een kopie van mijn gegevens sturen?
access | Welke gegevens hebben jullie van mij?
access | Ik verzoek om een afschrift van mijn medisch dossier.
access | Op grond van artikel 15 AVG vraag ik wat u over mij bewaart.
access | Graag een overzicht van alle persoonsgegevens die u verwerkt.
access | Mag ik mijn dossier inzien?
access | This is a subject access request.
access | Please send me a copy of my personal data.
access | What information do you hold about me?
access | I would like access to my file.
access | Can I see my records?
portability | Ik wil mijn gegevens overdragen aan een andere zorgverlener.
portability | Kan ik mijn gegevens in een machineleesbaar formaat krijgen?
portability | Ik doe een beroep op dataportabiliteit.
portability | Graag gegevensoverdracht op grond van artikel 20.
portability | Please transfer my data to another provider.
portability | I request data portability.
portability | I want my data in a machine-readable format.
rectification | Mijn adres klopt niet.
rectification | Wilt u mijn geboortedatum corrigeren?
rectification | De naam in mijn dossier is verkeerd.
rectification | Er staat een fout telefoonnummer, graag mijn gegevens aanpassen.
rectification | Kunt u mijn adres wijzigen?
rectification | Please correct my date of birth.
rectification | My address is wrong.
rectification | The information is inaccurate.
rectification | I ask for rectification of my surname.
erasure | Verwijder al mijn gegevens.
erasure | Ik wil dat mijn account wordt verwijderd.
erasure | Ik wil vergeten te worden.
erasure | Wis alles wat u van mij heeft.
erasure | Ik beroep mij op het recht op gegevenswissing.
erasure | Please delete my account.
erasure | I want you to erase my data.
erasure | I invoke my right to be forgotten.
erasure | Remove all my personal information.
wgbo-destruction | Ik wil dat mijn medisch dossier wordt vernietigd.
wgbo-destruction | Vernietig mijn dossier alstublieft.
wgbo-destruction | Verwijder mijn patiëntgegevens bij de fysiotherapeut.
wgbo-destruction | Op grond van de WGBO vraag ik vernietiging.
wgbo-destruction | Please destroy my medical records.
wgbo-destruction | Delete my medical file.
restriction | Ik wil de verwerking van mijn gegevens beperken.
restriction | Beperk het gebruik van mijn gegevens tot dit is uitgezocht.
restriction | Bevries mijn gegevens.
restriction | Please restrict the processing of my data.
restriction | I ask you to freeze my file.
objection | Ik maak bezwaar tegen het gebruik van mijn gegevens.
objection | Ik wil geen nieuwsbrief meer ontvangen.
objection | Ik wil mij afmelden.
objection | Stuur mij geen reclame.
objection | I object to the processing.
objection | Please unsubscribe me.
objection | No more marketing please.
consent | Ik trek mijn toestemming in.
consent | Hierbij wil ik mijn toestemming wijzigen.
consent | Ik geef geen toestemming meer, trek mijn toestemming in.
consent | I withdraw my consent.
consent | I would like to opt out.
consent | I want to revoke the consent I gave.
access-log | Wie heeft mijn dossier bekeken?
access-log | Ik wil weten wie er in mijn dossier heeft gekeken.
access-log | Stuur mij de logging van mijn dossier.
access-log | Who looked at my file?
access-log | Please send the access log.
access-log | Who has viewed my records?
complaint | Ik heb een klacht over uw medewerker.
complaint | Ik wil een klacht indienen.
complaint | I want to file a complaint.
complaint | I am writing to complain.
breach | Ik kreeg een brief van iemand anders.
breach | Volgens mij is er een datalek bij u.
breach | Mijn uitslag is naar de verkeerde persoon gestuurd.
breach | I received someone else's results.
breach | I think there was a data breach.
other | Wat zijn uw openingstijden?
other | Dank u wel voor uw hulp.
other | What are your opening hours?
other | Thank you for your quick reply.
other | Ik wil niet dat u mijn gegevens verwijdert.
other | I don't want you to delete my account.
other | Ik heb geen klacht.
access erasure | Ik wil inzage in mijn gegevens. Daarna wil ik dat u mijn account verwijdert.
access | Ik wil mijn gegevens niet laten verwijderen, maar ik wil wel inzage in mijn dossier.
rectification complaint | My address is wrong. I also have a complaint.
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("asked", "words"), ROWS, ids=[w for _, w in ROWS])
def test_a_sentence_proposes_what_it_asks(asked: str, words: str) -> None:
    found = {a.value for a in asks_of("Vraag", words)}
    assert found == set(asked.split())


def test_the_table_speaks_of_every_kind() -> None:
    count = Counter(a for asked, _ in ROWS for a in asked.split())
    assert len(ROWS) >= 80
    assert set(count) == set(Ask)


def test_quotes_and_signatures_are_not_the_senders_words_and_a_forward_is() -> None:
    quoted = "Dank u.\n\nOp ma 3 nov 2026 schreef Privacy <p@x.nl>:\n> wilt u dat wij uw gegevens verwijderen?\n"
    assert asks_of("Re: vraag", quoted) == (Ask.OTHER,)
    assert asks_of("Vraag", "Goedendag.\n-- \nAfdeling klacht en bezwaar") == (Ask.OTHER,)
    passed_on = "Voor jullie.\n---------- Forwarded message ----------\nFrom: a@b.nl\nSubject: x\n\nIk wil inzage."
    assert asks_of("Fwd: x", passed_on) == (Ask.ACCESS,)
    assert own_words("ja\n> nee") == "ja"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"content-type": "multipart/report; report-type=delivery-status"}, Aside.DELIVERY_REPORT),
        ({"auto-submitted": "auto-replied"}, Aside.AUTOMATIC),
        ({"auto-submitted": "no"}, None),
        ({"x-autoreply": "yes"}, Aside.AUTOMATIC),
        ({"subject": "Out of office: vraag"}, Aside.AUTOMATIC),
        ({"subject": "Afwezigheidsbericht"}, Aside.AUTOMATIC),
        ({"return-path": "<>"}, Aside.AUTOMATIC),
        ({"precedence": "bulk"}, Aside.LIST),
        ({"list-id": "<x.y>"}, Aside.LIST),
        ({"x-spam-flag": "YES"}, Aside.JUNK),
        ({"subject": "Inzage"}, None),
    ],
)
def test_a_machine_is_not_answered(headers: dict[str, str], why: Aside | None) -> None:
    assert why_aside(headers, own=frozenset(), sender="a@b.nl") is why


def test_our_own_address_is_never_answered() -> None:
    assert why_aside({}, own=frozenset({"privacy@12care.nl"}), sender="Privacy@12care.nl") is Aside.OWN


def test_a_number_of_ours_is_read_from_a_subject_and_an_identity_document_is_flagged() -> None:
    assert case_numbers("Re: uw zaak 2026-0012 (tel. 020-5551234)") == ("2026-0012",)
    assert looks_like_identity("image/jpeg", "paspoort.jpg", "")
    assert not looks_like_identity("text/plain", "paspoort.txt", "")
