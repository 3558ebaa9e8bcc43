"""The keys of the ledger: which encrypt its personal columns, and which hash its evidence.

An encrypted value is bound to its place ('cases.subject:2026-0001'): moved to another row it does not open.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from domain.trouble import LedgerBroken, Refused

#: Names the file of the keys, or holds them as JSON.
VARIABLE = "TERMIJN_KEYS"
_PUT_BACK = (
    f"put back the key file of this ledger, or name it in {VARIABLE}; without it the personal data cannot be read"
)


class Keyring:
    """Encryption keys and evidence keys, newest first. Its `repr` shows no key."""

    def __init__(self, encryption: list[str], evidence: dict[str, bytes], *, path: Path | None = None) -> None:
        self.path = path
        self._encryption = encryption
        self._evidence = evidence
        try:
            if not encryption or not evidence or any(len(k) < 32 for k in evidence.values()):
                raise ValueError
            self._fernet = MultiFernet([Fernet(k) for k in encryption])
        except ValueError:
            raise LedgerBroken("the keys of the ledger are not keys", do=_PUT_BACK) from None

    def __repr__(self) -> str:
        return f"Keyring({len(self._encryption)} encryption keys, {len(self._evidence)} evidence keys)"

    @classmethod
    def fresh(cls, path: Path | None = None) -> Keyring:
        """New keys. Nothing is written."""
        return cls([Fernet.generate_key().decode()], {"e1": secrets.token_bytes(32)}, path=path)

    @classmethod
    def parse(cls, text: str, *, path: Path | None = None) -> Keyring:
        """Read keys from JSON; LedgerBroken where it is not a keyring."""
        try:
            found = json.loads(text)
            evidence = {str(one["id"]): bytes.fromhex(one["key"]) for one in found["evidence"]}
            encryption = [str(k) for k in found["encryption"]]
        except (ValueError, KeyError, TypeError):
            raise LedgerBroken("the keys of the ledger cannot be read", do=_PUT_BACK) from None
        return cls(encryption, evidence, path=path)

    @classmethod
    def at(cls, path: Path, *, create: bool) -> Keyring:
        """The keys in a file of mode 0600; made at first use where `create` allows."""
        if create and not path.exists():
            cls.fresh(path).save(new=True)
        try:
            return cls.parse(path.read_text(encoding="utf-8"), path=path)
        except OSError:
            raise LedgerBroken("the key file of this ledger is not there", where=path.name, do=_PUT_BACK) from None

    @classmethod
    def find(cls, beside: Path | None, *, create: bool) -> Keyring:
        """The keys that the environment gives; else those in the file beside the ledger."""
        given = os.environ.get(VARIABLE, "")
        if given.lstrip().startswith("{"):
            return cls.parse(given)
        if given:
            return cls.at(Path(given), create=create)
        if beside is None:
            raise LedgerBroken(
                "this ledger has no file of its own to keep its keys beside",
                do=f"name a key file in {VARIABLE} (it is made at first use)",
            )
        return cls.at(beside, create=create)

    def save(self, *, new: bool = False, wipe: bool = False) -> None:
        """Write the keys whole or not at all. `new`: never over a file that another process made meanwhile.

        `wipe`: overwrite the bytes of the file before, so that a key that goes leaves no copy in a free block.
        """
        if self.path is None:
            raise Refused(
                f"these keys were given in {VARIABLE}, not in a file",
                do=f"put the new key first in {VARIABLE} yourself, keep the old ones behind it, and rotate again",
            )
        wording = {
            "encryption": self._encryption,
            "evidence": [{"id": name, "key": key.hex()} for name, key in self._evidence.items()],
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(wording, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        try:
            if new:
                os.link(draft, self.path)
            elif wipe:
                with self.path.open("r+b") as before:
                    draft.replace(self.path)
                    _overwrite(before)
            else:
                draft.replace(self.path)
        except FileExistsError:
            pass  # another process made the keys a moment ago: those count
        finally:
            draft.unlink(missing_ok=True)

    def encrypt(self, data: bytes, *, of: str) -> bytes:
        """Encrypt for one place only; it opens nowhere else."""
        return self._fernet.encrypt(of.encode() + b"\x00" + zlib.compress(data, 6))

    def decrypt(self, token: bytes, *, of: str) -> bytes:
        """What `encrypt` was given for this place. LedgerBroken: wrong key, damaged, or moved from elsewhere."""
        try:
            place, _, data = self._fernet.decrypt(token).partition(b"\x00")
        except InvalidToken:
            raise LedgerBroken("an encrypted column does not open with these keys", where=of, do=_PUT_BACK) from None
        if place != of.encode():
            raise LedgerBroken(
                "an encrypted value stands where it was not put",
                where=of,
                do="somebody changed the ledger by hand: restore it from a backup and tell the DPO",
            )
        return zlib.decompress(data)

    def renew(self, token: bytes, *, of: str) -> bytes:
        """The same value under the newest key."""
        try:
            return self._fernet.rotate(token)
        except InvalidToken:
            raise LedgerBroken("an encrypted column does not open with these keys", where=of, do=_PUT_BACK) from None

    def mint(self) -> None:
        """Put a new encryption key first, on file before it is used. Refused where the keys are not in a file."""
        with self._alone() as now:
            self._become([Fernet.generate_key().decode(), *now._encryption], now._evidence)

    def forget_old(self) -> None:
        """Keep only the newest encryption key. What is still encrypted with an older one is lost."""
        old = self._encryption[1:]
        with self._alone() as now:
            self._become([key for key in now._encryption if key not in old], now._evidence, wipe=True)

    def mint_evidence(self, name: str) -> None:
        """Put a new evidence key first, on file before it is used. Refused where the keys are not in a file."""
        with self._alone() as now:
            self._become(now._encryption, {name: secrets.token_bytes(32), **now._evidence})

    def drop_evidence(self, name: str) -> bool:
        """Take an evidence key away for ever; whether it is off the file too (keys from the environment are not)."""
        with self._alone() as now:
            left = {one: key for one, key in now._evidence.items() if one != name}
            if self.path is None:
                self._evidence = left
                return False
            self._become(now._encryption, left, wipe=True)
        return True

    @contextmanager
    def _alone(self) -> Iterator[Keyring]:
        """The keys as the file has them now, and nobody else changes it meanwhile: no key is lost between two."""
        if self.path is None:
            yield self
            return
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield Keyring.at(self.path, create=False)
        finally:
            os.close(folder)

    def _become(self, encryption: list[str], evidence: dict[str, bytes], *, wipe: bool = False) -> None:
        fresh = Keyring(encryption, evidence, path=self.path)
        fresh.save(wipe=wipe)
        self._encryption, self._evidence, self._fernet = encryption, evidence, fresh._fernet

    @property
    def evidence_ids(self) -> tuple[str, ...]:
        """The ids of the evidence keys, newest first."""
        return tuple(self._evidence)

    def evidence_key(self, name: str) -> bytes:
        """The evidence key of this id; LedgerBroken where it is not on the ring."""
        if name not in self._evidence:
            raise LedgerBroken(f"evidence key {name!r} is not among the keys of this ledger", do=_PUT_BACK)
        return self._evidence[name]

    def fingerprint(self, name: str) -> str:
        """A digest that names this evidence key and tells nothing of it: what two officers agree to destroy."""
        key = self.evidence_key(name)
        return hashlib.blake2b(name.encode(), key=key, digest_size=32, person=b"termijn key").hexdigest()

    def seal(self, *parts: object) -> str:
        """A mark that only this keyring can set: a row that somebody adds or alters by hand has no valid one."""
        return self._seal(self.evidence_ids[0], parts)

    def is_sealed(self, seal: str, *parts: object) -> bool:
        """Whether `seal` was set by this keyring over exactly these parts."""
        name = seal.partition(":")[0]
        return name in self._evidence and hmac.compare_digest(seal, self._seal(name, parts))

    def _seal(self, name: str, parts: tuple[object, ...]) -> str:
        text = json.dumps([None if p is None else str(p) for p in parts], separators=(",", ":"))
        mark = hashlib.blake2b(text.encode(), key=self._evidence[name], digest_size=32, person=b"termijn seal")
        return f"{name}:{mark.hexdigest()}"


def _overwrite(file: BinaryIO) -> None:
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    file.write(b"\x00" * length)
    file.flush()
    os.fsync(file.fileno())
