"""For which practices we are processor, who answers a request there, and how a silent one is chased (AVG 28, 30)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.climbing import SilenceLadder
from domain.trouble import NotFound

#: How a practice is written in the ledger's questions to others, apart from the holders of `register/holders.toml`.
ASKED_AS = "practice-"


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
    """`register/practices.toml`: the practices, and how one that does not confirm is chased."""

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
