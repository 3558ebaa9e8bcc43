"""Which sealed packages there are, until when, and who asked for their passphrase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from ledger.chain import Chain
from ledger.schema import cases, packages


class PackageState(StrEnum):
    """A sealed package can be opened with its passphrase; a withdrawn one we help nobody open."""

    SEALED = "sealed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Package:
    """One sealed file of one case."""

    file: str
    case: str
    sha256: str
    sealed_at: datetime
    expires_on: date
    state: PackageState


class Packages:
    """The packages of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def seal(self, case: str, *, file: str, sha256: str, passphrase: str, expires_on: date, entry: Entry) -> Package:
        """Keep that a package was sealed, its passphrase encrypted. A package made again withdraws the one before.

        The file is named after the case and nobody else. Raises NotFound, Refused.
        """
        if case not in file or "/" in file or not file.isascii() or " " in file:
            raise Refused("a package is named after its case", where=f"case {case}", do="name it <case number>.zip")
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="package", do="look it up with: termijn case list")
            values: dict[str, Any] = {"case": case, "sha256": sha256, "sealed_at": writing.at, "expires_on": expires_on}
            values["passphrase"] = self._chain.keyring.encrypt(passphrase.encode(), of=_place(file, sha256))
            values["state"] = PackageState.SEALED.value
            changed = connection.execute(update(packages).where(packages.c.file == file).values(values))
            if changed.rowcount == 0:
                connection.execute(insert(packages).values(file=file, **values))
            writing.subject = case
            writing.record |= {"package": file, "sha256": sha256, "expires": expires_on.isoformat()}
        return Package(file, case, sha256, writing.at, expires_on, PackageState.SEALED)

    def withdraw(self, file: str, *, entry: Entry) -> None:
        """From now on nobody gets the passphrase: it is dropped. Raises NotFound."""
        with self._chain.write(entry) as writing:
            row = _row(writing.connection, file)
            values = {"state": PackageState.WITHDRAWN.value, "passphrase": None}
            writing.connection.execute(update(packages).where(packages.c.file == file).values(values))
            writing.subject = row.case
            writing.record |= {"package": file, "state": "withdrawn"}

    def passphrase_of(self, file: str, *, as_of: date, entry: Entry) -> str:
        """The passphrase, to tell the person over another channel; that it was asked for is an event.

        Raises NotFound; Refused where the package was withdrawn or its last day is before `as_of`.
        """
        with self._chain.write(entry) as writing:
            row = _row(writing.connection, file)
            if row.state != PackageState.SEALED.value or row.passphrase is None or as_of > row.expires_on:
                raise Refused("withdrawn or expired", where=f"package of case {row.case}", do="make the package anew")
            phrase = self._chain.keyring.decrypt(row.passphrase, of=_place(file, row.sha256)).decode()
            writing.subject = row.case
            writing.record |= {"package": file, "passphrase": "read"}
        return phrase

    def list_packages(self, case: str | None = None) -> tuple[Package, ...]:
        """All packages, or those of a case, oldest first."""
        query = select(packages).order_by(packages.c.sealed_at)
        if case is not None:
            query = query.where(packages.c.case == case)
        with self._chain.read() as connection:
            return tuple(
                Package(r.file, r.case, r.sha256, r.sealed_at, r.expires_on, PackageState(r.state))
                for r in connection.execute(query)
            )


def _row(connection: Connection, file: str) -> Row[Any]:
    row = connection.execute(select(packages).where(packages.c.file == file)).one_or_none()
    if row is None:
        raise NotFound("no such package", do="look it up with: termijn case show CASE")
    return row


def _place(file: str, sha256: str) -> str:
    return f"packages.passphrase:{file}:{sha256}"
