"""How the key of one record is written, so that the plan, the evidence and the person at the keyboard agree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

#: The values of a record's key columns, in the register's order, as the source gives them.
Key = tuple[Any, ...]


def key_text(key: Key) -> str:
    """A key as one line: parts joined by `|`, dates as ISO, backslash and bar escaped. Unique per key."""
    return "|".join(_part(p) for p in key)


def _part(value: Any) -> str:
    match value:
        case str():
            text = value
        case bool() | int() | UUID():
            text = str(value)
        case datetime() | date():
            text = value.isoformat()
        case bytes() | memoryview():
            text = bytes(value).hex()
        case Decimal():
            text = format(value.normalize(), "f")
        case _:
            raise TypeError(f"a key of type {type(value).__name__} cannot be written; use a text or number key")
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n").replace("\t", "\\t")


class Keys:
    """An ordered, unchangeable list of keys that no workflow engine walks through. Its length is its record count."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys: tuple[Key, ...] = tuple(keys)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __repr__(self) -> str:
        return f"Keys({len(self._keys)} records)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and self._keys == other._keys

    def __hash__(self) -> int:
        return hash(self._keys)

    def batches(self, size: int) -> Iterator[Sequence[Key]]:
        """The keys in runs of at most `size`."""
        for start in range(0, len(self._keys), size):
            yield self._keys[start : start + size]

    def texts(self) -> list[str]:
        """Every key written, sorted bytewise."""
        return sorted((key_text(k) for k in self._keys), key=lambda t: t.encode())

    def digest(self) -> str:
        """SHA-256 over the sorted keys: equal lists have equal digests. Never leaves the ledger's encrypted part."""
        return hashlib.sha256("\n".join(self.texts()).encode()).hexdigest()
