"""The calendar as a person reads it: the same bytes each time, every number in it, and nothing left to guess."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from domain.calendar import Calendar, Forecast, month_ends
from domain.night import Guarded
from reports import calendar_json, calendar_markdown, calendar_pdf
from reports.calendar import drawn

AS_OF = date(2026, 11, 23)


def calendar(activities: int = 3, months: int = 12, *, taken_back: bool = False) -> Calendar:
    rules = [
        Forecast(
            rule=f"desk.set{n}",
            title=f"Set {n}",
            activity=f"activity-{n}",
            activity_title=f"Activiteit {n} met een naam die op papier niet op één regel past",
            action="destroy",
            due_by=tuple(1000 + (n + 1) * 37 * m - (500 if taken_back and m > 3 else 0) for m in range(months + 1)),
        )
        for n in range(activities)
    ]
    away = Guarded(where="crm", guard="unreadable", reason="the source does not answer", do="look")
    return Calendar(
        as_of=AS_OF, month_ends=month_ends(AS_OF, months), systems=("crm", "desk"), rules=tuple(rules),
        unreadable=(away,),
    )  # fmt: skip


def words_of(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here (Debian: poppler-utils)")
    file = tmp_path / "calendar.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout


def test_the_same_calendar_is_the_same_to_the_byte() -> None:
    assert calendar_pdf(calendar()) == calendar_pdf(calendar())


def test_the_page_says_what_is_due_now_what_comes_and_what_was_not_counted(tmp_path: Path) -> None:
    told = " ".join(words_of(calendar_pdf(calendar()), tmp_path).split())
    assert "Termijn nu al voorbij: 3.000 dossiers. In de 12 maanden hierna: 2.664." in told
    for word in ("Kalender vanaf 23 november 2026", "nov 26", "okt 27", "222", "crm is niet gelezen", "Bevriezingen"):
        assert word in told, word
    assert "min betekent" not in told


def test_a_term_that_takes_dossiers_back_is_explained(tmp_path: Path) -> None:
    told = words_of(calendar_pdf(calendar(taken_back=True)), tmp_path)
    assert "-463" in told
    assert "langere termijn" in told


def test_more_activities_than_colours_are_one_bar_and_none_is_lost() -> None:
    many = calendar(activities=30)
    shown = drawn(many)
    assert len(shown) == 7
    assert sum(sum(r.falls_due) for r in shown) == sum(many.total.falls_due)


@pytest.mark.parametrize("months", [1, 7, 36])
def test_any_number_of_months_fits_the_page(months: int, tmp_path: Path) -> None:
    told = words_of(calendar_pdf(calendar(activities=12, months=months)), tmp_path)
    assert told.count("Samen") >= 2


def test_nothing_due_is_said_in_words(tmp_path: Path) -> None:
    assert "geen enkele termijn" in words_of(calendar_pdf(calendar(activities=0)), tmp_path)


def test_json_and_markdown_tell_the_same_numbers() -> None:
    told = json.loads(calendar_json(calendar()))
    assert told["rules"][2] == {
        "rule": "desk.set2", "activity": "activity-2", "action": "destroy", "due_now": 1000, "falls_due": [111] * 12,
    }  # fmt: skip
    page = calendar_markdown(calendar())
    assert "| **samen** | 3.000 | 222 |" in page
    assert "**crm is niet gelezen**" in page
