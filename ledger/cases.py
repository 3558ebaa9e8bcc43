"""The register of requests: each case by its number, its person encrypted, and which records are that person's."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select, update

from domain import cases as law
from domain.cases import Case, CaseKind, IdentityCheck, State
from domain.evidence import Entry, leaf
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.schema import cases, matches, packages
from ledger.seals import check_seals, seal_of


@dataclass(frozen=True, slots=True)
class Decision:
    """A person decided that a record is, or is not, of the person of a case. `key` as `domain.keys` writes it."""

    system: str
    dataset: str
    key: str = field(repr=False)
    include: bool
    by: str
    at: datetime


class Cases:
    """The cases of the ledger. What it keeps of the person is read by `subject_of` and nowhere else."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def open_case(
        self,
        kind: CaseKind,
        *,
        received_on: date,
        channel: str,
        subject: Mapping[str, Any],
        entry: Entry,
        language: str = "nl",
        handler: str | None = None,
    ) -> Case:
        """Open a case under the next number of the year of receipt. `subject`: who it is, as JSON; encrypted."""
        with self._chain.write(entry) as writing:
            of_year = select(func.max(cases.c.serial)).where(cases.c.year == received_on.year)
            serial = (writing.connection.scalar(of_year) or 0) + 1
            case = Case(
                number=law.case_number(received_on.year, serial),
                kind=CaseKind(kind),
                received_on=received_on,
                channel=channel,
                language=language,
                handler=handler,
            )
            row = self._row(case) | {"subject": self._seal_subject(case.number, subject)}
            writing.connection.execute(insert(cases).values(row))
            self._tell(writing, case)
        return case

    def read_case(self, number: str) -> Case:
        """The case of this number. Raises NotFound."""
        with self._chain.read() as connection:
            return self._read(connection, number)

    def list_cases(self, states: Collection[State] | None = None) -> tuple[Case, ...]:
        """All cases by number; only those in these states where given."""
        query = select(cases).order_by(cases.c.year, cases.c.serial)
        if states is not None:
            query = query.where(cases.c.state.in_([State(s).value for s in states]))
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, cases, connection.execute(query))
        return tuple(_as_case().validate_json(r.file) for r in rows)

    def move(self, number: str, to: State, *, on: date, entry: Entry) -> Case:
        """Move a case; the law's table decides, inside the transaction. Raises Refused, NotFound."""
        return self._change(number, entry, lambda case: law.move(case, State(to), on=on))

    def record_identity(self, number: str, check: IdentityCheck, *, entry: Entry) -> Case:
        """Keep how identity was checked and what came of it; never the document."""
        return self._change(number, entry, lambda case: replace(case, identity=check))

    def extend(self, number: str, *, on: date, entry: Entry) -> Case:
        """The person was told on this day that the answer takes up to two months more (art. 12(3)); once."""

        def extended(case: Case) -> Case:
            if case.extended_on is not None:
                raise Refused("a case is extended once", where=f"case {number}", do="answer it, or tell the DPO")
            return replace(case, extended_on=on)

        return self._change(number, entry, extended)

    def assign(self, number: str, handler: str, *, entry: Entry) -> Case:
        """Give the case to a handler, by the id of the office."""
        return self._change(number, entry, lambda case: replace(case, handler=handler))

    def subject_of(self, number: str) -> dict[str, Any]:
        """Who asks: personal data, decrypted. Raises NotFound, also where it was forgotten by its own term."""
        with self._chain.read() as connection:
            self._read(connection, number)
            token = connection.scalar(select(cases.c.subject).where(cases.c.number == number))
        if token is None:
            raise NotFound(
                "the person of this case was forgotten", where=f"case {number}", do="nothing: its term ended"
            )
        subject: dict[str, Any] = json.loads(self._chain.keyring.decrypt(token, of=f"cases.subject:{number}"))
        return subject

    def describe(self, number: str, subject: Mapping[str, Any], *, entry: Entry) -> None:
        """Replace what the case keeps of its person."""
        with self._chain.write(entry) as writing:
            self._tell(writing, self._read(writing.connection, number))
            values = {"subject": self._seal_subject(number, subject)}
            writing.connection.execute(update(cases).where(cases.c.number == number).values(values))
            writing.record["described"] = True

    def decide(self, number: str, *, system: str, dataset: str, key: str, include: bool, entry: Entry) -> None:
        """Keep that this record is (not) of this person. A later decision replaces an earlier one."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            case = self._read(writing.connection, number)
            mark = leaf(keyring.evidence_key(keyring.evidence_ids[-1]), system, dataset, key).hex()
            same = (matches.c.case == number) & (matches.c.leaf == mark)
            token = keyring.encrypt(key.encode(), of=_place(number, system, dataset, include))
            values = {"system": system, "dataset": dataset, "key": token, "include": include}
            writing.connection.execute(delete(matches).where(same))
            writing.connection.execute(
                insert(matches).values(case=number, leaf=mark, by=entry.by, at=writing.at, **values)
            )
            self._tell(writing, case)
            writing.record |= {"system": system, "dataset": dataset, "include": include, "leaf": mark}

    def decisions_of(self, number: str) -> tuple[Decision, ...]:
        """The decisions on records of this case, oldest first. Raises NotFound."""
        with self._chain.read() as connection:
            self._read(connection, number)
            rows = connection.execute(select(matches).where(matches.c.case == number).order_by(matches.c.at)).all()
        opened = self._chain.keyring.decrypt
        return tuple(
            Decision(
                r.system,
                r.dataset,
                opened(r.key, of=_place(number, r.system, r.dataset, r.include)).decode(),
                r.include,
                r.by,
                r.at,
            )
            for r in rows
        )

    def forget(self, number: str, *, entry: Entry) -> None:
        """The term of the file itself is over: drop person, records and passphrases; the bare case stays. Refused."""
        with self._chain.write(entry) as writing:
            case = self._read(writing.connection, number)
            if law.is_open(case.state):
                raise Refused("an open case is not forgotten", where=f"case {number}", do="close it first")
            writing.connection.execute(update(cases).where(cases.c.number == number).values(subject=None))
            writing.connection.execute(delete(matches).where(matches.c.case == number))
            writing.connection.execute(update(packages).where(packages.c.case == number).values(passphrase=None))
            self._tell(writing, case)
            writing.record["forgotten"] = True

    def _read(self, connection: Connection, number: str) -> Case:
        rows = connection.execute(select(cases).where(cases.c.number == number))
        for row in check_seals(self._chain.keyring, cases, rows):
            return _as_case().validate_json(row.file)
        raise NotFound(f"no case {number if len(number) < 12 else ''}".strip(), do="look it up with: termijn case list")

    def _change(self, number: str, entry: Entry, change: Callable[[Case], Case]) -> Case:
        with self._chain.write(entry) as writing:
            case = change(self._read(writing.connection, number))
            writing.connection.execute(update(cases).where(cases.c.number == number).values(self._row(case)))
            self._tell(writing, case)
        return case

    def _row(self, case: Case) -> dict[str, Any]:
        year, serial = case.number.split("-")
        row: dict[str, Any] = {"number": case.number, "year": int(year), "serial": int(serial)}
        row |= {"state": case.state.value, "file": _as_case().dump_json(case).decode()}
        return row | {"seal": seal_of(self._chain.keyring, cases, row)}

    def _seal_subject(self, number: str, subject: Mapping[str, Any]) -> bytes:
        return self._chain.keyring.encrypt(json.dumps(dict(subject)).encode(), of=f"cases.subject:{number}")

    def _tell(self, writing: Writing, case: Case) -> None:
        writing.subject = case.number
        writing.record |= {"case": case.number, "state": case.state.value, "file": _as_case().dump_json(case).decode()}


@cache
def _as_case() -> TypeAdapter[Case]:
    return TypeAdapter(Case)


def _place(number: str, system: str, dataset: str, include: bool) -> str:
    return f"matches.key:{number}:{system}:{dataset}:{include}"
