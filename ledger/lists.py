"""The destruction lists of the practices: drawn up, sent, instructed, approved, settled; their lines encrypted.

What a settled list keeps of its lines is what the practice wanted to stay; of what was destroyed only the evidence is
left, as for every other batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from domain.evidence import Entry
from domain.instruction import Instruction, Settlement, check_kept
from domain.keys import Keys
from domain.lists import Answer, DestructionList, Line, ListState, check_move, list_digest
from domain.trouble import Refused
from ledger.approvals import Approvals, What
from ledger.chain import Chain, Writing
from ledger.list_rows import (
    as_list,
    encrypt_kept,
    encrypt_lines,
    lines_of,
    read_row,
    write_settlement,
)
from ledger.listed import Listed
from ledger.officers import Officers, plain
from ledger.schema import instructions, lists
from ledger.seals import seal_of


class Lists(Listed):
    """The destruction lists of the ledger, drawn up and moved on."""

    def __init__(self, chain: Chain, officers: Officers, approvals: Approvals) -> None:
        super().__init__(chain)
        self._officers, self._approvals = officers, approvals

    def draw_up(
        self,
        *,
        system: str,
        rule: str,
        controller: str,
        rule_digest: str,
        as_of: date,
        lines: Sequence[Line],
        entry: Entry,
    ) -> DestructionList:
        """Keep a new list of one rule for one practice. Raises Refused: empty, or a line is on an open list already."""
        if not lines:
            raise Refused("a destruction list has at least one line", where=rule, do="nothing: nothing is due")
        with self._chain.write(entry) as writing:
            taken = self._on_open_lists(writing.connection.execute(select(lists).where(lists.c.rule == rule)))
            if any(line.key in taken for line in lines):
                raise Refused("a dossier is on an open list already", where=rule, do="draw up again")
            year = as_of.year
            serial = (writing.connection.scalar(select(func.max(lists.c.serial)).where(lists.c.year == year)) or 0) + 1
            number, digest = f"L{year}-{serial:04d}", list_digest(rule_digest, Keys(line.key for line in lines))
            row: dict[str, Any] = dict.fromkeys(c.name for c in lists.columns)
            row |= {"number": number, "year": year, "serial": serial, "system": system, "rule": rule}
            row |= {"controller": controller, "rule_digest": rule_digest, "digest": digest, "as_of": as_of}
            row |= {"records": len(lines), "state": ListState.DRAWN_UP.value, "drawn_at": writing.at}
            row["seal"] = seal_of(self._chain.keyring, lists, row)
            row["lines"] = encrypt_lines(self._chain.keyring, number, digest, lines)
            writing.connection.execute(insert(lists).values(row))
            writing.subject = number
            writing.record |= {"list": number, "rule": rule, "controller": controller, "count": len(lines)}
        return self.read_list(number)

    def lay_ready(self, number: str, *, sha256: str, passphrase: str, entry: Entry) -> None:
        """Keep that the list was sealed for its practice, its passphrase encrypted. Raises Refused once it was sent."""
        with self._chain.write(entry) as writing:
            row = self._row(writing, number)
            if row.state != ListState.DRAWN_UP.value:
                raise Refused(f"a list that is {row.state} is not sealed anew", where=number, do="lapse it; draw anew")
            token = self._chain.keyring.encrypt(passphrase.encode(), of=f"lists.passphrase:{number}:{sha256}")
            self._change(writing, row, sha256=sha256, passphrase=token)
            writing.record |= {"sha256": sha256}

    def send(self, number: str, *, on: date, code: str, entry: Entry) -> str:
        """Officer `entry.by` says, with a code, that the list went to its practice; returns the passphrase.

        The passphrase goes over another channel than the file. Raises Refused, NotFound.
        """
        with self._chain.write(entry) as writing:
            row = self._row(writing, number)
            check_move(as_list(row), ListState.SENT)
            if row.sha256 is None:
                raise Refused("this list is not laid ready yet", where=number, do="run: termijn list draw")
            refusal = self._proven(writing, code)
            if refusal is None:
                self._change(writing, row, state=ListState.SENT.value, sent_on=on)
                writing.record |= {"sent": on.isoformat()}
        if refusal is not None:
            raise refusal
        of = f"lists.passphrase:{number}:{row.sha256}"
        return self._chain.keyring.decrypt(row.passphrase, of=of).decode()

    def instruct(self, number: str, said: Instruction, *, code: str, entry: Entry) -> DestructionList:
        """Officer `entry.by` records, with a code, what the practice instructed; the newest instruction counts.

        Anything but 'later' then waits for a second officer's approval. Raises Refused, NotFound.
        """
        with self._chain.write(entry) as writing:
            connection, keyring = writing.connection, self._chain.keyring
            row = self._row(writing, number)
            known = as_list(row)
            check_move(known, ListState.INSTRUCTED)
            if known.sent_on is None or said.received_on < known.sent_on:
                raise Refused("an answer comes after the list was sent", where=number, do="give the day it came in")
            check_kept(lines_of(keyring, row), said)
            refusal = self._proven(writing, code)
            if refusal is None:
                serial = (connection.scalar(select(func.max(instructions.c.id))) or 0) + 1
                digest = said.digest(known, serial)
                told: dict[str, Any] = {"id": serial, "list": number, "digest": digest, "answer": said.answer.value}
                told |= {"role": said.role.value, "reference": said.reference, "received_on": said.received_on}
                told |= {"later": said.later, "recorded_by": plain(entry.by), "at": writing.at}
                told["seal"] = seal_of(keyring, instructions, told)
                told["kept"] = encrypt_kept(keyring, number, digest, said)
                connection.execute(insert(instructions).values(told))
                state = {"state": ListState.INSTRUCTED.value, "instruction": digest}
                self._change(writing, row, answer=said.answer.value, later=said.later, **state)
                writing.record |= {"instruction": serial, "digest": digest, "answer": said.answer.value}
                writing.record |= {"kept": len(said.kept), "reference": said.reference}
                if said.answer is not Answer.LATER:
                    self._approvals.ask_within(writing, What.LIST, digest)
        if refusal is not None:
            raise refusal
        return self.read_list(number)

    def settle(self, number: str, settled: Settlement, *, keep: Sequence[Line], on: date, entry: Entry) -> None:
        """The purge has been: keep the counts, and of the lines only those that the practice keeps. Raises Refused."""
        with self._chain.write(entry) as writing:
            row = self._row(writing, number)
            check_move(as_list(row), ListState.CARRIED_OUT)
            token = encrypt_lines(self._chain.keyring, number, row.digest, keep)
            told = write_settlement(settled)
            state = {"state": ListState.CARRIED_OUT.value, "settled_on": on, "settlement": told}
            self._change(writing, row, lines=token, passphrase=None, **state)
            writing.record |= {"state": ListState.CARRIED_OUT.value, "settlement": told}

    def lapse(self, number: str, *, entry: Entry) -> None:
        """The list asks nothing any more; its lines are dropped. It only stops things, so it needs no code."""
        with self._chain.write(entry) as writing:
            row = self._row(writing, number)
            check_move(as_list(row), ListState.LAPSED)
            token = encrypt_lines(self._chain.keyring, number, row.digest, ())
            self._change(writing, row, lines=token, passphrase=None, state=ListState.LAPSED.value)
            writing.record |= {"state": ListState.LAPSED.value}

    def _row(self, writing: Writing, number: str) -> Row[Any]:
        writing.subject, writing.record["list"] = number, number
        return read_row(writing.connection, self._chain.keyring, number)

    def _change(self, writing: Writing, row: Row[Any], **changed: Any) -> None:
        values = row._asdict() | changed
        seal = seal_of(self._chain.keyring, lists, values)
        writing.connection.execute(update(lists).where(lists.c.number == row.number).values(**changed, seal=seal))

    def _proven(self, writing: Writing, code: str) -> Refused | None:
        """The refusal where the officer did not prove to be one: then the attempt itself is stored."""
        proven = self._officers.prove(writing, code)
        if not isinstance(proven, Refused):
            return None
        writing.refuse(proven.what)
        return proven
