"""What a line of a list says, and how a practice's answer is read: held against the oracle, and against odd files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.sql.connector import SqlConnector
from domain.instruction import WhyKept
from domain.keys import Keys
from domain.rules import compile_rules, due_test
from domain.trouble import Refused
from domain.why import explain
from register.loader import load_register
from sample.company import found_company
from tasks.answers import parse_answer
from tasks.list_lines import read_lines

AS_OF = date(2026, 11, 25)


@pytest.fixture(scope="module")
def careweb(tmp_path_factory: pytest.TempPathFactory) -> SqlConnector:
    folder: Path = tmp_path_factory.mktemp("company")
    company = found_company(folder, as_of=AS_OF)
    return SqlConnector(load_register().systems["careweb"], company.urls["careweb"])


@pytest.mark.parametrize("dataset", ["patient", "invoice", "access_log"])
def test_every_line_agrees_with_the_trace_of_its_dossier(careweb: SqlConnector, dataset: str) -> None:
    activities = load_register().activities
    [rule] = [r for r in compile_rules(careweb.system, activities, AS_OF) if r.dataset.name == dataset]
    test = due_test(rule, activities, AS_OF)
    due = Keys(k for page in careweb.find_due(test) for k in page)
    lines = read_lines(careweb, test, due, activities)
    assert {line.key for group in lines.values() for line in group} == set(due)
    assert set(lines) <= {"1", "2", "3", "4"}
    some = [line for group in lines.values() for line in group][::7] + lines["1"][:20]
    for line in some:
        facts = careweb.facts(test, line.key)
        assert facts is not None
        why = explain(test, facts, activities)
        assert (line.last_on, line.due_since) == (why.start, why.due_on)
    if dataset == "patient":
        assert all(line.client_number.startswith(f"C{tenant}-") for tenant, group in lines.items() for line in group)
    else:
        assert all(line.client_number == str(line.key[0]) for group in lines.values() for line in group)


WHOLE = "Lijst;Cliëntnummer;Laatste datum;Mag weg sinds;Blijft (A-E)\r\n"


@pytest.mark.parametrize(
    ("text", "kept", "goes"),
    [
        ("C1-1;C\nC1-2;b\n", {"C1-1": WhyKept.CLAIM, "C1-2": WhyKept.GOOD_CARE}, set()),
        ("C1-1,claim\n", {"C1-1": WhyKept.CLAIM}, set()),
        ("\n  \nC1-1 ; A \n", {"C1-1": WhyKept.TREATMENT}, set()),
        (WHOLE + "L2026-0001;C1-1;2006-01-01;2026-01-02;E\n", {"C1-1": WhyKept.REQUEST}, set()),
        (WHOLE + "L2026-0001;C1-1;;;\nL2026-0001;C1-2;;;D\n", {"C1-2": WhyKept.OTHER_LAW}, {"C1-1"}),
        (WHOLE + "L2026-0001;'=1;;;A\n", {"=1": WhyKept.TREATMENT}, set()),  # the apostrophe is ours
        ("\ufeffC1-1;A\n", {"C1-1": WhyKept.TREATMENT}, set()),  # what a spreadsheet puts in front
        ("C1-1;A\nC1-1;\n", {"C1-1": WhyKept.TREATMENT}, set()),  # twice, once with a letter: it stays
    ],
)
def test_an_answer_is_read_as_it_was_meant(text: str, kept: dict[str, WhyKept], goes: set[str]) -> None:
    answered = parse_answer("L2026-0001", text.encode())
    assert (dict(answered.kept), set(answered.goes)) == (kept, goes)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"C1-1;Z\n", "line 1 has no letter"),
        (b"C1-1\n", "line 1 has 1 columns"),
        (b"C1-1;A\nC1-2;ja;nee\n", "line 2 has 3 columns"),
        (b"L2026-0009;C1-1;;;A\n", "line 1 is of another list"),
        ("C1-1;A é".encode("cp1252"), "not UTF-8"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_by_its_line_and_never_by_its_client(
    content: bytes, says: str
) -> None:
    with pytest.raises(Refused, match=says) as refused:
        parse_answer("L2026-0001", content)
    assert "C1-" not in str(refused.value)
