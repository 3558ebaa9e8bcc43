"""What in a text is proposed as somebody else's, in sentences that a DPO can read aloud.

The person is Anna de Vries (BSN 111222333, 06-12345678, anna@voorbeeld.nl, NL91ABNA0417164300). Known here are also
Karin Bakker, dr. Özgür Yılmaz, Jan van den Berg and Piet Smit. What stands between « » is expected, nothing else.
"""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import Identifier
from domain.passages import Known, Passage, PassageKind, find_passages, is_running_text, marker, remove

OWN = (
    Identifier("bsn", "111222333"),
    Identifier("phone", "+31612345678"),
    Identifier("email", "anna@voorbeeld.nl"),
    Identifier("iban", "NL91ABNA0417164300"),
)
KNOWN = Known.of(OWN, ["Anna de Vries"], ["Karin Bakker", "dr. Özgür Yılmaz", "Jan van den Berg", "Piet Smit"])

TEXTS = """
phone | Haar zus is te bereiken op «06-87654321» na zes uur.
phone | Bel «020 123 45 67» voor de afspraak bij de fysiotherapeut.
phone | Moeder belt met «+31 6 87 65 43 21» vanuit Duitsland.
phone | De huisarts heeft nummer «030-2345678», vragen naar de assistente.
phone | Anna belde met 06-12345678 en haar man met «06 87 65 43 21».
none  | Zij is bereikbaar op 06-12345678, ook in het weekend.
none  | Zij is bereikbaar op +31 6 12345678, ook in het weekend.
none  | Op 12-03-2024 om 14:30 uur was zij hier voor het eerst.
none  | Kosten 1.234.567 euro in 2023 en 2.345.678 euro in 2024.
none  | Bestelnummer 2024-000123 is verwerkt door de administratie.
none  | Van 08:00 tot 17:00 op kamer 1.234 in gebouw 56 te Utrecht.
bsn   | Haar zoon (BSN «123456782») komt ook hier op spreekuur.
bsn   | BSN «123.456.782» hoort bij de partner van mevrouw.
bsn   | bsn: «987654321» staat verkeerd in de brief van het ziekenhuis.
bsn   | Het nummer «123456782» stond op de kaart van een ander.
bsn   | Burgerservicenummer «12345678» van de vader is onbekend bij ons.
none  | Haar eigen BSN 111222333 is gecontroleerd bij de balie.
none  | Haar eigen BSN 111.222.333 is gecontroleerd bij de balie.
none  | Polisnummer 123456789 is geldig tot het einde van het jaar.
email | Stuur het verslag naar «karin@zus.nl» en niet naar haar.
email | Cc naar «k.bakker+werk@bedrijf.example.nl», graag vandaag nog.
email | Mail: «KARIN@ZUS.NL». Zij weet ervan, zegt mevrouw.
none  | Mail haar op anna@voorbeeld.nl voor het verslag van vandaag.
none  | Mail haar op ANNA@Voorbeeld.NL voor het verslag van vandaag.
none  | De prijs was 5 @ 10 stuks per doos volgens de leverancier.
iban  | De rekening van haar moeder is «NL39RABO0300065264» geworden.
iban  | Terugbetaald op «NL39 RABO 0300 0652 64» van haar broer.
iban  | Belgische rekening «BE71 0961 2345 6769» van de werkgever.
none  | Haar rekening NL91ABNA0417164300 is bekend bij ons.
none  | Haar rekening NL91 ABNA 0417 1643 00 is bekend bij ons.
none  | Artikelcode NL12ABCD0000000000 bestaat niet in het systeem.
name  | Gesprek gevoerd samen met «Karin Bakker» van de afdeling.
name  | Gesprek gevoerd samen met «Karin» van de afdeling personeel.
name  | Verwezen door «Yılmaz» na overleg met mevrouw.
name  | Verwezen door «YILMAZ» na overleg met mevrouw.
name  | Volgens «Özgür Yılmaz» is er geen reden voor onderzoek.
name  | Bespreken met «Jan van den Berg», graag deze week.
name  | «Piet Smit» heeft haar hierheen gebracht vandaag.
none  | Zij ging naar de bakker om brood te halen vanmorgen.
none  | Zij woont op een berg in Oostenrijk, zegt zij zelf.
none  | Smit is een woord dat hier alleen staat, en dan niets.
none  | Mevrouw De Vries zag er goed uit, Anna lachte ook weer.
none  | ED besproken: de diagnose is bij mevrouw bekend geworden.
none  | De heer des huizes was niet aanwezig bij het gesprek.
none  | Zij krijgt 3 keer per dag 500 mg, ook in het weekend.
none  | Bloeddruk 120/80, pols 72, temperatuur 36,8 graden vandaag.
none  | Dossiernummer A-2024-0017 verwijst naar het vorige traject.
none  | Kamer 0612 is vrij en kamer 0613 is bezet tot morgen.
none  | In 1980 geboren en in 2024 voor het eerst hier geweest.
none  | Een, twee, drie, vier: zij telde de trappen bij het lopen.
email | E-mail van de buurman: «buur.man@straat.nl»; niet delen.
phone | Noodnummer («0687654321») hangt op de koelkast thuis.
phone | tel.«0687654321»/thuis, of via de receptie beneden.
bsn   | Zoon: bsn «123 456 782», dochter nog niet ingeschreven.
iban  | «NL39RABO0300065264» t.n.v. haar broer, zie bijlage hier.
name  | Volgens «Karin» en «Piet Smit» was het al laat geworden.
name  | «Bakker, Karin» was erbij als tolk, zegt het verslag.
none  | Zij at bij de bakker en daarna bij de visser op de kade.
phone | Amerikaanse neef: «+1 212 555 0123», graag in de avond.
none  | Rekenvoorbeeld: 100 200 300 is samen zeshonderd, zegt hij.
none  | Telefoonnummer onbekend, e-mail onbekend, adres onbekend.
name  | overleg met «karin bakker» over de nieuwe indicatie gehad.
"""
CASES = [tuple(part.strip() for part in line.split("|", 1)) for line in TEXTS.strip().splitlines()]


