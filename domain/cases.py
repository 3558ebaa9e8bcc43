"""What a request of a person is, and whether it may be moved or answered as it stands.

A case holds no personal data: a number, a kind, dates, and that identity was checked and how. Who the person is
stands encrypted in the ledger. Which states and moves there are stands in `domain/moves.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from domain.deadlines import Deadline, Pause, PauseReason, deadline_for
from domain.moves import (
    ALLOWED_MOVES,
    BARRED,
    DIRECT_MARKETING,
    ERASES,
    GROUNDS,
    HANDS_OVER,
    OWES_AN_ANSWER,
    PAUSES,
    CaseKind,
    State,
    is_open,
    moves_of,
)
from domain.trouble import Refused

__all__ = [
    "ALLOWED_MOVES", "ERASES", "HANDS_OVER", "LANGUAGES", "OWES_AN_ANSWER", "PAUSES", "Case", "CaseKind",
    "IdentityCheck", "IdentityMethod", "IdentityResult", "State", "case_number", "check_may_answer", "check_move",
    "deadline_of", "is_open", "may_answer", "may_move", "move", "owes_an_answer",
]  # fmt: skip
_NUMBER = re.compile(r"\d{4}-\d{4,}\Z")
LANGUAGES = ("nl", "en")


class IdentityMethod(StrEnum):
    """How identity was checked, lightest step first; a masked copy is the last resort (LAW.md §2.3)."""

    SESSION = "logged-in session"
    KNOWN_ADDRESS = "mail to known address and known data"
    CALL_BACK = "call-back"
    ID_SHOWN = "ID shown"
    MASKED_COPY = "masked copy"


class IdentityResult(StrEnum):
    """What the check said."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not verified"


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """That identity was checked: how, with which result, by whom (an officer's account), when. Never the document."""

    method: IdentityMethod
    result: IdentityResult
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request of one person to one controller. Raises `Refused` where its parts contradict each other.

    `round`: 1, and one more each time that it is taken up again after an answer, a refusal or a forwarding.
    `controller`: the practice that it is to, empty for 12Care itself. `origin`: the case that it was split off from.
    """

    number: str
    kind: CaseKind
    received_on: date
    channel: str
    state: State = State.RECEIVED
    language: str = "nl"
    identity: IdentityCheck | None = None
    pauses: tuple[Pause, ...] = ()
    extended_on: date | None = None
    handler: str | None = None
    closed_on: date | None = None
    ground: str = ""
    round: int = 1
    controller: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        wrong = None
        if not _NUMBER.match(self.number):
            raise Refused("this is not a case number", where="case", do="write it as 2026-0001: year, dash, number")
        if self.language not in LANGUAGES:
            wrong = f"there are no letters in the language asked for; there are: {', '.join(LANGUAGES)}"
        elif (self.closed_on is not None) != (self.state is State.CLOSED):
            wrong = "a closed case has the day on which it was closed, and no other case has one"
        elif self.closed_on is not None and self.closed_on < self.received_on:
            wrong = f"closed on {self.closed_on}, before its receipt on {self.received_on}"
        elif self.ground not in ("", *GROUNDS.get(self.kind, ())):
            known = ", ".join(GROUNDS.get(self.kind, ())) or "none"
            wrong = f"a request of kind {self.kind.value} does not rest on that ground; it can on: {known}"
        elif [p.reason for p in self.pauses if p.answered_on is None] != _open_reasons(self.state):
            wrong = f"in state {self.state.value!r} the open questions do not fit: the clock would stand still or run"
        if wrong is not None:
            raise Refused(wrong, where=f"case {self.number}", do="correct the case; nothing was changed")

    @property
    def identity_is_verified(self) -> bool:
        """Whether a check said that the person is who they say they are."""
        return self.identity is not None and self.identity.result is IdentityResult.VERIFIED


def case_number(year: int, nth: int) -> str:
    """The number of the nth case of a year: `2026-0001`."""
    return f"{year:04d}-{nth:04d}"


def owes_an_answer(case: Case) -> bool:
    """Whether the deadline of this case still counts."""
    return case.state in OWES_AN_ANSWER


def deadline_of(case: Case, as_of: date) -> Deadline:
    """The deadline of a case as it stands on `as_of`."""
    return deadline_for(case.received_on, pauses=case.pauses, extended_on=case.extended_on, as_of=as_of)


def check_move(case: Case, to: State) -> None:
    """Raise `Refused` unless the case may go to state `to`: by the table, and by what its kind needs."""
    where = f"case {case.number}"
    why = BARRED[case.kind].get((case.state, to))
    if to not in ALLOWED_MOVES[case.state] or why is not None:
        allowed = ", ".join(s.value for s in moves_of(case.kind)[case.state])
        raise Refused(
            f"a case of kind {case.kind.value} does not go from {case.state.value} to {to.value}",
            where=where,
            do=why or f"allowed: {allowed or 'nothing: it is closed, open a new case'}",
        )
    if to is State.IDENTITY_ASKED and case.identity_is_verified:
        raise Refused(
            "identity is verified already; asking again does not stop the clock",
            where=where,
            do="go on with the case, or ask for a clarification",
        )
    if to is State.REFUSED and case.ground == DIRECT_MARKETING and case.identity_is_verified:
        raise Refused(
            "an objection to direct marketing is absolute (AVG 21 lid 3)",
            where=where,
            do="stop the marketing and answer it",
        )
    if to in (State.SEALED, State.ANSWERED):
        _check_identity(case)


def may_move(case: Case, to: State) -> bool:
    """Whether `check_move` has nothing against it."""
    try:
        check_move(case, to)
    except Refused:
        return False
    return True


def move(case: Case, to: State, *, on: date) -> Case:
    """The case after its move to `to` on day `on`: questions open and close with the state. Raises `Refused`."""
    check_move(case, to)
    answered = tuple(replace(p, answered_on=on) if p.answered_on is None else p for p in case.pauses)
    asked = (Pause(on, None, PAUSES[to]),) if to in PAUSES else ()
    again = to is State.IN_PROGRESS and case.state in (State.ANSWERED, State.REFUSED, State.FORWARDED)
    ended = on if to is State.CLOSED else None
    return replace(case, state=to, pauses=answered + asked, closed_on=ended, round=case.round + again)


def check_may_answer(case: Case, *, secrecy_flag: bool | None) -> None:
    """Raise `Refused` unless this case's answer may be made and may leave: by its state, identity and secrecy.

    `secrecy_flag`: whether a source marks the person's data as secret for somebody (estranged parents); None where
    nobody looked, which is a refusal too.
    """
    where = f"case {case.number}"
    if case.state not in (State.IN_PROGRESS, State.SEALED):
        raise Refused(
            f"a case in state {case.state.value} is not ready to be answered",
            where=where,
            do="move it to in-progress first",
        )
    _check_identity(case)
    if secrecy_flag is None:
        raise Refused("nobody looked for a secrecy flag", where=where, do="search every system and look for the flag")
    if secrecy_flag:
        raise Refused(
            "a source carries a secrecy flag for this person",
            where=where,
            do="let the DPO decide what may be told to whom; nothing leaves until then",
        )


def may_answer(case: Case, *, secrecy_flag: bool | None) -> bool:
    """Whether `check_may_answer` has nothing against it."""
    try:
        check_may_answer(case, secrecy_flag=secrecy_flag)
    except Refused:
        return False
    return True


def _open_reasons(state: State) -> list[PauseReason]:
    return [PAUSES[state]] if state in PAUSES else []


def _check_identity(case: Case) -> None:
    if not case.identity_is_verified:
        raise Refused(
            "identity is not verified",
            where=f"case {case.number}",
            do="check identity first, with the lightest step that is enough, and record method and result",
        )
