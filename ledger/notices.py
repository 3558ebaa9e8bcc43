"""Which recipients and processors were told of a correction, erasure or restriction, and which confirmed (AVG 19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from domain.evidence import Entry
from domain.recipients import Recipient
from domain.steps import Step
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.schema import case_steps, cases, notices
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring

#: Who is said to have said a step that counts no longer.
VOID = "taken up again"


@dataclass(frozen=True, slots=True)
class Notice:
    """One recipient of one case. `excused_on`: it was decided, with reasons, that it need not or cannot be told."""

    case: str
    recipient: Recipient
    told_on: date | None = None
    confirmed_on: date | None = None
    excused_on: date | None = None

    @property
    def waits(self) -> bool:
        """Whether it was told and has not confirmed."""
        return self.told_on is not None and self.confirmed_on is None and self.excused_on is None


class Notices:
    """The notices of the ledger. Names of organisations and days, nothing of the person."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def draw_up(self, case: str, recipients: Iterable[Recipient], *, entry: Entry) -> None:
        """These recipients must hear of it, besides those listed before. That there are none is kept as well.

        Drawn up anew after the request was taken up again, each must be told anew: what they heard was the old answer.
        """
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="notice", do="look it up with: termijn case list")
            known = {r.party for r in _rows(connection, keyring, case)}
            fresh = [r for r in recipients if r.id not in known]
            for one in fresh:
                row = {"case": case, "party": one.id, "title": one.title, "kind": one.kind, "why": None}
                self._store(writing, row | dict.fromkeys(("told_on", "confirmed_on", "excused_on")), new=True)
            self._mark_listed(writing, case, entry.by)
            writing.subject = case
            writing.record |= {"recipients": len(known) + len(fresh), "new": len(fresh)}

    def told(self, case: str, party: str, *, on: date, entry: Entry) -> None:
        """This recipient was told on this day. Raises NotFound, Refused."""
        self._change(case, party, entry, {"told_on": on, "excused_on": None})

    def confirmed(self, case: str, party: str, *, on: date, entry: Entry) -> None:
        """This recipient confirmed. Raises NotFound; Refused where it was never told, or told later."""
        self._change(case, party, entry, {"confirmed_on": on})

    def excuse(self, case: str, party: str, *, on: date, why: str, entry: Entry) -> None:
        """It is impossible or takes a disproportionate effort to tell it, or to wait longer; `why` encrypted."""
        if not why.strip():
            raise Refused("an exception to AVG 19 has its reasons", where=f"case {case}", do="write why")
        token = self._chain.keyring.encrypt(why.encode(), of=f"notices.why:{case}:{party}")
        self._change(case, party, entry, {"excused_on": on, "why": token})

    def of_case(self, case: str) -> tuple[Notice, ...]:
        """The notices of a case, by the recipient's name: what the person may ask for."""
        with self._chain.read() as connection:
            return tuple(map(_notice, _rows(connection, self._chain.keyring, case)))

    def waiting(self) -> tuple[Notice, ...]:
        """The notices that were told and not confirmed, oldest first."""
        with self._chain.read() as connection:
            found = check_seals(self._chain.keyring, notices, connection.execute(select(notices)))
        every = [n for n in map(_notice, found) if n.waits]
        return tuple(sorted(every, key=lambda n: (n.told_on or date.min, n.case, n.recipient.id)))

    def _change(self, case: str, party: str, entry: Entry, values: dict[str, Any]) -> None:
        with self._chain.write(entry) as writing:
            rows = [r for r in _rows(writing.connection, self._chain.keyring, case) if r.party == party]
            if not rows:
                raise NotFound("this recipient is not listed", where=f"case {case}", do="see: termijn recipients list")
            row = rows[0]._asdict() | values
            confirmed, told = row["confirmed_on"], row["told_on"]
            if confirmed is not None and (told is None or confirmed < told):
                raise Refused("a recipient confirms after it was told", where=f"case {case}", do="correct the day")
            self._store(writing, row)
            writing.subject = case
            days = {name: day.isoformat() for name, day in values.items() if isinstance(day, date)}
            writing.record |= {"recipient": party, **days}

    def _mark_listed(self, writing: Writing, case: str, by: str) -> None:
        connection, keyring = writing.connection, self._chain.keyring
        here = (case_steps.c.case == case) & (case_steps.c.step == Step.LISTED.value)
        known = check_seals(keyring, case_steps, connection.execute(select(case_steps).where(here)))
        step = {"case": case, "step": Step.LISTED.value, "by": by, "at": writing.at, "why": None}
        step["seal"] = seal_of(keyring, case_steps, step)
        if not known:
            connection.execute(insert(case_steps).values(step))
        elif known[0].by == VOID:
            connection.execute(update(case_steps).where(here).values(step))
            for row in _rows(connection, keyring, case):
                self._store(writing, row._asdict() | dict.fromkeys(("told_on", "confirmed_on", "excused_on")))

    def _store(self, writing: Writing, row: dict[str, Any], *, new: bool = False) -> None:
        row["seal"] = seal_of(self._chain.keyring, notices, row)
        if new:
            writing.connection.execute(insert(notices).values(row))
        else:
            here = (notices.c.case == row["case"]) & (notices.c.party == row["party"])
            writing.connection.execute(update(notices).where(here).values(row))


def answered_for(connection: Connection, keyring: Keyring, case: str) -> tuple[bool, bool]:
    """(told, confirmed): whether every listed recipient was told or excused, and whether none is waited for."""
    rows = [_notice(r) for r in _rows(connection, keyring, case)]
    told = all(n.told_on is not None or n.excused_on is not None for n in rows)
    return told, told and not any(n.waits for n in rows)


def _rows(connection: Connection, keyring: Keyring, case: str) -> list[Row[Any]]:
    query = select(notices).where(notices.c.case == case).order_by(notices.c.title, notices.c.party)
    return check_seals(keyring, notices, connection.execute(query))


def _notice(row: Row[Any]) -> Notice:
    recipient = Recipient(row.party, row.title, row.kind)
    return Notice(row.case, recipient, row.told_on, row.confirmed_on, row.excused_on)
