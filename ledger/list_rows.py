"""How a destruction list, its lines and its instruction are written down and read back, each as it was written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from domain.evidence import canonical
from domain.instruction import AtPractice, Instruction, Settlement, WhyKept, WhyStayed
from domain.keys import Keys
from domain.lists import Answer, DestructionList, Line, ListState, list_digest
from domain.trouble import LedgerBroken, NotFound
from ledger.packing import pack, unpack
from ledger.schema import instructions, lists
from ledger.seals import check_seals
from ledger.secrets import Keyring

_DO = "destroy nothing; run: termijn ledger verify, and tell the DPO"


def read_row(connection: Connection, keyring: Keyring, number: str) -> Row[Any]:
    """One list's row, as the ledger wrote it. Raises NotFound, LedgerBroken."""
    found = check_seals(keyring, lists, connection.execute(select(lists).where(lists.c.number == number)))
    if not found:
        raise NotFound(f"no list {number}", do="look it up with: termijn list show")
    return found[0]


def as_list(row: Row[Any]) -> DestructionList:
    """The list that a row tells of."""
    return DestructionList(
        number=row.number,
        system=row.system,
        rule=row.rule,
        controller=row.controller,
        rule_digest=row.rule_digest,
        digest=row.digest,
        as_of=row.as_of,
        count=row.records,
        state=ListState(row.state),
        sent_on=row.sent_on,
        instruction=row.instruction,
        answer=None if row.answer is None else Answer(row.answer),
        later=row.later,
        settled_on=row.settled_on,
        file_sha256=row.sha256,
    )


def encrypt_lines(keyring: Keyring, number: str, digest: str, lines: Sequence[Line]) -> bytes:
    """The lines as only the keyring can read them."""
    packed = pack(Keys((line.client_number, line.last_on, line.due_since, *line.key) for line in lines))
    return keyring.encrypt(packed, of=f"lists.lines:{number}:{digest}")


def lines_of(keyring: Keyring, row: Row[Any]) -> tuple[Line, ...]:
    """The lines of a list. Raises LedgerBroken where an open list does not hold what it was drawn up with."""
    packed = unpack(keyring.decrypt(row.lines, of=f"lists.lines:{row.number}:{row.digest}"))
    lines = tuple(Line(tuple(key), number, last, since) for number, last, since, *key in packed)
    changed = list_digest(row.rule_digest, Keys(line.key for line in lines)) != row.digest
    if changed and ListState(row.state) not in (ListState.CARRIED_OUT, ListState.LAPSED):
        raise LedgerBroken("this list does not hold what it was drawn up with", where=f"list {row.number}", do=_DO)
    return lines


def encrypt_kept(keyring: Keyring, number: str, digest: str, said: Instruction) -> bytes:
    """The client numbers that stay, and why, as only the keyring can read them."""
    kept = {client: why.value for client, why in sorted(said.kept.items())}
    return keyring.encrypt(json.dumps(kept).encode(), of=f"instructions.kept:{number}:{digest}")


def instruction_of(connection: Connection, keyring: Keyring, row: Row[Any]) -> tuple[Instruction, str] | None:
    """The newest instruction on a list and who recorded it; None where there is none.

    Raises LedgerBroken where it is not the one that the list names: an older row was put back by hand.
    """
    newest = select(func.max(instructions.c.id)).where(instructions.c.list == row.number).scalar_subquery()
    query = select(instructions).where(instructions.c.id == newest)
    rows = check_seals(keyring, instructions, connection.execute(query))
    if not rows and row.instruction is None:
        return None
    if not rows or rows[0].digest != row.instruction:
        raise LedgerBroken("the newest instruction is not the one this list names", where=f"list {row.number}", do=_DO)
    found = rows[0]
    kept = json.loads(keyring.decrypt(found.kept, of=f"instructions.kept:{row.number}:{found.digest}"))
    said = Instruction(
        answer=Answer(found.answer),
        role=AtPractice(found.role),
        reference=found.reference,
        received_on=found.received_on,
        later=found.later,
        kept={client: WhyKept(why) for client, why in kept.items()},
    )
    if said.digest(as_list(row), found.id) != found.digest:
        raise LedgerBroken("this instruction is not what was recorded", where=f"list {row.number}", do=_DO)
    return said, found.recorded_by


def write_settlement(settled: Settlement) -> str:
    """A settlement as text: counts and names of batches only."""
    return canonical(
        {
            "asked": settled.asked,
            "destroyed": settled.destroyed,
            "kept": {why.value: n for why, n in settled.kept.items()},
            "stayed": {why.value: n for why, n in settled.stayed.items()},
            "batches": dict(settled.batches),
            "recorded_by": settled.recorded_by,
            "approved_by": settled.approved_by,
        }
    )


def read_settlement(text: str) -> Settlement:
    """The settlement that `write_settlement` wrote."""
    told = json.loads(text)
    return Settlement(
        asked=told["asked"],
        destroyed=told["destroyed"],
        kept={WhyKept(why): n for why, n in told["kept"].items()},
        stayed={WhyStayed(why): n for why, n in told["stayed"].items()},
        batches=told["batches"],
        recorded_by=told["recorded_by"],
        approved_by=told["approved_by"],
    )
