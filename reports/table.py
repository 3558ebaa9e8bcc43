"""How a long table is drawn: row by row on the canvas, one text object per column and page, linear in rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from reports.fonts import Face, face, wrap
from reports.page import ACCENT, BOTTOM, HIGH, INK, LEFT, LINE, SHADE, TOP, Sheet
from reports.structure import Element

PAD, GAP = 3.5, 8.0
_UNBROKEN = 17  # characters: '10 september 2013'


@dataclass(frozen=True, slots=True)
class Col:
    """One column of a table: its head, its share of the width, and whether it is a number (set to the right)."""

    head: str
    share: float = 1.0
    number: bool = False


def widths(heads: Sequence[str], sample: Sequence[Sequence[str]], room: float, size: float = 8.5) -> list[float] | None:
    """How wide each column is, from its head and the first rows; None where the columns do not fit the page.

    A column is never narrower than its longest word, and a short cell (a date, an amount) stays on one line.
    """
    least, wanted, bold, regular = [], [], face("Bold"), face("Regular")
    for at, head in enumerate(heads):
        cells = [row[at] for row in sample]
        words = [w for c in cells for w in ([c] if len(c) <= _UNBROKEN else c.split())]
        head_word = max((bold.width(w, size) for w in head.split()), default=0.0)
        word = max((regular.width(w, size) for w in words), default=0.0)
        longest = max((regular.width(c, size) for c in cells), default=0.0)
        least.append(max(min(word, 84.0), head_word, 18.0) + 1)
        wanted.append(max(least[-1], min(longest, 320.0)))
    room -= GAP * (len(heads) - 1)
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
        self._rows: list[tuple[float, Sequence[Sequence[str]], Sequence[Element]]] = []
        self._element = sheet.element("Table")
        self._body: Element | None = None
        self._cells: Sequence[Element] = ()
        self._shaded: list[tuple[float, float]] = []
        self._odd = False
        self._wrapped = lru_cache(4096)(lambda text, at: wrap(sheet.safe(text), sheet.regular, size, self.widths[at]))

    def draw(self, rows: Iterable[Sequence[str]]) -> None:
        """Draw all rows, over as many pages as they take."""
        step, foot = self.step, BOTTOM
        full = HIGH - TOP - BOTTOM - self._head_height()
        first = list(islice(rows := iter(rows), 1))
        lines = max((len(self._wrapped(text, at)) for row in first for at, text in enumerate(row)), default=1)
        self.sheet.need(self._head_height() + min(max(lines, 2) * step + 4 * PAD, full))  # no head without a row
        self._draw_head()
        for row in chain(first, rows):
            cells = [self._wrapped(text, at) for at, text in enumerate(row)]
            self._cells = self._new_row(len(cells))
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
        self._rows.append((sheet.y - PAD - self.size * 0.92, cells, self._cells))
        sheet.y -= height

    def _new_row(self, cells: int) -> Sequence[Element]:
        """The elements of a row; a row that is cut at the foot of a page stays one row."""
        sheet = self.sheet
        if self._body is None:
            self._body = sheet.element("TBody", within=self._element)
        row = sheet.element("TR", within=self._body)
        return [sheet.element("TD", within=row) for _ in range(cells)]

    def _turn(self) -> None:
        self._flush()
        self.sheet.new_page()
        self._draw_head()

    def _head_height(self) -> float:
        return max(map(len, self._heads)) * self.step + 2 * PAD

    def _draw_head(self) -> None:
        sheet, canvas = self.sheet, self.sheet.canvas
        at = sheet.y - PAD - self.size * 0.92
        if self._body is None:  # the first page: on the others it is the same head again, and says nothing new
            row = sheet.element("TR", within=sheet.element("THead", within=self._element))
            scope = "<</O/Table/Scope/Column>>"
            heads = [sheet.element("TH", within=row, attributes=scope) for _ in self._heads]
            self._column_texts([(at, self._heads, heads)], sheet.bold, bold=True)
        else:
            with sheet.decoration("Pagination"):
                self._column_texts([(at, self._heads, ())], sheet.bold, bold=True)
        sheet.y -= self._head_height()
        with sheet.decoration():
            canvas.setStrokeColor(ACCENT)
            canvas.setLineWidth(1)
            canvas.line(LEFT, sheet.y, LEFT + sheet.width, sheet.y)

    def _flush(self) -> None:
        canvas = self.sheet.canvas
        with self.sheet.decoration("Background"):
            canvas.setFillColor(SHADE)
            for y, height in self._shaded:
                canvas.rect(LEFT - 3, y, self.sheet.width + 6, height, stroke=0, fill=1)
        self._column_texts(self._rows, self.sheet.regular, bold=False)
        with self.sheet.decoration():
            canvas.setStrokeColor(LINE)
            canvas.setLineWidth(0.5)
            canvas.line(LEFT, self.sheet.y, LEFT + self.sheet.width, self.sheet.y)
        self._rows, self._shaded = [], []

    def _column_texts(
        self, rows: Sequence[tuple[float, Sequence[Sequence[str]], Sequence[Element]]], style: Face, *, bold: bool
    ) -> None:
        """One text object per column; each cell is a mark of its own element (none: the whole is decoration)."""
        canvas, mark = self.sheet.canvas, self.sheet.structure.mark
        canvas.setFillColor(ACCENT if bold else INK)
        for at, (column, left, width) in enumerate(zip(self.columns, self.lefts, self.widths, strict=True)):
            text = canvas.beginText()
            text.setFont(style.name, self.size, self.step)
            code: list[str] = text._code  # type: ignore[attr-defined]
            for y, cells, elements in rows:
                if elements:
                    if cells[at] in ([], [""]):
                        continue
                    code.append(f"/{elements[at].kind} <</MCID {mark(elements[at])}>> BDC")
                if column.number:
                    for i, line in enumerate(cells[at]):
                        text.setTextOrigin(left + width - style.width(line, self.size), y - i * self.step)
                        text.textOut(line)
                else:
                    text.setTextOrigin(left, y)
                    for line in cells[at]:
                        text.textLine(f"{line} ")  # a reader aloud would glue the words of two lines together
                if elements:
                    code.append("EMC")
            canvas.drawText(text)


def draw_table(sheet: Sheet, columns: Sequence[Col], rows: Iterable[Sequence[str]], *, size: float = 8.5) -> None:
    """Draw a table from where `sheet` is, over as many pages as it takes."""
    Table(sheet, columns, size=size).draw(rows)


__all__ = ["Col", "Table", "draw_table", "widths"]
