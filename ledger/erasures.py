"""Which plan decides about the data of one person, and whether it was carried out and verified in every system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from domain.evidence import Entry, Fact
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.schema import cases, erasures
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


class ErasureState(StrEnum):
    """Drawn up and waiting; begun, so that something may be gone; complete: verified by finding the person again."""

    DRAWN_UP = "drawn-up"
    BEGUN = "begun"
    COMPLETE = "complete"
    REPLACED = "replaced"  # a later plan of the same case took its place


@dataclass(frozen=True, slots=True)
class Erasure:
    """One plan of one case. The plan itself is kept, encrypted, among the plans (ledger.plans)."""

    digest: str
    case: str
    ground: str
    state: ErasureState
    drawn_at: datetime
    complete_at: datetime | None


class Erasures:
    """The erasures of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def draw_up(self, case: str, *, digest: str, ground: str, entry: Entry) -> Erasure:
        """This plan now decides about the case, in place of an earlier one. Raises NotFound; Refused: complete."""
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="erasure", do="look it up with: termijn case list")
            rows = _rows(connection, self._chain.keyring, case)
            if any(r.state == ErasureState.COMPLETE for r in rows):
                raise Refused("this person was erased already", where=f"case {case}", do="open a new case")
            if any(r.digest == digest and r.state != ErasureState.REPLACED for r in rows):
                writing.nothing_to_do()
            else:
                for row in rows:
                    if row.state != ErasureState.REPLACED:
                        self._store(writing, row._asdict() | {"state": ErasureState.REPLACED.value})
                values = {"digest": digest, "case": case, "ground": ground, "state": ErasureState.DRAWN_UP.value}
                old = next((r for r in rows if r.digest == digest), None)
                self._store(writing, values | {"drawn_at": writing.at, "complete_at": None}, new=old is None)
            writing.subject = case
            writing.record |= {"erasure": digest, "ground": ground}
        return self.of_case(case)

    def begin(self, digest: str, *, entry: Entry) -> None:
        """From now on something may be gone by this plan. Raises NotFound; Refused where it was replaced."""
        self._move(digest, ErasureState.BEGUN, entry, {})

    def complete(self, digest: str, *, counts: Mapping[str, int], entry: Entry) -> None:
        """Every system is served, and the person was looked for again: only what the plan lets stay is left."""
        self._move(digest, ErasureState.COMPLETE, entry, counts)

    def of_case(self, case: str) -> Erasure:
        """The plan that decides about a case. Raises NotFound."""
        with self._chain.read() as connection:
            rows = [r for r in _rows(connection, self._chain.keyring, case) if r.state != ErasureState.REPLACED]
        if not rows:
            raise NotFound(f"nothing was decided for case {case} yet", do=f"draw it up: termijn erase plan {case}")
        return _erasure(rows[-1])

    def carried_out(self) -> tuple[Erasure, ...]:
        """Every plan by which something may be gone, oldest first."""
        query = select(erasures).order_by(erasures.c.drawn_at)
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, erasures, connection.execute(query))
            return tuple(_erasure(r) for r in rows if r.state != ErasureState.DRAWN_UP)

    def cases(self) -> frozenset[str]:
        """The cases of which something was decided and is not complete."""
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, erasures, connection.execute(select(erasures)))
            return frozenset(r.case for r in rows if r.state in (ErasureState.DRAWN_UP, ErasureState.BEGUN))

    def _move(self, digest: str, to: ErasureState, entry: Entry, counts: Mapping[str, int]) -> None:
        with self._chain.write(entry) as writing:
            found = writing.connection.execute(select(erasures).where(erasures.c.digest == digest))
            row = next(iter(check_seals(self._chain.keyring, erasures, found)), None)
            if row is None:
                raise NotFound("no such plan of an erasure", do="draw it up: termijn erase plan CASE")
            if row.state == ErasureState.REPLACED:
                raise Refused(
                    "another plan took the place of this one",
                    where=f"case {row.case}",
                    do="look at it, and let a second officer approve that one",
                )
            if row.state in (ErasureState.COMPLETE, to):
                writing.nothing_to_do()
                return
            done = writing.at if to is ErasureState.COMPLETE else None
            self._store(writing, row._asdict() | {"state": to.value, "complete_at": done})
            told: list[Fact] = [[name, number] for name, number in sorted(counts.items())]
            writing.subject = row.case
            writing.record |= {"erasure": digest, "state": to.value, "counts": told}

    def _store(self, writing: Writing, values: dict[str, Any], *, new: bool = False) -> None:
        values["seal"] = seal_of(self._chain.keyring, erasures, values)
        if new:
            writing.connection.execute(insert(erasures).values(values))
        else:
            same = erasures.c.digest == values["digest"]
            writing.connection.execute(update(erasures).where(same).values(values))


def is_complete(connection: Connection, keyring: Keyring, case: str) -> bool:
    """Whether the erasure of a case was carried out and verified; asked where the case is answered."""
    return any(r.state == ErasureState.COMPLETE for r in _rows(connection, keyring, case))


def _rows(connection: Connection, keyring: Keyring, case: str) -> list[Row[Any]]:
    query = select(erasures).where(erasures.c.case == case).order_by(erasures.c.drawn_at)
    return list(check_seals(keyring, erasures, connection.execute(query)))


def _erasure(row: Row[Any]) -> Erasure:
    return Erasure(row.digest, row.case, row.ground, ErasureState(row.state), row.drawn_at, row.complete_at)
