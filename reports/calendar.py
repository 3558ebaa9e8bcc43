"""The calendar on paper: a stacked bar per month of what falls due, and the table per activity."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.colors import Color, HexColor, white

from domain.calendar import Calendar, Row
from reports.calendar_text import month, notes, title
from reports.dutch import EMPTY, count
from reports.page import ALARM, INK, LEFT, LINE, SOFT, Sheet
from reports.table import Col, draw_table

#: An activity is told apart by its letter too, so black and white will do. The last one stands for all the others.
_COLOURS = tuple(HexColor(c) for c in ("#0b4f6c", "#d9822b", "#3b7d6e", "#8a5a9e", "#b23a48", "#7fa650", "#57606a"))
_LETTERS = "ABCDEFG"
_PLOT, _AXIS = 190.0, 46.0
#: Months beside each other in one table; more would leave no room for the name.
_BESIDE = 6


def calendar_pdf(calendar: Calendar) -> bytes:
    """The calendar as PDF; the same calendar gives the same bytes."""
    said = title(calendar)
    sheet = Sheet(title=said, header="12Care · Kalender van termijnen", footer=", ".join(calendar.systems))
    sheet.heading(said, 1)
    total = calendar.total
    sheet.paragraph(
        f"Termijn nu al voorbij: {count(total.due_now)} dossiers. In de {len(calendar.month_ends)} maanden hierna: "
        f"{count(sum(total.falls_due))}.",
        size=12,
    )
    for unreadable in calendar.unreadable:
        sheet.note(f"{unreadable.where} is niet gelezen en telt niet mee: {unreadable.reason}.", colour=ALARM)
    sheet.heading("Per maand")
    shown = drawn(calendar)
    _plot(sheet, calendar, shown)
    _legend(sheet, shown)
    sheet.heading("Per activiteit")
    for start in range(0, len(calendar.month_ends), _BESIDE):
        _table(sheet, calendar, start)
    for note in notes(calendar):
        sheet.note(note)
    return sheet.finish()


def drawn(calendar: Calendar) -> list[Row]:
    """The activities that have a colour of their own, and all the others as one."""
    rows = [r for r in calendar.by_activity if any(n > 0 for n in r.falls_due)]
    rows.sort(key=lambda r: (-sum(r.falls_due), r.title))
    if len(rows) <= len(_COLOURS):
        return rows
    own, rest = rows[: len(_COLOURS) - 1], rows[len(_COLOURS) - 1 :]
    others = Row(
        title=f"de andere {len(rest)} activiteiten",
        due_now=sum(r.due_now for r in rest),
        falls_due=tuple(sum(max(n, 0) for n in month) for month in zip(*(r.falls_due for r in rest), strict=True)),
    )
    return [*own, others]


def _plot(sheet: Sheet, calendar: Calendar, shown: Sequence[Row]) -> None:
    sheet.need(_PLOT + 40)
    floor, room = sheet.y - _PLOT, sheet.width - _AXIS
    highest = max((sum(max(r.falls_due[n], 0) for r in shown) for n in range(len(calendar.month_ends))), default=0)
    top = _round_up(max(highest, 1))
    said = "; ".join(
        f"{month(end)}: {count(sum(max(r.falls_due[n], 0) for r in shown))}"
        for n, end in enumerate(calendar.month_ends)
    )
    with sheet.figure(
        f"Staafdiagram van wat per maand voorbij is. {said}.",
        left=LEFT,
        bottom=floor - 14,
        right=LEFT + sheet.width,
        top=sheet.y,
    ):
        _bars(sheet, calendar, shown, floor=floor, room=room, top=top)
    sheet.space(_PLOT + 20)


def _bars(sheet: Sheet, calendar: Calendar, shown: Sequence[Row], *, floor: float, room: float, top: int) -> None:
    canvas = sheet.canvas
    for part in range(5):
        y = floor + (_PLOT - 14) * part / 4
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT + _AXIS, y, LEFT + sheet.width, y)
        if top * part % 4 == 0:
            canvas.setFont(sheet.regular.name, 7.5)
            canvas.setFillColor(SOFT)
            canvas.drawRightString(LEFT + _AXIS - 6, y - 2.5, count(top * part // 4))
    step = room / len(calendar.month_ends)
    for n, end in enumerate(calendar.month_ends):
        x = LEFT + _AXIS + n * step + step * 0.14
        counts = [max(r.falls_due[n], 0) for r in shown]
        _stack(sheet, counts, x=x, floor=floor, width=step * 0.72, scale=(_PLOT - 14) / top)
        if len(calendar.month_ends) <= 18 or n % 6 == 0:
            canvas.setFont(sheet.regular.name, 7.5)
            canvas.setFillColor(INK)
            canvas.drawCentredString(x + step * 0.36, floor - 11, month(end))


def _stack(sheet: Sheet, counts: Sequence[int], *, x: float, floor: float, width: float, scale: float) -> None:
    canvas, y = sheet.canvas, floor
    for at, number in enumerate(counts):
        height = number * scale
        if not number:
            continue
        canvas.setFillColor(_COLOURS[at])
        canvas.rect(x, y, width, height, stroke=0, fill=1)
        if height >= 9 and width >= 8:
            _centred(sheet, _LETTERS[at], x + width / 2, y + height / 2 - 2.6, white)
        y += height
    said = count(sum(counts))
    if sum(counts) and sheet.bold.width(said, 7) <= width * 1.3:
        _centred(sheet, said, x + width / 2, y + 3, INK)


def _centred(sheet: Sheet, text: str, x: float, y: float, colour: Color) -> None:
    sheet.canvas.setFont(sheet.bold.name, 7)
    sheet.canvas.setFillColor(colour)
    sheet.canvas.drawCentredString(x, y, text)


def _legend(sheet: Sheet, shown: Sequence[Row]) -> None:
    if not shown:
        sheet.paragraph("In deze maanden gaat geen enkele termijn voorbij.")
    for at, row in enumerate(shown):
        sheet.need(14)
        with sheet.decoration():
            sheet.canvas.setFillColor(_COLOURS[at])
            sheet.canvas.rect(LEFT, sheet.y - 10, 11, 10, stroke=0, fill=1)
            _centred(sheet, _LETTERS[at], LEFT + 5.5, sheet.y - 7.6, white)
        sheet.write(LEFT + 18, sheet.y - 8.5, f"{row.title}: {count(sum(row.falls_due))}", sheet.regular, 9)
        sheet.space(14)


def _table(sheet: Sheet, calendar: Calendar, start: int) -> None:
    """Six months of the table; the first has what is due already, the last the sum of all."""
    ends = calendar.month_ends[start : start + _BESIDE]
    first, last = start == 0, start + _BESIDE >= len(calendar.month_ends)
    heads = [Col("Activiteit", 3.2)]
    heads += [Col("Nu al", number=True)] if first else []
    heads += [Col(month(end), number=True) for end in ends]
    heads += [Col("Samen", number=True)] if last else []
    rows = []
    for row in (*calendar.by_activity, calendar.total):
        numbers = [row.due_now] if first else []
        numbers += row.falls_due[start : start + _BESIDE]
        numbers += [row.total] if last else []
        rows.append([row.title or "Samen", *(count(n) if n else EMPTY for n in numbers)])
    draw_table(sheet, heads, rows, size=8)


def _round_up(number: int) -> int:
    """The next number that an axis is easily divided by: 4, 8, 20, 40, 80, 200, …"""
    size = 4
    while size < number:
        size = size * 5 // 2 if str(size)[0] == "8" else size * 2
    return size
