"""Whether the answer to a case may be called given: each package of its last export was released (promise 8)."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import Connection, select

from domain.cases import State
from domain.release import PackageState
from domain.trouble import LedgerBroken, Refused
from ledger.package_rows import as_package, check_approval, read_rows
from ledger.schema import events
from ledger.secrets import Keyring

#: The kind of the event that tells which packages an answer has. No other entry seals packages.
SEALED = "package.sealed"


def check_released(connection: Connection, keyring: Keyring, case: str, as_of: date) -> None:
    """Raise `Refused` unless each package of the case's last export was released, and is not over.

    The choke point of an answer: `Cases.move` asks it inside its own write. Which packages there are is told by the
    event of their sealing, so that one which somebody took out of the table is missed. Raises LedgerBroken.
    """
    where = f"case {case}"
    told = _last_sealing(connection, case)
    if told is None:
        raise Refused(
            "no package was sealed for this case since it was last taken in hand", where=where, do="termijn export CASE"
        )
    found = [as_package(r) for r in read_rows(connection, keyring, case=case)]
    mine = [p for p in found if (p.file, p.sha256) in told]
    if not told or len(mine) != len(told):
        raise LedgerBroken("a package is missing from the ledger", where=where, do="run: termijn ledger verify")
    for package in mine:
        if package.state is not PackageState.RELEASED:
            raise Refused(
                f"package {package.file} is {package.state.value}, so the answer did not go to the person",
                where=where,
                do="release each package: termijn package release FILE",
            )
        check_approval(connection, keyring, package, as_of)


def _last_sealing(connection: Connection, case: str) -> set[tuple[str, str]] | None:
    """(file, SHA-256) of each package of the last export; None where the case was taken in hand again after it."""
    told, state = None, ""
    of_case = select(events.c.kind, events.c.body).where(events.c.subject == case).order_by(events.c.seq)
    for kind, body in connection.execute(of_case):
        record = json.loads(body)["record"]
        if kind == SEALED:
            told = {(file, sha256) for file, sha256 in record.get("packages", ())}
        elif "case" in record:
            if state not in ("", record["state"]) and record["state"] == State.IN_PROGRESS.value:
                told = None
            state = record["state"]
    return told
