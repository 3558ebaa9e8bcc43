"""The morning's list on paper: a plot of the open requests by days left, and the list, overdue in plain sight."""

from __future__ import annotations

from reportlab.lib.colors import HexColor

from domain.morning import MorningList, OpenCase
from reports.deadlines import forecast, leak_said, leaks, left, to_do, unread, waiting
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
    if unread(morning):
        sheet.note(unread(morning), colour=ALARM)
    for mail in leaks(morning):
        sheet.note(leak_said(mail), colour=ALARM)
    for case in morning.overdue:
        late = "1 day" if case.days_left == -1 else f"{-case.days_left} days"
        sheet.note(f"{case.case} is {late} overdue ({case.kind}, {case.state}).", colour=ALARM)
    for failed in (e for e in morning.escalations if not e.sent):
        sheet.note(f"{failed.case}: the message of rung {failed.rung} did not leave: {failed.trouble}.", colour=ALARM)
    sheet.heading("By days left")
    for label, cases in by_class(morning).items():
        _bar(sheet, label, cases, most=max(len(morning.cases), 1))
    sheet.heading("The list, most pressing first")
    heads = [
        Col("Case", 0.11), Col("Kind", 0.13), Col("State", 0.14), Col("Left", 0.11, number=True), Col("Steer on", 0.12),
        Col("Law", 0.12), Col("Unpaused", 0.12), Col("Told today", 0.15),
    ]  # fmt: skip
    rows = [
        [
            c.case,
            c.kind,
            c.state + (" (paused)" if c.paused else ""),
            left(c),
            str(c.steer_on),
            str(c.law),
            str(c.unpaused),
            c.rung or "",
        ]
        for c in morning.cases
    ]
    draw_table(sheet, heads, rows)
    sheet.paragraph("Unpaused: our promise without any pause; it does not move.", size=8.5, colour=SOFT)
    _drafts(sheet, morning)
    _holders(sheet, morning)
    _to_forward(sheet, morning)
    _letters(sheet, morning)
    return sheet.finish()


def _drafts(sheet: Sheet, morning: MorningList) -> None:
    """The messages that nobody took up: their clock runs too."""
    if waiting(morning):
        sheet.heading("Messages")
        sheet.paragraph(waiting(morning))
    if not morning.drafts:
        return
    heads = [
        Col("Message", 0.15), Col("Asks", 0.2), Col("Left", 0.12, number=True), Col("Steer on", 0.14),
        Col("Look at", 0.23), Col("Told today", 0.16),
    ]  # fmt: skip
    rows = [[d.mail, ", ".join(d.asks), left(d), str(d.steer_on), d.notes, d.rung or ""] for d in morning.drafts]
    draw_table(sheet, heads, rows)
    for failed in (d for d in morning.drafts if d.trouble):
        sheet.note(f"{failed.mail}: the reminder did not leave: {failed.trouble}.", colour=ALARM)


def _holders(sheet: Sheet, morning: MorningList) -> None:
    """Who else must look for us: asked or not, how long it usually takes, and what to do."""
    if not morning.holders:
        return
    sheet.heading("Asked of others")
    heads = [Col("Case", 0.13), Col("Holder", 0.18), Col("Asked", 0.14), Col("Forecast", 0.31), Col("Advice", 0.24)]
    rows = [[h.case, h.holder, str(h.asked_on or "not yet"), forecast(h), h.advice] for h in morning.holders]
    draw_table(sheet, heads, rows)
    for failed in (h for h in morning.holders if h.trouble):
        sheet.note(f"{failed.case}: the reminder of {failed.holder} did not leave: {failed.trouble}.", colour=ALARM)


def _to_forward(sheet: Sheet, morning: MorningList) -> None:
    """What may be a practice's to answer, and is not on its way there."""
    if morning.to_forward:
        sheet.heading("A practice's, perhaps")
        rows = [[one.case, str(one.days), to_do(one)] for one in morning.to_forward]
        draw_table(sheet, [Col("Case", 0.15), Col("Days here", 0.15, number=True), Col("Do", 0.7)], rows)


def _letters(sheet: Sheet, morning: MorningList) -> None:
    """What persons are owed and did not get: one that nobody wrote, that did not leave, or that waits to be posted."""
    if not morning.letters:
        return
    sheet.heading("Letters that are owed")
    rows = [[one.case, one.letter, one.stands] for one in morning.letters]
    draw_table(sheet, [Col("Case", 0.2), Col("Letter", 0.4), Col("Stands", 0.4)], rows)


def by_class(morning: MorningList) -> dict[str, list[OpenCase]]:
    """The cases per class of days left, every class named, empty ones too."""
    classes: dict[str, list[OpenCase]] = {label: [] for _, label, _ in _CLASSES}
    for case in morning.cases:
        classes[next(label for last, label, _ in _CLASSES if case.days_left <= last)].append(case)
    return classes


def _bar(sheet: Sheet, label: str, cases: list[OpenCase], *, most: int) -> None:
    sheet.need(24)
    room = sheet.width - 130
    line = sheet.element("P")
    sheet.write(LEFT, sheet.y - 13, f"{label}: ", sheet.bold, 9.5, INK, of=line)
    colour = next(c for _, name, c in _CLASSES if name == label)
    with sheet.decoration():  # the number beside it says the same
        sheet.canvas.setStrokeColor(LINE)
        sheet.canvas.setLineWidth(0.6)
        sheet.canvas.setFillColor(colour)
        sheet.canvas.rect(LEFT + 80, sheet.y - 17, room * len(cases) / most, 13, stroke=1, fill=1)
    sheet.write(LEFT + 86 + room * len(cases) / most, sheet.y - 13, str(len(cases)), sheet.bold, 9.5, SOFT, of=line)
    sheet.space(22)
