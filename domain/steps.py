"""Which steps a request must have behind it before it ends, by its kind and ground, each with its article."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.cases import Case
from domain.moves import DIRECT_MARKETING, ERASES, HANDS_OVER, CaseKind, State
from domain.trouble import Refused


class Step(StrEnum):
    """Something that is done, and that the ledger can show. Said by a person only where `BY_HAND` says so."""

    IDENTITY = "identity-verified"
    PACKAGES = "packages-released"
    ERASED = "erased-and-verified"
    CORRECTED = "corrected-or-stated"
    RESTRICTED = "restricted"
    LIFTED = "restriction-lifted"
    STOPPED = "processing-stopped"
    WEIGHED = "interests-weighed"
    CONSENT = "consent-recorded"
    LISTED = "recipients-listed"
    TOLD = "recipients-told"
    CONFIRMED = "recipients-confirmed"
    LETTER = "letter-sent"


#: What each step means, by which article, for the page that is drawn from this table.
MEANING: Mapping[Step, tuple[str, str]] = {
    Step.IDENTITY: ("A check said that the person is who they say they are.", "AVG 12 lid 6"),
    Step.PACKAGES: ("Each package of the last export was released.", "AVG 15, 20; Wabvpz 15e"),
    Step.ERASED: ("The plan was carried out, and the person was looked for again in every system.", "AVG 17; BW 7:455"),
    Step.CORRECTED: (
        "Each correction was written back and read again, or a statement was added.",
        "AVG 16; BW 7:454(2)",
    ),
    Step.RESTRICTED: ("The person's data are marked; no purge touches them.", "AVG 18 lid 1, 2"),
    Step.LIFTED: ("The restriction ended, after the person was told.", "AVG 18 lid 3"),
    Step.STOPPED: ("What the person objected to has stopped.", "AVG 21 lid 1, 3"),
    Step.WEIGHED: ("Whose interest weighs more was decided, with reasons.", "AVG 21 lid 1"),
    Step.CONSENT: ("What was given or withdrawn stands in the opt-in register.", "AVG 7 lid 1, 3"),
    Step.LISTED: ("It was drawn up which recipients and processors have the data; there may be none.", "AVG 19"),
    Step.TOLD: ("Each recipient was told, or it is written why that cannot be asked.", "AVG 19"),
    Step.CONFIRMED: ("Each recipient that was told has confirmed, or it is written why we wait no longer.", "AVG 19"),
    Step.LETTER: ("The letter went to the person.", "AVG 12 lid 3, 4"),
}

#: What an officer says, with name and day, because no part of the ledger shows it by itself.
BY_HAND = frozenset({Step.STOPPED, Step.WEIGHED, Step.LETTER})

#: What is written down when it is done: by an officer, or by the task that did it. The rest shows from other tables.
SAID = BY_HAND | {Step.CONSENT}

#: What is said with its reasons.
REASONED = frozenset({Step.STOPPED, Step.WEIGHED})

#: The kinds of which recipients are told (AVG 19): they may hold what was changed, erased or restricted.
TOLD_ON = frozenset({CaseKind.RECTIFICATION, CaseKind.ERASURE, CaseKind.RESTRICTION})

_OF_KIND: Mapping[CaseKind, tuple[Step, ...]] = {
    **dict.fromkeys(HANDS_OVER, (Step.PACKAGES,)),
    **dict.fromkeys(ERASES, (Step.ERASED, Step.LETTER)),
    CaseKind.RECTIFICATION: (Step.CORRECTED, Step.LETTER),
    CaseKind.RESTRICTION: (Step.RESTRICTED, Step.LETTER),
    CaseKind.OBJECTION: (Step.WEIGHED, Step.STOPPED, Step.LETTER),
    CaseKind.CONSENT: (Step.CONSENT, Step.LETTER),
}


def needed(kind: CaseKind, to: State, ground: str = "") -> tuple[Step, ...]:
    """The steps that a request of this kind has behind it when it arrives in this state; none for most states."""
    if to is State.REFUSED or to is State.FORWARDED:
        return (Step.LETTER,)
    if to is State.CLOSED:
        after = (Step.CONFIRMED,) if kind in TOLD_ON else ()
        return (*after, Step.LIFTED) if kind is CaseKind.RESTRICTION else after
    if to is not State.ANSWERED:
        return ()
    steps = _OF_KIND[kind]
    if ground == DIRECT_MARKETING:
        steps = tuple(s for s in steps if s is not Step.WEIGHED)  # nobody weighs it: it is absolute (AVG 21 lid 3)
    told = (Step.LISTED, Step.TOLD) if kind in TOLD_ON else ()
    return (Step.IDENTITY, *told, *steps)


def check_steps(case: Case, to: State, done: frozenset[Step]) -> None:
    """Raise `Refused` where a step is missing that a case of its kind needs to arrive in `to`.

    What was never answered owes nobody a confirmation: a refused, forwarded or withdrawn case closes without.
    """
    if to is State.CLOSED and case.state is not State.ANSWERED:
        return
    missing = [step for step in needed(case.kind, to, case.ground) if step not in done]
    if missing:
        said = "; ".join(f"{step.value} ({MEANING[step][1]})" for step in missing)
        raise Refused(
            f"a case of kind {case.kind.value} is not {to.value} yet: {said}",
            where=f"case {case.number}",
            do=f"see what is done and what is not: termijn case steps {case.number}",
        )
