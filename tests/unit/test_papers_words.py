"""How papers say days and lists: as one says them in Dutch, whatever way the ledger keeps them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from domain.cases import Case, CaseKind
from domain.practices import Answers, Practice
from domain.recipients import Recipient
from reports import forward_pdf, notice_pdf
from reports.dutch import told
from tests.golden import contents as given
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
