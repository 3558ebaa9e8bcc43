"""How a long table is drawn: row by row on the canvas, one text object per column and page, linear in rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reports.fonts import Face, wrap
from reports.page import ACCENT, BOTTOM, HIGH, INK, LEFT, LINE, SHADE, TOP, Sheet

PAD, GAP = 3.5, 8.0
_UNBROKEN = 17  # characters: '10 september 2013'


@dataclass(frozen=True, slots=True)
class Col:
    """One column of a table: its head, its share of the width, and whether it is a number (set to the right)."""

    head: str
    share: float = 1.0
    number: bool = False


def widths(
    heads: Sequence[str], sample: Sequence[Sequence[str]], sheet: Sheet, size: float = 8.5
) -> list[float] | None:
    """How wide each column is, from its head and the first rows; None where the columns do not fit the page.

    A column is never narrower than its longest word, and a short cell (a date, an amount) stays on one line.
    """
    least, wanted = [], []
    for at, head in enumerate(heads):
        cells = [row[at] for row in sample]
        words = [w for c in cells for w in ([c] if len(c) <= _UNBROKEN else c.split())]
        head_word = max((sheet.bold.width(w, size) for w in head.split()), default=0.0)
        word = max((sheet.regular.width(w, size) for w in words), default=0.0)
        longest = max((sheet.regular.width(c, size) for c in cells), default=0.0)
        least.append(max(min(word, 84.0), head_word, 18.0) + 1)
        wanted.append(max(least[-1], min(longest, 320.0)))
    room = sheet.width - GAP * (len(heads) - 1)
    if sum(least) > room:
        return None
    over = sum(wanted) - sum(least)
    spare = min(1.0, (room - sum(least)) / over) if over else 0.0
    return [low + (high - low) * spare for low, high in zip(least, wanted, strict=True)]


class Table:
    """A table on a `Sheet`. Its head is repeated on every page; a row taller than a page is cut between lines."""

    def __init__(self, sheet: Sheet, columns: Sequence[Col], *, size: float = 8.5) -> None:
        self.sheet, self.size, self.step = sheet, size, size * 1.32
        total = sum(c.share for c in columns)
        room = sheet.width - GAP * (len(columns) - 1)
        self.columns = columns
        self.widths = [room * c.share / total for c in columns]
        self.lefts = [LEFT + sum(self.widths[:i]) + GAP * i for i in range(len(columns))]
        self._heads = [wrap(sheet.safe(c.head), sheet.bold, size, w) for c, w in zip(columns, self.widths, strict=True)]
        self._rows: list[tuple[float, Sequence[Sequence[str]]]] = []
        self._shaded: list[tuple[float, float]] = []
        self._odd = False
        self._wrapped = lru_cache(4096)(lambda text, at: wrap(sheet.safe(text), sheet.regular, size, self.widths[at]))

    def draw(self, rows: Iterable[Sequence[str]]) -> None:
        """Draw all rows, over as many pages as they take."""
        step, foot = self.step, BOTTOM
        self.sheet.need(self._head_height() + 2 * (step + 2 * PAD))
        self._draw_head()
        full = HIGH - TOP - BOTTOM - self._head_height()
        for row in rows:
            cells = [self._wrapped(text, at) for at, text in enumerate(row)]
            height = max(map(len, cells)) * step + 2 * PAD
            if self.sheet.y - height < foot and height <= full:
                self._turn()
            while self.sheet.y - height < foot:
                room = int((self.sheet.y - foot - 2 * PAD) / step)
                if room < 1:
                    self._turn()
                    continue
                self._place([c[:room] for c in cells], room * step + 2 * PAD)
                cells = [c[room:] for c in cells]
                height = max(map(len, cells)) * step + 2 * PAD
                self._turn()
            self._place(cells, height)
            self._odd = not self._odd
        self._flush()
        self.sheet.y -= 10

    def _place(self, cells: Sequence[Sequence[str]], height: float) -> None:
        sheet = self.sheet
        if self._odd:
            self._shaded.append((sheet.y - height, height))
        self._rows.append((sheet.y - PAD - self.size * 0.92, cells))
        sheet.y -= height

    def _turn(self) -> None:
        self._flush()
        self.sheet.new_page()
        self._draw_head()

    def _head_height(self) -> float:
        return max(map(len, self._heads)) * self.step + 2 * PAD

    def _draw_head(self) -> None:
        sheet, canvas = self.sheet, self.sheet.canvas
        self._column_texts([(sheet.y - PAD - self.size * 0.92, self._heads)], sheet.bold, bold=True)
        sheet.y -= self._head_height()
        canvas.setStrokeColor(ACCENT)
        canvas.setLineWidth(1)
        canvas.line(LEFT, sheet.y, LEFT + sheet.width, sheet.y)

    def _flush(self) -> None:
        canvas = self.sheet.canvas
        canvas.setFillColor(SHADE)
        for y, height in self._shaded:
            canvas.rect(LEFT - 3, y, self.sheet.width + 6, height, stroke=0, fill=1)
        self._column_texts(self._rows, self.sheet.regular, bold=False)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT, self.sheet.y, LEFT + self.sheet.width, self.sheet.y)
        self._rows, self._shaded = [], []

    def _column_texts(self, rows: Sequence[tuple[float, Sequence[Sequence[str]]]], style: Face, *, bold: bool) -> None:
        canvas = self.sheet.canvas
        canvas.setFillColor(ACCENT if bold else INK)
        for at, (column, left, width) in enumerate(zip(self.columns, self.lefts, self.widths, strict=True)):
            text = canvas.beginText()
            text.setFont(style.name, self.size, self.step)
            for y, cells in rows:
                if column.number:
                    for i, line in enumerate(cells[at]):
                        text.setTextOrigin(left + width - style.width(line, self.size), y - i * self.step)
                        text.textOut(line)
                    continue
                text.setTextOrigin(left, y)
                for line in cells[at]:
                    text.textLine(line)
            canvas.drawText(text)


def draw_table(sheet: Sheet, columns: Sequence[Col], rows: Iterable[Sequence[str]], *, size: float = 8.5) -> None:
    """Draw a table from where `sheet` is, over as many pages as it takes."""
    Table(sheet, columns, size=size).draw(rows)


__all__ = ["Col", "Table", "draw_table", "widths"]
