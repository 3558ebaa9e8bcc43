"""What article 30 AVG asks us to say about one processing activity, its terms included.

One file `register/activities/<id>.toml` is one `Activity`: for a lawyer to read. A term is dated, sourced and
last checked; a change of law adds a `[[term]]` block, it never edits one. The block in force is the one with
the latest `since` that is not after `as_of`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.terms import Counting, Term, cutoff, last_day

Sentence = Annotated[str, Field(min_length=2)]


class Entry(BaseModel):
    """A part of the register: it cannot change, and a key that the register does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(StrEnum):
    """Whether 12Care decides over the data (controller) or keeps it for another (processor)."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class AtExpiry(StrEnum):
    """What happens when a term is over (DESIGN §3)."""

    DESTROY = "destroy"
    ANONYMISE = "anonymise"
    STRIP = "strip"
    RETURN = "return"
    PROPOSE = "propose"


class Certainty(StrEnum):
    """How sure we are of a term: [C], [L] and [U] of LAW.md. An unsure one carries the choice the DPO signs."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"


class TermBlock(Entry):
    """How long, since when, by which article, and who checked that last."""

    since: date
    minimum: Term | None = None
    maximum: Term | None = None
    counts_from: Sentence
    counting: Counting = Counting.DAY
    book_year_ends: Annotated[str, Field(pattern=r"^\d\d-\d\d$")] = "12-31"
    article: Sentence
    source: Sentence
    certainty: Certainty
    choice: Sentence | None = None
    last_checked: date
    at_expiry: AtExpiry

    @model_validator(mode="after")
    def _is_a_whole_term(self) -> Self:
        if self.minimum is None and self.maximum is None:
            raise ValueError("a term has a minimum (bewaarplicht), a maximum (wistermijn) or both")
        if self.certainty is Certainty.UNSURE and self.choice is None:
            raise ValueError("an unsure term says in `choice` which reading the DPO signs, and why")
        return self

    @property
    def year_end(self) -> tuple[int, int]:
        """(month, day) on which the book year ends."""
        month, day = self.book_year_ends.split("-")
        return int(month), int(day)

    def kept_until(self, start: date) -> date:
        """The last day on which the record stays: the longest of minimum and maximum, never too early."""
        terms = [t for t in (self.minimum, self.maximum) if t is not None]
        return max(last_day(start, t, self.counting, self.year_end) for t in terms)

    def minimum_until(self, start: date) -> date | None:
        """The last day on which the law makes us keep the record, if it does."""
        if self.minimum is None:
            return None
        return last_day(start, self.minimum, self.counting, self.year_end)

    def maximum_until(self, start: date) -> date | None:
        """The last day on which the record may stay by its maximum, if it has one."""
        if self.maximum is None:
            return None
        return last_day(start, self.maximum, self.counting, self.year_end)

    def cutoff(self, as_of: date) -> date | None:
        """The latest start that is due on `as_of`; None where no start can be."""
        terms = [t for t in (self.minimum, self.maximum) if t is not None]
        cutoffs = [cutoff(as_of, t, self.counting, self.year_end) for t in terms]
        known = [c for c in cutoffs if c is not None]
        return min(known) if len(known) == len(cutoffs) else None


class DataItem(Entry):
    """One kind of data: in the person's words, tagged with a Fideslang key."""

    item: Sentence
    category: Annotated[str, Field(pattern=r"^(user|system)(\.[a-z_]+)+$")]
    special: bool = False


class Party(Entry):
    """A recipient or processor: who, for what, and where the data goes."""

    name: Sentence
    why: Sentence
    country: str = "NL"
    safeguard: str | None = None

    @model_validator(mode="after")
    def _a_transfer_has_a_safeguard(self) -> Self:
        if self.country not in EEA and not self.safeguard:
            raise ValueError(f"a transfer to {self.country} (outside the EEA) names its safeguard (art. 44-49)")
        return self


EEA = frozenset("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split())


class Activity(Entry):
    """One row of the register of processing activities (verwerkingsregister)."""

    id: str
    title: Sentence
    purpose: Sentence
    role: Role
    on_behalf_of: Sentence | None = None
    legal_ground: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    subjects: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    data: Annotated[tuple[DataItem, ...], Field(min_length=1)]
    source: Sentence
    recipients: tuple[Party, ...] = ()
    processors: tuple[Party, ...] = ()
    security: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    automated_decisions: Sentence = "Geen"
    policy: tuple[Sentence, ...] = ()
    term: Annotated[tuple[TermBlock, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.role is Role.PROCESSOR and self.on_behalf_of is None:
            raise ValueError("a processor says in `on_behalf_of` for whom (art. 30(2))")
        if self.role is Role.PROCESSOR and any(b.at_expiry is AtExpiry.DESTROY for b in self.term):
            raise ValueError("a processor may not `destroy` on its own; write `propose` or `return` (art. 28(3))")
        dates = [b.since for b in self.term]
        if dates != sorted(set(dates)):
            raise ValueError("[[term]] blocks stand in order of `since`, each date once")
        if any(d.special for d in self.data) and not any("9." in g for g in self.legal_ground):
            raise ValueError("special categories of data need a ground of article 9 as well (`AVG 9.2.…`)")
        return self

    def term_on(self, as_of: date) -> TermBlock | None:
        """The block in force on `as_of`, if the activity had one by then."""
        in_force = [b for b in self.term if b.since <= as_of]
        return in_force[-1] if in_force else None
