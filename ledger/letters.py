"""The letters to the persons of requests: each kept once, before it leaves, and what became of it.

Words and address are encrypted and bound to their letter; events name case, kind and occasion, never the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from domain.evidence import Entry
from domain.letters import ENDS, TELLS_OF_DATA, LetterKind
from domain.steps import Step
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.leaving import check_may_leave
from ledger.schema import case_steps, cases, letters
from ledger.seals import check_seals, seal_of
from ledger.secrecy import check_flags
from ledger.secrets import Keyring

_ZONE = ZoneInfo("Europe/Amsterdam")
#: So long an attempt may take; after that it was cut off, and another may be made.
ATTEMPT = timedelta(minutes=2)


class LetterState(StrEnum):
    """What became of a letter. One that stays `trying` was cut off: whether it left is not known."""

    RECORDED = "recorded"
    TRYING = "trying"
    FAILED = "failed"
    BY_POST = "by-post"
    SENT = "sent"
    POSTED = "posted"

    @property
    def is_gone(self) -> bool:
        """Whether it is on its way to the person."""
        return self in (LetterState.SENT, LetterState.POSTED)

    @property
    def may_be_rewritten(self) -> bool:
        """Whether the person surely does not have it yet."""
        return self in (LetterState.RECORDED, LetterState.FAILED, LetterState.BY_POST)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is known of a letter without opening it."""

    case: str
    kind: LetterKind
    occasion: str
    state: LetterState
    message_id: str
    attempts: int
    by: str
    at: datetime
    gone_on: date | None


