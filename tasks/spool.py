"""Where a person's records wait for their package: in memory while they are few, else encrypted on disk.

The file has no name (it is unlinked the moment it is made) and each page in it is AES-256-GCM under a key that is made
for this spool and never leaves the process (promise 9): what a crash, a swap of disks or a copy of `/tmp` leaves is
noise. A page is bound to its place, so that pages cannot be swapped; one that was touched does not open.
"""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from operator import attrgetter
from threading import Lock
from types import TracebackType
from typing import IO, Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.package import Outline, Record
from domain.trouble import TermijnError

#: Bytes of values (not of Python's objects, which take about four times as much) that a spool keeps in memory in all.
HELD = 4 * 2**20
#: Bytes of values in one page: large enough for the disk, small enough to hold several times over while it is read.
PAGE = 2**18
_FIELDS = tuple(f.name for f in fields(Record))
_taken_apart = attrgetter(*_FIELDS)
_OVERHEAD = 100


class SpoolBroken(TermijnError):
    """What was laid aside during an export does not come back as it was; nothing was sealed."""


class Spool:
    """One export's encrypted temporary file, made when the first page must leave memory; closed, it is gone.

    `told` hears how many records there are by now, every thousand.
    """

    def __init__(self, *, held: int = HELD, page: int = PAGE, told: Callable[[int], None] = lambda _: None) -> None:
        self._held, self._page, self._told = held, page, told
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))
        self._file: IO[bytes] | None = None
        self._shelves: list[Shelf] = []
        self._pages = self._end = 0
        self._waiting = self._records = 0
        self._alone = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back to the disk. What was on it can no longer be read."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def shelf(self) -> Shelf:
        """A new, empty place for the records of one part."""
        made = Shelf(self)
        self._shelves.append(made)
        return made

    def _room_for(self, shelf: Shelf, weight: int) -> None:
        """Make room: this shelf's page when it is full, every shelf's where all of them together hold too much."""
        with self._alone:
            self._records += 1
            if self._records % 1000 == 0:
                self._told(self._records)
            self._waiting += weight
            if self._waiting <= self._held:
                return
            full = [shelf] if shelf._weight >= self._page else []
            if self._waiting > self._held + 4 * self._page:
                full = self._shelves
            for one in full:
                self._waiting -= one._weight
                one._store(self._write)

    def _write(self, plain: bytes) -> tuple[int, int, int]:
        """Append one page; (its number, where it begins, how long it is)."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0, prefix="termijn")  # noqa: SIM115 - `close` is ours
        number, self._pages = self._pages, self._pages + 1
        place = number.to_bytes(12, "big")  # a key of its own, so a count is a nonce that never comes twice
        sealed = self._cipher.encrypt(place, plain, None)
        begins, self._end = self._end, self._end + len(sealed)
        left, at = memoryview(sealed), begins
        while left:
            done = os.pwrite(self._descriptor(), left, at)
            left, at = left[done:], at + done
        return number, begins, len(sealed)

    def _read(self, page: tuple[int, int, int]) -> bytes:
        number, begins, length = page
        place = number.to_bytes(12, "big")
        try:
            return self._cipher.decrypt(place, os.pread(self._descriptor(), length, begins), None)
        except InvalidTag:
            raise SpoolBroken(
                "a page of the temporary file is not as it was written",
                where="the spool of an export",
                do="look whether the disk is full or failing, then export again; nothing was sealed",
            ) from None

    def _descriptor(self) -> int:
        if self._file is None:
            raise SpoolBroken(
                "records were asked of a spool that is closed", where="the spool of an export", do="export again"
            )
        return self._file.fileno()


class Shelf:
    """The records of one part, in the order in which they came: counted, and read again as often as wanted."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._stored: list[tuple[int, int, int]] = []
        self._last: list[Record] = []
        self._weight = self._count = 0
        self.outline = Outline()

    def add(self, record: Record) -> None:
        """Put one record at the end."""
        self.outline.add(record)
        self._last.append(record)
        self._count += 1
        weight = _weight(record.values)
        self._weight += weight
        self._spool._room_for(self, weight)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Record]:
        for page in self._stored:
            yield from _unpacked(self._spool._read(page))
        yield from self._last

    def __repr__(self) -> str:
        return f"Shelf({self._count} records)"

    def _store(self, write: Any) -> None:
        if self._last:
            self._stored.append(write(_packed(self._last)))
            self._last, self._weight = [], 0


def _weight(values: Mapping[str, Any]) -> int:
    return _OVERHEAD + sum(len(v) if isinstance(v, str | bytes | memoryview) else 16 for v in values.values())


class _Packer(pickle.Pickler):
    """Every type of value comes back as it went in; a view on a driver's buffer as the bytes it shows."""

    dispatch_table = copyreg.dispatch_table.copy() | {memoryview: lambda view: (bytes, (bytes(view),))}


def _packed(records: list[Record]) -> bytes:
    out = io.BytesIO()
    _Packer(out, protocol=5).dump([_taken_apart(r) for r in records])
    return out.getvalue()


def _unpacked(page: bytes) -> Iterator[Record]:
    # Only what this process wrote itself comes here: AES-GCM, under a key that no other has, has just vouched for it.
    for parts in pickle.loads(page):  # noqa: S301
        yield Record(**dict(zip(_FIELDS, parts, strict=True)))
