"""The plans of the office, frozen: what was shown to the approver is what will be carried out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from domain.evidence import Entry
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.chain import Chain
from ledger.schema import plans


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan by its digest. `body` is what the caller gave, and may hold keys of records: never log it."""

    digest: str
    system: str
    as_of: date
    drawn_by: str
    at: datetime
    state: str
    body: bytes = field(repr=False, default=b"")


class Plans:
    """The kept plans of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def keep_plan(self, digest: str, *, system: str, as_of: date, drawn_by: str, body: bytes, entry: Entry) -> None:
        """Keep a plan under its digest. The same plan twice is one plan; another body is Refused."""
        mark = hashlib.sha256(body).hexdigest()
        with self._chain.write(entry) as writing:
            row = writing.connection.execute(select(plans).where(plans.c.digest == digest)).one_or_none()
            if row is not None and row.body_hash != mark:
                raise Refused("another plan has this digest", where=f"plan {digest[:12]}", do="draw up the plan anew")
            if row is not None:
                writing.nothing_to_do()
                return
            values = {"digest": digest, "system": system, "as_of": as_of, "drawn_by": drawn_by, "at": writing.at}
            token = self._chain.keyring.encrypt(body, of=f"plans.body:{digest}:{mark}")
            writing.connection.execute(insert(plans).values(body_hash=mark, body=token, state="kept", **values))
            writing.record |= {"plan": digest, "system": system, "as_of": as_of.isoformat(), "body": mark}

    def read_plan(self, digest: str) -> KeptPlan:
        """The plan as it was kept. Raises NotFound; LedgerBroken where it is no longer what it was."""
        with self._chain.read() as connection:
            row = connection.execute(select(plans).where(plans.c.digest == digest)).one_or_none()
        if row is None:
            raise _not_found(digest)
        if row.state == "forgotten":
            raise NotFound(
                "what this plan named was forgotten by its term",
                where=f"plan {digest[:12]}",
                do="see what was destroyed in its certificate, or draw up a new plan",
            )
        body = self._chain.keyring.decrypt(row.body, of=f"plans.body:{digest}:{row.body_hash}")
        if hashlib.sha256(body).hexdigest() != row.body_hash:
            raise LedgerBroken(
                "this plan is not what was kept", where=f"plan {digest[:12]}", do="draw up a new plan; tell the DPO"
            )
        return _plan(row, body)

    def list_plans(self, state: str | None = None) -> tuple[KeptPlan, ...]:
        """All plans, oldest first, without their bodies."""
        query = select(plans).order_by(plans.c.at)
        if state is not None:
            query = query.where(plans.c.state == state)
        with self._chain.read() as connection:
            return tuple(_plan(row) for row in connection.execute(query))

    def settle(self, digest: str, state: str, *, entry: Entry) -> None:
        """Say what became of a plan: 'carried out', 'lapsed'. Raises NotFound."""
        with self._chain.write(entry) as writing:
            changed = writing.connection.execute(update(plans).where(plans.c.digest == digest).values(state=state))
            if changed.rowcount == 0:
                raise _not_found(digest)
            writing.record |= {"plan": digest, "state": state}


def _plan(row: Row[Any], body: bytes = b"") -> KeptPlan:
    return KeptPlan(row.digest, row.system, row.as_of, row.drawn_by, row.at, row.state, body)


def _not_found(digest: str) -> NotFound:
    return NotFound(f"no plan {digest[:12]}", do="keep one first: termijn plan --keep")
