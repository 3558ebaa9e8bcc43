"""What may not be destroyed for now, for whom it waits, why, and when somebody looks at it again.

A restriction is the hold that a person has a right to (article 18 AVG): it ends only after the person was told.
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
from ledger.chain import Chain, Writing
from ledger.schema import cases, events, holds
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


class Scope(StrEnum):
    """What a hold keeps: one record, all of one person, or a whole dataset."""

    RECORD = "record"
    PERSON = "person"
    DATASET = "dataset"


class Ground(StrEnum):
    """Why a person may have processing restricted: the letters of article 18(1) AVG."""

    ACCURACY = "a"  # the person disputes that the data are right, until that is checked
    UNLAWFUL = "b"  # the processing is unlawful, and the person wants the data kept
    CLAIM = "c"  # we no longer need the data, the person does, for a claim
    OBJECTION = "d"  # the person objected, until it is clear whose interest weighs more


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
    ground: Ground | None = None
    told_on: date | None = None

    @property
    def kind(self) -> str:
        """`restriction` where it rests on article 18, else `hold`."""
        return "hold" if self.ground is None else "restriction"

    def is_overdue(self, as_of: date) -> bool:
        """Whether somebody should have looked at it again by now. That never releases anything."""
        return self.is_active(as_of) and self.review_on < as_of

    def is_active(self, as_of: date) -> bool:
        """Whether it holds on this day: `until` is its last day, `ended_on` the first day without it."""
        return (self.until is None or as_of <= self.until) and (self.ended_on is None or as_of < self.ended_on)


def mark_of(keyring: Keyring, row: Row[Any]) -> str:
    """What the newest evidence key makes of the held record: an older key may then be destroyed."""
    if not row.leaf:
        return ""
    key = json.loads(keyring.decrypt(row.target, of=f"holds.target:{row.id}"))["key"]
    return leaf(keyring.evidence_key(keyring.evidence_ids[0]), row.system, row.dataset, key).hex()


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
        ground: Ground | None = None,
    ) -> Hold:
        """Hold a record (system, dataset, key), a person (case, identifiers) or a dataset. Raises Refused, NotFound.

        The reason is encrypted: it may name the dispute. It needs an owner and a day on which it is looked at again.
        With a `ground` it is a restriction under article 18: of a person, and without a last day of its own.
        """
        scope = _scope(system, dataset, key, bool(case or identifiers))
        if ground is not None and (scope is not Scope.PERSON or until is not None):
            raise Refused(
                "a restriction is of a person, and ends only after that person was told (art. 18 lid 3 AVG)",
                do="name the case with --case, and leave --until out",
            )
        if not owner.strip() or not reason.strip():
            raise Refused("a hold has an owner and a reason", do="add --owner and --reason")
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if case and connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="hold", do="look it up with: termijn case list")
            name = f"H{(connection.scalar(select(func.count()).select_from(holds)) or 0) + 1:04d}"
            evidence = keyring.evidence_key(keyring.evidence_ids[0])
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
                "ground": None if ground is None else ground.value,
                "told_on": None,
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
            if ground is not None:
                writing.record["restriction"] = ground.value
        what = (system, dataset, case, key, tuple(identifiers), ground)
        return Hold(name, scope, owner, reason, review_on, until, None, *what)

    def end(self, hold: str, *, on: date, entry: Entry, told_on: date | None = None) -> None:
        """End a hold: from this day on it holds nothing. Raises NotFound, Refused (ended already).

        A restriction ends only where the person was told before: by `tell`, or `told_on` says when (art. 18 lid 3 AVG).
        """
        with self._chain.write(entry) as writing:
            row = self._find(writing, hold)
            if row.ended_on is not None:
                raise Refused(
                    f"it was ended on {row.ended_on}",
                    where=f"hold {hold}",
                    do="see which hold: termijn hold list",
                )
            told = _told(row, on, told_on or row.told_on)
            values = row._asdict() | {"ended_on": on, "told_on": told}
            seal = seal_of(self._chain.keyring, holds, values)
            ended = update(holds).where(holds.c.id == hold).values(ended_on=on, told_on=told, seal=seal)
            writing.connection.execute(ended)
            writing.subject = hold
            writing.record |= {"hold": hold, "ended": on.isoformat()}
            if told is not None:
                writing.record["told"] = told.isoformat()

    def tell(self, hold: str, *, on: date, entry: Entry) -> None:
        """The person of a restriction was told on this day that it will be lifted; it stands until it is ended.

        Raises NotFound, Refused (no restriction, or ended already).
        """
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            row = self._find(writing, hold)
            if row.ground is None or row.ended_on is not None:
                raise Refused(
                    "only who has a restriction that stands is told of its end",
                    where=f"hold {hold}",
                    do="look it up with: termijn hold list",
                )
            values = row._asdict() | {"told_on": on}
            seal = seal_of(keyring, holds, values)
            writing.connection.execute(update(holds).where(holds.c.id == hold).values(told_on=on, seal=seal))
            writing.subject = hold
            writing.record |= {"hold": hold, "told": on.isoformat()}

    def _find(self, writing: Writing, hold: str) -> Row[Any]:
        found = writing.connection.execute(select(holds).where(holds.c.id == hold))
        for row in check_seals(self._chain.keyring, holds, found):
            return row
        raise NotFound("no such hold", where="hold", do="look it up with: termijn hold list")

    def list_active(self, as_of: date) -> tuple[Hold, ...]:
        """The holds that keep something on `as_of`. An expired `until` has released by itself.

        Raises LedgerBroken where any hold, active or not, is missing or does not open.
        """
        return tuple(hold for hold in self.list_all() if hold.is_active(as_of))

    def list_all(self) -> tuple[Hold, ...]:
        """Every hold there ever was, oldest first."""
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, holds, connection.execute(select(holds).order_by(holds.c.at)))
            later = select(events.c.seq).where(events.c.subject == f"H{len(rows) + 1:04d}").limit(1)
            lost = connection.scalar(later) is not None  # the newest holds are gone, and their events tell of them
        if lost or {r.id for r in rows} != {f"H{n:04d}" for n in range(1, len(rows) + 1)}:
            raise LedgerBroken(
                "a hold is missing from the ledger", where="holds", do="destroy nothing; run: termijn ledger verify"
            )
        return tuple(self._read(r) for r in rows)

    def _read(self, row: Row[Any]) -> Hold:
        opened = self._chain.keyring.decrypt
        target = json.loads(opened(row.target, of=f"holds.target:{row.id}"))
        reason = opened(row.reason, of=f"holds.reason:{row.id}").decode()
        identifiers = tuple(Identifier(kind, value) for kind, value in target["identifiers"])
        ground = None if row.ground is None else Ground(row.ground)
        what = (row.system, row.dataset, row.case, target["key"], identifiers, ground, row.told_on)
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


def _told(row: Row[Any], on: date, told_on: date | None) -> date | None:
    """The day on which the person was told; Refused where a restriction would end without that."""
    if row.ground is None:
        return None
    if told_on is None or told_on > on:
        raise Refused(
            "a restriction ends only after its person was told (art. 18 lid 3 AVG)",
            where=f"hold {row.id}",
            do="tell the person first: termijn hold tell; or, told by hand: termijn hold end … --told-on DATE",
        )
    return told_on
