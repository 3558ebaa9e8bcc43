"""How a long dossier is divided over volumes: which rows of which part stand in which, before a page is drawn.

A volume has at most `PAGES` pages, and so a bounded structure in memory. How many pages a part takes is reckoned from
its first rows, with room to spare; a part may run on from one volume into the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from domain.package import PackageContents, Part
from reports.dossier_text import TABLE_COLUMNS, by_activity, lay_out
from reports.fonts import face, wrap
from reports.table import widths

PAGES = 500
#: So many of them are planned: rows further on may be higher than the first.
_PLANNED = 350
_SAMPLE, _ROOM, _WIDTH = 60, 630.0, 483.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of rows of one part: from `start` up to `stop` (None: to the end)."""

    number: int
    part: Part
    start: int = 0
    stop: int | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the part began in an earlier volume."""
        return self.start > 0


@dataclass(frozen=True, slots=True)
class Volume:
    """One file of the dossier: its number among all, and its pieces by the title of their activity."""

    number: int
    of: int
    pieces: tuple[tuple[str, tuple[Piece, ...]], ...]

    @property
    def file(self) -> str:
        """Its name in the package."""
        return "dossier.pdf" if self.number == 1 else f"dossier-{self.number}.pdf"


def plan_volumes(contents: PackageContents, *, pages: int = _PLANNED) -> tuple[Volume, ...]:
    """Divide the dossier; one volume where everything fits, and always at least one."""
    divided: list[list[tuple[str, Piece]]] = [[]]
    left = float(pages)
    for activity, parts in by_activity(contents):
        for number, part in parts:
            for piece, cost in _pieces(number, part, contents.language, left, pages):
                if cost > left and divided[-1]:
                    divided.append([])
                    left = float(pages)
                divided[-1].append((activity, piece))
                left -= cost
    volumes = [tuple(_by_activity(v)) for v in divided]
    return tuple(Volume(n, len(volumes), pieces) for n, pieces in enumerate(volumes, 1))


def _pieces(number: int, part: Part, language: str, left: float, pages: int) -> Iterator[tuple[Piece, float]]:
    """The part whole where it fits what is left or a volume of its own; else in runs of rows that each fit one."""
    per_page = _rows_per_page(part, language)
    rows = min(len(part.records), 10**9) if not part.summarised else _SAMPLE
    whole = rows / per_page + 0.3
    if whole <= left or whole <= pages:
        yield Piece(number, part), whole
        return
    start, room = 0, left if left > pages / 4 else float(pages)
    while start < rows:
        many = max(1, int((room - 1) * per_page))
        stop = None if start + many >= rows else start + many
        yield Piece(number, part, start, stop), (rows - start if stop is None else many) / per_page + 0.3
        start, room = start + many, float(pages)


def _rows_per_page(part: Part, language: str) -> float:
    """How many rows fit a page, by how high the first ones are."""
    layout = lay_out(part, language)
    sample: Sequence[list[str]] = list(islice(layout.rows(), _SAMPLE))
    if not sample:
        return 40.0
    style, size, wide = face(), 8.5, None
    if len(part.records) > 1 and len(layout.heads) <= TABLE_COLUMNS:
        wide = widths(layout.heads, sample, _WIDTH)
        if wide is None:
            size, wide = 7.5, widths(layout.heads, sample, _WIDTH, 7.5)
    if wide is None:  # cards: a line for each value
        high = sum(sum(len(wrap(cell, style, 9.5, _WIDTH - 150)) for cell in row) * 13.3 + 30 for row in sample)
    else:
        lines = (max(len(wrap(c, style, size, w)) for c, w in zip(row, wide, strict=True)) for row in sample)
        high = sum(many * size * 1.32 + 7 for many in lines)
    return max(1.0, _ROOM / (high / len(sample)))


def _by_activity(pieces: Sequence[tuple[str, Piece]]) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    for title in dict.fromkeys(activity for activity, _ in pieces):
        yield title, tuple(piece for activity, piece in pieces if activity == title)


__all__ = ["PAGES", "Piece", "Volume", "plan_volumes"]
