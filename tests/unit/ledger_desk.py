"""A ledger on a desk, for tests: its clock turns by hand, and two officers can sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyotp
from sqlalchemy import Connection, text

from domain.evidence import Entry
from domain.keys import Keys
from ledger import Ledger, open_ledger
from ledger.approvals import What
from ledger.batches import Receipt
from ledger.destroyed import Closed
from ledger.officers import OfficerRole
from ledger.secrets import Keyring

RULE = "a" * 64
AS_OF = date(2026, 11, 23)


@dataclass
class Desk:
    """One ledger on its desk."""

    url: str
    keyring: Keyring
    now: datetime = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    secrets: dict[str, pyotp.TOTP] = field(default_factory=dict)
    _open: Ledger | None = None

    @property
    def ledger(self) -> Ledger:
        if self._open is None:
            self._open = open_ledger(self.url, clock=lambda: self.now, keyring=self.keyring)
        return self._open

    def close(self) -> None:
        """As a killed process leaves it: nothing is said, nothing is finished."""
        if self._open is not None:
            self._open.close()
        self._open = None

    def tick(self, **by: float) -> None:
        self.now += timedelta(**by)

    def enrol(self, name: str, role: OfficerRole = OfficerRole.DPO, *, by: str = "fg") -> None:
        code = self.code(by) if self.secrets else ""
        address = self.ledger.officers.enrol(name, role, entry=Entry("officer enrolled", by), code=code)
        found = pyotp.parse_uri(address)
        assert isinstance(found, pyotp.TOTP)
        self.secrets[name] = found

    def code(self, name: str) -> str:
        """The code that the officer's authenticator shows next: half a minute later than the last."""
        self.tick(seconds=30)
        return self.secrets[name].at(self.now)

    def office(self) -> Ledger:
        """A DPO 'fg' and an engineer 'dev', both enrolled."""
        self.enrol("fg")
        self.enrol("dev", OfficerRole.ENGINEER)
        return self.ledger

    def approve(self, digest: str = RULE, what: What = What.RULE, *, expires_on: date | None = None) -> None:
        self.ledger.approvals.request(what, [digest], code=self.code("dev"), entry=Entry("approval asked", "dev"))
        code, entry = self.code("fg"), Entry("approval given", "fg")
        self.ledger.approvals.approve(what, [digest], code=code, entry=entry, expires_on=expires_on)

    def announce(self, dossiers: Mapping[str, Keys], *, digest: str = RULE) -> Receipt:
        return self.ledger.batches.announce(
            rule="careweb.patient", digest=digest, system="careweb", dossiers=dossiers, as_of=AS_OF,
            entry=Entry("batch announced", "nightly-purge"),
        )  # fmt: skip

    def shut(self, receipt: Receipt, gone: Mapping[str, Keys] | None = None) -> Closed:
        found = receipt.dossiers if gone is None else gone
        return self.ledger.batches.close(receipt.batch, found, entry=Entry("batch closed", "nightly-purge"))

    def by_hand(self, *statements: str, **values: Any) -> None:
        """Change the database as somebody with its password would, the triggers dropped."""
        with self.ledger.events.engine.connect().execution_options(termijn_writes=True) as connection:
            self._drop_triggers(connection)
            for statement in statements:
                connection.execute(text(statement), values)
            connection.commit()

    def _drop_triggers(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            return
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
