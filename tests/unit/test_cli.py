"""The command line: stable words, stable JSON, errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]


def termijn(*words: str, ledger: Path | None = None) -> subprocess.CompletedProcess[str]:
    whole = ["--ledger", f"sqlite:///{ledger}"] if ledger else []
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *whole, *words],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("received", "promise_day", "law", "shifted", "promise"),
    [  # LAW.md §2.1
        ("2026-03-05", "2026-04-02", "2026-04-05", "2026-04-07", "2026-04-02"),
        ("2026-01-31", "2026-02-28", "2026-02-28", "2026-03-02", "2026-02-27"),
        ("2025-12-02", "2025-12-30", "2026-01-02", "2026-01-05", "2025-12-30"),
    ],
)
def test_the_clock_tells_the_limits_as_json(
    received: str, promise_day: str, law: str, shifted: str, promise: str
) -> None:
    told = json.loads(termijn("clock", received, "--json").stdout)
    assert told["promise"] == promise_day
    assert told["promise_working_day"] == promise
    assert told["law"] == law
    assert told["law_shifted"] == shifted
    assert set(told) == {
        "received", "promise", "promise_working_day", "law", "law_shifted", "extended", "extended_shifted",
    }  # fmt: skip


def test_the_help_names_every_command_and_exit_code() -> None:
    told = termijn("--help").stdout
    for word in (
        "register", "plan", "purge", "why", "case", "find", "export", "hold", "approve", "deadlines", "clock",
        "ledger", "sample", "demo",
    ):  # fmt: skip
        assert f" {word} " in told, word
    assert "4 refused" in " ".join(told.split())


def test_a_case_that_does_not_exist_is_not_found_and_says_what_to_do(tmp_path: Path) -> None:
    ended = termijn("case", "show", "2026-0099", ledger=tmp_path / "ledger.db")
    assert ended.returncode == 6
    assert "->" in ended.stderr


def test_a_case_is_opened_from_a_file_and_shown_without_its_person(tmp_path: Path) -> None:
    subject = tmp_path / "subject.toml"
    subject.write_text('name = "Wilma Voorbeeld"\nemail = "wilma@example.org"\nbsn = "123456782"\n', "utf-8")
    opened = termijn(
        "case", "new", "--kind", "access", "--received", "2026-11-02", "--subject", str(subject),
        ledger=tmp_path / "ledger.db",
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    shown = termijn("case", "show", "2026-0001", "--json", ledger=tmp_path / "ledger.db")
    assert json.loads(shown.stdout)["promise"] == "2026-11-30"
    for value in ("Wilma", "wilma@", "123456782"):
        assert value not in opened.stdout + opened.stderr + shown.stdout
        assert value.encode() not in (tmp_path / "ledger.db").read_bytes()


@pytest.mark.parametrize(
    "subject", ['surname = "X"', 'name = "Wilma Voorbeeld"', 'name = "W V"\nemial = "w@example.org"', "not toml ="]
)
def test_a_subject_that_can_find_nobody_is_refused_without_repeating_it(tmp_path: Path, subject: str) -> None:
    file = tmp_path / "subject.toml"
    file.write_text(subject, "utf-8")
    ended = termijn("case", "new", "--subject", str(file), ledger=tmp_path / "ledger.db")
    assert ended.returncode == 4
    assert "->" in ended.stderr
    assert "Wilma" not in ended.stderr
    assert json.loads(termijn("case", "list", "--json", ledger=tmp_path / "ledger.db").stdout) == []


def test_an_empty_ledger_verifies_and_a_register_is_valid(tmp_path: Path) -> None:
    assert termijn("ledger", "verify", ledger=tmp_path / "ledger.db").returncode == 0
    assert "valid" in termijn("register", "check").stdout


def test_a_system_without_its_secret_is_unreadable_and_names_the_secret(tmp_path: Path) -> None:
    ended = termijn("plan", "hr", ledger=tmp_path / "ledger.db")
    assert ended.returncode == 5
    assert "HR_URL" in ended.stderr
