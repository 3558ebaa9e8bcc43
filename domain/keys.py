"""How the key of one record is written, so that the plan, the evidence and the person at the keyboard agree."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_RUN = 10_000
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
    """An ordered, unchangeable list of keys that no workflow engine walks through. Its length is its record count.

    Keys of one whole number, by far the most, take four or eight bytes each: a night of millions fits in memory.
    """

    __slots__ = ("_keys", "_numbers")

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._numbers: array[int] | None = None
        self._keys: Sequence[Key] = ()
        if isinstance(keys, Keys):
            self._numbers, self._keys = keys._numbers, keys._keys
            return
        rest = iter(keys)
        numbers: array[int] = array("i")
        for key in rest:
            if len(key) != 1 or type(key[0]) is not int or not _SMALLEST <= key[0] <= _LARGEST:
                self._keys = (*((n,) for n in numbers), key, *rest)
                return
            try:
                numbers.append(key[0])
            except OverflowError:
                numbers = array("q", numbers)
                numbers.append(key[0])
        self._numbers = numbers

    @classmethod
    def of_numbers(cls, numbers: Iterable[int]) -> Keys:
        """Keys of one whole number each. OverflowError where one does not fit in 64 bits."""
        made = cls()
        made._numbers = numbers if isinstance(numbers, array) else array("q", numbers)
        return made

    @property
    def numbers(self) -> Sequence[int] | None:
        """The keys as plain numbers, where each is one whole number of 64 bits; else None."""
        return self._numbers

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys) if self._numbers is None else zip(self._numbers)

    def __len__(self) -> int:
        return len(self._keys if self._numbers is None else self._numbers)

    def __contains__(self, key: object) -> bool:
        if self._numbers is None:
            return key in self._keys
        return isinstance(key, tuple) and len(key) == 1 and key[0] in self._numbers

    def __repr__(self) -> str:
        return f"Keys({len(self)} records)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Keys) or len(self) != len(other):
            return False
        if self._numbers is not None and other._numbers is not None:
            return self._numbers == other._numbers
        return all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def same_records(self, other: Keys) -> bool:
        """Whether both hold the same keys, in whatever order."""
        return len(self) == len(other) and self._set() == other._set()

    def without(self, others: Keys) -> Keys:
        """These keys in their order, less those of `others`."""
        if not len(others):
            return self
        gone = frozenset(others)
        return Keys(k for k in self if k not in gone)

    def _set(self) -> frozenset[Any]:
        return frozenset(self._keys) if self._numbers is None else frozenset(self._numbers)

    def batches(self, size: int) -> Iterator[Sequence[Key]]:
        """The keys in runs of at most `size`."""
        for start in range(0, len(self), size):
            yield list(self.slice(start, start + size))

    def runs(self, size: int) -> Iterator[Keys]:
        """The same, each run as keys."""
        for start in range(0, len(self), size):
            yield self.slice(start, start + size)

    def slice(self, start: int, stop: int) -> Keys:
        """The keys from the one at `start` up to the one at `stop`, itself left out."""
        if self._numbers is not None:
            return Keys.of_numbers(self._numbers[start:stop])
        made = Keys()
        made._numbers, made._keys = None, self._keys[start:stop]
        return made

    def texts(self) -> list[str]:
        """Every key written, sorted bytewise."""
        return sorted((key_text(k) for k in self), key=lambda t: t.encode())

    def digest(self) -> str:
        """SHA-256 over the keys in their order: equal lists have equal digests. Never leaves the ledger."""
        state = hashlib.sha256()
        for start in range(0, len(self), _RUN):
            state.update("".join(f"{key_text(k)}\n" for k in self.slice(start, start + _RUN)).encode())
        return state.hexdigest()
