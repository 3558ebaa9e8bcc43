"""The register of data breaches (AVG 33(5)): each by its number, what happened encrypted, every change an event."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, func, insert, select, update

from domain import breaches as law
from domain.activity import Role
from domain.breaches import DOCUMENTED, Breach, BreachState, Exemption, Harm, Norms, Phase, Risk, Told, Whom
from domain.evidence import Entry, Fact
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.rungs import Delivery, climb, settle
from ledger.schema import breach_rungs, breaches
from ledger.seals import check_seals, seal_of

#: What may be described of a breach: personal, encrypted. `late`: why the authority was told after 72 hours.
FIELDS = (*DOCUMENTED, "late", "measures", "contact")


class Breaches:
    """The breaches of the ledger. What happened is read by `described` and nowhere else."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def open(
        self,
        *,
        role: Role,
        aware_at: datetime,
        harms: tuple[Harm, ...],
        entry: Entry,
        persons: tuple[int, int] | None = None,
        special: bool = False,
    ) -> Breach:
        """Open a file under the next number of the year; the clock runs from `aware_at`. Raises Refused."""
        with self._chain.write(entry) as writing:
            if aware_at.tzinfo is not None and aware_at > writing.at:
                raise Refused("nobody is aware of a breach in the future", where="breach", do="correct the moment")
            number = self._number(writing)
            breach = Breach(
                number=number, role=role, aware_at=aware_at, harms=harms, persons=persons, special=special
            )  # fmt: skip
            self._store(writing, breach, new=True)
        return breach

    def propose(self, *, source: str, role: Role, harms: tuple[Harm, ...], entry: Entry) -> Breach | None:
        """Propose a breach that something in this house points to; None where it was proposed before.

        `source` says what ('package 2026-0004.zip'), never who. A person confirms or dismisses it; its clock runs.
        """
        with self._chain.write(entry) as writing:
            if writing.connection.scalar(select(breaches.c.number).where(breaches.c.source == source)) is not None:
                writing.nothing_to_do()
                return None
            breach = Breach(
                number=self._number(writing),
                role=role,
                aware_at=writing.at,
                state=BreachState.PROPOSED,
                harms=harms,
                source=source,
            )
            self._store(writing, breach, new=True)
        return breach

    def confirm(self, number: str, *, entry: Entry) -> Breach:
        """It is a breach. Its clock runs from the proposal."""

        def confirmed(breach: Breach) -> Breach:
            _check(breach, BreachState.PROPOSED)
            return replace(breach, state=BreachState.OPEN)

        return self._change(number, entry, confirmed)

    def dismiss(self, number: str, *, entry: Entry) -> Breach:
        """It is none; why stands in the entry. Only a proposal is dismissed: an open breach is closed."""
        if not entry.why:
            raise Refused("a proposal is dismissed with a reason", where=f"breach {number}", do="say why")

        def dismissed(breach: Breach) -> Breach:
            _check(breach, BreachState.PROPOSED)
            return replace(breach, state=BreachState.DISMISSED, closed_at=self._chain.now())

        return self._change(number, entry, dismissed)

    def judge(
        self,
        number: str,
        risk: Risk,
        *,
        entry: Entry,
        persons: tuple[int, int] | None = None,
        special: bool | None = None,
        exemption: Exemption | None = None,
    ) -> Breach:
        """Keep how likely harm is, for how many people at least and at most, and why they need not be told."""

        def judged(breach: Breach) -> Breach:
            _check(breach, BreachState.OPEN)
            return replace(
                breach,
                risk=risk,
                persons=persons or breach.persons,
                special=breach.special if special is None else special,
                exemption=exemption,
            )

        return self._change(number, entry, judged)

    def describe(self, number: str, said: Mapping[str, str], *, entry: Entry) -> Breach:
        """Keep facts, effects, remedy and the like, encrypted; an empty text takes one out. Raises Refused."""
        unknown = sorted(set(said) - set(FIELDS))
        if unknown:
            raise Refused(
                f"a breach has no {', '.join(unknown)}", where=f"breach {number}", do=f"give: {', '.join(FIELDS)}"
            )
        with self._chain.write(entry) as writing:
            breach = self._read(writing.connection, number)
            _check(breach, BreachState.OPEN, BreachState.PROPOSED)
            texts = {k: v for k, v in {**self._described(writing.connection, number), **said}.items() if v.strip()}
            token = self._chain.keyring.encrypt(json.dumps(texts).encode(), of=_place(number))
            breach = replace(
                breach, filled=tuple(n for n in DOCUMENTED if n in texts), late_because="late" in texts
            )  # fmt: skip
            self._store(writing, breach)
            writing.connection.execute(update(breaches).where(breaches.c.number == number).values(told=token))
            writing.record["described"] = sorted(texts)
        return breach

    def tell(self, number: str, whom: Whom, *, at: datetime, phase: Phase, entry: Entry) -> Breach:
        """Keep that a notice, or a part of it, went to `whom` at this moment. Raises Refused, NotFound."""

        def told(breach: Breach) -> Breach:
            law.check_may_tell(breach, whom)
            if at.tzinfo is None or at > self._chain.now():
                raise Refused(
                    "a notice went at a moment with a zone, not in the future",
                    where=f"breach {number}",
                    do="correct it",
                )
            return replace(breach, told=(*breach.told, Told(whom, at, phase)))

        facts: dict[str, Fact] = {"whom": whom.value, "phase": phase.value, "at": at.isoformat()}
        return self._change(number, entry, told, facts)

    def close(self, number: str, norms: Norms, *, entry: Entry) -> Breach:
        """Close the file, where it is whole. Raises Refused with what is missing."""

        def closed(breach: Breach) -> Breach:
            law.check_may_close(breach, norms)
            return replace(breach, state=BreachState.CLOSED, closed_at=self._chain.now())

        return self._change(number, entry, closed)

    def read(self, number: str) -> Breach:
        """The breach of this number. Raises NotFound."""
        with self._chain.read() as connection:
            return self._read(connection, number)

    def list_all(self) -> tuple[Breach, ...]:
        """Every breach by number. Raises LedgerBroken where one was changed by hand."""
        query = select(breaches).order_by(breaches.c.year, breaches.c.serial)
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, breaches, connection.execute(query))
            return tuple(_as_breach().validate_json(r.file) for r in rows)

    def looked(self, number: str, *, entry: Entry) -> None:
        """Keep that somebody read what happened."""
        with self._chain.write(entry) as writing:
            writing.subject = self._read(writing.connection, number).number

    def described(self, number: str) -> dict[str, str]:
        """What happened, decrypted: personal data. Empty where nobody wrote it yet, or its term ended."""
        with self._chain.read() as connection:
            self._read(connection, number)
            return self._described(connection, number)

    def climb(self, number: str, *, rung: str, entry: Entry) -> bool:
        """True the first time this rung is climbed: then, and only then, send. Raises NotFound."""
        with self._chain.write(entry) as writing:
            self._read(writing.connection, number)
            if not climb(writing, breach_rungs, {"breach": number}, rung):
                return False
            writing.subject = number
            writing.record |= {"rung": rung}
        return True

    def settle(self, number: str, *, rung: str, state: Delivery, entry: Entry) -> None:
        """Keep whether the rung's message left. Raises NotFound."""
        with self._chain.write(entry) as writing:
            settle(writing, breach_rungs, {"breach": number}, rung, state)
            writing.subject = number
            writing.record |= {"rung": rung, "delivery": state.value}

    def rungs_of(self, number: str) -> dict[str, Delivery]:
        """The rungs climbed for a breach, oldest first, each with what became of its message."""
        query = select(breach_rungs.c.rung, breach_rungs.c.state).where(breach_rungs.c.breach == number)
        with self._chain.read() as connection:
            return {r: Delivery(s) for r, s in connection.execute(query.order_by(breach_rungs.c.at))}

    def _number(self, writing: Writing) -> str:
        of_year = select(func.max(breaches.c.serial)).where(breaches.c.year == writing.at.year)
        return law.breach_number(writing.at.year, (writing.connection.scalar(of_year) or 0) + 1)

    def _read(self, connection: Connection, number: str) -> Breach:
        rows = connection.execute(select(breaches).where(breaches.c.number == number))
        for row in check_seals(self._chain.keyring, breaches, rows):
            return _as_breach().validate_json(row.file)
        raise NotFound("no breach with this number", do="look it up with: termijn breach list")

    def _described(self, connection: Connection, number: str) -> dict[str, str]:
        token = connection.scalar(select(breaches.c.told).where(breaches.c.number == number))
        if token is None:
            return {}
        texts: dict[str, str] = json.loads(self._chain.keyring.decrypt(token, of=_place(number)))
        return texts

    def _change(
        self, number: str, entry: Entry, change: Callable[[Breach], Breach], facts: Mapping[str, Fact] | None = None
    ) -> Breach:
        with self._chain.write(entry) as writing:
            breach = change(self._read(writing.connection, number))
            self._store(writing, breach)
            writing.record |= facts or {}
        return breach

    def _store(self, writing: Writing, breach: Breach, *, new: bool = False) -> None:
        year, serial = breach.number.removeprefix("B").split("-")
        file = _as_breach().dump_json(breach).decode()
        row: dict[str, Any] = {"number": breach.number, "year": int(year), "serial": int(serial), "file": file}
        row |= {"state": breach.state.value, "source": breach.source or None}
        opened = select(breaches.c.opened_at).where(breaches.c.number == breach.number)
        row["opened_at"] = writing.at if new else writing.connection.scalar(opened)
        row["seal"] = seal_of(self._chain.keyring, breaches, row)
        if new:
            writing.connection.execute(insert(breaches).values(row))
        else:
            writing.connection.execute(update(breaches).where(breaches.c.number == breach.number).values(row))
        writing.subject = breach.number
        writing.record |= {"breach": breach.number, "file": file}


def _check(breach: Breach, *states: BreachState) -> None:
    if breach.state not in states:
        raise Refused(
            f"this file is {breach.state.value}",
            where=f"breach {breach.number}",
            do=f"that is done while it is {' or '.join(s.value for s in states)}",
        )


def _place(number: str) -> str:
    return f"breaches.told:{number}"


@cache
def _as_breach() -> TypeAdapter[Breach]:
    return TypeAdapter(Breach)
