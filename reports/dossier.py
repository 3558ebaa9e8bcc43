"""All data of one person to read or print: contents first, then per activity cards for one row and tables for many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from domain.package import PackageContents, Part, Record
from domain.register import Register
from domain.system import Column
from reports.csv_tables import headings
from reports.dutch import count, day, shown, things
from reports.export_data import exported
from reports.letter import kept_span, replaced
from reports.letter_text import words
from reports.page import SOFT, Sheet
from reports.table import Col, draw_table, widths

#: More columns than this, or columns wider than the page, and each record becomes a card of its own.
TABLE_COLUMNS = 8
_SAY: dict[str, dict[str, str]] = {
    "nl": {
        "title": "Uw gegevens",
        "lead": "Dit zijn alle gegevens die wij op {day} van u vonden, in {systems}. Een streepje (–) betekent dat er"
        " niets is ingevuld.",
        "contents": "Inhoud",
        "rows": "{rows}",
        "for": "In opdracht van {who}",
        "kept": "Bewaard tot en met: {until}",
        "because": "Reden: {why}",
        "gone": "Verwijderd",
        "gone_note": "{rows} in het systeem al als verwijderd gemerkt. De gegevens zijn er nog, en staan daarom hier.",
        "is": "is",
        "are": "zijn",
        "yes": "ja",
        "until": "Bewaard tot en met",
        "empty": "Bij alle gegevens leeg: {columns}.",
        "number": "Nummer {n}",
        "none": "Wij hebben geen gegevens van u gevonden.",
        "end": "Einde van uw gegevens",
        "end_text": "Wat wij niet meesturen, en waarom, staat in de brief (letter.pdf). Dezelfde gegevens staan voor"
        " een computer in data.json en in de map csv.",
    },
    "en": {
        "title": "Your data",
        "lead": "This is all data that we found about you on {day}, in {systems}. A dash (–) means that nothing"
        " was filled in.",
        "contents": "Contents",
        "rows": "{rows}",
        "for": "On behalf of {who}",
        "kept": "Kept until: {until}",
        "because": "Reason: {why}",
        "gone": "Deleted",
        "gone_note": "{rows} already marked as deleted in the system. The data is still there, so you see it here.",
        "is": "is",
        "are": "are",
        "yes": "yes",
        "until": "Kept until",
        "empty": "Empty everywhere: {columns}.",
        "number": "Number {n}",
        "none": "We found no data about you.",
        "end": "End of your data",
        "end_text": "What we do not send, and why, is in the letter (letter.pdf). The same data is in data.json and in"
        " the folder csv, for a computer.",
    },
}


def dossier_pdf(contents: PackageContents, register: Register) -> bytes:
    """Every exported value with the label a layman knows; never a column name."""
    nl, say, fixed = contents.language, _SAY[contents.language], words(contents.language)
    who = register.organisation
    sheet = Sheet(
        title=f"{say['title']} ({contents.case})",
        header=f"{who.trading_as} · {say['title']}",
        footer=f"{fixed['reference']}: {contents.case} · {fixed['page_footer']}",
        language=nl,
        of="van" if nl == "nl" else "of",
    )
    sheet.heading(say["title"], 1)
    systems = things(len(contents.searched), fixed["system"], fixed["systems"], nl)
    sheet.paragraph(say["lead"].format(day=day(contents.as_of, nl), systems=systems))
    if not contents.records:
        sheet.note(say["none"])
    else:
        sheet.heading(say["contents"], 2)
        sheet.contents(
            [
                (f"p{n}", part.title or part.system_title, things(len(part.records), fixed["datum"], fixed["data"], nl))
                for n, part in _numbered(contents)
            ]
        )
        sheet.new_page()
    for activity, parts in by_activity(contents):
        sheet.heading(activity, 1)
        for n, part in parts:
            _draw_part(sheet, part, f"p{n}", nl)
    if contents.records:
        sheet.heading(say["end"], 2)
    sheet.paragraph(say["end_text"])
    if sheet.replaced:
        sheet.note(replaced(sheet.replaced, nl))
    return sheet.finish()


def by_activity(contents: PackageContents) -> Iterator[tuple[str, list[tuple[int, Part]]]]:
    """The parts that hold something, by the title of their activity, in the order of the package."""
    grouped: dict[str, list[tuple[int, Part]]] = {}
    for n, part in enumerate(contents.parts):
        if part.records:
            activity = contents.activities.get(part.activity)
            grouped.setdefault(activity.title if activity else part.system_title, []).append((n, part))
    yield from grouped.items()


def filled(part: Part) -> tuple[dict[str, Column], list[str]]:
    """The columns that hold something in at least one record, and the labels of those that never do."""
    columns = exported(part)
    heads = headings(columns)
    used = {name for r in part.records for name, value in r.values.items() if _says_something(value)}
    return {n: c for n, c in columns.items() if n in used}, [heads[n] for n in columns if n not in used]


def _says_something(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _numbered(contents: PackageContents) -> list[tuple[int, Part]]:
    return [entry for _, parts in by_activity(contents) for entry in parts]


def _draw_part(sheet: Sheet, part: Part, target: str, nl: str) -> None:
    say = _SAY[nl]
    sheet.heading(part.title or part.system_title, 2, target=target)
    sheet.paragraph(" · ".join(_about(part, nl)), size=9, colour=SOFT)
    deleted = sum(r.soft_deleted for r in part.records)
    if deleted:
        fixed = words(nl)
        rows = f"{things(deleted, fixed['datum'], fixed['data'], nl)} {say['is' if deleted == 1 else 'are']}"
        sheet.note(say["gone_note"].format(rows=rows[0].upper() + rows[1:]))
    columns, empty = filled(part)
    own_days = len({r.kept_until for r in part.records}) > 1
    extra = [say["until"]] * own_days + [say["gone"]] * bool(deleted)
    heads = [*(headings(exported(part))[n] for n in columns), *extra]
    rows_shown = (_row(r, columns, own_days, bool(deleted), nl) for r in part.records)
    sample = [_row(r, columns, own_days, bool(deleted), nl) for r in islice(part.records, 60)]
    size, wide = 8.5, None
    if len(part.records) > 1 and len(heads) <= TABLE_COLUMNS:
        wide = widths(heads, sample, sheet)
        if wide is None:
            size, wide = 7.5, widths(heads, sample, sheet, 7.5)
    if wide is not None:
        numbers = [_is_number(part.records, n) for n in columns] + [False] * len(extra)
        draw_table(sheet, [Col(h, w, n) for h, w, n in zip(heads, wide, numbers, strict=True)], rows_shown, size=size)
    else:
        _draw_cards(sheet, heads, rows_shown, len(part.records), nl)
    if empty:
        sheet.paragraph(say["empty"].format(columns=", ".join(empty)), size=8.5, colour=SOFT)


def _draw_cards(sheet: Sheet, heads: Sequence[str], rows: Iterator[list[str]], many: int, nl: str) -> None:
    for n, row in enumerate(rows, 1):
        if many > 1:
            sheet.need(60)
            sheet.paragraph(_SAY[nl]["number"].format(n=count(n, nl)), style=sheet.bold, size=9, after=2)
        sheet.facts(list(zip(heads, row, strict=True)))


def _about(part: Part, nl: str) -> list[str]:
    say, fixed = _SAY[nl], words(nl)
    until, why = kept_span(part, nl)
    lines = [part.system_title, things(len(part.records), fixed["datum"], fixed["data"], nl)]
    if part.controller:
        lines.append(say["for"].format(who=part.controller))
    lines.append(say["kept"].format(until=until))
    return [*lines, say["because"].format(why=why)] if why else lines


def _row(record: Record, columns: Mapping[str, Column], own_days: bool, deleted: bool, nl: str) -> list[str]:
    cells = [shown(record.values.get(name), column, nl) for name, column in columns.items()]
    if own_days:
        cells.append(day(record.kept_until, nl) if record.kept_until else words(nl)["until_unknown"])
    if deleted:
        cells.append(_SAY[nl]["yes"] if record.soft_deleted else "")
    return cells


def _is_number(records: Sequence[Record], name: str) -> bool:
    """Whether the first filled values are numbers with decimals: those stand to the right."""
    found = [v for r in islice(records, 60) if (v := r.values.get(name)) is not None]
    return bool(found) and not any(isinstance(v, str | bool | int) or not hasattr(v, "__round__") for v in found)
