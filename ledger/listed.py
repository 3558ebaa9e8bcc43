"""What the ledger can tell of destruction lists: where each stands, what it holds, and what its practice lets go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from domain.instruction import Instruction, Settlement, may_go
from domain.keys import Key, Keys
from domain.lists import OPEN, Answer, DestructionList, Line, ListState
from domain.trouble import NotFound
from ledger.approvals import What, standing_approval
from ledger.chain import Chain
from ledger.list_evidence import batches_with
from ledger.list_rows import as_list, instruction_of, lines_of, read_row, read_settlement
from ledger.schema import lists
from ledger.seals import check_seals


@dataclass(frozen=True, slots=True)
class Approved:
    """A list whose instruction stands approved: its lines, and the keys that may go by it."""

    list: DestructionList
    said: Instruction
    recorded_by: str
    approved_by: str
    lines: tuple[Line, ...] = field(repr=False)

    @property
    def keys(self) -> Keys:
        """What the practice lets go."""
        return may_go(self.lines, self.said)


class Listed:
    """The destruction lists of the ledger, to be asked."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def read_list(self, number: str) -> DestructionList:
        """One list. Raises NotFound."""
        with self._chain.read() as connection:
            return as_list(read_row(connection, self._chain.keyring, number))

    def list_lists(self) -> tuple[DestructionList, ...]:
        """Every list there ever was, oldest first."""
        query = select(lists).order_by(lists.c.year, lists.c.serial)
        with self._chain.read() as connection:
            return tuple(as_list(r) for r in check_seals(self._chain.keyring, lists, connection.execute(query)))

    def lines_of(self, number: str) -> tuple[Line, ...]:
        """The lines of a list, client numbers included: for the sealed file only. Raises NotFound."""
        with self._chain.read() as connection:
            return lines_of(self._chain.keyring, read_row(connection, self._chain.keyring, number))

    def instruction_of(self, number: str) -> Instruction | None:
        """The newest instruction on a list, if there is one. Raises NotFound, LedgerBroken."""
        with self._chain.read() as connection:
            row = read_row(connection, self._chain.keyring, number)
            found = instruction_of(connection, self._chain.keyring, row)
        return None if found is None else found[0]

    def settlement_of(self, number: str) -> Settlement:
        """What came of a list. Raises NotFound where the purge has not been."""
        with self._chain.read() as connection:
            row = read_row(connection, self._chain.keyring, number)
        if row.settlement is None:
            raise NotFound(f"nothing came of list {number} yet", do=f"look where it stands: termijn list show {number}")
        return read_settlement(row.settlement)

    def destroyed_of(self, number: str, dataset: str) -> dict[str, Keys]:
        """Batch → those roots of a list (in `dataset`) that went in it, by the evidence of this ledger."""
        with self._chain.read() as connection:
            row = read_row(connection, self._chain.keyring, number)
            keys = tuple(line.key for line in lines_of(self._chain.keyring, row))
            return batches_with(connection, self._chain.keyring, row, dataset, keys)

    def on_open_lists(self, rule: str) -> frozenset[Key]:
        """The keys of a rule that stand on an open list, and so come on no other."""
        with self._chain.read() as connection:
            return self._on_open_lists(connection.execute(select(lists).where(lists.c.rule == rule)))

    def approved(self, rule: str, rule_digest: str, *, as_of: date) -> tuple[Approved, ...]:
        """The lists of a rule, in exactly this wording, whose newest instruction stands approved by a second officer.

        Raises LedgerBroken where a list, its lines or its instruction is not what the ledger wrote.
        """
        found, keyring = [], self._chain.keyring
        which = (lists.c.rule == rule) & (lists.c.state == ListState.INSTRUCTED.value)
        with self._chain.read() as connection:
            rows = check_seals(keyring, lists, connection.execute(select(lists).where(which).order_by(lists.c.number)))
            for row in rows:
                told = instruction_of(connection, keyring, row)
                if told is None or told[0].answer is Answer.LATER or row.rule_digest != rule_digest:
                    continue
                given = standing_approval(connection, keyring, What.LIST, row.instruction, as_of=as_of)
                if given is not None:
                    found.append(Approved(as_list(row), *told, given.approved_by, lines_of(keyring, row)))
        return tuple(found)

    def kept_back(self, system: str, *, kept_since: date) -> tuple[tuple[str, str, Keys], ...]:
        """(list, rule, keys) of all that a practice wants to stay: now or later, or kept on or after a day.

        It needs no approval, for it only stops things. Raises LedgerBroken.
        """
        found, keyring = [], self._chain.keyring
        states = (ListState.INSTRUCTED.value, ListState.CARRIED_OUT.value)
        which = (lists.c.system == system) & lists.c.state.in_(states)
        with self._chain.read() as connection:
            rows = check_seals(keyring, lists, connection.execute(select(lists).where(which).order_by(lists.c.number)))
            for row in rows:
                told = instruction_of(connection, keyring, row)
                if told is None or (row.settled_on is not None and row.settled_on < kept_since):
                    continue
                lines = lines_of(keyring, row)
                goes = set(may_go(lines, told[0]))
                stays = Keys(line.key for line in lines if line.key not in goes)
                if stays:
                    found.append((row.number, row.rule, stays))
        return tuple(found)

    def _on_open_lists(self, rows: Iterable[Row[Any]]) -> frozenset[Key]:
        checked = check_seals(self._chain.keyring, lists, rows)
        still_open = (row for row in checked if ListState(row.state) in OPEN)
        return frozenset(line.key for row in still_open for line in lines_of(self._chain.keyring, row))
