"""The register of requests: each case by its number, its person encrypted, and which records are that person's."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from domain import cases as law
from domain.cases import Case, CaseKind, IdentityCheck, State
from domain.deadlines import PauseReason, check_may_extend
from domain.evidence import Entry, leaf
from domain.id_copies import check_may_be_used, ends_with
from domain.identity_ladder import Outcome, Tried
from domain.steps import check_steps, needed
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.asks import check_confirmed
from ledger.chain import Chain, Writing
from ledger.erasures import is_complete
from ledger.id_copies import as_copy, copies_of, destroy_rows
from ledger.identity_checks import keep_rung
from ledger.leaving import ASKED_FOR, TELLS, check_who_asks
from ledger.own_data import forget_person
from ledger.released import check_released
from ledger.schema import cases, events, matches
from ledger.seals import check_seals, seal_of
from ledger.secrecy import check_flags
from ledger.secrets import Keyring
from ledger.steps import steps_done, void_steps

#: Years back in which a case could have been opened that still freezes somebody.
_REMEMBERED = 10


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
    """The cases of the ledger. Who asks is read by `subject_of`, `subjects` and `open_persons` only."""

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
        ground: str = "",
        once: bool = False,
        controller: str = "",
        origin: str = "",
    ) -> Case:
        """Open a case under the next number of the year of receipt. `subject`: who it is, as JSON; encrypted.

        `once`: where a case of this kind came by this channel (one message) before, that one is it.
        """
        with self._chain.write(entry) as writing:
            if once and (known := self._of_channel(writing.connection, kind, channel)) is not None:
                writing.nothing_to_do()
                return known
            of_year = select(func.max(cases.c.serial)).where(cases.c.year == received_on.year)
            serial = (writing.connection.scalar(of_year) or 0) + 1
            case = Case(
                number=law.case_number(received_on.year, serial),
                kind=CaseKind(kind),
                received_on=received_on,
                channel=channel,
                language=language,
                handler=handler,
                ground=ground,
                controller=controller,
                origin=origin,
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
        """All cases by number; only those in these states where given. LedgerBroken where any case is missing."""
        query = select(cases).order_by(cases.c.year, cases.c.serial)
        if states is not None:
            query = query.where(cases.c.state.in_([State(s).value for s in states]))
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, cases, connection.execute(query))
            self._check_none_is_missing(connection)
        return tuple(_as_case().validate_json(r.file) for r in rows)

    def move(self, number: str, to: State, *, on: date, entry: Entry) -> Case:
        """Move a case; the law's table decides, inside the transaction. Raises Refused, NotFound.

        A case that hands data over is answered only when each of its packages was released (promise 8); one that asks
        for erasure only when it was carried out and verified in every system; each only when all its steps are true.
        Whoever asks for another proved that they may (`ledger.leaving`).
        """
        with self._chain.write(entry) as writing:
            before = self._read(writing.connection, number)
            case = law.move(before, State(to), on=on)
            if case.state in ASKED_FOR:
                check_who_asks(writing.connection, self._chain.keyring, before, on)
            if before.state is State.FORWARDED and case.state is State.CLOSED:
                check_confirmed(writing.connection, number)
            if case.state in TELLS:
                check_flags(writing.connection, self._chain.keyring, number)
            if case.state is State.ANSWERED and case.kind in law.HANDS_OVER:
                check_released(writing.connection, self._chain.keyring, number, on)
            if case.state is State.ANSWERED and case.kind in law.ERASES:
                _check_erased(writing.connection, self._chain.keyring, number)
            if needed(case.kind, case.state, case.ground):
                check_steps(before, case.state, steps_done(writing.connection, self._chain.keyring, before, on))
            if case.round > before.round:
                void_steps(writing, self._chain.keyring, number)
            if not law.owes_an_answer(case):
                copies = copies_of(writing.connection, self._chain.keyring, number, case.channel)
                destroy_rows(writing, self._chain.keyring, copies)
            self._keep(writing, case)
        return case

    def record_identity(self, number: str, check: IdentityCheck, *, entry: Entry, why: str = "") -> Case:
        """Keep how identity was checked and what came of it; never the document.

        Raises Refused where a lighter check was possible and `why` (kept encrypted) does not say why it was skipped.
        A copy that came along is destroyed with the check, in the same transaction; one not masked is not used.
        """
        with self._chain.write(entry) as writing:
            case = replace(self._read(writing.connection, number), identity=check)
            copies = copies_of(writing.connection, self._chain.keyring, number, case.channel)
            check_may_be_used(check, map(as_copy, copies), where=f"case {number}")
            tried = Tried(check.method, Outcome(check.result.value))
            keep_rung(writing, self._chain.keyring, number, tried, why)
            destroy_rows(writing, self._chain.keyring, copies if ends_with(check) else [])
            self._keep(writing, case)
        return case

    def extend(self, number: str, *, on: date, entry: Entry) -> Case:
        """The person was told on this day that the answer takes up to two months more (art. 12(3)); once.

        Raises Refused where that day lies outside the first month: a late notice extends nothing.
        """

        def extended(case: Case) -> Case:
            if case.extended_on is not None:
                raise Refused("a case is extended once", where=f"case {number}", do="answer it, or tell the DPO")
            check_may_extend(law.deadline_of(case, on), on)
            return replace(case, extended_on=on)

        return self._change(number, entry, extended)

    def asked(self, number: str, reason: PauseReason, *, on: date, entry: Entry) -> Case:
        """The question that is open went to the person on this day: the clock stands still from then, not before."""
        with self._chain.write(entry) as writing:
            case = self._read(writing.connection, number)
            is_open = bool(case.pauses) and case.pauses[-1].answered_on is None and case.pauses[-1].reason is reason
            if not is_open or case.pauses[-1].asked_on == on:
                writing.nothing_to_do()
                return case
            case = replace(case, pauses=(*case.pauses[:-1], replace(case.pauses[-1], asked_on=on)))
            self._keep(writing, case)
        return case

    def rest_on(self, number: str, ground: str, *, entry: Entry) -> Case:
        """Keep on what the request rests (AVG 18(1) a-d; the two objections of AVG 21). Raises Refused, NotFound."""
        return self._change(number, entry, lambda case: replace(case, ground=ground))

    def belongs_to(self, number: str, controller: str, *, entry: Entry) -> Case:
        """Keep to which practice a request is, by its id in the register."""
        return self._change(number, entry, lambda case: replace(case, controller=controller))

    def assign(self, number: str, handler: str, *, entry: Entry) -> Case:
        """Give the case to a handler, by the id of the office."""
        return self._change(number, entry, lambda case: replace(case, handler=handler))

    def subject_of(self, number: str) -> dict[str, Any]:
        """Who asks: personal data, decrypted. Raises NotFound, also where it was forgotten by its own term."""
        with self._chain.read() as connection:
            self._read(connection, number)
            token = connection.scalar(select(cases.c.subject).where(cases.c.number == number))
        return self._open_subject(number, token)

    def subjects(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(case, who asks) of every case that still knows its person, decrypted one by one, in one question."""
        with self._chain.read() as connection:
            rows = connection.execute(select(cases.c.number, cases.c.subject).where(cases.c.subject.is_not(None))).all()
        for row in rows:
            yield row.number, self._open_subject(row.number, row.subject)

    def open_persons(self) -> list[tuple[Case, dict[str, Any], tuple[Decision, ...]]]:
        """Every case that is open, with its person and what was decided about records: all in three questions.

        Raises LedgerBroken where any case is missing, NotFound where an open one lost its person.
        """
        found = [c for c in self.list_cases() if law.is_open(c.state)]
        numbers = [c.number for c in found]
        with self._chain.read() as connection:
            asked = select(cases.c.number, cases.c.subject).where(cases.c.number.in_(numbers))
            tokens = {row.number: row.subject for row in connection.execute(asked)}
            rows = connection.execute(select(matches).where(matches.c.case.in_(numbers)).order_by(matches.c.at)).all()
        decided: dict[str, list[Decision]] = {}
        for row in rows:
            decided.setdefault(row.case, []).append(self._decision(row))
        return [
            (c, self._open_subject(c.number, tokens.get(c.number)), tuple(decided.get(c.number, ()))) for c in found
        ]

    def describe(self, number: str, subject: Mapping[str, Any], *, entry: Entry) -> None:
        """Replace what the case keeps of its person."""
        with self._chain.write(entry) as writing:
            self._tell(writing, self._read(writing.connection, number))
            values = {"subject": self._seal_subject(number, subject)}
            writing.connection.execute(update(cases).where(cases.c.number == number).values(values))
            writing.record["described"] = True

    def note(self, number: str, *, entry: Entry) -> None:
        """Keep that something was done with this case, and nothing more: that somebody looked at its passages."""
        with self._chain.write(entry) as writing:
            writing.subject = self._read(writing.connection, number).number

    def decide(self, number: str, *, system: str, dataset: str, key: str, include: bool, entry: Entry) -> None:
        """Keep that this record is (not) of this person. A later decision replaces an earlier one."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            case = self._read(writing.connection, number)
            mark, *older = (leaf(keyring.evidence_key(e), system, dataset, key).hex() for e in keyring.evidence_ids)
            same = (matches.c.case == number) & matches.c.leaf.in_([mark, *older])
            token = keyring.encrypt(key.encode(), of=_place(number, system, dataset, include))
            values = {"system": system, "dataset": dataset, "key": token, "include": include}
            writing.connection.execute(delete(matches).where(same))
            writing.connection.execute(
                insert(matches).values(case=number, leaf=mark, by=entry.by, at=writing.at, **values)
            )
            self._tell(writing, case)
            writing.record |= {"system": system, "dataset": dataset, "include": include, "leaf": mark}

    def reopen(self, number: str, *, system: str, dataset: str, key: str, entry: Entry) -> None:
        """Take back what was decided on this record: a person must decide again."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            case = self._read(writing.connection, number)
            marks = [leaf(keyring.evidence_key(e), system, dataset, key).hex() for e in keyring.evidence_ids]
            same = (matches.c.case == number) & matches.c.leaf.in_(marks)
            writing.connection.execute(delete(matches).where(same))
            self._tell(writing, case)
            writing.record |= {"system": system, "dataset": dataset, "leaf": marks[0]}

    def decisions_of(self, number: str) -> tuple[Decision, ...]:
        """The decisions on records of this case, oldest first. Raises NotFound."""
        with self._chain.read() as connection:
            self._read(connection, number)
            rows = connection.execute(select(matches).where(matches.c.case == number).order_by(matches.c.at)).all()
        return tuple(self._decision(row) for row in rows)

    def forget(self, number: str, *, entry: Entry) -> None:
        """The term of the file itself is over: drop person, records and passphrases; the bare case stays. Refused."""
        with self._chain.write(entry) as writing:
            case = self._read(writing.connection, number)
            forget_person(writing, self._chain.keyring, number)
            self._tell(writing, case)

    def _read(self, connection: Connection, number: str) -> Case:
        rows = connection.execute(select(cases).where(cases.c.number == number))
        for row in check_seals(self._chain.keyring, cases, rows):
            return _as_case().validate_json(row.file)
        raise NotFound(f"no case {number if len(number) < 12 else ''}".strip(), do="look it up with: termijn case list")

    def _of_channel(self, connection: Connection, kind: CaseKind, channel: str) -> Case | None:
        said = f'"channel":{json.dumps(channel)}'
        rows = connection.execute(select(cases).where(cases.c.file.contains(said, autoescape=True)))
        found = [_as_case().validate_json(r.file) for r in check_seals(self._chain.keyring, cases, rows)]
        return next((c for c in found if c.kind is kind and c.channel == channel), None)

    def _open_subject(self, number: str, token: bytes | None) -> dict[str, Any]:
        if token is None:
            raise NotFound(
                "the person of this case was forgotten", where=f"case {number}", do="nothing: its term ended"
            )
        subject: dict[str, Any] = json.loads(self._chain.keyring.decrypt(token, of=f"cases.subject:{number}"))
        return subject

    def _decision(self, row: Row[Any]) -> Decision:
        key = self._chain.keyring.decrypt(row.key, of=_place(row.case, row.system, row.dataset, row.include))
        return Decision(row.system, row.dataset, key.decode(), row.include, row.by, row.at)

    def _change(self, number: str, entry: Entry, change: Callable[[Case], Case]) -> Case:
        with self._chain.write(entry) as writing:
            case = change(self._read(writing.connection, number))
            self._keep(writing, case)
        return case

    def _keep(self, writing: Writing, case: Case) -> None:
        writing.connection.execute(update(cases).where(cases.c.number == case.number).values(self._row(case)))
        self._tell(writing, case)

    def _check_none_is_missing(self, connection: Connection) -> None:
        """A case that somebody took out by hand would freeze its person no more: its number, or its event, is left."""
        serials: dict[int, set[int]] = {}
        for year, serial in connection.execute(select(cases.c.year, cases.c.serial)):
            serials.setdefault(year, set()).add(serial)
        now = self._chain.now().year
        years = {*serials, *range(now - _REMEMBERED, now + 2)}
        after = [law.case_number(year, len(serials.get(year, ())) + 1) for year in sorted(years)]
        later = select(events.c.seq).where(events.c.subject.in_(after)).limit(1)
        gap = any(max(found) != len(found) for found in serials.values())
        if gap or connection.scalar(later) is not None:
            raise LedgerBroken(
                "a case is missing from the ledger", where="cases", do="destroy nothing; run: termijn ledger verify"
            )

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


def _check_erased(connection: Connection, keyring: Keyring, number: str) -> None:
    if not is_complete(connection, keyring, number):
        raise Refused(
            "the erasure was not carried out and verified in every system, so it cannot be answered",
            where=f"case {number}",
            do=f"run: termijn erase plan {number}, or refuse the request with its reasons",
        )


def _place(number: str, system: str, dataset: str, include: bool) -> str:
    return f"matches.key:{number}:{system}:{dataset}:{include}"


def mark_matches(writing: Writing, keyring: Keyring) -> None:
    """Mark every decided record anew with the newest evidence key: an older key may then be destroyed."""
    newest = keyring.evidence_key(keyring.evidence_ids[0])
    for row in writing.connection.execute(select(matches)).all():
        key = keyring.decrypt(row.key, of=_place(row.case, row.system, row.dataset, row.include)).decode()
        same = (matches.c.case == row.case) & (matches.c.leaf == row.leaf)
        mark = leaf(newest, row.system, row.dataset, key).hex()
        writing.connection.execute(update(matches).where(same).values(leaf=mark))
