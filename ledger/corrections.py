"""Which corrections are decided for a case, and whether they were written back and read again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.schema import cases, corrections
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


class CorrectionState(StrEnum):
    """Drawn up and waiting; begun, so that something may be written; written: read again in the source."""

    DRAWN_UP = "drawn-up"
    BEGUN = "begun"
    WRITTEN = "written"
    REPLACED = "replaced"  # a later plan of the same case took its place


@dataclass(frozen=True, slots=True)
class Correction:
    """One plan of one case; with before and after it is kept, encrypted, among the plans (ledger.plans)."""

    digest: str
    case: str
    state: CorrectionState


class Corrections:
    """The corrections of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def draw_up(self, case: str, *, digest: str, entry: Entry) -> None:
        """This plan now decides about the case, in place of one that was not carried out. Raises NotFound, Refused."""
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="correction", do="look it up with: termijn case list")
            for row in _rows(connection, self._chain.keyring, case):
                if row.state == CorrectionState.BEGUN:
                    raise Refused(
                        "an earlier plan of this case was begun and not finished",
                        where=f"case {case}",
                        do=f"finish it first: termijn rectify write {case}",
                    )
                if row.state == CorrectionState.DRAWN_UP:
                    self._store(writing, row._asdict() | {"state": CorrectionState.REPLACED.value})
            values = {"digest": digest, "case": case, "state": CorrectionState.DRAWN_UP.value}
            self._store(writing, values | {"drawn_at": writing.at, "done_at": None}, new=True)
            writing.subject = case
            writing.record |= {"correction": digest}

    def begin(self, digest: str, *, entry: Entry) -> None:
        """From now on something may be written by this plan. Raises NotFound, Refused."""
        self._move(digest, CorrectionState.BEGUN, entry)

    def give_up(self, digest: str, *, entry: Entry) -> None:
        """What was not written by a begun plan is not written any more: the source changed. Raises NotFound."""
        self._move(digest, CorrectionState.REPLACED, entry)

    def written(self, digest: str, *, counts: dict[str, int], entry: Entry) -> None:
        """All of it was written, and read again in the sources."""
        self._move(digest, CorrectionState.WRITTEN, entry, counts)

    def of_case(self, case: str) -> Correction:
        """The plan that decides about a case. Raises NotFound."""
        with self._chain.read() as connection:
            rows = [r for r in _rows(connection, self._chain.keyring, case) if r.state != CorrectionState.REPLACED]
        if not rows:
            raise NotFound(f"nothing was decided for case {case} yet", do=f"termijn rectify plan {case} FILE")
        return Correction(rows[-1].digest, rows[-1].case, CorrectionState(rows[-1].state))

    def _move(self, digest: str, to: CorrectionState, entry: Entry, counts: dict[str, int] | None = None) -> None:
        with self._chain.write(entry) as writing:
            found = writing.connection.execute(select(corrections).where(corrections.c.digest == digest))
            row = next(iter(check_seals(self._chain.keyring, corrections, found)), None)
            if row is None:
                raise NotFound("no such plan of corrections", do="draw it up: termijn rectify plan CASE FILE")
            if row.state == CorrectionState.REPLACED:
                raise Refused(
                    "another plan took the place of this one", where=f"case {row.case}", do="look at that one"
                )
            if row.state in (CorrectionState.WRITTEN, to):
                writing.nothing_to_do()
                return
            done = writing.at if to is CorrectionState.WRITTEN else None
            self._store(writing, row._asdict() | {"state": to.value, "done_at": done})
            writing.subject = row.case
            writing.record |= {"correction": digest, "state": to.value}
            if counts is not None:
                writing.record["counts"] = [[name, number] for name, number in sorted(counts.items())]

    def _store(self, writing: Writing, values: dict[str, Any], *, new: bool = False) -> None:
        values["seal"] = seal_of(self._chain.keyring, corrections, values)
        if new:
            writing.connection.execute(insert(corrections).values(values))
        else:
            same = corrections.c.digest == values["digest"]
            writing.connection.execute(update(corrections).where(same).values(values))


def are_written(connection: Connection, keyring: Keyring, case: str) -> bool:
    """Whether the corrections of a case were carried out, and none waits."""
    states = {r.state for r in _rows(connection, keyring, case)} - {CorrectionState.REPLACED}
    return states == {CorrectionState.WRITTEN}


def _rows(connection: Connection, keyring: Keyring, case: str) -> list[Row[Any]]:
    query = select(corrections).where(corrections.c.case == case).order_by(corrections.c.drawn_at, corrections.c.digest)
    return check_seals(keyring, corrections, connection.execute(query))
