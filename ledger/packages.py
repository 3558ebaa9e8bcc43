"""Which sealed packages there are, who released them, and every time somebody asked for one: the one door out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select, update

from domain.evidence import Entry
from domain.release import OVER, Package, PackageState, check_may_be_opened, check_move, must_be_gone
from domain.trouble import NotFound, Refused
from ledger.approvals import MAY_APPROVE, Approvals, What
from ledger.chain import Chain, Writing
from ledger.leaving import check_may_leave
from ledger.officers import OfficerRole, Officers, same_person
from ledger.package_rows import as_package, check_approval, place_of, read_row, read_rows
from ledger.released import SEALED
from ledger.schema import cases, packages
from ledger.seals import seal_of

#: Which officers may open a package before it is released.
MAY_LOOK = MAY_APPROVE[What.RELEASE] | {OfficerRole.HANDLER}
_ANEW = "make the package anew: termijn export CASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A package that lies in the store, for the ledger to keep: its file, for whom, its digest and how it opens."""

    file: str
    controller: str
    sha256: str
    special: bool
    records: int
    passphrase: str = field(repr=False)


class Packages:
    """The packages of the ledger. A case is answered only when each of its packages was released here."""

    def __init__(self, chain: Chain, officers: Officers, approvals: Approvals) -> None:
        self._chain, self._officers, self._approvals = chain, officers, approvals

    def seal(self, case: str, made: Sequence[Made], *, expires_on: date, entry: Entry) -> tuple[Package, ...]:
        """Keep that these packages are the answer to a case, all of them or none; every earlier one is superseded.

        `entry.by` made them, and will not be the one who releases a special one. Raises NotFound, Refused.
        """
        if entry.kind != SEALED or not made:
            raise Refused("nothing is sealed", where=f"case {case}", do="make the packages with: termijn export CASE")
        for one in made:
            if not one.file.startswith(case) or "/" in one.file or not one.file.isascii() or " " in one.file:
                raise Refused(
                    "a package is named after its case", where=f"case {case}", do="name it <case number>….zip or ….pdf"
                )
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="package", do="look it up with: termijn case list")
            for row in read_rows(connection, self._chain.keyring, case=case):
                if PackageState(row.state) not in OVER:
                    self._change(writing, row, state=PackageState.SUPERSEDED.value, passphrase=None)
            for one in made:
                self._insert(writing, case, one, expires_on)
            writing.subject = case
            writing.record |= {"packages": [[m.file, m.sha256] for m in made], "expires": expires_on.isoformat()}
        return self.list_packages(case, sealed_by_last=True)

    def ask_release(self, file: str, *, code: str, as_of: date, entry: Entry) -> None:
        """Officer `entry.by` asks, with a code, that a package be released. Raises NotFound, Refused."""
        with self._chain.write(entry) as writing:
            row = self._row(writing, file)
            check_move(as_package(row), PackageState.RELEASED, as_of)
            proven = self._officers.prove(writing, code)
            if isinstance(proven, Refused):
                writing.refuse(proven.what)
            else:
                self._approvals.ask_within(writing, What.RELEASE, row.sha256)
                writing.record |= {"sha256": row.sha256}
        if isinstance(proven, Refused):
            raise proven

    def release(self, file: str, *, code: str, as_of: date, entry: Entry) -> Package:
        """Officer `entry.by` lets a package go to the person, with a code (promise 8).

        A special one was asked for by another officer, and is not released by who made it, admins included; what is
        approved is its SHA-256, up to the day on which it expires. Raises NotFound; Refused (the attempt is kept).
        """
        with self._chain.write(entry) as writing:
            row = self._row(writing, file)
            package = as_package(row)
            check_move(package, PackageState.RELEASED, as_of)
            check_may_leave(writing.connection, self._chain.keyring, package.case, as_of)
            refusal = self._allow(writing, package, code)
            if refusal is None:
                at = {"released_by": entry.by, "released_at": writing.at}
                self._change(writing, row, state=PackageState.RELEASED.value, **at)
                writing.record |= {"state": "released", "sha256": row.sha256, "special": package.special}
            else:
                writing.refuse(refusal.what)
        if refusal is not None:
            raise refusal
        return self.read_package(file)

    def passphrase_of(self, file: str, *, as_of: date, entry: Entry) -> str:
        """The passphrase, to tell the person over another channel; that it was asked for is an event.

        Raises NotFound; Refused where the package was not released, was withdrawn, or its last day is before `as_of`.
        """
        with self._chain.write(entry) as writing:
            row = self._openable(writing, file, as_of)
            writing.record |= {"passphrase": "read"}
            return self._phrase(row)

    def open_package(self, file: str, *, as_of: date, entry: Entry, review: bool = False) -> Package:
        """Keep that somebody fetched the file itself, to send it or to open it. Raises as `passphrase_of` does.

        `review`: to look at it before its release. Without the passphrase, which only `review` gives, nobody can.
        """
        with self._chain.write(entry) as writing:
            if review:
                row = self._row(writing, file)
                _check_lies_there(as_package(row), as_of)
            else:
                row = self._openable(writing, file, as_of)
            writing.record |= {"file": "fetched", "review": review}
        return as_package(row)

    def review(self, file: str, *, code: str, as_of: date, entry: Entry) -> str:
        """The passphrase for an officer who looks before it is released, proven with a code; an event. Raises Refused.

        Who may release may look, and who handles the case. Nobody else: what was not released is told to no person.
        """
        with self._chain.write(entry) as writing:
            row = self._row(writing, file)
            _check_lies_there(as_package(row), as_of)
            proven = self._officers.prove(writing, code)
            refusal = proven if isinstance(proven, Refused) else None
            if refusal is None and proven not in MAY_LOOK:
                refusal = Refused("your role looks into no package", do=f"ask one of: {', '.join(sorted(MAY_LOOK))}")
            if refusal is None:
                writing.record |= {"passphrase": "reviewed"}
            else:
                writing.refuse(refusal.what)
        if refusal is not None:
            raise refusal
        return self._phrase(row)

    def withdraw(self, file: str, *, as_of: date, entry: Entry) -> None:
        """From now on nobody gets the passphrase: it is dropped. It only stops things, so it needs no code."""
        self._end(file, PackageState.WITHDRAWN, as_of, entry)

    def expire(self, file: str, *, as_of: date, entry: Entry) -> None:
        """The term of a package is over: its passphrase is dropped. Raises Refused where it is not over yet."""
        self._end(file, PackageState.EXPIRED, as_of, entry)

    def saw_gone(self, file: str, *, entry: Entry) -> None:
        """The store was asked again and does not hold the file. Refused for a package that can still be opened."""
        with self._chain.write(entry) as writing:
            row = self._row(writing, file)
            if PackageState(row.state) not in OVER:
                raise Refused("this package is not over", where=f"package of case {row.case}", do="withdraw it first")
            self._change(writing, row, gone_at=writing.at)
            writing.record |= {"gone": True}

    def read_package(self, file: str) -> Package:
        """One package by its file. Raises NotFound."""
        with self._chain.read() as connection:
            return as_package(read_row(connection, self._chain.keyring, file))

    def list_packages(self, case: str | None = None, *, sealed_by_last: bool = False) -> tuple[Package, ...]:
        """All packages, or those of a case, oldest first. `sealed_by_last`: only what its last export made."""
        with self._chain.read() as connection:
            found = tuple(as_package(r) for r in read_rows(connection, self._chain.keyring, case=case))
        last = max((p.sealed_at for p in found), default=None)
        return tuple(p for p in found if not sealed_by_last or p.sealed_at == last)

    def to_be_gone(self, as_of: date) -> tuple[Package, ...]:
        """The packages whose file the store may not hold any more on `as_of`."""
        return tuple(p for p in self.list_packages() if must_be_gone(p, as_of))

    def _allow(self, writing: Writing, package: Package, code: str) -> Refused | None:
        if package.special:
            if same_person(package.made_by, writing.entry.by):
                return Refused(
                    "you made this package yourself; it takes two persons", do="let another officer release it"
                )
            return self._approvals.allow_within(
                writing, What.RELEASE, package.sha256, code=code, expires_on=package.expires_on
            )
        proven = self._officers.prove(writing, code)
        if isinstance(proven, Refused):
            return proven
        allowed = MAY_APPROVE[What.RELEASE]
        if proven in allowed:
            return None
        return Refused(f"a {proven.value} releases no package", do=f"ask one of: {', '.join(sorted(allowed))}")

    def _openable(self, writing: Writing, file: str, as_of: date) -> Row[Any]:
        row = self._row(writing, file)
        check_may_be_opened(as_package(row), as_of)
        check_may_leave(writing.connection, self._chain.keyring, row.case, as_of)
        check_approval(writing.connection, self._chain.keyring, as_package(row), as_of)
        if row.passphrase is None:
            raise Refused("withdrawn or expired", where=f"package of case {row.case}", do=_ANEW)
        return row

    def _end(self, file: str, state: PackageState, as_of: date, entry: Entry) -> None:
        with self._chain.write(entry) as writing:
            row = self._row(writing, file)
            check_move(as_package(row), state, as_of)
            self._change(writing, row, state=state.value, passphrase=None)
            writing.record |= {"state": state.value}

    def _row(self, writing: Writing, file: str) -> Row[Any]:
        row = read_row(writing.connection, self._chain.keyring, file)
        writing.subject, writing.record["package"] = row.case, file
        return row

    def _phrase(self, row: Row[Any]) -> str:
        return self._chain.keyring.decrypt(row.passphrase, of=place_of(row.file, row.sha256)).decode()

    def _insert(self, writing: Writing, case: str, made: Made, expires_on: date) -> None:
        values: dict[str, Any] = {"file": made.file, "case": case, "sha256": made.sha256, "sealed_at": writing.at}
        values |= {"expires_on": expires_on, "controller": made.controller, "special": made.special}
        values |= {"made_by": writing.entry.by, "state": PackageState.SEALED.value}
        values |= {"released_by": None, "released_at": None, "gone_at": None}
        values["seal"] = seal_of(self._chain.keyring, packages, values)
        values["passphrase"] = self._chain.keyring.encrypt(
            made.passphrase.encode(), of=place_of(made.file, made.sha256)
        )
        writing.connection.execute(insert(packages).values(values))

    def _change(self, writing: Writing, row: Row[Any], **changed: Any) -> None:
        values = row._asdict() | changed
        seal = seal_of(self._chain.keyring, packages, values)
        writing.connection.execute(update(packages).where(packages.c.file == row.file).values(**changed, seal=seal))


def _check_lies_there(package: Package, as_of: date) -> None:
    if must_be_gone(package, as_of) or package.gone_at is not None:
        raise Refused("withdrawn or expired", where=f"package of case {package.case}", do=_ANEW)


__all__ = ["Made", "Package", "PackageState", "Packages"]
