"""What the operator sees of a long destruction: counts, a rate, the time that is left; never too often."""

from __future__ import annotations

import pytest

from tasks.progress import BETWEEN_LINES, Progress, line


@pytest.mark.parametrize(
    ("done", "total", "elapsed", "told"),
    [
        (0, 5000, 3.0, "hr.staff: 0 of 5000 destroyed and confirmed"),
        (1200, 5000, 3.0, "hr.staff: 1200 of 5000 destroyed and confirmed, 400 per second, 10 s left"),
        (1000, 361_000, 10.0, "hr.staff: 1000 of 361000 destroyed and confirmed, 100 per second, 1 h 0 min left"),
        (3, 9, 60.0, "hr.staff: 3 of 9 destroyed and confirmed, 3.0 per minute, 2 min left"),
        (5000, 5000, 5.0, "hr.staff: 5000 of 5000 destroyed and confirmed, 1,000 per second"),
        (5000, 5000, 0.0, "hr.staff: 5000 of 5000 destroyed and confirmed"),
    ],
)
def test_a_line_tells_how_far_how_fast_and_how_long_yet(done: int, total: int, elapsed: float, told: str) -> None:
    assert line("hr.staff", done, total, elapsed) == told


def test_without_a_terminal_a_line_comes_every_few_seconds_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERMIJN_SKIN", "plain")
    at = 0.0
    with Progress("hr.staff", 100, watch=lambda: at) as progress:
        for done in range(1, 101):
            at += BETWEEN_LINES / 40
            progress.reached(done)
    told = capsys.readouterr().err.splitlines()
    assert [t.split(",")[0] for t in told] == [
        "hr.staff: 40 of 100 destroyed and confirmed",
        "hr.staff: 80 of 100 destroyed and confirmed",
        "hr.staff: 100 of 100 destroyed and confirmed",
    ]


def test_a_rule_that_takes_nothing_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERMIJN_SKIN", "plain")
    with Progress("hr.staff", 0):
        pass
    assert capsys.readouterr().err == ""


def test_an_error_half_way_still_tells_how_far_it_came(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERMIJN_SKIN", "plain")

    def break_off() -> None:
        with Progress("hr.staff", 10) as progress:
            progress.reached(4)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert "4 of 10" in capsys.readouterr().err
