"""How a copy of an identity document that came along is handled: masked before it is used, gone after the check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.cases import IdentityCheck, IdentityMethod, IdentityResult
from domain.trouble import Refused


class CopyState(StrEnum):
    """Where a copy stands."""

    UNSEEN = "unseen"  # nobody looked whether it is masked
    UNMASKED = "not masked"  # BSN, photo or machine-readable lines can be seen (UAVG 46)
    MASKED = "masked"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class IdCopy:
    """What is known of a copy without looking at it."""

    number: str
    case: str
    mail: str
    media: str
    state: CopyState
    kept_at: datetime
    gone_at: datetime | None = None


def check_may_be_used(check: IdentityCheck, copies: Iterable[IdCopy], *, where: str) -> None:
    """Raise `Refused` where identity would rest on a copy that shows more than it may, or that nobody looked at."""
    if check.method is not IdentityMethod.MASKED_COPY or check.result is not IdentityResult.VERIFIED:
        return
    for copy in copies:
        if copy.state in (CopyState.UNSEEN, CopyState.UNMASKED):
            seen = "nobody looked whether it is masked" if copy.state is CopyState.UNSEEN else "it is not masked"
            raise Refused(
                f"copy {copy.number} of an identity document cannot be used: {seen} (UAVG 46; AVG 5 lid 1 onder c)",
                where=where,
                do=f"look: termijn identity copy show {copy.number} --to FILE; then say: copy seen, or copy mask",
            )


def ends_with(check: IdentityCheck) -> bool:
    """Whether a copy has no use any more after this check: whoever was verified, or whose copy was checked."""
    return check.result is IdentityResult.VERIFIED or check.method is IdentityMethod.MASKED_COPY
