"""Who is told how near the limit of a breach notice is: rungs in hours, through nights and weekends."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import ceil
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.breaches import Duty, Norms, hours_left
from domain.ladder import Told, Tone


class HourRung(Entry):
    """With so many hours left, these roles are told in this tone, and asked to do this."""

    hours_left: Annotated[int, Field(ge=0)]
    told: Annotated[tuple[Told, ...], Field(min_length=1)]
    tone: Tone
    asks: Sentence


class HourOverdue(Entry):
    """After the limit: the same every so many hours until the notice went."""

    every_hours: Annotated[int, Field(ge=1)]
    told: Annotated[tuple[Told, ...], Field(min_length=1)]
    tone: Tone
    asks: Sentence


class BreachLadder(Entry):
    """The norms in hours and the ladder of `register/breaches.toml`, most hours left first."""

    since: date
    source: Sentence
    last_checked: date
    authority_hours: Annotated[int, Field(ge=1)]
    controller_hours: Annotated[int, Field(ge=1)]
    persons_hours: Annotated[int, Field(ge=1)]
    rung: Annotated[tuple[HourRung, ...], Field(min_length=1)]
    overdue: HourOverdue

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        hours = [r.hours_left for r in self.rung]
        if hours != sorted(set(hours), reverse=True):
            raise ValueError("[[rung]] blocks stand in order of `hours_left`, most first, each number once")
        steps: list[HourRung | HourOverdue] = [*self.rung, self.overdue]
        for lower, higher in pairwise(steps):
            missing = [role.value for role in lower.told if role not in higher.told]
            if missing:
                raise ValueError(f"who was told before is told again: {', '.join(missing)} is missing higher up")
        return self

    @property
    def norms(self) -> Norms:
        """The hours within which each notice must be out."""
        return Norms(self.authority_hours, self.controller_hours, self.persons_hours)


@dataclass(frozen=True, slots=True)
class HourClimb:
    """The rung to climb now (`key`), the hours left (negative: over), whom to tell, and the rungs it covers."""

    key: str
    hours_left: int
    told: tuple[Told, ...]
    tone: Tone
    asks: str
    covers: tuple[str, ...] = ()


def rung_at(ladder: BreachLadder, duty: Duty, now: datetime, already: Set[str]) -> HourClimb | None:
    """The highest rung that this notice has reached at `now` and not climbed; None where there is none.

    Keys: `authority-48` and, past the limit, `authority-over-4` (hours since). Found late, only the highest is
    climbed; the lower ones come back in `covers`.
    """
    left = hours_left(duty, now)
    if left is None:
        return None
    keys = [f"{duty.whom.value}-{r.hours_left}" for r in ladder.rung if left <= r.hours_left]
    if not keys:
        return None
    step: HourRung | HourOverdue = ladder.rung[len(keys) - 1]
    if left < 0:
        step, over = ladder.overdue, int(-left // ladder.overdue.every_hours)
        keys += [f"{duty.whom.value}-over-{n * ladder.overdue.every_hours}" for n in range(over + 1)]
    key = keys.pop()
    if key in already:
        return None
    return HourClimb(key, ceil(left), step.told, step.tone, step.asks, tuple(k for k in keys if k not in already))
