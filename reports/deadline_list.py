"""The morning's list on paper: a plot of the open requests by days left, and the list, overdue in plain sight."""

from __future__ import annotations

from reportlab.lib.colors import HexColor

from domain.morning import MorningList, OpenCase
from reports.deadlines import left
from reports.page import ALARM, INK, LEFT, LINE, SOFT, Sheet
from reports.table import Col, draw_table

#: (last day of the class, label, colour); a class is told apart by its label too, so black and white will do.
_CLASSES = (
    (-1, "overdue", ALARM),
    (3, "0-3 days", HexColor("#d9822b")),
    (7, "4-7 days", HexColor("#e2b33c")),
    (14, "8-14 days", HexColor("#7fa650")),
    (10_000, "15 or more", HexColor("#3b7d6e")),
)


def deadline_list_pdf(morning: MorningList) -> bytes:
    """The list as PDF; the same morning gives the same bytes."""
    title = f"Open requests on {morning.as_of}"
    sheet = Sheet(title=title, header=f"Termijn · {title}", footer="case numbers only", language="en", of="of")
    sheet.heading(title, 1)
    sheet.paragraph(f"{len(morning.cases)} open, {len(morning.overdue)} overdue.", size=12)
    for case in morning.overdue:
        sheet.note(f"{case.case} is {-case.days_left} days overdue ({case.kind}, {case.state}).", colour=ALARM)
    for failed in (e for e in morning.escalations if not e.sent):
        sheet.note(f"{failed.case}: the message of rung {failed.rung} did not leave: {failed.trouble}.", colour=ALARM)
    sheet.heading("By days left")
    for label, cases in by_class(morning).items():
        _bar(sheet, label, cases, most=max(len(morning.cases), 1))
    sheet.heading("The list, most pressing first")
    heads = [
        Col("Case", 0.13), Col("Kind", 0.15), Col("State", 0.16), Col("Left", 0.12, number=True), Col("Steer on", 0.14),
        Col("Law", 0.14), Col("Told today", 0.16),
    ]  # fmt: skip
    rows = [
        [
            c.case,
            c.kind,
            c.state + (" (paused)" if c.paused else ""),
            left(c),
            str(c.steer_on),
            str(c.law),
            c.rung or "",
        ]
        for c in morning.cases
    ]
    draw_table(sheet, heads, rows)
    return sheet.finish()


def by_class(morning: MorningList) -> dict[str, list[OpenCase]]:
    """The cases per class of days left, every class named, empty ones too."""
    classes: dict[str, list[OpenCase]] = {label: [] for _, label, _ in _CLASSES}
    for case in morning.cases:
        classes[next(label for last, label, _ in _CLASSES if case.days_left <= last)].append(case)
    return classes


def _bar(sheet: Sheet, label: str, cases: list[OpenCase], *, most: int) -> None:
    sheet.need(24)
    room = sheet.width - 130
    sheet.write(LEFT, sheet.y - 13, label, sheet.bold, 9.5, INK)
    colour = next(c for _, name, c in _CLASSES if name == label)
    sheet.canvas.setStrokeColor(LINE)
    sheet.canvas.setLineWidth(0.6)
    sheet.canvas.setFillColor(colour)
    sheet.canvas.rect(LEFT + 80, sheet.y - 17, room * len(cases) / most, 13, stroke=1, fill=1)
    sheet.write(LEFT + 86 + room * len(cases) / most, sheet.y - 13, str(len(cases)), sheet.bold, 9.5, SOFT)
    sheet.space(22)
