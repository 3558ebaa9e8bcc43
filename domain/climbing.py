"""How a ladder that counts days of silence is climbed: the highest rung reached, once, covering the lower ones."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.ladder import Told, Tone, check_nobody_left_out


class Step(Entry):
    """So many days after we asked, these roles are told, and asked to do this."""

    days_after: Annotated[int, Field(ge=1)]
    told: Annotated[tuple[Told, ...], Field(min_length=1)]
    tone: Tone
    asks: Sentence


class Again(Entry):
    """After the last step: the same every so many days, for as long as nobody answers."""

    every_days: Annotated[int, Field(ge=1)]
    told: Annotated[tuple[Told, ...], Field(min_length=1)]
    tone: Tone
    asks: Sentence


class SilenceLadder(Entry):
    """The rungs, fewest days first, and what comes after them. Nobody who was told is left out higher up."""

    since: date
    source: Sentence
    last_checked: date
    rung: Annotated[tuple[Step, ...], Field(min_length=1)]
    again: Again

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        days = [r.days_after for r in self.rung]
        if days != sorted(set(days)):
            raise ValueError("[[rung]] blocks stand in order of `days_after`, fewest first, each number once")
        check_nobody_left_out([*(r.told for r in self.rung), self.again.told])
        return self


@dataclass(frozen=True, slots=True)
class Chase:
    """The rung to climb today (`key`), whom to tell, and the rungs it covers, so that those never go out late."""

    key: str
    days_waiting: int
    told: tuple[Told, ...]
    tone: Tone
    asks: str
    covers: tuple[str, ...] = ()


def climb_silence(ladder: SilenceLadder, since: date, as_of: date, already: Set[str]) -> Chase | None:
    """The highest rung reached on `as_of` and not climbed; None where there is none.

    Keys: `2026-12-01-day-14` (the day from which we count, the days since). What is found late climbs only its highest
    rung; the lower ones come back in `covers`.
    """
    waiting = (as_of - since).days
    days: Sequence[int] = [r.days_after for r in ladder.rung if r.days_after <= waiting]
    if not days:
        return None
    step: Step | Again = ladder.rung[len(days) - 1]
    last = ladder.rung[-1].days_after
    if waiting >= last + ladder.again.every_days:
        step = ladder.again
        days = [*days, *range(last + step.every_days, waiting + 1, step.every_days)]
    keys = [f"{since.isoformat()}-day-{number}" for number in days]
    key = keys.pop()
    if key in already:
        return None
    return Chase(key, waiting, step.told, step.tone, step.asks, tuple(k for k in keys if k not in already))
