"""Who asks for whom: in which capacity, with which proofs seen, and what the child or an officer said of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, insert, select

from domain.evidence import Entry
from domain.representatives import Asker, ChildSays, Proof
from domain.standing_to_ask import is_same_person, represent_with
from domain.subject import births_of
from domain.trouble import NotFound, Refused
from ledger.approvals import MAY_APPROVE, What
from ledger.chain import Chain, Writing
from ledger.officers import Officers
from ledger.schema import askers, cases
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


class Askers:
    """The askers of the ledger. Each change is a row of its own; the last one counts."""

    def __init__(self, chain: Chain, officers: Officers) -> None:
        self._chain, self._officers = chain, officers

    def represent(self, case: str, asker: Asker, *, person: Mapping[str, Any] | None, entry: Entry) -> None:
        """Keep who asks; `person` (name, address, email, phone of a representative) encrypted.

        What was seen and heard before stays where only the parts change; in another capacity, or with another person,
        all of it begins anew: so too where nobody was named yet, for nobody knows of whom it was seen.
        """
        with self._chain.write(entry) as writing:
            row = _newest(writing.connection, self._chain.keyring, case)
            last = None if row is None else _as_asker().validate_json(row.file)
            new, token = replace(asker, weighed=None), None if row is None else row.person
            if last is not None and last.capacity is not asker.capacity:
                token = None
            elif last is not None and (not person or is_same_person(self._opened(case, token), person)):
                new = replace(new, proofs=last.proofs, child=last.child)
            if person:
                token = self._chain.keyring.encrypt(json.dumps(dict(person)).encode(), of=_place(case))
            self._add(writing, case, new, person=token)

    def proven(self, case: str, proof: Proof, *, entry: Entry) -> Asker:
        """Keep that a proof was seen; the paper itself is not kept. Raises NotFound where nobody was written down.

        What an officer weighed was weighed without it, so it is weighed anew.
        """

        def seen(asker: Asker) -> Asker:
            return replace(asker, proofs=tuple(dict.fromkeys((*asker.proofs, proof))), weighed=None)

        return self._change(case, entry, seen, {"proof": proof.value})

    def child_says(self, case: str, says: ChildSays, *, entry: Entry) -> Asker:
        """Keep what a child of 12 to 15 said; what was weighed before it was heard is weighed anew. Raises NotFound."""
        return self._change(case, entry, lambda a: replace(a, child=says, weighed=None), {"child": says.value})

    def weigh(self, case: str, *, may: bool, why: str, code: str, entry: Entry) -> None:
        """An officer decides where the law leaves it to a person, with a code and reasons. Raises Refused."""
        if not why.strip():
            raise Refused("what an officer weighs has its reasons", where=f"case {case}", do="write them with --why")
        with self._chain.write(entry) as writing:
            proven = self._officers.prove(writing, code)
            refusal = proven if isinstance(proven, Refused) else None
            if refusal is None and proven not in MAY_APPROVE[What.RELEASE]:
                roles = ", ".join(sorted(MAY_APPROVE[What.RELEASE]))
                refusal = Refused("your role weighs no request", where=f"case {case}", do=f"ask one of: {roles}")
            if refusal is None:
                last = self._last(writing.connection, case)
                asker = replace(_as_asker().validate_json(last.file), weighed=may)
                token = self._chain.keyring.encrypt(why.encode(), of=f"askers.why:{case}:{last.serial + 1}")
                self._add(writing, case, asker, person=last.person, why=token)
                writing.record |= {"weighed": may}
            else:
                writing.subject = case
                writing.refuse(refusal.what)
        if refusal is not None:
            raise refusal

    def copy(self, case: str, to: str, *, entry: Entry) -> None:
        """The same asks in a case that was split off: with the proofs that were seen, without what was weighed."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            row = _newest(writing.connection, keyring, case)
            if row is None or _newest(writing.connection, keyring, to) is not None:
                writing.nothing_to_do()
                return
            person = None
            if row.person is not None:
                person = keyring.encrypt(keyring.decrypt(row.person, of=_place(case)), of=_place(to))
            self._add(writing, to, replace(_as_asker().validate_json(row.file), weighed=None), person=person)

    def of_case(self, case: str) -> Asker | None:
        """Who asks; None where nobody was written down, so the person asks for themselves."""
        with self._chain.read() as connection:
            return asker_of(connection, self._chain.keyring, case)

    def person_of(self, case: str) -> dict[str, Any]:
        """Who the representative is: personal data. Empty where there is none, or it was forgotten."""
        with self._chain.read() as connection:
            row = _newest(connection, self._chain.keyring, case)
        return {} if row is None else self._opened(case, row.person)

    def born_on(self, case: str) -> date | None:
        """When the person of a case was born, as far as the case says so: personal data. Refused as `born_on_of`."""
        with self._chain.read() as connection:
            return born_on_of(connection, self._chain.keyring, case)

    def _opened(self, case: str, token: bytes | None) -> dict[str, Any]:
        return {} if token is None else person_in(self._chain.keyring, case, token)

    def _change(self, case: str, entry: Entry, change: Callable[[Asker], Asker], told: Mapping[str, Any]) -> Asker:
        with self._chain.write(entry) as writing:
            last = self._last(writing.connection, case)
            asker = change(_as_asker().validate_json(last.file))
            self._add(writing, case, asker, person=last.person)
            writing.record |= told
        return asker

    def _last(self, connection: Connection, case: str) -> Row[Any]:
        row = _newest(connection, self._chain.keyring, case)
        if row is None:
            do = f"say who asks first, as the table says (termijn case who-may-ask): {represent_with(case)}"
            raise NotFound("nobody was written down who asks for the person", where=f"case {case}", do=do)
        return row

    def _add(
        self, writing: Writing, case: str, asker: Asker, *, person: bytes | None, why: bytes | None = None
    ) -> None:
        connection, keyring = writing.connection, self._chain.keyring
        if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
            raise NotFound("no such case", where="asker", do="look it up with: termijn case list")
        last = _newest(connection, keyring, case)
        row: dict[str, Any] = {"case": case, "serial": 1 if last is None else last.serial + 1}
        row |= {"file": _as_asker().dump_json(asker).decode(), "by": writing.entry.by, "at": writing.at}
        row["seal"] = seal_of(keyring, askers, row)
        connection.execute(insert(askers).values(row | {"person": person, "why": why}))
        writing.subject = case
        writing.record |= {"asks": asker.capacity.value, "about": [p.value for p in asker.about]}


