"""For which practices we are processor, who answers a request there, and how a silent one is chased (AVG 28, 30)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.cases import Case
from domain.climbing import SilenceLadder
from domain.moves import CaseKind, State
from domain.trouble import NotFound

#: How a practice is written in the ledger's questions to others, apart from the holders of `register/holders.toml`.
ASKED_AS = "practice-"
#: What is asked of us as the one who approaches people, or who asked for their consent: never a practice's.
OURS = frozenset({CaseKind.OBJECTION, CaseKind.CONSENT})


class Answers(StrEnum):
    """Who answers a request about the data of a practice, by its contract with us."""

    PRACTICE = "practice"  # the rule: the controller answers, we help (AVG 28 lid 3 onder e)
    WE = "we"  # the contract mandates us to answer in its name


class Practice(Entry):
    """One controller for whom we are processor, by the number that the system knows it by."""

    system: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    controller: Annotated[str, Field(min_length=1)]
    title: Sentence
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    answers: Answers
    contract: Sentence

    @property
    def id(self) -> str:
        """As the ledger and the command name it: `careweb-3`."""
        return f"{self.system}-{self.controller}"


class PracticeBook(SilenceLadder):
    """`register/practices.toml`: the practices, and how one that does not confirm is chased.

    `forward_within_days`: how long a request may lie before the morning says that nobody looked whose it is.
    """

    forward_within_days: Annotated[int, Field(ge=0)] = 2
    practice: tuple[Practice, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [p.id for p in self.practice]
        if len(ids) != len(set(ids)):
            raise ValueError("two [[practice]] blocks have the same system and controller")
        return self

    def of(self, name: str) -> Practice:
        """The practice of this id. Raises NotFound: to whom nobody wrote a contract, nothing is sent."""
        for one in self.practice:
            if one.id == name:
                return one
        known = ", ".join(p.id for p in self.practice) or "none"
        raise NotFound(f"the register has no practice {name!r}", do=f"add it to practices.toml; known: {known}")


def waits_for_a_look(case: Case, as_of: date, *, within: int) -> bool:
    """Whether a request may be a practice's and lies with us longer than it should (AVG 28 lid 3 onder e)."""
    here = case.state in (State.RECEIVED, State.IN_PROGRESS) and not case.controller and not case.origin
    return here and case.kind not in OURS and (as_of - case.received_on).days > within
