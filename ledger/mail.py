"""The messages of the privacy mailbox: each kept once and whole, encrypted; events hold counts and kinds only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, cast, func, insert, select, update
from sqlalchemy import Integer as Whole

from domain.cases import CaseKind
from domain.evidence import Entry
from domain.intake import NEEDS_A_LOOK, OPENS, Aside, Ask
from domain.threads import belongs_to
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.mail_places import Place, content_of, copies_of, is_moved, marks_of
from ledger.mail_threads import what_it_refers_to
from ledger.schema import cases, mail
from ledger.seals import check_seals, seal_of

STATES = DRAFT, JOINED, ADOPTED, ASIDE = ("draft", "joined", "adopted", "aside")


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is known of a kept message without opening it."""

    number: str
    received_on: date
    state: str
    reason: str
    asks: tuple[Ask, ...]
    case: str | None
    flags: tuple[str, ...] = ()


class MailBook:
    """The kept mail. What a message says is read by `raw_of` and nowhere else."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def last_uid(self, mailbox: str, validity: int) -> int:
        """The highest UID the ledger holds of this mailbox; 0 for none. Messages are stored in order of UID."""
        same = (mail.c.mailbox == mailbox) & (mail.c.validity == str(validity))
        with self._chain.read() as connection:
            return connection.scalar(select(func.max(cast(mail.c.uid, Whole))).where(same)) or 0

    def store(
        self,
        place: Place,
        *,
        received_on: date,
        raw: bytes | None,
        reduced: bytes | None = None,
        of_size: str = "",
        message_id: str,
        thread: tuple[str, ...],
        named: tuple[str, ...],
        asks: tuple[Ask, ...],
        aside: Aside | None,
        sender: str = "",
        forged: bool = False,
        bounced: bool = False,
        flags: tuple[str, ...] = (),
        entry: Entry,
    ) -> Incoming | None:
        """Keep a message under the next number; None where this very message was kept before, by this number or, where
        the server numbered its mailbox anew (another UIDVALIDITY), by another: then its new place is kept.

        A second copy (same Message-ID and same content) is set aside; a reply in a thread of ours, or one that names an
        open case from an address of that case, is joined (`domain.threads`). A letter of ours that could not be
        delivered (`bounced`) waits for a person: somebody did not hear from us. `raw` is None for what is too large:
        that stays in the mailbox, known by `of_size` (what the server says of its size and moment). `reduced`: what is
        left of it once its copies of identity documents are taken out, for so it may be kept, and known, already.
        """
        with self._chain.write(entry) as writing:
            connection = writing.connection
            here = (mail.c.mailbox == place.mailbox) & (mail.c.validity == str(place.validity))
            if connection.scalar(select(mail.c.number).where(here & (mail.c.uid == str(place.uid)))) is not None:
                writing.nothing_to_do()
                return None
            content = content_of(raw, place, of_size)
            same = [content] if reduced is None else [content, content_of(reduced, place, of_size)]
            alike = [mark for one in same for mark in marks_of(self._chain.keyring, one)]
            copies = copies_of(connection, self._chain.keyring, alike)
            if any(is_moved(writing, self._chain.keyring, row, place) for row in copies):
                return None
            copy = copies[0].number if copies else None
            marks = [m for one in thread for m in marks_of(self._chain.keyring, one.encode())]
            known = what_it_refers_to(connection, self._chain.keyring, marks, named)
            found = belongs_to(asks, sender, known, forged=forged)
            case, state, reason = found.case, JOINED if found.case else DRAFT, found.note
            if aside in NEEDS_A_LOOK:
                case, state, reason = None, DRAFT, aside.value
            elif bounced and (known.thread or known.named):
                case, state, reason = None, DRAFT, f"a letter of case {(*known.thread, *known.named)[0].case} came back"
            elif aside is not None:
                state, reason = ASIDE, f"{aside.value}: {found.note}" if found.note else aside.value
            if copy is not None and raw is not None:
                state, reason = ASIDE, f"{Aside.DUPLICATE.value}: {copy}"
            of_year = select(func.max(mail.c.serial)).where(mail.c.year == received_on.year)
            serial = (connection.scalar(of_year) or 0) + 1
            one = Incoming(f"M{received_on.year}-{serial:04}", received_on, state, reason, asks, case, flags)
            row = self._row(one) | {
                "mailbox": place.mailbox,
                "validity": str(place.validity),
                "uid": str(place.uid),
                "mark": marks_of(self._chain.keyring, message_id.encode() or content)[0],
                "content": marks_of(self._chain.keyring, content)[0],
            }
            row["seal"] = seal_of(self._chain.keyring, mail, row)
            row["raw"] = None if raw is None else self._chain.keyring.encrypt(raw, of=f"mail.raw:{one.number}")
            connection.execute(insert(mail).values(row))
            self._tell(writing, one)
        return one

    def read(self, number: str) -> Incoming:
        """The message of this number. Raises NotFound."""
        with self._chain.read() as connection:
            return _as_incoming(self._find(connection, number))

    def list_all(self, state: str | None = None) -> tuple[Incoming, ...]:
        """Every message by number; only those in `state` where given. Raises LedgerBroken."""
        query = select(*(c for c in mail.columns if c.name != "raw")).order_by(mail.c.year, mail.c.serial)
        if state is not None:
            query = query.where(mail.c.state == state)
        with self._chain.read() as connection:
            return tuple(_as_incoming(r) for r in check_seals(self._chain.keyring, mail, connection.execute(query)))

    def raw_of(self, number: str, *, entry: Entry) -> bytes:
        """The message as it came: personal data, so that it was read is an event. Raises NotFound."""
        with self._chain.write(entry) as writing:
            writing.subject = self._find(writing.connection, number).number
            token = writing.connection.scalar(select(mail.c.raw).where(mail.c.number == number))
            if token is None:
                raise NotFound("its words are not kept here", where=number, do="look for it in the mailbox itself")
        return self._chain.keyring.decrypt(token, of=f"mail.raw:{number}")

    def set_aside(self, number: str, *, entry: Entry) -> Incoming:
        """A person says that it asks nothing of us; why stands in the entry. It stays kept. Raises Refused."""
        if not entry.why:
            raise Refused("a message is set aside with a reason", where=number, do="say why")
        return self._change(number, entry, state=ASIDE, reason="by a person")

    def join(self, number: str, case: str, *, entry: Entry) -> Incoming:
        """The message belongs to this case. Raises NotFound."""
        return self._change(number, entry, state=JOINED, case=case, reason="")

    def adopted(self, number: str, case: str, *, entry: Entry) -> Incoming:
        """A case was opened for this message; it stays the case of the first, where several were opened."""
        return self._change(number, entry, state=ADOPTED, case=case, reason="")

    def flag(self, number: str, flag: str, *, entry: Entry) -> Incoming:
        """Say of a message what a person should look at; nothing is decided by it. Raises NotFound."""
        flags = self.read(number).flags
        return self._change(number, entry, flags=tuple(dict.fromkeys((*flags, flag))))

    def _change(self, number: str, entry: Entry, **changes: Any) -> Incoming:
        with self._chain.write(entry) as writing:
            row = self._find(writing.connection, number)
            case = changes.get("case")
            if case and writing.connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no case with this number", where=number, do="look it up with: termijn case list")
            one = replace(_as_incoming(row), **changes)
            values = {**row._asdict(), **self._row(one)}
            values["seal"] = seal_of(self._chain.keyring, mail, values)
            values.pop("raw", None)
            writing.connection.execute(update(mail).where(mail.c.number == number).values(values))
            self._tell(writing, one)
        return one

    def _find(self, connection: Connection, number: str) -> Row[Any]:
        rows = connection.execute(select(mail).where(mail.c.number == number))
        for row in check_seals(self._chain.keyring, mail, rows):
            return row
        raise NotFound("no message with this number", do="look it up with: termijn mail list")

    def _row(self, one: Incoming) -> dict[str, Any]:
        year, serial = one.number.removeprefix("M").split("-")
        return {
            "number": one.number, "year": int(year), "serial": int(serial), "received_on": one.received_on,
            "state": one.state, "reason": one.reason, "asks": ",".join(one.asks), "case": one.case,
            "flags": ",".join(one.flags) or None,
        }  # fmt: skip

    def _tell(self, writing: Writing, one: Incoming) -> None:
        writing.subject = one.number
        writing.record |= {"mail": one.number, "state": one.state, "reason": one.reason, "asks": list(one.asks)}
        writing.record |= {"flags": list(one.flags)} | ({"case": one.case} if one.case else {})


def opens(one: Incoming) -> tuple[CaseKind, ...]:
    """The kinds of case that this message proposes."""
    return tuple(OPENS[a] for a in one.asks if a in OPENS)


def _as_incoming(row: Row[Any]) -> Incoming:
    asks = tuple(Ask(a) for a in row.asks.split(",") if a)
    flags = tuple(f for f in (row.flags or "").split(",") if f)
    return Incoming(row.number, row.received_on, row.state, row.reason, asks, row.case, flags)
