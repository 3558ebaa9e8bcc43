"""How papers say days and lists: as one says them in Dutch, whatever way the ledger keeps them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from domain.cases import Case, CaseKind
from domain.practices import Answers, Practice
from domain.recipients import Recipient
from reports import case_letter_pdf, forward_pdf, letter_lines, notice_pdf
from reports.dutch import rule, told
from reports.letter import letter_pdf
from reports.package import package_files
from reports.withheld import withheld_pdf
from tests.golden import contents as given
from tests.golden.letters import every
from tests.golden.test_reports import words_of

WHO = given.organisation()
DAY = date(2026, 11, 25)
ANNA = {
    "name": "Anna de Vries",
    "born_on": ["1980-05-06", "1981-05-06"],
    "email": ["a@voorbeeld.nl", "b@voorbeeld.nl", "c@voorbeeld.nl"],
}


def case(kind: CaseKind) -> Case:
    return Case(number="2026-0042", kind=kind, received_on=date(2026, 11, 3), channel="mail")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1980-05-06", "6 mei 1980"),
        (date(1980, 5, 6), "6 mei 1980"),
        (["1980-05-06", "1981-05-06"], "6 mei 1980 en 6 mei 1981"),
        (["a", "b", "c"], "a, b en c"),
        ("0612345678", "0612345678"),
    ],
)
def test_days_and_lists_are_said_as_in_a_sentence(value: object, said: str) -> None:
    assert told(value) == said


def test_a_forwarded_request_and_a_notice_write_no_day_as_a_computer_does(tmp_path: Path) -> None:
    practice = Practice(
        system="careweb", controller="1", title="Praktijk De Brug", email="p@voorbeeld.nl",
        answers=Answers.PRACTICE, contract="de praktijk antwoordt",
    )  # fmt: skip
    recipient = Recipient(id="laboratorium", title="Laboratorium", kind="recipient")
    papers = [
        forward_pdf(case(CaseKind.ACCESS), practice, ANNA, {}, WHO, law=date(2026, 12, 3), as_of=DAY),
        notice_pdf(case(CaseKind.ERASURE), recipient, ANNA, WHO, DAY),
    ]
    for paper in papers:
        said = " ".join(words_of(paper, tmp_path).split())
        assert "6 mei 1980 en 6 mei 1981" in said
        assert not re.search(r"\d{4}-\d\d-\d\d|[\[\]']", said)
    assert "a@voorbeeld.nl, b@voorbeeld.nl en c@voorbeeld.nl" in " ".join(words_of(papers[0], tmp_path).split())


#: Words that stand in nearly every Dutch sentence and in no English one.
DUTCH = re.compile(
    r"\b(de|het|een|van|voor|niet|wij|uw|met|wordt|en|zijn|bij|gegevensbescherming|onder|lid|nr)\b", re.I
)


def read(paper: bytes, folder: Path) -> str:
    return " ".join(words_of(paper, folder).split())


def english_letters() -> dict[str, bytes]:
    """Letters without tables: what stands in those are names of the register and of the person's data."""
    contents = given.contents(language="en", rows=12)
    contents = replace(contents, parts=(), withheld=(), destroyed_before=(), searched=())
    told = {name: one for name, one in every().items() if name.startswith("en-")}
    return {
        "letter": package_files(contents, given.register())["letter.pdf"],
        "portability": package_files(replace(contents, kind="portability"), given.register())["letter.pdf"],
        **{name: case_letter_pdf(one, letter_lines(one, WHO), WHO) for name, one in told.items()},
    }


@pytest.mark.parametrize("name", ["letter", "portability", "en-part-refusal", "en-forwarding", "en-answer-access"])
def test_in_an_english_letter_only_the_quoted_words_of_the_register_are_dutch(name: str, tmp_path: Path) -> None:
    said = read(english_letters()[name], tmp_path)
    ours = re.sub(r"“[^”]*”|Praktijk De Brug|VOVB en Partners", "", said)
    assert [ours[max(0, m.start() - 60) : m.end() + 30] for m in DUTCH.finditer(ours)] == []
    assert "AVG" not in re.sub(r"UAVG", "", ours)


