"""How the identity of who asks was checked, rung by rung; never the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from domain.cases import IdentityMethod
from domain.evidence import Entry
from domain.identity_ladder import Outcome, Tried, check_rung
from domain.trouble import NotFound
from ledger.chain import Chain, Writing
from ledger.schema import cases, identity_checks
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


@dataclass(frozen=True, slots=True)
class Checked:
    """One rung as it was climbed. `why` may hold personal data."""

    tried: Tried
    by: str
    at: datetime
    why: str = field(repr=False)


class IdentityChecks:
    """The rungs of the ledger: what was asked, what could not be done, what was checked and what came of it."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def note(self, case: str, tried: Tried, *, entry: Entry, why: str = "") -> None:
        """Keep that a rung was asked or is not possible. Raises NotFound; Refused where a lighter one comes first."""
        with self._chain.write(entry) as writing:
            if writing.connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="identity", do="look it up with: termijn case list")
            keep_rung(writing, self._chain.keyring, case, tried, why)
            writing.subject = case

    def of_case(self, case: str) -> tuple[Checked, ...]:
        """The rungs of a case, oldest first."""
        keyring = self._chain.keyring
        with self._chain.read() as connection:
            rows = _rows(connection, keyring, case)
        return tuple(
            Checked(
                _tried(row),
                row.by,
                row.at,
                "" if row.why is None else keyring.decrypt(row.why, of=_place(case, row.serial)).decode(),
            )
            for row in rows
        )


def keep_rung(writing: Writing, keyring: Keyring, case: str, tried: Tried, why: str) -> None:
    """Keep a rung inside a write under way. Raises Refused by the ladder of the law."""
    past = _rows(writing.connection, keyring, case)
    check_rung(tried, [_tried(row) for row in past], why=why, where=f"case {case}")
    row: dict[str, Any] = {"case": case, "serial": len(past) + 1, "method": tried.method.value}
    row |= {"outcome": tried.outcome.value, "by": writing.entry.by, "at": writing.at}
    row["seal"] = seal_of(keyring, identity_checks, row)
    row["why"] = keyring.encrypt(why.encode(), of=_place(case, row["serial"])) if why.strip() else None
    writing.connection.execute(insert(identity_checks).values(row))
    writing.record |= {"rung": tried.method.value, "outcome": tried.outcome.value, "reasoned": bool(why.strip())}


def _rows(connection: Connection, keyring: Keyring, case: str) -> Sequence[Any]:
    of_case = select(identity_checks).where(identity_checks.c.case == case).order_by(identity_checks.c.serial)
    return check_seals(keyring, identity_checks, connection.execute(of_case))


def _tried(row: Any) -> Tried:
    return Tried(IdentityMethod(row.method), Outcome(row.outcome))


def _place(case: str, serial: int) -> str:
    return f"identity_checks.why:{case}:{serial}"
