"""How an address is known again without being kept: a keyed hash, by a key of its own that no rotation changes.

The key lies in the ledger, encrypted: whoever has only the database cannot try out addresses, and whoever objected
stays known after the evidence keys of that time were destroyed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from domain.identity import Identifier, normalise
from domain.trouble import LedgerBroken
from ledger.schema import key_checks
from ledger.secrets import Keyring

_ID = "marks"
_PLACE = f"key_checks.proof:{_ID}"
#: What an address is: what a message or a call goes to.
KINDS = ("email", "phone")


class Marker:
    """Marks addresses with the key of one ledger. Its `repr` shows no key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Marker()"

    def mark(self, kind: str, value: str) -> str:
        """The mark of an address that was normalised (`domain.identity`)."""
        said = f"{kind}:{value}".encode()
        return hashlib.blake2b(said, key=self._key, digest_size=32, person=b"termijn mark").hexdigest()

    def of(self, identifiers: Iterable[Identifier]) -> tuple[str, ...]:
        """The marks of the addresses among these identifiers, in order."""
        return tuple(sorted({self.mark(i.kind, i.value) for i in identifiers if i.kind in KINDS}))

    def of_address(self, raw: object) -> str | None:
        """The mark of an e-mail address as a source or a file has it; None where it is none."""
        value = normalise("email", raw)
        return None if value is None else self.mark("email", value)


def make_key(connection: Connection, keyring: Keyring) -> None:
    """Make the key where this ledger has none yet."""
    if connection.scalar(select(key_checks.c.id).where(key_checks.c.id == _ID)) is None:
        proof = keyring.encrypt(secrets.token_bytes(32), of=_PLACE)
        connection.execute(insert(key_checks).values(id=_ID, proof=proof))


def open_marker(connection: Connection, keyring: Keyring) -> Marker:
    """The marker of this ledger. Raises LedgerBroken where its key is not there."""
    proof = connection.scalar(select(key_checks.c.proof).where(key_checks.c.id == _ID))
    if proof is None:
        raise LedgerBroken(
            "the key that knows addresses again is gone: nobody can tell who objected",
            where="key_checks",
            do="send nothing; restore the ledger from a backup",
        )
    return Marker(keyring.decrypt(proof, of=_PLACE))
