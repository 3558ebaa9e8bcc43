"""All data of one person to read or print: contents first, then per activity cards for one row and tables for many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

from domain.package import PackageContents, Records
from domain.register import Register
from reports.document_pages import draw_documents
from reports.dossier_text import TABLE_COLUMNS, dossier_words, lay_out
from reports.dutch import count, day, things
from reports.letter_blocks import replaced
from reports.letter_text import words
from reports.page import SOFT, Sheet
from reports.table import Col, draw_table, widths
from reports.volumes import Piece, Volume, plan_volumes


def dossier_volumes(contents: PackageContents, register: Register) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """(file name, what draws it) for each volume: one file for nearly everybody, more for a very long dossier."""
    for volume in plan_volumes(contents):
        yield volume.file, partial(draw_volume, contents, register, volume)


def dossier_pdf(contents: PackageContents, register: Register) -> bytes:
    """The first volume: every exported value with the label a layman knows; never a column name."""
    return draw_volume(contents, register, plan_volumes(contents)[0])


def draw_volume(contents: PackageContents, register: Register, volume: Volume) -> bytes:
    """One volume; it conforms by itself, and says on its first page which one of how many it is."""
    nl, fixed, who = contents.language, words(contents.language), register.organisation
    title = titled(volume, nl)
    sheet = Sheet(
        title=f"{title} ({contents.case})",
        header=f"{who.trading_as} · {title}",
        footer=f"{fixed['reference']}: {contents.case} · {fixed['page_footer']}",
        language=nl,
        of="van" if nl == "nl" else "of",
    )
    draw_dossier(sheet, contents, volume)
    return sheet.finish()


def draw_dossier(sheet: Sheet, contents: PackageContents, volume: Volume, *, end: str = "end_text") -> None:
    """A volume on a sheet: its contents first, then its pieces. `end`: which of our words stand behind the last."""
    nl, say, fixed = contents.language, dossier_words(contents.language), words(contents.language)
    several = volume.of > 1
    sheet.heading(titled(volume, nl), 1)
    systems = things(len(contents.searched), fixed["system"], fixed["systems"], nl)
    sheet.paragraph(say["lead"].format(day=day(contents.as_of, nl), systems=systems))
    if several:
        sheet.note(say["volumes"].format(n=volume.number, of=count(volume.of, nl)))
    if not contents.records:
        sheet.note(say["none"])
    else:
        _contents(sheet, volume, nl)
    for activity, pieces in volume.pieces:
        sheet.heading(activity, 1)
        for piece in pieces:
            _draw_piece(sheet, piece, nl)
    if volume.number == volume.of:
        if contents.records:
            sheet.heading(say["end"], 2)
        sheet.paragraph(say[end])
    if sheet.replaced:
        sheet.note(replaced(sheet.replaced, nl))


def titled(volume: Volume, language: str) -> str:
    """'Uw gegevens, deel 2 van 3'."""
    say = dossier_words(language)
    return say["title"] + (f", {say['volume'].format(n=volume.number, of=volume.of)}" if volume.of > 1 else "")


def _contents(sheet: Sheet, volume: Volume, nl: str) -> None:
    say, fixed = dossier_words(nl), words(nl)
    sheet.heading(say["contents"], 2)
    sheet.contents(
        [
            (
                f"p{piece.number}",
                _title(piece, nl),
                things(len(piece.part.records), fixed["datum"], fixed["data"], nl),
            )
            for _, pieces in volume.pieces
            for piece in pieces
        ]
    )
    sheet.new_page()


def _title(piece: Piece, nl: str) -> str:
    title = piece.part.title or piece.part.system_title
    return f"{title} ({dossier_words(nl)['goes_on']})" if piece.goes_on else title


def _draw_piece(sheet: Sheet, piece: Piece, nl: str) -> None:
    part, say = piece.part, dossier_words(nl)
    layout = lay_out(part, nl)
    sheet.heading(_title(piece, nl), 2, target=f"p{piece.number}")
    sheet.paragraph(" · ".join(layout.about()), size=9, colour=SOFT)
    for note in layout.notes():
        sheet.note(note)
    heads, sample = layout.heads, list(islice(layout.rows(), 60))
    rows = layout.rows() if piece.stop is None and not piece.start else islice(layout.rows(), piece.start, piece.stop)
    size, wide = 8.5, None
    if len(part.records) > 1 and len(heads) <= TABLE_COLUMNS:
        wide = widths(heads, sample, sheet.width)
        if wide is None:
            size, wide = 7.5, widths(heads, sample, sheet.width, 7.5)
    if wide is not None:
        numbers = [_is_number(part.records, n) for n in layout.columns]
        numbers += [False] * (len(heads) - len(numbers))
        draw_table(sheet, [Col(h, w, n) for h, w, n in zip(heads, wide, numbers, strict=True)], rows, size=size)
    else:
        _draw_cards(sheet, heads, rows, len(part.records), nl, first=piece.start + 1)
    if layout.empty:
        sheet.paragraph(say["empty"].format(columns=", ".join(layout.empty)), size=8.5, colour=SOFT)
    if not part.summarised:
        draw_documents(sheet, part, nl, piece.start, piece.stop)


def _draw_cards(
    sheet: Sheet, heads: Sequence[str], rows: Iterator[list[str]], many: int, nl: str, *, first: int = 1
) -> None:
    for n, row in enumerate(rows, first):
        if many > 1:
            sheet.need(60)
            sheet.paragraph(dossier_words(nl)["number"].format(n=count(n, nl)), style=sheet.bold, size=9, after=2)
        sheet.facts(list(zip(heads, row, strict=True)))


def _is_number(records: Records, name: str) -> bool:
    """Whether the first filled values are numbers with decimals: those stand to the right."""
    found = [v for r in islice(records, 60) if (v := r.values.get(name)) is not None]
    return bool(found) and not any(isinstance(v, str | bool | int) or not hasattr(v, "__round__") for v in found)
