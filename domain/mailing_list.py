"""Which lines of a campaign's file may be written to: who agreed and did not object, and every other is dropped."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.trouble import Refused

_HEADS = frozenset({"email", "e-mail", "mail", "e-mailadres", "emailadres", "e-mail address", "email address"})


class Dropped(StrEnum):
    """Why a line is left out."""

    NO_ADDRESS = "no e-mail address"
    OBJECTED = "objected"
    NOT_OPTED_IN = "did not opt in"
    TWICE = "stood there twice"


@dataclass(frozen=True, slots=True)
class Sieved:
    """What became of a list: counts, and nobody's name."""

    kept: int
    dropped: dict[str, int]


class Sieve:
    """Goes through the lines of a file once; `objected` and `agreed` are marks, `mark_of` makes one of an address."""

    def __init__(self, *, objected: frozenset[str], agreed: frozenset[str]) -> None:
        self._objected, self._agreed = objected, agreed
        self._seen = set[str]()
        self.kept = 0
        self.dropped: Counter[Dropped] = Counter()

    def lets_through(self, mark: str | None) -> bool:
        """Whether the line with this address stays; counted either way."""
        why = self._why_not(mark)
        if why is None and mark is not None:
            self._seen.add(mark)
            self.kept += 1
            return True
        self.dropped[why or Dropped.NO_ADDRESS] += 1
        return False

    def _why_not(self, mark: str | None) -> Dropped | None:
        if mark is None:
            return Dropped.NO_ADDRESS
        if mark in self._objected:
            return Dropped.OBJECTED
        if mark not in self._agreed:
            return Dropped.NOT_OPTED_IN
        return Dropped.TWICE if mark in self._seen else None

    @property
    def told(self) -> Sieved:
        """The counts."""
        return Sieved(self.kept, {why.value: n for why, n in sorted(self.dropped.items())})


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is laid out: what parts its cells, where the address stands, whether its first line is a heading."""

    parted_by: str
    column: int
    headed: bool

    def address(self, cells: Sequence[str]) -> str:
        """The cell that holds the address; empty where the line is shorter."""
        return cells[self.column] if len(cells) > self.column else ""


def shape_of(first: str) -> Shape:
    """How a file is laid out, from its first line. Raises Refused where no column of addresses can be told."""
    parted_by = max(";,\t", key=first.count)
    cells = [c.strip().strip('"').casefold() for c in first.split(parted_by)]
    named = [n for n, cell in enumerate(cells) if cell in _HEADS]
    if len(named) == 1:
        return Shape(parted_by, named[0], True)
    if len(cells) == 1 and "@" in cells[0]:
        return Shape(parted_by, 0, False)
    raise Refused(
        "the file says not in which column the addresses are",
        where="mailing list",
        do="give its first line a heading with one column called email, or one bare address on each line",
    )


def lines_of(text: Iterable[str], shape: Shape) -> Iterator[list[str]]:
    """The cells of each line that is not empty. Raises Refused where it is no CSV any further."""
    reader = csv.reader(text, delimiter=shape.parted_by)
    try:
        yield from (cells for cells in reader if any(c.strip() for c in cells))
    except csv.Error:
        raise Refused(f"line {reader.line_num} is no CSV", where="mailing list", do="save the file anew") from None
