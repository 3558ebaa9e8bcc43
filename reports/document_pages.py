"""How a person's documents stand beside their data: a link to the file, and a picture where it is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from PIL.Image import Image
from reportlab.lib.utils import ImageReader

from domain.documents import Document, documents_of, holds_documents
from domain.package import PackageContents, Part
from reports.dutch import count, size
from reports.page import BOTTOM, HIGH, LEFT, SOFT, TOP, Sheet
from reports.pictures import INLINE, INLINE_IN_ALL, data_uri, drawable

_SAY: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "heading": "Documenten bij {title}",
        "lead": "Deze documenten zitten als bestand in dit pakket.",
        "line": "{label}, nummer {n}: {file} ({kind}, {size})",
        "alt": "Afbeelding bij {title}: {label}, nummer {n}",
        "unread": "Deze afbeelding kunnen wij hier niet laten zien. U krijgt het bestand zoals het bij ons staat.",
        "unknown": "Van dit bestand kennen wij de soort niet. U krijgt het zoals het bij ons staat.",
        "application/pdf": "PDF", "image/jpeg": "afbeelding", "image/png": "afbeelding", "text/plain": "tekst",
        "application/octet-stream": "onbekende soort",
    },
    "en": {
        "heading": "Documents with {title}",
        "lead": "These documents are files in this package.",
        "line": "{label}, number {n}: {file} ({kind}, {size})",
        "alt": "Picture with {title}: {label}, number {n}",
        "unread": "We cannot show this picture here. You get the file as we have it.",
        "unknown": "We do not know what kind of file this is. You get it as we have it.",
        "application/pdf": "PDF", "image/jpeg": "picture", "image/png": "picture", "text/plain": "text",
        "application/octet-stream": "unknown kind",
    },
}  # fmt: skip
#: The most of a page that one picture takes.
_TALLEST = (HIGH - TOP - BOTTOM) * 0.6


def document_files(contents: PackageContents) -> Iterator[Document]:
    """Every document of the package, each read when it is written."""
    for part in contents.parts:
        yield from (document for _, _, document in documents_of(part))


def draw_documents(sheet: Sheet, part: Part, language: str, start: int, stop: int | None) -> None:
    """The documents of a run of records: what each is, and the picture itself."""
    say, title = _SAY[language], part.title or part.system_title
    begun = False
    for n, column, document in documents_of(part) if holds_documents(part) else ():
        if n <= start or (stop is not None and n > stop):
            continue
        if not begun:
            sheet.heading(say["heading"].format(title=title), 3)
            sheet.paragraph(say["lead"], size=9, colour=SOFT)
            begun = True
        label = part.columns[column].label
        picture = drawable(document)
        wide, high = _size(sheet, picture) if picture is not None else (0.0, 0.0)
        sheet.need(high + 30)  # a picture stands on one page with the words over it
        sheet.paragraph(_line(say, label, n, document, language), size=9.5, after=3)
        if picture is not None:
            alt = say["alt"].format(title=title, label=label, n=count(n, language))
            _draw(sheet, ImageReader(picture), alt, wide, high)
        elif document.is_image or not document.is_known:
            sheet.note(say["unread" if document.is_image else "unknown"])


def _size(sheet: Sheet, picture: Image) -> tuple[float, float]:
    across, down = picture.size
    scale = min(sheet.width / across, _TALLEST / down, 1.0)
    return across * scale, down * scale


def _draw(sheet: Sheet, picture: ImageReader, alt: str, wide: float, high: float) -> None:
    bottom = sheet.y - high
    with sheet.figure(alt, left=LEFT, bottom=bottom, right=LEFT + wide, top=sheet.y):
        sheet.canvas.drawImage(picture, LEFT, bottom, wide, high)
    sheet.space(high + 10)


class Gallery:
    """The documents of a package on its page, no more of them drawn inside it than it can carry."""

    def __init__(self, language: str) -> None:
        self._say, self._language, self._room = _SAY[language], language, INLINE_IN_ALL

    def of(self, part: Part) -> Iterator[str]:
        """The documents of one part: links to the files, and the pictures in place."""
        if not holds_documents(part):
            return
        title = part.title or part.system_title
        lines = [self._item(part, title, n, column, document) for n, column, document in documents_of(part)]
        if lines:
            yield f'<p class="soft">{_clean(self._say["lead"])}</p><ul class="documents">'
            yield from lines
            yield "</ul>"

    def _item(self, part: Part, title: str, n: int, column: str, document: Document) -> str:
        say, label = self._say, part.columns[column].label
        told = _clean(_line(say, label, n, document, self._language))
        link = f'<a href="{_clean(document.name)}">{told}</a>'
        shown = document.is_image and len(document.body) <= min(INLINE, self._room) and drawable(document) is not None
        if shown:
            self._room -= len(document.body)
            alt = _clean(say["alt"].format(title=title, label=label, n=count(n, self._language)))
            return f'<li>{link}<br><img alt="{alt}" src="{data_uri(document)}"></li>'
        remark = "" if document.is_known else f" {_clean(say['unknown'])}"
        return f"<li>{link}{remark}</li>"


def _line(say: Mapping[str, str], label: str, n: int, document: Document, language: str) -> str:
    kind = say[document.media_type]
    many = count(n, language)
    return say["line"].format(label=label, n=many, file=document.name, kind=kind, size=size(len(document.body)))


def _clean(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable()))
