"""Who is told how near a deadline is: the rungs of the escalation ladder that the register declares.

A request climbs one rung at a time. Each rung is climbed once per request, known by its key; the daily reminder of
an overdue request has one key per day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.deadlines import Deadline, days_left


class Told(StrEnum):
    """A role that a rung tells; the settings say which mailbox that is."""

    HANDLER = "handler"
    DPO = "dpo"
    MANAGEMENT = "management"


class Tone(StrEnum):
    """How the message is put."""

    REMINDER = "reminder"
    URGENT = "urgent"
    ALARM = "alarm"


def check_nobody_left_out(rungs: Sequence[Collection[Told]]) -> None:
    """Who is told on a rung is told on every higher one. Raises ValueError that names who is missing."""
    for lower, higher in pairwise(rungs):
        missing = [role.value for role in lower if role not in higher]
        if missing:
            raise ValueError(f"who was told before is told again: {', '.join(missing)} is missing higher up")


class Rung(Entry):
    """With so many days left (0: due today), these roles are told in this tone, and asked to do this."""

    days_left: Annotated[int, Field(ge=0)]
    told: Annotated[tuple[Told, ...], Field(min_length=1)]
    tone: Tone
    asks: Sentence


class Overdue(Entry):
    """Every day after the deadline until there is an answer."""

    told: Annotated[tuple[Told, ...], Field(min_length=1)]
    tone: Tone
    asks: Sentence


class Ladder(Entry):
    """The whole ladder, most days left first. Nobody who was told is left out higher up."""

    since: date
    source: Sentence
    last_checked: date
    rung: Annotated[tuple[Rung, ...], Field(min_length=1)]
    overdue: Overdue

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        days = [r.days_left for r in self.rung]
        if days != sorted(set(days), reverse=True):
            raise ValueError("[[rung]] blocks stand in order of `days_left`, most first, each number once")
        if days[-1] != 0:
            raise ValueError("the last [[rung]] has `days_left = 0`: on the day itself somebody is told")
        check_nobody_left_out([*(r.told for r in self.rung), self.overdue.told])
        return self


@dataclass(frozen=True, slots=True)
class Climb:
    """What to do this morning: the rung to climb (`key`), whom to tell, and the lower rungs it covers.

    The ledger records `key` before the message goes, and `covers` as covered, so that they never go out late.
    """

    key: str
    days_left: int
    told: tuple[Told, ...]
    tone: Tone
    asks: str
    covers: tuple[str, ...] = ()


def rung_on(ladder: Ladder, deadline: Deadline, as_of: date, already: Set[str]) -> Climb | None:
    """The most pressing rung that this request has reached on `as_of` and not yet climbed; None where there is none.

    A request that was found late (the office was closed, the program was down) has passed several rungs at once. It
    climbs only the highest; the lower ones it never climbed come back in `covers`. Keys: `promise-14` to `promise-0`
    (`extended-…` once the term was extended, for that is another date and a new ladder) and `overdue-2026-12-03`,
    one for each day. Where the clock stands still, so does the ladder: `deadline` is that of `as_of`.
    """
    left = days_left(deadline, as_of)
    clock = "promise" if deadline.extended_on is None else "extended"
    passed = [r for r in ladder.rung if r.days_left >= left]
    keys = [f"{clock}-{r.days_left}" for r in passed]
    step: Rung | Overdue
    if left < 0:
        key, step = f"overdue-{as_of.isoformat()}", ladder.overdue
    elif passed:
        key, step = keys.pop(), passed[-1]
    else:
        return None
    if key in already:
        return None
    return Climb(key, left, step.told, step.tone, step.asks, tuple(k for k in keys if k not in already))
