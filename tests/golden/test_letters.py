"""Every letter in both languages, word for word as it was read and kept; in words that everybody knows (B1)."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from domain.cases import IdentityMethod
from domain.letters import LetterKind
from domain.moves import CaseKind
from reports import case_letter_pdf, letter_lines, letter_mail, plain_letter
from tests.golden import contents as given
from tests.golden.letters import every
from tests.golden.test_reports import words_of

OFFICE = given.organisation()
LETTERS = every()
GOLDEN = Path(__file__).parent / "letters"
#: Words of an office that a plain one can always stand for.
STIFF = re.compile(
    r"\b(middels|teneinde|derhalve|conform|inzake|omtrent|dienen|dient|voornoemde?|desbetreffende|betrokkene|ingevolge|"
    r"verwerkingsverantwoordelijke|onverwijld|aangaande|betreffende|krachtens|hieromtrent|dezen?erzijds|alsmede|tevens|"
    r"reeds|indien|ter zake|te allen tijde|geretourneerd|verstrekken|verstrekt|verzoeken wij|onderhavige|doch|thans|"
    r"herewith|hereby|pursuant|aforementioned|notwithstanding|in accordance with|with regard to|shall|prior to|"
    r"data subject|commence|endeavour|furnish|therein)\b",
    re.I,
)
LONGEST, USUAL = 20, 11


def sentences(lines: tuple[str, ...]) -> list[str]:
    """The sentences of a letter; addresses, telephone numbers and articles are no part of how hard it reads."""
    said = (re.sub(r"\([^)]*\)|\S*@\S*|www\.\S+", "", line).lstrip("#- ") for line in lines)
    found = [s for line in said for s in re.split(r"(?<=[.?!:])\s+", line)]
    return [s for s in found if s and "Maliebaan" not in s and "Postbus" not in s]


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_word_for_word_what_was_read_by_a_person(name: str) -> None:
    """Made anew with TERMIJN_GOLDEN=1; then read what changed."""
    text = plain_letter(LETTERS[name], letter_lines(LETTERS[name], OFFICE), OFFICE)
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("TERMIJN_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


def test_no_letter_of_old_lies_about() -> None:
    assert {f.stem for f in GOLDEN.iterdir()} == set(LETTERS)


@pytest.mark.parametrize("name", LETTERS)
def test_every_place_is_filled_and_the_paper_says_what_the_mail_says(name: str, tmp_path: Path) -> None:
    told = LETTERS[name]
    lines = letter_lines(told, OFFICE)
    pdf = case_letter_pdf(told, lines, OFFICE)
    assert pdf == case_letter_pdf(told, lines, OFFICE)
    on_paper = re.sub(r"\W+", "", words_of(pdf, tmp_path))
    for line in lines:
        assert not re.search(r"[{}]", line)
        assert re.sub(r"\W+", "", line) in on_paper, line
    assert told.addressee.name.replace(" ", "") in re.sub(r"\s+", "", words_of(pdf, tmp_path))


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_reads_easily(name: str) -> None:
    lines = letter_lines(LETTERS[name], OFFICE)
    assert STIFF.findall(" ".join(lines)) == []
    lengths = {s: len(s.split()) for s in sentences(lines)}
    assert [s for s, words in lengths.items() if words > LONGEST] == []
    assert sum(lengths.values()) / len(lengths) <= USUAL


@pytest.mark.parametrize("name", LETTERS)
def test_a_subject_says_nothing_of_the_person_or_of_what_they_ask(name: str) -> None:
    told = LETTERS[name]
    mail = letter_mail(
        told, letter_lines(told, OFFICE), OFFICE, sender="p@x.nl", to="a@x.nl", message_id="<1@x>", answers=""
    )
    rights = "dossier|inzage|wissen|vernietig|kopie|access|erasure|file|medical|medisch|Čapek"
    assert not re.search(rights, mail["Subject"], re.I)
    assert told.case in mail["Subject"]
    assert "Čapek" not in str(mail.get_content())


def test_every_right_and_every_kind_has_its_words_in_both_languages() -> None:
    from reports import letter_en, letter_nl

    for words in (letter_nl, letter_en):
        assert set(words.TEMPLATES) == set(LetterKind)
        assert set(words.RIGHT) == set(CaseKind)
        assert set(words.METHODS) == set(IdentityMethod)
    assert set(letter_nl.ANSWER) == set(letter_en.ANSWER)
    assert set(letter_nl.SAY) == set(letter_en.SAY) - {"officer"}
    for kind in LetterKind:
        assert len(letter_nl.TEMPLATES[kind].splitlines()) == len(letter_en.TEMPLATES[kind].splitlines()), kind


def test_the_words_of_a_person_cannot_pose_as_ours() -> None:
    told = LETTERS["nl-refusal"]
    told = replace(told, given={"reasons": ("# Kop {number}\n- en {onbekend}",), "article": ("{law}",)})
    lines = letter_lines(told, OFFICE)
    assert "- # Kop {number} - en {onbekend}" in lines
    assert "Dit staat in de wet: {law}." in lines
    assert case_letter_pdf(told, lines, OFFICE)