@pytest.mark.parametrize(("kind", "written"), CASES)
def test_what_is_proposed(kind: str, written: str) -> None:
    text = written.replace("«", "").replace("»", "")
    expected, at = [], 0
    for part in re.split(r"([«»])", written):
        if part == "«":
            expected.append([at, at])
        elif part == "»":
            expected[-1][1] = at
        else:
            at += len(part)
    found = find_passages(text, KNOWN)
    assert [[p.start, p.stop] for p in found] == expected
    assert {p.kind.name.lower() for p in found} == ({kind} if kind != "none" else set())


def test_how_good_the_proposals_are_on_these_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    right = sum(len(find_passages(t.replace("«", "").replace("»", ""), KNOWN)) for _, t in CASES)
    expected = sum(t.count("«") for _, t in CASES)
    assert len(CASES) >= 60
    assert right == expected, "as many as a person would mark, no more"


def test_letters_with_loose_accents_and_signs_that_nobody_sees_hide_nobody() -> None:
    for text in (
        unicodedata.normalize("NFD", "Verwezen door Yılmaz na overleg met mevrouw."),
        "Verwezen door Yıl\u00admaz na overleg met mevrouw.",
        "Bel 06\u00a087654321 of kom langs bij de balie.",
    ):
        assert find_passages(text, KNOWN), text.encode("unicode-escape")


def test_what_is_removed_is_gone_and_says_what_it_was() -> None:
    text = "Bel Karin Bakker op 06-87654321 voor een afspraak."
    left = remove(text, find_passages(text, KNOWN))
    assert left == (
        "Bel [weggelaten: naam van een ander] op [weggelaten: telefoonnummer van een ander] voor een afspraak."
    )
    assert "87654321" not in left
    assert marker(PassageKind.NAME, "en") == "[left out: name of another person]"


def test_only_running_text_is_looked_at() -> None:
    assert is_running_text("Zij belde vanmorgen op.")
    assert not is_running_text("0612345678")
    assert not is_running_text(12345678901234567890)
    assert not is_running_text("eenlangwoordzonderspaties")


@given(st.text(max_size=200))
def test_passages_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = find_passages(text, KNOWN)
    at = 0
    for passage in found:
        assert at <= passage.start < passage.stop <= len(text)
        at = passage.stop
    assert find_passages(text, KNOWN) == found
    assert isinstance(remove(text, found), str)


@given(st.text(max_size=80), st.sampled_from(["06-87654321", "karin@zus.nl", "NL39RABO0300065264"]))
def test_a_passage_between_any_text_is_found(around: str, written: str) -> None:
    text = f"{around} ; {written} ; {around}"
    start = len(around) + 3
    found = find_passages(text, KNOWN)
    assert any(p.start <= start and start + len(written) <= p.stop for p in found)
    assert all(isinstance(p, Passage) for p in found)