def asker_of(connection: Connection, keyring: Keyring, case: str) -> Asker | None:
    """Who asks, inside a read or write under way. Raises LedgerBroken."""
    row = _newest(connection, keyring, case)
    return None if row is None else _as_asker().validate_json(row.file)


def person_in(keyring: Keyring, case: str, token: bytes) -> dict[str, Any]:
    """The representative that a row of a case keeps: personal data. Raises LedgerBroken."""
    told: dict[str, Any] = json.loads(keyring.decrypt(token, of=_place(case)))
    return told


def born_on_of(connection: Connection, keyring: Keyring, case: str) -> date | None:
    """The birth date that the case gives of its person: of several the latest, which protects most.

    Raises Refused where one cannot be read: who might be a child is not taken for an adult.
    """
    token = connection.scalar(select(cases.c.subject).where(cases.c.number == case))
    if token is None:
        return None
    subject: dict[str, Any] = json.loads(keyring.decrypt(token, of=f"cases.subject:{case}"))
    try:
        return max(births_of(subject), default=None)
    except Refused as trouble:
        do = "so nobody knows who may ask; open the request anew with a date as 2015-01-02: termijn case new"
        raise Refused(trouble.what, where=f"case {case}", do=do) from None


def _newest(connection: Connection, keyring: Keyring, case: str) -> Row[Any] | None:
    of_case = select(askers).where(askers.c.case == case).order_by(askers.c.serial.desc()).limit(1)
    return next(iter(check_seals(keyring, askers, connection.execute(of_case))), None)


@cache
def _as_asker() -> TypeAdapter[Asker]:
    return TypeAdapter(Asker)


def _place(case: str) -> str:
    """Bound to the case, not to the row: each change carries the same person along."""
    return f"askers.person:{case}"
