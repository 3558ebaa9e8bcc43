"""Which steps of a request are true: those the ledger shows by itself, and those an officer or a task said.

Read in the transaction that moves the case, so that no end is reached on what was true a moment ago.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from domain.cases import Case
from domain.evidence import Entry
from domain.moves import ERASES, HANDS_OVER
from domain.steps import BY_HAND, SAID, Step
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.corrections import are_written
from ledger.erasures import is_complete
from ledger.notices import VOID, answered_for
from ledger.released import check_released
from ledger.schema import case_steps, cases, holds
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring

#: What a new round of a request must do again. That a consent stands in its register stays true.
_VOIDED = BY_HAND | {Step.LISTED}


class Steps:
    """What was said of a case: that its letter left, that the interests were weighed and how."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def done(self, case: str, step: Step, *, entry: Entry, why: str = "") -> None:
        """Keep that a step was taken; `why` encrypted. Said twice it is replaced, and both stand in the chain.

        Raises NotFound; Refused for a step that the ledger shows by itself.
        """
        if step not in SAID:
            raise Refused(
                f"that {step.value} is true shows from what was done, and cannot be said",
                where=f"case {case}",
                do=f"see what is missing: termijn case steps {case}",
            )
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="step", do="look it up with: termijn case list")
            row: dict[str, Any] = {"case": case, "step": step.value, "by": entry.by, "at": writing.at, "why": None}
            row["seal"] = seal_of(keyring, case_steps, row)
            if why:
                row["why"] = keyring.encrypt(why.encode(), of=f"case_steps.why:{case}:{step.value}")
            here = (case_steps.c.case == case) & (case_steps.c.step == step.value)
            if connection.execute(update(case_steps).where(here).values(row)).rowcount == 0:
                connection.execute(insert(case_steps).values(row))
            writing.subject = case
            writing.record |= {"step": step.value}

    def of(self, case: Case, as_of: date) -> frozenset[Step]:
        """The steps of a case that are true on this day."""
        with self._chain.read() as connection:
            return steps_done(connection, self._chain.keyring, case, as_of)

    def reasons(self, case: str, step: Step) -> str:
        """Why, in the words of who said it; empty where nothing was written. Personal data may stand in it."""
        query = select(case_steps.c.why).where((case_steps.c.case == case) & (case_steps.c.step == step.value))
        with self._chain.read() as connection:
            token = connection.scalar(query)
        if token is None:
            return ""
        return self._chain.keyring.decrypt(token, of=f"case_steps.why:{case}:{step.value}").decode()


def steps_done(connection: Connection, keyring: Keyring, case: Case, as_of: date) -> frozenset[Step]:
    """The steps of a case that are true, looked up in the ledger. Raises LedgerBroken."""
    number = case.number
    said = connection.execute(select(case_steps).where(case_steps.c.case == number))
    done = {Step(r.step) for r in check_seals(keyring, case_steps, said) if r.by != VOID}
    told, confirmed = answered_for(connection, keyring, number)
    placed, lifted = _restriction(connection, keyring, number, as_of)
    shown = {
        Step.IDENTITY: case.identity_is_verified,
        Step.PACKAGES: case.kind in HANDS_OVER and _released(connection, keyring, number, as_of),
        Step.ERASED: case.kind in ERASES and is_complete(connection, keyring, number),
        Step.CORRECTED: are_written(connection, keyring, number),
        Step.RESTRICTED: placed,
        Step.LIFTED: lifted,
        Step.TOLD: told,
        Step.CONFIRMED: confirmed,
    }
    return frozenset(done | {step for step, true in shown.items() if true})


def void_steps(writing: Writing, keyring: Keyring, case: str) -> None:
    """A request is taken up again: its next end needs a letter, a weighing and a list of recipients of its own."""
    said = (case_steps.c.case == case) & case_steps.c.step.in_([step.value for step in _VOIDED])
    voided = []
    for row in check_seals(keyring, case_steps, writing.connection.execute(select(case_steps).where(said))):
        values = row._asdict() | {"by": VOID, "at": writing.at}
        values["seal"] = seal_of(keyring, case_steps, values)
        here = (case_steps.c.case == case) & (case_steps.c.step == row.step)
        writing.connection.execute(update(case_steps).where(here).values(values))
        voided.append(row.step)
    if voided:
        writing.record["voided"] = sorted(voided)


def _released(connection: Connection, keyring: Keyring, case: str, as_of: date) -> bool:
    try:
        check_released(connection, keyring, case, as_of)
    except Refused:
        return False
    return True


def _restriction(connection: Connection, keyring: Keyring, case: str, as_of: date) -> tuple[bool, bool]:
    """(placed, lifted): whether a restriction of this case was ever placed, and whether every one ended."""
    of_case = (holds.c.case == case) & holds.c.ground.is_not(None)
    rows = check_seals(keyring, holds, connection.execute(select(holds).where(of_case)))
    ended = [r.ended_on is not None and r.ended_on <= as_of for r in rows]
    return bool(rows), bool(rows) and all(ended)
