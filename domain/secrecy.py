"""What must stay secret for somebody's safety: a flag stops every answer until an officer decided for that request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.trouble import Refused


class SecrecyKind(StrEnum):
    """Why. What is secret, and for whom, stands encrypted in the ledger and is shown to officers only."""

    PARENTS_APART = "parents-apart"  # what one parent may not learn of the other
    SAFE_ADDRESS = "safe-address"  # an address that somebody may not learn
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: where it was set, by whom; `may` is what an officer decided for the request at hand, None: nobody."""

    flag: str
    case: str
    kind: SecrecyKind
    by: str
    may: bool | None = None


def check_no_secret(flags: Sequence[Flag], *, case: str) -> None:
    """Raise `Refused` while a flag of the person is undecided for this case, or an officer decided against it.

    The words name neither the secret nor the person: they may end on a screen that the requester sees.
    """
    undecided = [f.flag for f in flags if f.may is None]
    if undecided:
        raise Refused(
            "an officer must look at this request before anything leaves",
            where=f"case {case}",
            do=f"let an officer look: termijn secrecy show {case}, and decide: termijn secrecy decide {case} "
            f"{undecided[0]}",
        )
    if any(f.may is False for f in flags):
        raise Refused(
            "an officer decided that nothing leaves in this request",
            where=f"case {case}",
            do=f"mend the answer (withhold what is secret) and let an officer decide anew: termijn secrecy show {case}",
        )
