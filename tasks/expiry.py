"""Packages whose time is over: their passphrase is dropped, their file removed, and the store asked again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from domain.activity import Role
from domain.breaches import Harm
from domain.cases import State
from domain.evidence import Entry
from domain.release import OVER, PackageState
from domain.trouble import NotConfirmed, Refused, TermijnError
from tasks.breaches import propose_breach
from tasks.careful import careful, tell
from tasks.clock import now, today
from tasks.destroy import BY
from tasks.office import Office, open_office
from tasks.store import FORGOTTEN_AFTER, Store

if TYPE_CHECKING:
    from domain.release import Package

#: Files that are ours: a package, and the draft that a killed process left of one.
_OURS = re.compile(r"(\d{4}-\d{4,}[a-zA-Z0-9-]*\.(zip|pdf)|\.[0-9a-f]{16}\.draft)\Z")


@dataclass(frozen=True, slots=True)
class Removed:
    """What one night took out of the store: packages whose time was over, and files that no ledger knew."""

    packages: int = 0
    strays: int = 0


@careful
def expire(as_of: date) -> Removed:
    """Take everything out of the store that may not lie there any more on `as_of`, and see that it is gone.

    What fails is named at the end, and the rest is served. Raises Refused for a day that lies ahead; NotConfirmed.
    """
    if as_of > today():
        raise Refused("no package expires in the future", where="packages", do="give today or a day before")
    with open_office() as office:
        store = Store.of(office.settings)
        _withdraw_of_withdrawn(office, as_of)
        packages = remove_over(office, store, as_of)
        strays = _remove_strays(office, store)
    tell(f"packages: {packages} removed from the store, {strays} stray files")
    return Removed(packages, strays)


@careful
def withdraw(file: str, by: str) -> None:
    """Withdraw one package, and see that its file is gone. Raises NotFound, Refused, NotConfirmed.

    Of one that was released somebody may have had what was not theirs: that proposes a data breach (AVG 33).
    """
    with open_office() as office:
        package = office.ledger.packages.read_package(file)
        entry = Entry(kind="package.withdrawn", by=by, case=package.case)
        office.ledger.packages.withdraw(file, as_of=today(), entry=entry)
        if package.state is PackageState.RELEASED:
            role = Role.PROCESSOR if package.controller else Role.CONTROLLER
            why = "a package was withdrawn after its release"
            propose_breach(office, f"package {file}", harm=Harm.CONFIDENTIALITY, why=why, role=role)
        remove_over(office, Store.of(office.settings), today(), file=file)


def remove_over(office: Office, store: Store, as_of: date, *, case: str = "", file: str = "") -> int:
    """Remove the files of packages that are over (all, or those of a case or one file); how many are seen to be gone.

    Raises NotConfirmed, after every other was served, where one is not.
    """
    gone, troubles = 0, []
    for package in office.ledger.packages.to_be_gone(as_of):
        if (case and package.case != case) or (file and package.file != file):
            continue
        try:
            _remove(office, store, package, as_of)
            gone += 1
        except TermijnError as trouble:
            troubles.append(f"{package.file}: {trouble.what}")
    if troubles:
        raise NotConfirmed(
            f"{len(troubles)} packages are over and not seen to be gone: {'; '.join(troubles)}",
            where="the store of packages",
            do="look at the store; the next night tries again. Nobody gets their passphrase any more",
        )
    return gone


def _remove(office: Office, store: Store, package: Package, as_of: date) -> None:
    ledger = office.ledger.packages
    if package.state not in OVER:  # the passphrase goes first: a file that stays can then be opened by nobody new
        ledger.expire(package.file, as_of=as_of, entry=Entry(kind="package.expired", by=BY, case=package.case))
    store.remove(package.file)
    ledger.saw_gone(package.file, entry=Entry(kind="package.gone", by=BY, case=package.case))


def _withdraw_of_withdrawn(office: Office, as_of: date) -> None:
    """Who took the request back gets nothing more, and nothing of theirs stays ready."""
    back = {c.number for c in office.ledger.cases.list_cases([State.WITHDRAWN])}
    for package in office.ledger.packages.list_packages():
        if package.case in back and package.state not in OVER:
            entry = Entry(kind="package.withdrawn", by=BY, case=package.case)
            office.ledger.packages.withdraw(package.file, as_of=as_of, entry=entry)


def _remove_strays(office: Office, store: Store) -> int:
    """Files that a killed export left: the ledger never kept them, so nobody can open them."""
    known = {p.file for p in office.ledger.packages.list_packages() if p.gone_at is None}
    strays = [
        name for name in store.names(older_than=now() - FORGOTTEN_AFTER) if _OURS.match(name) and name not in known
    ]
    for name in strays:
        store.remove(name)
    return len(strays)
