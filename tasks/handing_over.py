"""How a package and its passphrase leave: the file as the store has it, the phrase apart from it, each an event."""

from __future__ import annotations

import os
from pathlib import Path

from domain.evidence import Entry
from domain.trouble import Refused
from tasks.clock import today
from tasks.office import open_office
from tasks.store import Store


def tell_passphrase(file: str, *, by: str, code: str | None = None) -> str:
    """The passphrase of a released package; with an officer's code, of one that still waits for its release.

    Raises NotFound, Refused.
    """
    with open_office() as office:
        packages = office.ledger.packages
        case = packages.read_package(file).case
        if code is None:
            entry = Entry(kind="passphrase.read", by=by, case=case)
            return packages.passphrase_of(file, as_of=today(), entry=entry)
        entry = Entry(kind="package.reviewed", by=by, case=case)
        return packages.review(file, code=code, as_of=today(), entry=entry)


def fetch_package(file: str, folder: Path, *, by: str, review: bool = False) -> Path:
    """Copy a package out of the store into a folder, checked against what was sealed; its path.

    Without `review` only a released one. It stays encrypted: what is copied opens with its passphrase only. Raises
    NotFound, Refused, NotConfirmed.
    """
    with open_office() as office:
        packages = office.ledger.packages
        package = packages.read_package(file)
        entry = Entry(kind="package.opened", by=by, case=package.case)
        packages.open_package(file, as_of=today(), entry=entry, review=review)
        folder.mkdir(parents=True, exist_ok=True)
        to = folder / package.file
        if to.exists():
            raise Refused("there is a file of this name already", where=str(folder), do="give another folder: --to DIR")
        draft = folder / f".{package.file}.draft"
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                Store.of(office.settings).fetch(package.file, out, package.sha256)
            draft.replace(to)
        finally:
            draft.unlink(missing_ok=True)
    return to
