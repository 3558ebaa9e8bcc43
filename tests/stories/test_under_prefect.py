"""The whole demonstration under Prefect: it ends well, and no person's data is in Prefect's database, logs or files."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.imap_house import letter, open_dovecot, settings_of
from tests.stories.small_house import SmallHouse

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
HOUSE = Path(__file__).resolve().parents[2]
#: Columns of the sample company that name a person; every value in them is a mark to search for.
MARKS = ("bsn", "email", "phone", "iban")


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TERMIJN_", "PREFECT_"))}
    whole = [sys.executable, *command]
    return subprocess.run(whole, cwd=HOUSE, env=clean | env, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str], str]:
    """A demonstration that has run twice: its folder, the personal values of its company, and what it printed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    told = ""
    for _ in range(2):
        ended = run("-m", "cli.main", "demo", "--out", str(out))
        assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
        told += ended.stdout + ended.stderr
    return out, personal_values(out / "company"), told


def personal_values(company: Path) -> set[str]:
    found: set[str] = set()
    for file in company.glob("*.db"):
        with sqlite3.connect(file) as database:
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                columns = [c[1] for c in database.execute(f"PRAGMA table_info('{table}')") if c[1] in MARKS]
                for column in columns:
                    found |= {str(v) for (v,) in database.execute(f"SELECT {column} FROM {table}") if v}
    # The sample's made-up BSN 123456789 also stands in Prefect's own examples of secrets.
    return {v for v in found if len(v) >= 9} - {"123456789"}


def places_of(marks: set[str], files: list[Path]) -> list[str]:
    """The files in which any mark stands (names of files only: a mark is never shown)."""
    wanted = re.compile("|".join(re.escape(m) for m in sorted(marks, key=len, reverse=True)).encode())
    return [f.name for f in files if wanted.search(f.read_bytes())]


def test_the_demonstration_makes_what_it_promises_and_can_be_run_again(shown: tuple[Path, set[str], str]) -> None:
    out, _, told = shown
    assert "the ledger verifies" in told
    kinds = {p.suffix for p in out.rglob("*") if p.is_file() and ".prefect" not in p.parts}
    assert {".pdf", ".json", ".zip", ".eml", ".html"} <= kinds
    page = (out / "index.html").read_text("utf-8")
    for link in re.findall(r'href="([^"]+)"', page):
        assert (out / link).is_file(), link


def test_one_person_in_two_practices_gets_separate_packages(shown: tuple[Path, set[str], str]) -> None:
    packages = sorted(p.name for p in (shown[0] / "packages").glob("*.zip"))
    named = sorted(re.sub(r"^\d{4}-\d{4}|-[0-9a-f]{8}(?=\.zip$)", "", p) for p in packages)
    assert named == ["-tenant-1.zip", "-tenant-2.zip", ".zip"]


def test_the_marks_can_be_found_where_they_belong(shown: tuple[Path, set[str], str]) -> None:
    out, marks, _ = shown
    assert len(marks) > 500
    assert places_of(marks, [out / "company" / "careweb.db"]) == ["careweb.db"]  # so the search itself works


def test_no_personal_data_is_in_prefects_database_or_files(shown: tuple[Path, set[str], str]) -> None:
    out, marks, _ = shown
    files = [p for p in (out / ".prefect").rglob("*") if p.is_file()]
    assert any(p.suffix == ".db" for p in files)
    assert places_of(marks, files) == []


def test_no_personal_data_is_in_what_the_demonstration_printed_or_laid_down(shown: tuple[Path, set[str], str]) -> None:
    out, marks, told = shown
    said = out.parent / "told.txt"
    said.write_text(told, "utf-8")
    laid_down = [p for p in out.glob("*") if p.is_file() and p.suffix in (".json", ".html")]
    laid_down += list((out / "mail").glob("*.eml"))
    assert places_of(marks, [said, out / "ledger.db", *laid_down]) == []


FAILING = """
import os
from tasks.careful import careful, story

@careful
def look(number: str) -> None:
    raise ValueError("Key (email)=(" + os.environ["MARK"] + ") already exists")

@story(name="failing", run_name="failing-{number}", description="fails on purpose")
def tell(number: str) -> None:
    look(number)

tell("2026-0001")
"""


def test_an_unforeseen_error_reaches_prefect_without_what_it_said(tmp_path: Path) -> None:
    mark = "wilma.voorbeeld@example.org"
    quiet = {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "240",
    }
    ended = run("-c", FAILING, MARK=mark, TERMIJN_SKIN="prefect", PYTHONPATH=str(HOUSE), **quiet)
    assert ended.returncode != 0
    assert "ValueError at" in ended.stderr
    files = [p for p in (tmp_path / "prefect").rglob("*") if p.is_file()]
    assert places_of({"ValueError at"}, files), "the error did not reach Prefect, so this test proves nothing"
    assert mark not in ended.stdout + ended.stderr
    assert places_of({mark}, files) == []


def test_the_mailbox_is_read_under_prefect_without_a_word_of_what_it_says(tmp_path: Path) -> None:
    mark = "wilma.voorbeeld@example.org"
    with open_dovecot() as dovecot:
        broken = b"From: " + mark.encode() + b"\nSubject: " + b"x" * 260_000 + b"\n\n" + mark.encode()
        dovecot.put("privacy", letter(f"Ik ben {mark} en wil inzage.", subject=mark, sender=mark), broken)
        home = tmp_path / "prefect"
        quiet = {
            **settings_of(SmallHouse(tmp_path), dovecot, "privacy"), "TERMIJN_SKIN": "prefect",
            "PYTHONPATH": str(HOUSE), "PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1", "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "240",
        }  # fmt: skip
        ended = run("-c", "from flows.read_mailbox import read_mailbox; read_mailbox()", **quiet)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "2 messages kept: 2 draft" in ended.stderr + ended.stdout
    files = [p for p in home.rglob("*") if p.is_file()]
    assert any(p.suffix == ".db" for p in files)
    assert mark not in ended.stdout + ended.stderr
    assert places_of({mark}, [*files, tmp_path / "ledger.db"]) == []
