"""How long others usually take, and when to ask them: in tables that a DPO can read aloud."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from domain.asks import Advice, Ask, HolderLadder, Usual, advise, usual_days
from domain.climbing import climb_silence
from register.loader import load_register

LADDER = HolderLadder.model_validate(load_register().holders)
ASKED = date(2026, 11, 2)


def rows(table: str) -> list[list[str]]:
    """The lines of an ASCII table under its heading, as lists of cells."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    return [[cell.strip() for cell in line.split("|")] for line in lines[1:]]


USUAL = """
days that answers took       | usually | mostly | why
9 9 9 9 9                    | 9       | 9      | always the same
1 2 3 4 5                    | 3       | 4      | half within 3, eight of ten within 4
1 1 1 1 60                   | 1       | 1      | one that took very long says nothing of the usual
2 4 6 8 10 12 14 16 18 20    | 11      | 16     | half way between 10 and 12
0 0 0 0 0                    | 0       | 0      | the same day
"""


@pytest.mark.parametrize(("days", "half", "most", "why"), rows(USUAL))
def test_how_long_a_holder_usually_takes(days: str, half: str, most: str, why: str) -> None:
    asks = [Ask(f"2026-{n:04d}", "archive", ASKED, ASKED + timedelta(int(d))) for n, d in enumerate(days.split())]
    assert usual_days([*asks, Ask("2026-0099", "archive", ASKED)])["archive"] == Usual(
        int(half), int(most), len(asks)
    ), why


def test_too_few_answers_say_nothing() -> None:
    asks = [Ask(f"2026-{n:04d}", "archive", ASKED, ASKED + timedelta(3)) for n in range(4)]
    assert usual_days(asks) == {}
    assert advise(None, None, steer_on=ASKED, as_of=ASKED) is Advice.UNKNOWN


ADVICE = """
usually | mostly | asked | days left | said                     | why
9       | 12     |       | 20        |                          | there is time
9       | 12     |       | 13        |                          | eight of ten would still be a day early
9       | 12     |       | 12        | ask now                  | eight of ten would come on the last day
9       | 12     |       | 9         | ask now                  | half would come in time
9       | 12     |       | 7         | ask now, it will be late | usually 9 days, and there are 7
9       | 12     | 3     | 10        | waiting                  | nine more days at most, ten left
9       | 12     | 3     | 8         | waiting, it will be late | nine more days, eight left
9       | 12     | 20    | 1         | waiting                  | it should have been here: the ladder reminds
"""


@pytest.mark.parametrize(("half", "most", "asked", "left", "said", "why"), rows(ADVICE))
def test_when_to_ask(half: str, most: str, asked: str, left: str, said: str, why: str) -> None:
    as_of = date(2026, 11, 23)
    asked_on = as_of - timedelta(int(asked)) if asked else None
    usual = Usual(int(half), int(most), 10)
    advice = advise(usual, asked_on, steer_on=as_of + timedelta(int(left)), as_of=as_of)
    assert (advice.value if advice else "") == said, why


def test_a_silent_holder_is_reminded_rung_by_rung_for_ever_and_each_once() -> None:
    climbed: list[str] = []
    for waited in range(60):
        chase = climb_silence(LADDER, ASKED, ASKED + timedelta(waited), set(climbed))
        climbed += [chase.key] if chase else []
    assert [int(key.rsplit("-", 1)[1]) for key in climbed] == list(range(5, 60, 5))


def test_a_holder_stands_in_the_register_once() -> None:
    given = LADDER.model_dump(mode="json")
    given["holder"] = [*given["holder"], given["holder"][0]]
    with pytest.raises(ValidationError, match="same id"):
        HolderLadder.model_validate(given)
