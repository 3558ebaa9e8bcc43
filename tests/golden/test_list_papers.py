"""The papers of a destruction list: the same bytes each time, whole, and of a person only what they may say."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from domain.chasing import Chase
from domain.instruction import WhyKept
from domain.ladder import Told, Tone
from domain.list_papers import ListsMorning, Statement, WaitingList
from domain.lists import DestructionList, ListState
from reports import (
    chasing_mail,
    destruction_list_csv,
    destruction_list_pdf,
    lists_markdown,
    statement_json,
    statement_pdf,
)
from reports.destruction_list import MOST_LINES
from reports.list_words import ANSWERS, ROLES, WHY_KEPT, WHY_STAYED
from tests.golden import list_papers as given

MAKERS: dict[str, Callable[[], bytes]] = {
    "list.pdf": lambda: destruction_list_pdf(given.proposed()),
    "list.csv": lambda: destruction_list_csv(given.proposed()),
    "statement.pdf": lambda: statement_pdf(given.statement()),
    "statement.json": lambda: statement_json(given.statement()),
}


def words_of(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here (Debian: poppler-utils)")
    file = tmp_path / "file.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    return re.sub(r"\s+", " ", told)


def test_a_paper_is_the_same_to_the_byte_each_time_and_in_another_process_too() -> None:
    made = {name: make() for name, make in MAKERS.items()}
    assert made == {name: make() for name, make in MAKERS.items()}
    script = (
        "import sys; from tests.golden.list_papers import *; from reports import *; "
        "sys.stdout.buffer.write(destruction_list_pdf(proposed()) + statement_pdf(statement()))"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=Path.cwd())
    assert other.stdout == made["list.pdf"] + made["statement.pdf"]


def test_every_line_is_on_the_list_and_in_the_file_for_a_spreadsheet(tmp_path: Path) -> None:
    paper = given.proposed()
    text = words_of(destruction_list_pdf(paper), tmp_path)
    rows = list(csv.reader(io.StringIO(destruction_list_csv(paper).decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Lijst", "Cliëntnummer", "Laatste datum", "Mag weg sinds", "Blijft (A-E)"]
    assert [row[1] for row in rows[1:]] == [line.client_number for line in paper.lines]
    assert all(f"{line.client_number} " in text for line in paper.lines)
    assert (rows[1][2], rows[1][3]) == ("2006-01-01", "2026-01-02")
    assert "1 januari 2006 2 januari 2026" in text


def test_the_list_says_what_is_asked_by_which_law_and_that_silence_destroys_nothing(tmp_path: Path) -> None:
    text = words_of(destruction_list_pdf(given.proposed()), tmp_path)
    said = (
        "Vernietigingslijst L2026-0007", "praktijk nr. 3", "46 dossiers", "BW 7:454 lid 3", "ten minste 20 jaar",
        "Antwoordt u niet? Dan vernietigen wij niets.", "Alles mag weg.", "Een deel mag weg.", "Nu niet.",
        "AVG artikel 28", "privacy@careweb.nl", "Back-ups verdwijnen na 30 dagen",
    )  # fmt: skip
    assert [s for s in said if s not in text] == []
    assert all(f"{why.letter} {WHY_KEPT[why]}" in text for why in WhyKept)


def test_a_list_too_long_to_read_is_counted_per_year_and_stands_whole_in_the_csv(tmp_path: Path) -> None:
    paper = given.proposed(MOST_LINES + 1)
    text = words_of(destruction_list_pdf(paper), tmp_path)
    assert "C3-000101" not in text
    assert "L2026-0007.csv" in text
    counts = [int(n.replace(".", "")) for n in re.findall(r"\b20\d\d (\d[\d.]*)(?= 20| lijst)", text.split("Jaar")[1])]
    assert sum(counts) == MOST_LINES + 1
    assert destruction_list_csv(paper).count(b"\r\n") == MOST_LINES + 2


def test_a_client_number_that_a_spreadsheet_would_run_is_only_text() -> None:
    line = given.proposed(1).lines[0].model_copy(update={"client_number": "=1+1"})
    paper = given.proposed(1).model_copy(update={"lines": (line,)})
    assert b";'=1+1;" in destruction_list_csv(paper)


def test_the_statement_says_what_went_on_whose_word_and_how_it_is_proven(tmp_path: Path) -> None:
    told = given.statement()
    text = words_of(statement_pdf(told), tmp_path)
    said = (
        "verklaart aan praktijk nr. 3: op uw opdracht zijn 41 dossiers vernietigd", "L2026-0007", "BW 7:454 lid 3",
        "een deel van de lijst mag weg", "praktijkhouder", "brief 2026-311", "11 januari 2027", "desk",
        "fg (een tweede persoon)", "Vernietigd en nagelezen 41", "BLAKE2b", "Merkle", "termijn ledger verify", "951",
        "Back-ups verdwijnen na 30 dagen", "B0000001", "B0000002",
    )  # fmt: skip
    assert [s for s in said if s not in text] == []
    assert all(batch.root in text for batch in told.batches)
    assert "C3-" not in text
    one = told.model_copy(update={"destroyed": 1})
    assert "op uw opdracht is 1 dossier vernietigd" in words_of(statement_pdf(one), tmp_path)


def test_the_statement_for_machines_is_read_back_as_it_was() -> None:
    told = json.loads(statement_json(given.statement()))
    assert told.pop("kind") == "verklaring van vernietiging"
    assert Statement.model_validate_json(json.dumps(told)) == given.statement()
    assert "C3-" not in json.dumps(told)


def test_everything_a_practice_can_answer_has_its_words() -> None:
    for words in (ANSWERS, ROLES, WHY_KEPT, WHY_STAYED):
        kinds = {type(k) for k in words}
        assert len(kinds) == 1
        assert set(words) == set(kinds.pop())


def test_the_chasing_message_names_the_list_and_never_a_client() -> None:
    one = DestructionList(
        "L2026-0007", "careweb", "careweb.patient", "3", "a" * 64, "b" * 64, date(2026, 12, 1), 46, ListState.SENT,
        sent_on=date(2026, 12, 2),
    )  # fmt: skip
    chase = Chase("2026-12-02-day-28", 28, (Told.HANDLER, Told.DPO), Tone.REMINDER, "Bel de praktijk.")
    mail = chasing_mail(one, chase, sender="termijn@localhost", to=["fg@localhost"])
    assert mail["Subject"] == "Vernietigingslijst L2026-0007: 28 dagen zonder opdracht"
    assert mail["Message-ID"] == "<L2026-0007.2026-12-02-day-28@termijn.invalid>"
    body = mail.get_content()
    assert "Zonder opdracht wordt niets vernietigd." in body
    assert "2 december 2026" in body
    assert "Bel de praktijk." in body


def test_the_page_of_a_morning_shows_every_list_and_a_message_that_did_not_leave() -> None:
    waiting = WaitingList(
        number="L2026-0007", rule="careweb.patient", controller="3", state="sent", answer="", records=46,
        since=date(2026, 12, 2), rung="2026-12-02-day-14", sent=False, trouble="the mail server did not take it",
    )  # fmt: skip
    page = lists_markdown(ListsMorning(as_of=date(2026, 12, 16), lists=(waiting,), statements=("L2026-0003",)))
    assert "1 open, 1 chased today, 1 statements filed" in page
    assert "the message did not leave** (the mail server did not take it)" in page
    assert "| L2026-0007 | careweb.patient | 3 | sent |  | 46 | 2026-12-02 | 2026-12-02-day-14 |" in page
