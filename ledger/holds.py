"""What may not be destroyed for now, for whom it waits, why, and when somebody looks at it again.

Where the holds cannot be read there is an error and never an empty list: no list of holds, no purge (promise 3).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from domain.evidence import Entry, leaf
from domain.identity import Identifier
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.chain import Chain
from ledger.schema import cases, holds
from ledger.seals import check_seals, seal_of


class Scope(StrEnum):
    """What a hold keeps: one record, all of one person, or a whole dataset."""

    RECORD = "record"
    PERSON = "person"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. `key` is written as `domain.keys` does; a person is named by a case, by identifiers, or both."""

    id: str
    scope: Scope
    owner: str
    reason: str = field(repr=False)
    review_on: date
    until: date | None
    ended_on: date | None
    system: str = ""
    dataset: str = ""
    case: str = ""
    key: str | None = field(default=None, repr=False)
    identifiers: tuple[Identifier, ...] = field(default=(), repr=False)

    def is_active(self, as_of: date) -> bool:
        """Whether it holds on this day: `until` is its last day, `ended_on` the first day without it."""
        return (self.until is None or as_of <= self.until) and (self.ended_on is None or as_of < self.ended_on)


class Holds:
    """The holds of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def add(
        self,
        *,
        owner: str,
        reason: str,
        review_on: date,
        entry: Entry,
        until: date | None = None,
        system: str = "",
        dataset: str = "",
        key: str | None = None,
        case: str = "",
        identifiers: Sequence[Identifier] = (),
    ) -> Hold:
        """Hold a record (system, dataset, key), a person (case, identifiers) or a dataset. Raises Refused, NotFound.

        The reason is encrypted: it may name the dispute. It needs an owner and a day on which it is looked at again.
        """
        scope = _scope(system, dataset, key, bool(case or identifiers))
        if not owner.strip() or not reason.strip():
            raise Refused("a hold has an owner and a reason", do="add --owner and --reason")
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if case and connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="hold", do="look it up with: termijn case list")
            name = f"H{(connection.scalar(select(func.count()).select_from(holds)) or 0) + 1:04d}"
            evidence = keyring.evidence_key(keyring.evidence_ids[-1])
            target = {"key": key, "identifiers": [[i.kind, i.value] for i in identifiers]}
            row: dict[str, Any] = {
                "id": name,
                "scope": scope.value,
                "system": system,
                "dataset": dataset,
                "leaf": "" if key is None else leaf(evidence, system, dataset, key).hex(),
                "case": case,
                "owner": owner,
                "review_on": review_on,
                "until": until,
                "at": writing.at,
                "ended_on": None,
            }
            row["seal"] = seal_of(keyring, holds, row)
            row["target"] = keyring.encrypt(json.dumps(target).encode(), of=f"holds.target:{name}")
            row["reason"] = keyring.encrypt(reason.encode(), of=f"holds.reason:{name}")
            connection.execute(insert(holds).values(row))
            writing.subject = name
            writing.record |= {
                "hold": name,
                "scope": scope.value,
                "system": system,
                "dataset": dataset,
                "on case": case,
            }
        return Hold(name, scope, owner, reason, review_on, until, None, system, dataset, case, key, tuple(identifiers))

    def end(self, hold: str, *, on: date, entry: Entry) -> None:
        """End a hold: from this day on it holds nothing. Raises NotFound, Refused (ended already)."""
        with self._chain.write(entry) as writing:
            found = writing.connection.execute(select(holds).where(holds.c.id == hold))
            rows = check_seals(self._chain.keyring, holds, found)
            if not rows:
                raise NotFound("no such hold", where="hold", do="look it up with: termijn hold list")
            if rows[0].ended_on is not None:
                raise Refused(f"it was ended on {rows[0].ended_on}", where=f"hold {hold}", do="nothing")
            values = rows[0]._asdict() | {"ended_on": on}
            seal = seal_of(self._chain.keyring, holds, values)
            writing.connection.execute(update(holds).where(holds.c.id == hold).values(ended_on=on, seal=seal))
            writing.subject = hold
            writing.record |= {"hold": hold, "ended": on.isoformat()}

    def list_active(self, as_of: date) -> tuple[Hold, ...]:
        """The holds that keep something on `as_of`. An expired `until` has released by itself.

        Raises LedgerBroken where any hold, active or not, is missing or does not open.
        """
        return tuple(hold for hold in self.list_all() if hold.is_active(as_of))

    def list_all(self) -> tuple[Hold, ...]:
        """Every hold there ever was, oldest first."""
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, holds, connection.execute(select(holds).order_by(holds.c.at)))
        if {r.id for r in rows} != {f"H{n:04d}" for n in range(1, len(rows) + 1)}:
            raise LedgerBroken(
                "a hold is missing from the ledger", where="holds", do="destroy nothing; run: termijn ledger verify"
            )
        return tuple(self._read(r) for r in rows)

    def _read(self, row: Row[Any]) -> Hold:
        opened = self._chain.keyring.decrypt
        target = json.loads(opened(row.target, of=f"holds.target:{row.id}"))
        reason = opened(row.reason, of=f"holds.reason:{row.id}").decode()
        identifiers = tuple(Identifier(kind, value) for kind, value in target["identifiers"])
        what = (row.system, row.dataset, row.case, target["key"], identifiers)
        return Hold(row.id, Scope(row.scope), row.owner, reason, row.review_on, row.until, row.ended_on, *what)


def _scope(system: str, dataset: str, key: str | None, person: bool) -> Scope:
    if person and not (system or dataset or key):
        return Scope.PERSON
    if not person and system and dataset:
        return Scope.DATASET if key is None else Scope.RECORD
    raise Refused(
        "a hold is on one thing: a record, a person or a dataset",
        do="name system, dataset and key; or a case (or identifiers); or system and dataset",
    )
