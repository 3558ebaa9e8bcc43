"""The rows of sealed packages in the ledger: read only as the ledger wrote them, and bound to their file."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select, update

from domain.release import Package, PackageState
from domain.trouble import NotFound, Refused
from ledger.approvals import What, standing_approval
from ledger.schema import packages
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


def read_row(connection: Connection, keyring: Keyring, file: str) -> Row[Any]:
    """The row of one package. Raises NotFound; LedgerBroken where it was changed by hand."""
    for row in check_seals(keyring, packages, connection.execute(select(packages).where(packages.c.file == file))):
        return row
    raise NotFound("no such package", do="look it up with: termijn package list")


def read_rows(connection: Connection, keyring: Keyring, *, case: str | None) -> list[Row[Any]]:
    """The rows of every package, or of a case's, oldest first. LedgerBroken where one was changed by hand."""
    query = select(packages).order_by(packages.c.sealed_at, packages.c.file)
    if case is not None:
        query = query.where(packages.c.case == case)
    return check_seals(keyring, packages, connection.execute(query))


def as_package(row: Row[Any]) -> Package:
    """A row as the value that the domain decides on."""
    return Package(
        file=row.file,
        case=row.case,
        controller=row.controller or "",
        sha256=row.sha256,
        special=row.special is not False,
        made_by=row.made_by or "",
        sealed_at=row.sealed_at,
        expires_on=row.expires_on,
        state=PackageState(row.state),
        released_by=row.released_by,
        released_at=row.released_at,
        gone_at=row.gone_at,
    )


def check_approval(connection: Connection, keyring: Keyring, package: Package, as_of: date) -> None:
    """Raise `Refused` where a special package has no approval that stands on `as_of`."""
    if package.special and standing_approval(connection, keyring, What.RELEASE, package.sha256, as_of=as_of) is None:
        raise Refused(
            "the approval of this package expired or was revoked",
            where=f"package of case {package.case}",
            do="make the package anew: termijn export CASE",
        )


def seal_older(connection: Connection, keyring: Keyring) -> None:
    """Packages of before there were releases: sealed, held to be special, and not released. For `ledger.open` alone."""
    for row in connection.execute(select(packages).where(packages.c.seal.is_(None))).all():
        values = row._asdict() | {"controller": "", "special": True, "made_by": "termijn"}
        values["seal"] = seal_of(keyring, packages, values)
        connection.execute(update(packages).where(packages.c.file == row.file).values(values))


def place_of(file: str, sha256: str) -> str:
    """Where the passphrase of a package belongs: in another row it does not open."""
    return f"packages.passphrase:{file}:{sha256}"
