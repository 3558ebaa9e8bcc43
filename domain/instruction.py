"""What a practice says of its destruction list, what that lets go, and what came of it.

Reasons are five letters and whoever instructs is a role: free words would hold names.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.evidence import canonical
from domain.keys import Keys
from domain.lists import Answer, DestructionList, Line
from domain.trouble import Refused

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{1,39}\Z")


class AtPractice(StrEnum):
    """Who instructed: a role, never a name. Only who may bind the practice."""

    OWNER = "praktijkhouder"
    PROVIDER = "zorgverlener"
    DIRECTOR = "bestuurder"
    DPO = "functionaris-gegevensbescherming"


class WhyKept(StrEnum):
    """Why the practice wants a dossier to stay. The letter is what the practice writes on the list."""

    TREATMENT = "treatment"
    GOOD_CARE = "good-care"
    CLAIM = "claim"
    OTHER_LAW = "other-law"
    REQUEST = "request"

    @property
    def letter(self) -> str:
        """A to E, in the order above."""
        return "ABCDE"[list(WhyKept).index(self)]


class WhyStayed(StrEnum):
    """Why a dossier stayed although the practice said that it may go."""

    FROZEN = "frozen"  # a hold, an open request or a restriction
    NOT_DUE = "not-due"  # something was added: its term runs again
    NEEDED = "needed"  # a dossier that stays refers to it
    GONE = "gone"  # the source had it no longer, and this ledger did not destroy it


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What the practice said of one list. `kept`: client number → why that dossier stays. Raises Refused.

    `reference` is that of the practice's letter; `later` the day on which it wants to be asked again.
    """

    answer: Answer
    role: AtPractice
    reference: str
    received_on: date
    kept: Mapping[str, WhyKept]
    later: date | None = None

    def __post_init__(self) -> None:
        if not _REFERENCE.match(self.reference):
            raise Refused(
                "the reference of the practice's letter is letters, digits, spaces and . / _ - only, at most 40",
                do="write how the practice's letter is filed, for example 'brief 2026-17'; never a name",
            )
        if (self.answer is Answer.PART) != bool(self.kept):
            raise Refused(
                "an instruction for a part names the dossiers that stay, and only that one does",
                do="say 'part' with the dossiers that stay and why, or 'all' without any",
            )
        if (self.answer is Answer.LATER) != (self.later is not None):
            raise Refused(
                "'later' goes with a day, and only 'later' does", do="say 'later' and the day to ask the practice again"
            )
        if self.later is not None and self.later <= self.received_on:
            raise Refused("'later' is a day after the letter was received", do="give the day that the practice named")

    def digest(self, of: DestructionList, serial: int) -> str:
        """What a second officer approves: this instruction, on this list, by this wording of the rule."""
        body = {
            "serial": serial,
            "list": [of.number, of.digest, of.rule_digest],
            "answer": self.answer.value,
            "role": self.role.value,
            "reference": self.reference,
            "received_on": self.received_on.isoformat(),
            "kept": [[number, why.value] for number, why in sorted(self.kept.items())],
            "later": None if self.later is None else self.later.isoformat(),
        }
        return hashlib.sha256(canonical(body).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of a list: how many were asked, destroyed, kept by the practice, and stayed, each with why.

    `batches`: batch → how many of the destroyed dossiers have their evidence in it.
    """

    asked: int
    destroyed: int
    kept: Mapping[WhyKept, int]
    stayed: Mapping[WhyStayed, int]
    batches: Mapping[str, int]
    recorded_by: str
    approved_by: str

    def __post_init__(self) -> None:
        if self.asked != self.destroyed + sum(self.kept.values()) + sum(self.stayed.values()):
            raise ValueError("the parts of a settled list add up to what was asked")


def may_go(lines: Sequence[Line], said: Instruction) -> Keys:
    """The keys that the instruction lets go. Where two dossiers share a client number that stays, both stay."""
    if said.answer is Answer.LATER:
        return Keys()
    return Keys(line.key for line in lines if line.client_number not in said.kept)


def check_kept(lines: Sequence[Line], said: Instruction) -> None:
    """Raises Refused where the practice keeps a client number that the list does not have; never says which."""
    strange = len(said.kept.keys() - {line.client_number for line in lines})
    if strange:
        raise Refused(
            f"{strange} of the client numbers that should stay are not on this list",
            do="hold the practice's answer against the list; correct the numbers, or ask the practice",
        )


def kept_by_reason(lines: Sequence[Line], said: Instruction) -> dict[WhyKept, int]:
    """How many dossiers stay, by the practice's reason."""
    counted = Counter(said.kept[line.client_number] for line in lines if line.client_number in said.kept)
    return {why: counted[why] for why in WhyKept if counted[why]}
