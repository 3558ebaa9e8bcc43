"""A rung of any ladder: climbed once, written down before its message leaves, and settled with what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, Table, and_, insert, select, update

from domain.trouble import NotFound
from ledger.chain import Writing


class Delivery(StrEnum):
    """What became of the message. One that stays `recorded` was cut off before it left: look at it."""

    RECORDED = "recorded"
    SENT = "sent"
    FAILED = "failed"
    COVERED = "covered"


#: What is told of a rung that a process died at: it is not known whether its message left, and it does not go twice.
CUT_OFF = "the run ended before it was known whether the message left; tell them yourself"


def climb(writing: Writing, table: Table, of: Mapping[str, str], rung: str, *, covered: bool = False) -> bool:
    """True the first time this rung is climbed for `of` (column: value): then, and only then, send.

    `covered`: a higher rung is climbed on the same day, so that this one has no message of its own.
    """
    connection = writing.connection
    if connection.scalar(select(table.c.state).where(_here(table, of, rung))) is not None:
        writing.nothing_to_do()
        return False
    values = {**of, "rung": rung, "state": (Delivery.COVERED if covered else Delivery.RECORDED).value, "at": writing.at}
    connection.execute(insert(table).values(values))
    return True


def settle(writing: Writing, table: Table, of: Mapping[str, str], rung: str, state: Delivery) -> None:
    """Keep whether the rung's message left. Raises NotFound."""
    values = {"state": state.value, "settled_at": writing.at}
    if writing.connection.execute(update(table).where(_here(table, of, rung)).values(values)).rowcount == 0:
        raise NotFound("this rung was never recorded", where=table.name, do="record it before it is sent")


def _here(table: Table, of: Mapping[str, str], rung: str) -> ColumnElement[bool]:
    return and_(table.c.rung == rung, *(table.c[name] == value for name, value in of.items()))