class Letters:
    """The letters of the ledger. What one says, and to whom, is read by `open_letter` and nowhere else."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def record(
        self, case: str, kind: LetterKind, occasion: str, *, message_id: str, address: str, text: str, entry: Entry
    ) -> Letter:
        """Keep a letter before it leaves, under its fixed Message-ID; the one that was kept before where there is one.

        `address`: the mail address, empty for one that goes by post. Raises NotFound.
        """
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            found = _rows(writing.connection, keyring, _is(case, kind, occasion))
            if found:
                writing.nothing_to_do()
                return _letter(found[0])
            if writing.connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="letter", do="look it up with: termijn case list")
            _check_leaves(writing, keyring, case, kind)
            state = LetterState.RECORDED if address else LetterState.BY_POST
            row: dict[str, Any] = {
                "case": case, "kind": kind.value, "occasion": occasion, "state": state.value, "message_id": message_id,
                "attempts": 0, "by": entry.by, "at": writing.at, "tried_at": None, "gone_on": None,
            }  # fmt: skip
            row["seal"] = seal_of(keyring, letters, row)
            row["address"] = keyring.encrypt(address.encode(), of=_bound("address", case, kind, occasion))
            row["text"] = keyring.encrypt(text.encode(), of=_bound("text", case, kind, occasion))
            writing.connection.execute(insert(letters).values(row))
            _tell(writing, row)
        return Letter(case, kind, occasion, state, message_id, 0, entry.by, row["at"], None)

    def rewrite(self, one: Letter, *, address: str, text: str, entry: Entry) -> Letter:
        """Put other words, or another address, in a letter that did not leave. Raises Refused where it may have."""
        if not one.state.may_be_rewritten:
            raise Refused("the person may have this letter already", where=f"case {one.case}", do="write another")
        keyring = self._chain.keyring
        address_token = keyring.encrypt(address.encode(), of=_bound("address", one.case, one.kind, one.occasion))
        text_token = keyring.encrypt(text.encode(), of=_bound("text", one.case, one.kind, one.occasion))
        state = LetterState.RECORDED if address else LetterState.BY_POST
        return self._change(one, entry, state, words={"address": address_token, "text": text_token})

    def try_to_send(self, one: Letter, *, entry: Entry) -> Letter:
        """Count one more attempt, before it is made: so that one that was cut off shows.

        Raises Refused where it is gone, or while another process may be sending it.
        """
        return self._change(one, entry, LetterState.TRYING)

    def sent(self, one: Letter, *, on: date, entry: Entry) -> Letter:
        """The mail server took it."""
        return self._change(one, entry, LetterState.SENT, gone_on=on)

    def failed(self, one: Letter, *, entry: Entry) -> Letter:
        """It did not leave: an alarm of itself, and it is tried again."""
        return self._change(one, entry, LetterState.FAILED)

    def posted(self, one: Letter, *, on: date, entry: Entry) -> Letter:
        """An officer put it in the post on this day. Raises Refused where it is gone already."""
        return self._change(one, entry, LetterState.POSTED, gone_on=on)

    def find(self, case: str, kind: LetterKind, occasion: str) -> Letter | None:
        """This letter, None where it was never written."""
        with self._chain.read() as connection:
            rows = _rows(connection, self._chain.keyring, _is(case, kind, occasion))
        return _letter(rows[0]) if rows else None

    def of_case(self, case: str) -> tuple[Letter, ...]:
        """The letters of a case, oldest first."""
        return self._list(letters.c.case == case)

    def waiting(self) -> tuple[Letter, ...]:
        """Every letter that is not on its way yet, oldest first."""
        return self._list(letters.c.state.not_in([s.value for s in LetterState if s.is_gone]))

    def kept(self) -> tuple[Letter, ...]:
        """Every letter whose words were not forgotten yet, oldest first."""
        return self._list(letters.c.text.is_not(None))

    def gone(self) -> frozenset[tuple[str, LetterKind, str]]:
        """(case, kind, occasion) of every letter that went."""
        went = [s.value for s in LetterState if s.is_gone]
        return frozenset((one.case, one.kind, one.occasion) for one in self._list(letters.c.state.in_(went)))

    def unfinished(self) -> tuple[Letter, ...]:
        """What is to be looked at again: what waits, and each notice of an extension, which a case must show too."""
        gone = [s.value for s in LetterState if s.is_gone]
        return self._list(letters.c.state.not_in(gone) | (letters.c.kind == LetterKind.EXTENSION.value))

    def open_letter(self, one: Letter) -> tuple[str, str]:
        """(address, text): personal data, decrypted. Raises NotFound where its term ended."""
        with self._chain.read() as connection:
            row = connection.execute(select(letters).where(_is(one.case, one.kind, one.occasion))).one_or_none()
        if row is None or row.text is None:
            raise NotFound(
                "what this letter said was forgotten", where=f"case {one.case}", do="nothing: its term ended"
            )
        opened = self._chain.keyring.decrypt
        address = opened(row.address, of=_bound("address", one.case, one.kind, one.occasion))
        return address.decode(), opened(row.text, of=_bound("text", one.case, one.kind, one.occasion)).decode()

    def _list(self, which: ColumnElement[bool]) -> tuple[Letter, ...]:
        with self._chain.read() as connection:
            return tuple(_letter(r) for r in _rows(connection, self._chain.keyring, which))

    def _change(
        self,
        one: Letter,
        entry: Entry,
        state: LetterState,
        *,
        gone_on: date | None = None,
        words: dict[str, bytes] | None = None,
    ) -> Letter:
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            here = _is(one.case, one.kind, one.occasion)
            found = _rows(writing.connection, keyring, here)
            if not found:
                raise NotFound("this letter was never written", where=f"case {one.case}", do="see: termijn letter show")
            row = found[0]._asdict()
            _check_open(row, state, writing.at)
            row |= {"state": state.value, "gone_on": gone_on}
            if state is LetterState.TRYING or state is LetterState.POSTED:
                _check_leaves(writing, keyring, one.case, one.kind)
            if state is LetterState.TRYING:
                row |= {"attempts": row["attempts"] + 1, "tried_at": writing.at}
            row["seal"] = seal_of(keyring, letters, row)
            changed: dict[str, Any] = {n: row[n] for n in ("state", "gone_on", "attempts", "tried_at", "seal")}
            writing.connection.execute(update(letters).where(here).values(changed | (words or {})))
            if state.is_gone and one.kind in ENDS:
                _mark_step(writing, keyring, one.case, entry)
            _tell(writing, row)
        return Letter(
            one.case, one.kind, one.occasion, state, row["message_id"], row["attempts"], row["by"], row["at"], gone_on
        )


def _check_leaves(writing: Writing, keyring: Keyring, case: str, kind: LetterKind) -> None:
    """Raise Refused where a secrecy flag stops it, or where it tells of data to whoever has not proven they may ask."""
    if kind in TELLS_OF_DATA:
        check_may_leave(writing.connection, keyring, case, writing.at.astimezone(_ZONE).date())
    else:
        check_flags(writing.connection, keyring, case)


def _check_open(row: dict[str, Any], to: LetterState, at: datetime) -> None:
    """Raise Refused where the letter is gone, or where another attempt may be under way."""
    state, where = LetterState(row["state"]), f"case {row['case']}"
    if state.is_gone:
        raise Refused(f"this letter went on {row['gone_on']}", where=where, do="see: termijn letter show")
    under_way = state is LetterState.TRYING and row["tried_at"] + ATTEMPT > at
    if to not in (LetterState.SENT, LetterState.FAILED) and under_way:
        raise Refused("this letter is being sent at this moment", where=where, do="look again in two minutes")


def _mark_step(writing: Writing, keyring: Keyring, case: str, entry: Entry) -> None:
    """The letter with which a request may end is on its way: `Step.LETTER` is true from now on."""
    row: dict[str, Any] = {"case": case, "step": Step.LETTER.value, "by": entry.by, "at": writing.at, "why": None}
    row["seal"] = seal_of(keyring, case_steps, row)
    here = (case_steps.c.case == case) & (case_steps.c.step == Step.LETTER.value)
    if writing.connection.execute(update(case_steps).where(here).values(row)).rowcount == 0:
        writing.connection.execute(insert(case_steps).values(row))
    writing.record["step"] = Step.LETTER.value


def _tell(writing: Writing, row: dict[str, Any]) -> None:
    writing.subject = row["case"]
    writing.record |= {name: row[name] for name in ("kind", "occasion", "state", "attempts")}
    if row["gone_on"] is not None:
        writing.record["gone_on"] = row["gone_on"].isoformat()


def _bound(column: str, case: str, kind: LetterKind, occasion: str) -> str:
    return f"letters.{column}:{case}:{kind.value}:{occasion}"


def _is(case: str, kind: LetterKind, occasion: str) -> ColumnElement[bool]:
    return (letters.c.case == case) & (letters.c.kind == kind.value) & (letters.c.occasion == occasion)


def _rows(connection: Connection, keyring: Keyring, which: ColumnElement[bool]) -> list[Row[Any]]:
    query = select(letters).where(which).order_by(letters.c.at, letters.c.case, letters.c.kind)
    return check_seals(keyring, letters, connection.execute(query))


def _letter(row: Row[Any]) -> Letter:
    state = LetterState(row.state)
    what = (row.message_id, row.attempts, row.by, row.at, row.gone_on)
    return Letter(row.case, LetterKind(row.kind), row.occasion, state, *what)