@pytest.mark.parametrize(
    ("title", "alone", "inside"),
    [
        ("Functionaris voor de gegevensbescherming", "Functionaris voor", "onze functionaris voor"),
        ("functionaris voor de gegevensbescherming", "Functionaris voor", "onze functionaris voor"),
    ],
)
def test_the_officer_has_a_small_letter_inside_a_sentence_and_a_capital_alone(
    title: str, alone: str, inside: str, tmp_path: Path
) -> None:
    who = WHO.model_copy(update={"officer": WHO.officer.model_copy(update={"title": title})})
    told = every()["nl-part-refusal"]
    register = replace(given.register(), organisation=who)
    letters = [case_letter_pdf(told, letter_lines(told, who), who), withheld_pdf(given.contents(), register)]
    said = read(letters[0], tmp_path)
    assert f"12Care {alone}" in said
    for letter in letters:
        assert inside in read(letter, tmp_path)
        assert "onze Functionaris" not in read(letter, tmp_path)


@pytest.mark.parametrize(("language", "apart"), [("nl", "apart van deze brief"), ("en", "apart from this letter")])
def test_a_partial_refusal_says_how_the_rest_comes_where_data_are_handed_over(language: str, apart: str) -> None:
    told = every()[f"{language}-part-refusal"]
    assert apart in " ".join(letter_lines(told, WHO))
    assert apart not in " ".join(letter_lines(replace(told, right=CaseKind.RECTIFICATION), WHO))


@pytest.mark.parametrize(
    ("language", "said", "not_said"),
    [
        (
            "nl",
            ("gegevens van de persoon voor wie u vraagt", "die deze persoon behandelt"),
            ("uw gegevens", "u behandelt"),
        ),
        ("en", ("data of the person for whom you ask", "who treats this person"), ("your data", "treats you")),
    ],
)
def test_a_forwarded_request_of_a_representative_is_about_the_other(
    language: str, said: tuple[str, ...], not_said: tuple[str, ...]
) -> None:
    told = replace(every()[f"{language}-forwarding"], represented=True, given={"practice": ()})
    text = " ".join(letter_lines(told, WHO))
    assert [words for words in said if words not in text] == []
    assert [words for words in not_said if words in text] == []


def test_a_practice_reads_who_the_request_is_about_and_who_asks_it(tmp_path: Path) -> None:
    asker = {"name": "S. Visser", "email": "s@voorbeeld.nl"}
    practice = Practice(
        system="careweb", controller="1", title="Praktijk De Brug", email="p@voorbeeld.nl",
        answers=Answers.PRACTICE, contract="de praktijk antwoordt",
    )  # fmt: skip
    paper = forward_pdf(case(CaseKind.ACCESS), practice, ANNA, asker, WHO, law=date(2026, 12, 3), as_of=DAY)
    said = read(paper, tmp_path)
    assert "Het gaat over deze persoon: Naam Anna de Vries" in said
    assert "Iemand anders vraagt dit namens deze persoon: Naam S. Visser" in said


def test_a_letter_without_attachment_gives_no_reason_that_may_be_untrue(tmp_path: Path) -> None:
    said = read(letter_pdf(given.contents(), given.register()), tmp_path)
    assert "groot" not in said.partition("Wat er in dit pakket zit")[2]
    assert "De bestanden data.json en schema.json zitten in dit pakket, maar niet als bijlage in deze brief." in said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("AVG 15 lid 4", "GDPR 15(4)"),
        ("AVG 5 lid 1 onder e", "GDPR 5(1)(e)"),
        ("UAVG 41(1) onder i", "UAVG 41(1)(i)"),
        ("BW 7:454 lid 3", "BW 7:454(3)"),
    ],
)
def test_an_article_is_written_as_the_language_of_the_letter_writes_it(written: str, said: str) -> None:
    assert rule(written, "en") == said
    assert rule(written, "nl") == written
