"""What was asked of those who hold data we cannot search, how long they usually take, and whether to ask now.

A forecast is told, never acted on: it answers nothing and closes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from statistics import median
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.climbing import SilenceLadder

#: Fewer answers than this say nothing about the next one.
ENOUGH = 5


class HolderKind(StrEnum):
    """Who a holder is to us."""

    DATA_HOLDER = "data holder"  # a colleague with an archive or a system of their own
    PROCESSOR = "processor"  # AVG 28(3)(e)
    PRACTICE = "practice"  # a controller that must answer or instruct


class Holder(Entry):
    """Somebody who must look for us: an id of our own, never a person's name."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Sentence
    kind: HolderKind
    why: Sentence


class HolderLadder(SilenceLadder):
    """`register/holders.toml`: the holders, and how a silent one is reminded."""

    holder: tuple[Holder, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [h.id for h in self.holder]
        if len(ids) != len(set(ids)):
            raise ValueError("two [[holder]] blocks have the same id")
        return self


@dataclass(frozen=True, slots=True)
class Ask:
    """One holder asked for one case; `answered_on` None while we wait."""

    case: str
    holder: str
    asked_on: date
    answered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Usual:
    """How long answers took, in days: half of them at most `half`, eight of ten at most `most`, over `answers`."""

    half: int
    most: int
    answers: int


class Advice(StrEnum):
    """What the morning list says of a holder for one case."""

    ASK_NOW = "ask now"
    ASK_LATE = "ask now, it will be late"
    WAITING = "waiting"
    WILL_BE_LATE = "waiting, it will be late"
    UNKNOWN = "too few answers to tell"


def usual_days(asks: Sequence[Ask]) -> Mapping[str, Usual]:
    """Holder → how long it usually takes, from all that it ever answered; holders with too few are left out."""
    taken: dict[str, list[int]] = {}
    for ask in asks:
        if ask.answered_on is not None:
            taken.setdefault(ask.holder, []).append((ask.answered_on - ask.asked_on).days)
    return {
        holder: Usual(ceil(median(days)), sorted(days)[ceil(len(days) * 0.8) - 1], len(days))
        for holder, days in taken.items()
        if len(days) >= ENOUGH
    }


def advise(usual: Usual | None, asked_on: date | None, *, steer_on: date, as_of: date) -> Advice | None:
    """What to say of one holder for a case that must be answered on `steer_on`; None where there is time.

    Not asked yet: 'ask now' as soon as eight of ten answers would come on the last day or later. Asked: late where
    eight of ten would by now have come after the steering day.
    """
    if usual is None:
        return Advice.UNKNOWN if asked_on is None else Advice.WAITING
    if asked_on is not None:
        late = asked_on + timedelta(days=usual.most) > steer_on
        return Advice.WILL_BE_LATE if late else Advice.WAITING
    left = (steer_on - as_of).days
    if usual.half > left:
        return Advice.ASK_LATE
    return Advice.ASK_NOW if usual.most >= left else None
