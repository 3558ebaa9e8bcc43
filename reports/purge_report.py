"""The operator's report of a night: the story first, a bar per rule, then each rule with its trace."""

from __future__ import annotations

from reportlab.lib.colors import Color, HexColor

from domain.night import Night, RuleNight
from reports.night_text import headline, keeps_the_row, result, troubles
from reports.page import ALARM, INK, LEFT, SOFT, Sheet
from reports.table import Col, draw_table

#: (what, colour, how it is told) in the order of the bar.
_PARTS: tuple[tuple[str, Color], ...] = (
    ("destroyed or changed", HexColor("#1f6f50")),
    ("due, not gone", HexColor("#c98a1b")),
    ("frozen", HexColor("#3b6ea8")),
    ("no or odd date", HexColor("#8a8a8a")),
    ("kept", HexColor("#d8dde0")),
)


def purge_report_pdf(night: Night) -> bytes:
    """The report as PDF; the same night gives the same bytes."""
    kind = "Purge" if night.kind == "night" else night.kind.capitalize()
    kind = f"Rehearsal of a {kind.lower()}" if night.rehearsal else kind
    title = f"{kind} report, night of {night.as_of}"
    sheet = Sheet(title=title, header=f"Termijn · {title}", footer=f"run {night.run[:12]}", language="en", of="of")
    sheet.heading(title, 1)
    sheet.paragraph(headline(night), size=12)
    _needs_a_person(sheet, night)
    sheet.heading("At a glance")
    _legend(sheet)
    for rule in night.rules:
        _bar(sheet, rule, rehearsal=night.rehearsal)
    for rule in night.rules:
        _tell(sheet, rule, rehearsal=night.rehearsal)
    _chain(sheet, night)
    return sheet.finish()


def _needs_a_person(sheet: Sheet, night: Night) -> None:
    todo = troubles(night)
    if not todo:
        sheet.note("Nothing was refused and every source answered.")
        return
    sheet.heading("What needs a person")
    for g in todo:
        sheet.note(f"{g.where} ({g.guard}): {g.reason}. What to do: {g.do}.", colour=ALARM)


def _legend(sheet: Sheet) -> None:
    sheet.need(20)
    x = LEFT
    for name, colour in _PARTS:
        with sheet.decoration():
            sheet.canvas.setFillColor(colour)
            sheet.canvas.rect(x, sheet.y - 10, 9, 9, stroke=0, fill=1)
        sheet.write(x + 13, sheet.y - 9, name, sheet.regular, 8.5, INK)
        x += 26 + sheet.regular.width(name, 8.5)
    sheet.space(20)


def shares(rule: RuleNight) -> list[int]:
    """How many dossiers fall in each part of the bar; they add up to the total."""
    frozen = sum(rule.frozen.values())
    odd = rule.missing + rule.implausible
    waiting = max(rule.due - rule.done - frozen, 0)
    return [rule.done, waiting, frozen, odd, max(rule.total - rule.done - waiting - frozen - odd, 0)]


def _bar(sheet: Sheet, rule: RuleNight, *, rehearsal: bool) -> None:
    sheet.need(30)
    told = f"{result(rule, rehearsal=rehearsal)} ({rule.due} due of {rule.total})"
    with sheet.marked(None):
        sheet.write(LEFT, sheet.y - 9, f"{rule.rule} ", sheet.bold, 9, INK)
        sheet.canvas.setFont(sheet.regular.name, 8.5)
        sheet.canvas.setFillColor(ALARM if rule.refusals or rule.not_confirmed else SOFT)
        sheet.canvas.drawRightString(LEFT + sheet.width, sheet.y - 9, sheet.safe(told))
    x, counts = LEFT, shares(rule)
    total = max(sum(counts), 1)
    shown = [max(n / total * sheet.width, 2.0) if n else 0.0 for n in counts]
    scale = sheet.width / max(sum(shown), sheet.width)
    said = ", ".join(f"{name}: {n}" for (name, _), n in zip(_PARTS, counts, strict=True))
    bottom, top = sheet.y - 22, sheet.y - 14
    with sheet.figure(f"{rule.rule}. {said}.", left=LEFT, bottom=bottom, right=LEFT + sheet.width, top=top):
        for width, (_, colour) in zip(shown, _PARTS, strict=True):
            sheet.canvas.setFillColor(colour)
            sheet.canvas.rect(x, bottom, width * scale, 8, stroke=0, fill=1)
            x += width * scale
    sheet.space(29)


def _tell(sheet: Sheet, rule: RuleNight, *, rehearsal: bool) -> None:
    sheet.heading(f"{rule.rule}: {result(rule, rehearsal=rehearsal)}")
    sheet.facts(
        [
            ("Activity", f"{rule.activity_title} ({rule.activity})"),
            ("Term", rule.term),
            ("Article", rule.article),
            (
                "Cutoff",
                "no start is early enough" if rule.cutoff is None else f"{rule.cutoff}: due if no event is later",
            ),
            ("At expiry", rule.action),
            *([("Columns", "; ".join(f"{n}: {how}" for n, how in rule.columns.items()))] if rule.columns else []),
            *([("The row stays", "; ".join(keeps_the_row(rule)))] if rule.stays_under else []),
            ("Wording", rule.rule_digest[:24]),
            ("Countersigned by", rule.countersigned_by or "nobody"),
        ]
    )
    counted: list[tuple[str, int | None]] = [
        ("all records before", rule.total), ("due", rule.due), (f"{rule.said} and confirmed", rule.done),
        ("kept by a term", rule.kept), ("needed by a record that stays", rule.needed),
        ("no date to count from", rule.missing), ("a date that cannot be", rule.implausible),
        *((f"kept by: {name}", n) for name, n in rule.kept_by.items()),
        *((f"frozen: {reason}", n) for reason, n in rule.frozen.items()),
        ("waits for a dossier that refers to it", rule.waiting or None),
        ("came back by a restore", rule.came_back),
        ("came back, and today's rule keeps it", rule.came_back_stays or None),
        *((f"stayed after all: {why}", n) for why, n in rule.stayed.items()),
        *((f"rows destroyed in {name}", n) for name, n in rule.rows.items()),
        *((f"references emptied in {name}", n) for name, n in rule.cleared.items()),
        ("not confirmed", rule.not_confirmed), ("all records after", rule.total_after),
    ]  # fmt: skip
    rows = [[name, str(n)] for name, n in counted if n is not None]
    draw_table(sheet, [Col("What", 0.8), Col("Records", 0.2, number=True)], rows)
    for warning in rule.warnings:
        sheet.note(f"To know: {warning}.")


def _chain(sheet: Sheet, night: Night) -> None:
    sheet.heading("Evidence")
    sheet.facts(
        [
            ("Register", night.register_digest),
            ("Plan", night.plan_digest),
            ("Ledger", f"event {night.chain_event}, {night.chain_hash}"),
            ("Batches", str(sum(len(r.batches) for r in night.rules))),
            ("Finished for an earlier run", str(len(night.recovered))),
        ]
    )
