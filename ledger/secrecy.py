"""Whose data must stay secret for somebody, and what an officer decided for each request."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from domain.evidence import Entry
from domain.identity import Identifier
from domain.secrecy import Flag, SecrecyKind, check_no_secret
from domain.subject import identifiers_from
from domain.trouble import NotFound, Refused
from ledger.approvals import MAY_APPROVE, What
from ledger.chain import Chain
from ledger.officers import Officers
from ledger.schema import cases, secrecy_decisions, secrecy_flags
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


@dataclass(frozen=True, slots=True)
class Shown:
    """A flag with its words, for an officer's eyes only."""

    flag: Flag
    why: str = field(repr=False)
    decided: str = field(repr=False)


class Secrecy:
    """The flags of the ledger. A flag follows its person into every later request about them."""

    def __init__(self, chain: Chain, officers: Officers) -> None:
        self._chain, self._officers = chain, officers

    def flag(self, case: str, kind: SecrecyKind, *, why: str, entry: Entry) -> str:
        """Flag the person of a case; anybody in the office may, it only stops things. Raises NotFound, Refused."""
        if not why.strip():
            raise Refused(
                "what is secret, and for whom?", where=f"case {case}", do="say it with --why; it is encrypted"
            )
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            person = _person_of(writing.connection, keyring, case)
            number = (writing.connection.scalar(select(func.count()).select_from(secrecy_flags)) or 0) + 1
            name = f"S{number:04d}"
            row: dict[str, Any] = {"flag": name, "case": case, "kind": kind.value}
            row |= {"by": entry.by, "at": writing.at}
            row["seal"] = seal_of(keyring, secrecy_flags, row)
            who = json.dumps([[i.kind, i.value] for i in sorted(person)])
            row["person"] = keyring.encrypt(who.encode(), of=f"secrecy_flags.person:{name}")
            row["why"] = keyring.encrypt(why.encode(), of=f"secrecy_flags.why:{name}")
            writing.connection.execute(insert(secrecy_flags).values(row))
            writing.subject = case
            writing.record |= {"flag": name}
        return name

    def decide(self, case: str, flag: str, *, may: bool, why: str, code: str, entry: Entry) -> None:
        """An officer decides, with a code and reasons, whether this request may be answered past a flag."""
        if not why.strip():
            raise Refused("a decision has its reasons", where=f"case {case}", do="write them with --why")
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            writing.subject = case
            if flag not in {f.flag for f in flags_of(writing.connection, keyring, case)}:
                raise NotFound("no such flag on this person", where=f"case {case}", do=f"termijn secrecy show {case}")
            proven = self._officers.prove(writing, code)
            refusal = proven if isinstance(proven, Refused) else None
            if refusal is None and proven not in MAY_APPROVE[What.RELEASE]:
                roles = ", ".join(sorted(MAY_APPROVE[What.RELEASE]))
                refusal = Refused("your role does not decide this", where=f"case {case}", do=f"ask one of: {roles}")
            if refusal is None:
                row: dict[str, Any] = {"case": case, "flag": flag, "may": may, "by": entry.by, "at": writing.at}
                row["seal"] = seal_of(keyring, secrecy_decisions, row)
                row["why"] = keyring.encrypt(why.encode(), of=_place(case, flag))
                here = (secrecy_decisions.c.case == case) & (secrecy_decisions.c.flag == flag)
                if writing.connection.execute(update(secrecy_decisions).where(here).values(row)).rowcount == 0:
                    writing.connection.execute(insert(secrecy_decisions).values(row))
                writing.record |= {"flag": flag, "may": may}
            else:
                writing.refuse(refusal.what)
        if refusal is not None:
            raise refusal

    def of_case(self, case: str) -> tuple[Flag, ...]:
        """The flags of the person of a case, those of earlier requests too."""
        with self._chain.read() as connection:
            return flags_of(connection, self._chain.keyring, case)

    def stops(self, case: str) -> bool:
        """Whether nothing of this case may leave."""
        return any(f.may is not True for f in self.of_case(case))

    def show(self, case: str, *, entry: Entry) -> tuple[Shown, ...]:
        """The flags with what is secret and what was decided: personal data; that it was read is an event."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            writing.subject = case
            connection = writing.connection
            whys = dict(connection.execute(select(secrecy_flags.c.flag, secrecy_flags.c.why)).tuples().all())
            of_case = select(secrecy_decisions.c.flag, secrecy_decisions.c.why).where(secrecy_decisions.c.case == case)
            decided = dict(connection.execute(of_case).tuples().all())
            return tuple(
                Shown(
                    flag,
                    _opened(keyring, whys.get(flag.flag), f"secrecy_flags.why:{flag.flag}"),
                    _opened(keyring, decided.get(flag.flag), _place(case, flag.flag)),
                )
                for flag in flags_of(connection, keyring, case)
            )


def flags_of(connection: Connection, keyring: Keyring, case: str) -> tuple[Flag, ...]:
    """Every flag set on this case, or on an earlier one of somebody who shares an identifier with its person.

    One shared identifier is enough: too many stops are undone by an officer, an answer that left by nobody.
    """
    rows = check_seals(keyring, secrecy_flags, connection.execute(select(secrecy_flags).order_by(secrecy_flags.c.flag)))
    if not rows:
        return ()
    person = _person_of(connection, keyring, case)
    mine = select(secrecy_decisions).where(secrecy_decisions.c.case == case)
    decided = {r.flag: r.may for r in check_seals(keyring, secrecy_decisions, connection.execute(mine))}
    return tuple(
        Flag(row.flag, row.case, SecrecyKind(row.kind), row.by, decided.get(row.flag))
        for row in rows
        if row.case == case or person & _told(keyring, row)
    )


def check_flags(connection: Connection, keyring: Keyring, case: str) -> None:
    """Raise Refused while a flag stops this case."""
    check_no_secret(flags_of(connection, keyring, case), case=case)


def _told(keyring: Keyring, row: Any) -> frozenset[Identifier]:
    if row.person is None:
        return frozenset()
    told = json.loads(keyring.decrypt(row.person, of=f"secrecy_flags.person:{row.flag}"))
    return frozenset(Identifier(kind, value) for kind, value in told)


def _person_of(connection: Connection, keyring: Keyring, case: str) -> frozenset[Identifier]:
    """What identifies the person of a case; a bare name identifies nobody. Raises NotFound."""
    row = connection.execute(select(cases.c.number, cases.c.subject).where(cases.c.number == case)).one_or_none()
    if row is None:
        raise NotFound("no such case", where="secrecy", do="look it up with: termijn case list")
    if row.subject is None:
        return frozenset()
    subject = json.loads(keyring.decrypt(row.subject, of=f"cases.subject:{case}"))
    return _strong(identifiers_from(subject))


def _strong(found: Iterable[Identifier]) -> frozenset[Identifier]:
    return frozenset(i for i in found if i.kind != "name")


def _opened(keyring: Keyring, token: bytes | None, place: str) -> str:
    return "" if token is None else keyring.decrypt(token, of=place).decode()


def _place(case: str, flag: str) -> str:
    return f"secrecy_decisions.why:{case}:{flag}"
