"""Who may sign, and how an officer proves to be one: a time-based one-time code, each accepted once."""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import func, insert, select, update

from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.schema import officers

#: So many wrong codes in a row close the door, for so long.
WRONG_CODES = 5
CLOSED_FOR = timedelta(minutes=15)
_STEP = 30
_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}\Z")
_RETRY = "wait for the next code of your authenticator and try again"


class OfficerRole(StrEnum):
    """What an officer is in the office; `ledger.approvals` says which role may approve what."""

    DPO = "dpo"
    PRIVACY_OFFICER = "privacy-officer"
    MANAGEMENT = "management"
    ENGINEER = "engineer"
    HANDLER = "handler"


@dataclass(frozen=True, slots=True)
class Officer:
    """An enrolled officer, by the id of the office ('fg'), not by name."""

    name: str
    role: OfficerRole
    enrolled_at: datetime
    enrolled_by: str
    retired: bool


def same_person(one: str, other: str) -> bool:
    """Whether two ids mean the same officer: case, spaces and invisible signs do not make somebody else."""
    return plain(one) == plain(other)


def plain(name: str) -> str:
    """An officer's id without what the eye does not see."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc", "Mn"))


class Officers:
    """The officers of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def enrol(self, name: str, role: OfficerRole, *, entry: Entry, code: str = "") -> str:
        """Enrol an officer; returns the address (otpauth://) to scan. It is shown once and kept nowhere else.

        The first officer needs no code. Each later one, or a new authenticator for one enrolled before, needs the
        code of another officer: `entry.by`. Raises Refused.
        """
        name = plain(name)
        if not _NAME.match(name):
            raise Refused("this is no officer's id", do="use 2 to 31 small letters, digits and dashes, such as 'fg'")
        secret = pyotp.random_base32()
        with self._chain.write(entry) as writing:
            first = writing.connection.scalar(select(func.count()).select_from(officers)) == 0
            refusal = None if first else self._vouch(writing, name, code)
            if refusal is None:
                self._store(writing, name, role, secret)
            else:
                writing.refuse(refusal.what)
            writing.record |= {"officer": name, "role": role.value, "first": first}
        if refusal is not None:
            raise refusal
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Termijn")

    def retire(self, name: str, *, entry: Entry, code: str) -> None:
        """An officer signs no more. Another officer (`entry.by`) proves it with a code. Raises Refused, NotFound."""
        name = plain(name)
        with self._chain.write(entry) as writing:
            if writing.connection.execute(select(officers.c.name).where(officers.c.name == name)).first() is None:
                raise NotFound("no such officer", where="officers", do="look them up with: termijn officer list")
            refusal = self._vouch(writing, name, code)
            if refusal is None:
                where = officers.c.name == name
                writing.connection.execute(update(officers).where(where).values(retired_at=writing.at))
            else:
                writing.refuse(refusal.what)
            writing.record |= {"officer": name}
        if refusal is not None:
            raise refusal

    def list_officers(self) -> tuple[Officer, ...]:
        """All officers ever enrolled, by id."""
        with self._chain.read() as connection:
            rows = connection.execute(select(officers).order_by(officers.c.name)).all()
        return tuple(
            Officer(r.name, OfficerRole(r.role), r.enrolled_at, r.enrolled_by, r.retired_at is not None) for r in rows
        )

    def prove(self, writing: Writing, code: str) -> OfficerRole | Refused:
        """Check the code of `entry.by` inside a write under way: the role, or the refusal.

        The caller stores the write in both cases (a wrong code counts), and then raises the refusal.
        """
        name = plain(writing.entry.by)
        row = writing.connection.execute(select(officers).where(officers.c.name == name)).one_or_none()
        if row is None or row.retired_at is not None:
            return Refused("you are no enrolled officer", do="let an officer enrol you: termijn officer enrol")
        if row.locked_until is not None and writing.at < row.locked_until:
            return Refused(
                f"closed after {WRONG_CODES} wrong codes until {row.locked_until:%Y-%m-%d %H:%M} UTC",
                do="wait until then; if these were not your attempts, tell the DPO",
            )
        failures = 0 if row.locked_until is not None else row.failures
        place = f"officers.secret:{name}:{row.role}"
        step = _step_of(self._chain.keyring.decrypt(row.secret, of=place).decode(), code, writing.at)
        if step is not None and step > row.last_step:
            self._note(writing, name, last_step=step, failures=0, locked_until=None)
            return OfficerRole(row.role)
        failures += 1
        locked_until = writing.at + CLOSED_FOR if failures >= WRONG_CODES else None
        self._note(writing, name, failures=failures, locked_until=locked_until)
        return Refused("this code was used before" if step is not None else "this is not the right code", do=_RETRY)

    def _vouch(self, writing: Writing, name: str, code: str) -> Refused | None:
        proven = self.prove(writing, code)
        if isinstance(proven, Refused):
            return proven
        if same_person(writing.entry.by, name):
            return Refused("nobody vouches for themselves", do="ask another officer to do this with their code")
        return None

    def _store(self, writing: Writing, name: str, role: OfficerRole, secret: str) -> None:
        values = {
            "role": role.value,
            "secret": self._chain.keyring.encrypt(secret.encode(), of=f"officers.secret:{name}:{role.value}"),
            "last_step": 0,
            "failures": 0,
            "locked_until": None,
            "enrolled_at": writing.at,
            "enrolled_by": writing.entry.by,
            "retired_at": None,
        }
        changed = writing.connection.execute(update(officers).where(officers.c.name == name).values(values))
        if changed.rowcount == 0:
            writing.connection.execute(insert(officers).values(name=name, **values))

    def _note(self, writing: Writing, name: str, **values: object) -> None:
        writing.connection.execute(update(officers).where(officers.c.name == name).values(values))


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step, one to either side of now, that this code belongs to. Takes equally long for every code."""
    totp, now, found = pyotp.TOTP(secret, interval=_STEP), int(at.timestamp()) // _STEP, None
    given = "".join(code.split()).encode()
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), given):
            found = step
    return found
