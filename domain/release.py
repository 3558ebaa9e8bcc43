"""What becomes of a sealed package: who may release it, until when it can be opened, and when its file must be gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.activity import Entry, Sentence
from domain.terms import Term
from domain.trouble import Refused


class PackageState(StrEnum):
    """Where a package stands. Only in `released` does anybody get its passphrase for the person."""

    SEALED = "sealed"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


#: From a state to the next. What ended never comes back: the package is made anew, and released anew.
ALLOWED_MOVES: Mapping[PackageState, tuple[PackageState, ...]] = {
    PackageState.SEALED: (
        PackageState.RELEASED, PackageState.WITHDRAWN, PackageState.SUPERSEDED, PackageState.EXPIRED,
    ),
    PackageState.RELEASED: (PackageState.WITHDRAWN, PackageState.SUPERSEDED, PackageState.EXPIRED),
    PackageState.WITHDRAWN: (),
    PackageState.SUPERSEDED: (),
    PackageState.EXPIRED: (),
}  # fmt: skip

#: The states in which the file has no reason to lie in the store any more.
OVER = frozenset({PackageState.WITHDRAWN, PackageState.SUPERSEDED, PackageState.EXPIRED})


class PackagesStay(Entry):
    """How long a package lies in the store, from the day of its sealing (`register/packages.toml`)."""

    since: date
    stays: Term
    counts_from: Sentence
    article: Sentence
    source: Sentence
    choice: Sentence
    last_checked: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One sealed file of one case, for one controller ('' is 12Care itself). No personal data.

    `special`: it holds data of article 9 or a BSN, so two persons release it. `gone_at`: when the store was seen not to
    hold the file any more.
    """

    file: str
    case: str
    controller: str
    sha256: str
    special: bool
    made_by: str
    sealed_at: datetime
    expires_on: date
    state: PackageState
    released_by: str | None = None
    released_at: datetime | None = None
    gone_at: datetime | None = None


def check_move(package: Package, to: PackageState, as_of: date) -> None:
    """Raise `Refused` unless the package may go to state `to` on `as_of`."""
    where = f"package of case {package.case}"
    if to not in ALLOWED_MOVES[package.state]:
        raise Refused(
            f"a package that is {package.state.value} does not become {to.value}",
            where=where,
            do="make the package anew: termijn export CASE" if package.state in OVER else "look: termijn package list",
        )
    if to is PackageState.RELEASED and as_of > package.expires_on:
        raise Refused("the package expired", where=where, do="make the package anew: termijn export CASE")
    if to is PackageState.EXPIRED and as_of <= package.expires_on:
        raise Refused(
            f"the package stays until {package.expires_on}", where=where, do="withdraw it: termijn package withdraw"
        )


def check_may_be_opened(package: Package, as_of: date) -> None:
    """Raise `Refused` unless the person may open the package on `as_of`: released, not ended, not expired."""
    where = f"package of case {package.case}"
    if package.state in OVER or as_of > package.expires_on:
        raise Refused("withdrawn or expired", where=where, do="make the package anew: termijn export CASE")
    if package.state is not PackageState.RELEASED:
        raise Refused(
            "the package is not released",
            where=where,
            do="look at it (termijn package open --review) and release it: termijn package release",
        )


def must_be_gone(package: Package, as_of: date) -> bool:
    """Whether the store may not hold the file any more on `as_of`, and was not yet seen without it."""
    return package.gone_at is None and (package.state in OVER or as_of > package.expires_on)
