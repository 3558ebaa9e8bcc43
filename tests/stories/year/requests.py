"""Which requests come in a year and what becomes of each, drawn once from a seed: the script that the office plays."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

#: How often each kind comes, and how many of these are a practice's to decide.
KINDS = {
    "access": (28, 0.65), "portability": (3, 0.0), "rectification": (10, 0.2), "erasure": (6, 0.0),
    "wgbo-destruction": (6, 1.0), "restriction": (6, 0.0), "objection": (16, 0.0), "consent": (14, 0.0),
    "access-log": (6, 1.0),
}  # fmt: skip
PER_WORKING_DAY = 1.25


@dataclass(frozen=True)
class Request:
    """One request: the days on which things happen to it. A pause is (asked, answered, which question)."""

    nth: int
    kind: str
    received: date
    ground: str
    pauses: tuple[tuple[date, date, str], ...]
    extended: date | None
    taken_up: date
    ended: date
    end: str
    closed: date
    seed: int = field(repr=False, default=0)

    @property
    def works_on(self) -> date:
        """The day on which the office starts to work on it: after its last question was answered."""
        return max([self.taken_up, *(answered for _, answered, _ in self.pauses)])

    @property
    def days(self) -> frozenset[date]:
        """The days on which anything happens to it."""
        asked = [day for pause in self.pauses for day in pause[:2]]
        extended = [] if self.extended is None else [self.extended]
        return frozenset([self.received, *asked, *extended, self.works_on, self.ended, self.closed])


def draw_requests(year: int, *, until: date, seed: int = 12) -> list[Request]:
    """The requests received in a year up to and with `until`, in order of receipt. The same seed, the same year."""
    chance, found = random.Random(seed), list[Request]()
    day = date(year, 1, 1)
    while day <= until:
        busy = PER_WORKING_DAY if day.weekday() < 5 else PER_WORKING_DAY / 4
        for _ in range(int(busy) + (chance.random() < busy % 1)):
            found.append(_draw(chance, len(found) + 1, day))
        day += timedelta(days=1)
    return found


def _draw(chance: random.Random, nth: int, received: date) -> Request:
    kinds, weights = zip(*((kind, weight) for kind, (weight, _) in KINDS.items()), strict=True)
    kind = chance.choices(kinds, weights)[0]
    ground = {"restriction": chance.choice("abcd"), "objection": chance.choice(["direct-marketing", "own-situation"])}
    pauses, here = list[tuple[date, date, str]](), received + timedelta(days=chance.choice([0, 0, 1, 1, 2, 3]))
    for question, often in (("identity-asked", 0.2), ("clarification-asked", 0.1)):
        if chance.random() < often:
            asked = here + timedelta(days=chance.choice([0, 1, 2]))
            here = asked + timedelta(days=chance.choice([1, 2, 4, 7, 15, 40]))
            pauses.append((asked, here, question))
    taken_up = here
    # Most are answered in time; one in eight comes late, some very late.
    takes = chance.choice([3, 7, 12, 16, 19, 22, 25]) if chance.random() > 0.125 else chance.choice([29, 33, 41, 55])
    extended = None
    if chance.random() < 0.06 and not pauses:
        extended, takes = received + timedelta(days=chance.choice([20, 24, 27])), chance.choice([45, 60, 80])
    ended = max(taken_up, *(a for _, a, _ in pauses), received) + timedelta(days=takes) if pauses else (
        max(taken_up, received) + timedelta(days=takes)
    )  # fmt: skip
    if chance.random() < KINDS[kind][1]:
        end = "forwarded"
        ended = received + timedelta(days=chance.choice([1, 2, 3]))
        pauses, extended, taken_up = [], None, received
    else:
        end = chance.choices(["answered", "refused", "withdrawn"], [88, 8, 4])[0]
    if kind == "consent" and end == "refused":
        end = "withdrawn"
    if ground.get(kind) == "direct-marketing" and end == "refused":
        end = "answered"
    closed = ended + timedelta(days=chance.choice([42, 45, 50]))
    return Request(
        nth, kind, received, ground.get(kind, ""), tuple(pauses), extended, taken_up, ended, end, closed,
        seed=chance.randrange(10**9),
    )  # fmt: skip
