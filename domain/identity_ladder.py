"""In which order identity is checked: the lightest rung that is enough, and a masked copy only when nothing else can.

AVG 12 lid 6 lets us ask for more only where there is reasonable doubt; AVG 5 lid 1 onder c, never more than needed.
A document is shown or seen, and never kept: what is written down is the rung, the outcome and who checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.cases import IdentityMethod
from domain.trouble import Refused


class Outcome(StrEnum):
    """What came of a rung."""

    ASKED = "asked"  # we wait for the person
    VERIFIED = "verified"
    NOT_VERIFIED = "not verified"
    NOT_POSSIBLE = "not possible"  # no account, no known number: said with a reason


#: A rung with one of these lies behind us.
_BEHIND = frozenset({Outcome.VERIFIED, Outcome.NOT_VERIFIED, Outcome.NOT_POSSIBLE})


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: what it needs, which lighter steps come before it, and why the law allows it."""

    needs: str
    after: tuple[IdentityMethod, ...]
    article: str


_LIGHT = (IdentityMethod.SESSION, IdentityMethod.KNOWN_ADDRESS, IdentityMethod.CALL_BACK)

#: Lightest first. The three light rungs ask for nothing new, so any of them may come first.
LADDER: Mapping[IdentityMethod, Rung] = {
    IdentityMethod.SESSION: Rung(
        "an account of ours in which the person is logged in", (), "AVG overweging 57; AVG 12 lid 6"
    ),
    IdentityMethod.KNOWN_ADDRESS: Rung(
        "an address that we knew before the request, and two data that only the person knows", (), "AVG 12 lid 6"
    ),
    IdentityMethod.CALL_BACK: Rung(
        "a number that we knew before the request; we call, nobody is called back on a new number", (), "AVG 12 lid 6"
    ),
    IdentityMethod.ID_SHOWN: Rung(
        "the person at the desk or on screen; somebody looks at the document, and nothing is copied",
        _LIGHT,
        "AVG 12 lid 6; AVG 5 lid 1 onder c",
    ),
    IdentityMethod.MASKED_COPY: Rung(
        "a copy with BSN, photo and machine-readable lines covered; destroyed at once after the check",
        (*_LIGHT, IdentityMethod.ID_SHOWN),
        "AVG 12 lid 6; AVG 5 lid 1 onder c en e; UAVG 46",
    ),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """A rung that was asked, checked or found impossible for one case."""

    method: IdentityMethod
    outcome: Outcome


def open_before(method: IdentityMethod, past: Iterable[Tried]) -> tuple[IdentityMethod, ...]:
    """The lighter rungs that still could be tried before this one."""
    behind = {t.method for t in past if t.outcome in _BEHIND}
    return tuple(m for m in LADDER[method].after if m not in behind)


def next_rung(past: Iterable[Tried]) -> IdentityMethod | None:
    """The lightest rung that is not behind us; None where identity is verified or no rung is left."""
    tried = tuple(past)
    if any(t.outcome is Outcome.VERIFIED for t in tried):
        return None
    behind = {t.method for t in tried if t.outcome in _BEHIND}
    return next((m for m in LADDER if m not in behind), None)


def check_rung(tried: Tried, past: Iterable[Tried], *, why: str, where: str) -> None:
    """Raise `Refused` where this asks more of the person than is needed, or leaves a reason out.

    A lighter rung that was neither tried nor impossible bars a heavier one, unless `why` says why it is skipped.
    """
    before = tuple(past)
    if tried.outcome is Outcome.NOT_POSSIBLE:
        if not why.strip():
            raise Refused(f"why is '{tried.method}' not possible?", where=where, do="say it with --why")
        return
    if tried.outcome is Outcome.ASKED and any(t.outcome is Outcome.VERIFIED for t in before):
        raise Refused(
            "identity is verified already; to ask more is more than is needed (AVG 12 lid 6)",
            where=where,
            do="go on with the case",
        )
    lighter = open_before(tried.method, before)
    if lighter and not why.strip():
        raise Refused(
            f"'{tried.method}' asks more than is needed while a lighter check was possible: {', '.join(lighter)}",
            where=where,
            do="try those first, or say with --why why they are not enough; one that cannot be done: "
            "termijn identity impossible",
        )
