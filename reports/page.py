"""How a page looks: A4 with header, footer and page numbers, and the text, lists and facts that flow down it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFString
from reportlab.pdfgen.canvas import Canvas

from reports.fonts import Face, face, printable, wrap
from reports.structure import Element, Structure, box
from reports.tagged_file import Attachment, write_tagged

WIDE, HIGH = A4
LEFT, RIGHT, TOP, BOTTOM = 56.0, 56.0, 78.0, 64.0
INK, SOFT, LINE, ACCENT, SHADE, ALARM = (
    HexColor(c) for c in ("#1b1f24", "#57606a", "#d0d7de", "#0b4f6c", "#f3f6f8", "#a3130d")
)
SIZES = {1: 20.0, 2: 14.0, 3: 11.5}
rl_config.useA85 = 0  # plain compressed streams: a third smaller


class Sheet:
    """A document that is written from top to bottom, once. Same calls, same bytes; PDF/UA-1 and PDF/A-3a.

    Whatever is drawn stands in `marked` (it belongs to an element) or in `decoration` (it says nothing).
    """

    def __init__(self, *, title: str, header: str, footer: str, language: str = "nl", of: str = "van") -> None:
        self.regular, self.bold, self.italic = face("Regular"), face("Bold"), face("Italic")
        self._out = BytesIO()
        tag = {"nl": "nl-NL", "en": "en-GB"}.get(language, language)
        rl_config.canvas_basefontname = self.regular.name  # every page opens in an embedded font
        self.canvas = Canvas(self._out, pagesize=A4, invariant=1, pageCompression=1, lang=tag)
        self.structure, self._marking = Structure(), False
        self._attached: list[Attachment] = []
        title = self._title = printable(title)[0]
        self._language = language
        self.canvas.setTitle(title)
        self.canvas.setAuthor(printable(header)[0])
        self.canvas.setSubject(title)
        self.canvas.setCreator("Termijn")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self._header, self._footer = header, footer
        self._page_word, self._of = ("Pagina" if language == "nl" else "Page"), of
        self.width = WIDE - LEFT - RIGHT
        self.page = 1
        self.replaced = 0
        self._depth = -1
        self._forms: list[tuple[str, float, float, str, float]] = []
        self._targets: dict[str, int] = {}
        self._links: list[PDFDictionary] = []
        self._open_page()

    # -- text -----------------------------------------------------------------------------------------------

    def safe(self, text: str) -> str:
        """`text` as the font can print it; counts what it could not."""
        shown, lost = printable(text)
        self.replaced += lost
        return shown

    def write(
        self, x: float, y: float, text: str, style: Face, size: float, colour: Color = INK, *, of: Element | None = None
    ) -> None:
        """One line of text at a fixed place, its left end at `x`: part of an element, or a paragraph of its own."""
        with self.marked(of):
            self.canvas.setFillColor(colour)
            self.canvas.setFont(style.name, size)
            self.canvas.drawString(x, y, self.safe(text))

    # -- structure ------------------------------------------------------------------------------------------

    def element(self, kind: str, *, within: Element | None = None, attributes: str = "", alt: str = "") -> Element:
        """A new element of the document, at the end of `within`."""
        return self.structure.under(within, kind, attributes=attributes, alt=alt)

    @contextmanager
    def marked(self, element: Element | None) -> Iterator[None]:
        """What is drawn here belongs to this element (None: a new paragraph). Inside another mark it belongs there."""
        if self._marking:
            yield
            return
        owner = self.element("P") if element is None else element
        with self._between(f"/{owner.kind} <</MCID {self.structure.mark(owner)}>> BDC"):
            yield

    @contextmanager
    def decoration(self, kind: str = "Layout") -> Iterator[None]:
        """What is drawn here says nothing: lines, backgrounds; with 'Pagination' headers, footers, repeated heads."""
        if self._marking:
            yield
            return
        with self._between(f"/Artifact <</Type /{kind}>> BDC"):
            yield

    @contextmanager
    def _between(self, opening: str) -> Iterator[None]:
        code: list[str] = self.canvas._code  # type: ignore[attr-defined]
        code.append(opening)
        self._marking = True
        try:
            yield
        finally:
            code.append("EMC")
            self._marking = False

    @contextmanager
    def figure(self, alt: str, *, left: float, bottom: float, right: float, top: float) -> Iterator[None]:
        """A picture that is drawn here within this box, in points; `alt` says in words what it shows."""
        where = f"<</O/Layout/BBox{box([left, bottom, right, top])}>>"
        with self.marked(self.element("Figure", attributes=where, alt=alt)):
            yield

    def attach(self, attachment: Attachment) -> None:
        """Let a file travel inside this one."""
        self._attached.append(attachment)

    def heading(self, text: str, level: int = 2, *, target: str | None = None) -> None:
        """A heading that also stands in the outline; it never ends a page on its own."""
        size = SIZES[level]
        lines = wrap(self.safe(text), self.bold, size, self.width)
        self.need(len(lines) * size * 1.3 + {1: 40, 2: 64, 3: 48}[level])
        if self.y < HIGH - TOP:
            self.y -= {1: 6, 2: 16, 3: 10}[level]
        mark = target or f"h{len(self._targets)}"
        self._targets[mark] = self.page
        self.canvas.bookmarkHorizontal(mark, 0, self.y + size)
        self._depth = min(level - 1, self._depth + 1)  # neither an outline nor a heading may skip a level
        self.canvas.addOutlineEntry(lines[0], mark, self._depth, closed=level > 1)
        self._draw(
            lines, self.bold, size, LEFT, ACCENT if level < 3 else INK, 1.3, self.element(f"H{self._depth + 1}")
        )  # fmt: skip
        self.y -= {1: 8, 2: 4, 3: 2}[level]

    def paragraph(
        self,
        text: str,
        *,
        style: Face | None = None,
        size: float = 10.0,
        colour: Color = INK,
        indent: float = 0.0,
        after: float = 6.0,
    ) -> None:
        """Running text over the whole width, broken over pages where needed."""
        used = style or self.regular
        lines = wrap(self.safe(text), used, size, self.width - indent)
        if len(lines) <= 3:
            self.need(len(lines) * size * 1.42)
        self._draw(lines, used, size, LEFT + indent, colour, 1.42)
        self.y -= after

    def bullets(self, items: Sequence[str], *, size: float = 10.0) -> None:
        """A list with a dot before each item."""
        whole = self.element("L", attributes="<</O/List/ListNumbering/Disc>>")
        for item in items:
            lines = wrap(self.safe(item), self.regular, size, self.width - 14)
            self.need(min(len(lines), 3) * size * 1.42)
            one = self.element("LI", within=whole)
            self.write(LEFT + 3, self.y - size, "•", self.bold, size, ACCENT, of=self.element("Lbl", within=one))
            self._draw(lines, self.regular, size, LEFT + 14, INK, 1.42, self.element("LBody", within=one))
            self.y -= 3
        self.y -= 4

    def facts(
        self, pairs: Sequence[tuple[str, str]], *, label: float = 150.0, size: float = 9.5, strong: bool = True
    ) -> None:
        """Names with their values beside them: a card of one record, or the heads of a letter."""
        style = self.bold if strong else self.regular
        body = self.element("TBody", within=self.element("Table"))
        for name, value in pairs:
            row = self.element("TR", within=body)
            head = self.element("TH", within=row, attributes="<</O/Table/Scope/Row>>")
            cell = self.element("TD", within=row)
            left = wrap(self.safe(name), self.regular, size, label - 10)
            right = wrap(self.safe(value), style, size, self.width - label)
            step = size * 1.4
            self.need(min(max(len(left), len(right)), 4) * step + 3)
            while left or right:
                if self.y - step < BOTTOM:
                    self.new_page()
                self.y -= step
                if left:
                    self.write(LEFT, self.y + step - size, f"{left.pop(0)} ", self.regular, size, SOFT, of=head)
                if right:
                    self.write(LEFT + label, self.y + step - size, f"{right.pop(0)} ", style, size, of=cell)
            self.y -= 3
        self.y -= 4

    def note(self, text: str, *, colour: Color = ACCENT) -> None:
        """A boxed remark that must not be missed; its bar makes it stand out without colour too."""
        size, step = 9.5, 9.5 * 1.42
        lines = wrap(self.safe(text), self.regular, size, self.width - 26)
        height = len(lines) * step + 14
        if height > HIGH - TOP - BOTTOM:
            self.paragraph(text)
            return
        self.need(height + 4)
        with self.decoration("Background"):
            self.canvas.setFillColor(SHADE)
            self.canvas.rect(LEFT, self.y - height, self.width, height, stroke=0, fill=1)
            self.canvas.setFillColor(colour)
            self.canvas.rect(LEFT, self.y - height, 4, height, stroke=0, fill=1)
        self.y -= 6
        self._draw(lines, self.regular, size, LEFT + 16, INK, 1.42)
        self.y -= 16

    def _draw(
        self,
        lines: Sequence[str],
        style: Face,
        size: float,
        x: float,
        colour: Color,
        lead: float,
        of: Element | None = None,
    ) -> None:
        """Lines below each other, over as many pages as they take, all of one element."""
        step, todo = size * lead, list(lines)
        owner = self.element("P") if of is None and not self._marking else of
        while todo:
            room = int((self.y - BOTTOM) / step)
            if room < 1:
                self.new_page()
                continue
            here, todo = todo[:room], todo[room:]
            with self.marked(owner):
                self.canvas.setFillColor(colour)
                text = self.canvas.beginText(x, self.y - size)
                text.setFont(style.name, size, step)
                for line in here:
                    text.textLine(f"{line} ")  # a reader aloud would glue the words of two lines together
                self.canvas.drawText(text)
            self.y -= step * len(here)

    # -- pages ----------------------------------------------------------------------------------------------

    def need(self, height: float) -> None:
        """Turn the page where less than `height` points are left."""
        if self.y - height < BOTTOM and self.y < HIGH - TOP:
            self.new_page()

    def space(self, height: float) -> None:
        """Leave `height` points white."""
        self.y -= height

    def new_page(self) -> None:
        """Go to the top of the next page."""
        self.canvas.showPage()
        self.structure.turn()
        self.page += 1
        self._open_page()

    def later(self, name: str, x: float, y: float, text: str, size: float) -> None:
        """Reserve a place for a text that is known at the end: page totals, and the numbers in a contents list."""
        self.canvas.doForm(name)
        self._forms.append((name, x, y, text, size))

    def contents(self, entries: Sequence[tuple[str, str, str]]) -> None:
        """A list of (target, text, remark) that leads to the headings of those targets, with their page numbers."""
        whole = self.element("TOC")
        for target, text, remark in entries:
            size, step = 10.5, 19.0
            self.need(step)
            shown = self.safe(text)
            while self.bold.width(shown, size) > self.width - 150 and len(shown) > 4:
                shown = shown[:-2].rstrip() + "…"
            base = self.y - 13
            entry = self.element("Reference", within=self.element("TOCI", within=whole))
            link = self.element("Link", within=entry)
            with self.marked(link):
                self.write(LEFT, base, f"{shown} ", self.bold, size, ACCENT)
                self.canvas.setFont(self.regular.name, 9)
                self.canvas.setFillColor(SOFT)
                self.canvas.drawRightString(LEFT + self.width - 36, base, f"{self.safe(remark)} ")
                self.later(f"n-{target}", LEFT + self.width, base, f"\x00{target}", 10)
            self._link(link, target, (LEFT, base - 4, LEFT + self.width, base + 12), f"{text}, {remark}")
            with self.decoration():
                self.canvas.setStrokeColor(LINE)
                self.canvas.setLineWidth(0.5)
                self.canvas.line(LEFT, base - 5.5, LEFT + self.width, base - 5.5)
            self.y -= step
        self.y -= 8

    def _link(self, link: Element, target: str, rect: tuple[float, float, float, float], about: str) -> None:
        """An annotation over what is drawn already; `about` is what is read aloud of it."""
        canvas: Any = self.canvas
        name = f"link{len(self._links)}"
        annotation = PDFDictionary(
            {
                "Type": PDFName("Annot"),
                "Subtype": PDFName("Link"),
                "Rect": PDFArray(rect),
                "Border": PDFArray([0, 0, 0]),
                "Dest": canvas._bookmarkReference(target),
                "Contents": PDFString(about),
                "F": 4,  # printed
            }
        )
        canvas._addAnnotation(annotation, name)
        self.structure.link(link, name)
        self._links.append(annotation)

    def _open_page(self) -> None:
        self.y = HIGH - TOP
        with self.decoration("Pagination"):
            self._head_and_foot()

    def _head_and_foot(self) -> None:
        canvas = self.canvas
        canvas.setFont(self.regular.name, 8)
        canvas.setFillColor(SOFT)
        canvas.drawString(LEFT, HIGH - 44, printable(self._header)[0])
        canvas.drawString(LEFT, 36, printable(self._footer)[0])
        number = f"{self._page_word} {self.page} {self._of} "
        canvas.drawRightString(WIDE - RIGHT - 20, 36, number)
        canvas.doForm("total")
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.7)
        canvas.line(LEFT, HIGH - 52, WIDE - RIGHT, HIGH - 52)
        canvas.line(LEFT, 50, WIDE - RIGHT, 50)

    def finish(self) -> bytes:
        """Fill in what was kept for later, and give the document."""
        canvas = self.canvas
        canvas.showPage()
        canvas.beginForm("total")
        canvas.setFont(self.regular.name, 8)
        canvas.setFillColor(SOFT)
        canvas.drawString(WIDE - RIGHT - 20, 36, str(self.page))
        canvas.endForm()
        for name, x, y, text, size in self._forms:
            canvas.beginForm(name)
            canvas.setFont(self.regular.name, size)
            canvas.setFillColor(INK)
            canvas.drawRightString(x, y, str(self._targets[text[1:]]) if text.startswith("\x00") else text)
            canvas.endForm()
        for number, annotation in enumerate(self._links):
            annotation["StructParent"] = self.page + number  # after those of the pages
        return write_tagged(
            canvas, self.structure, title=self._title, language=self._language, attachments=self._attached
        )


__all__ = ["ACCENT", "ALARM", "BOTTOM", "HIGH", "INK", "LEFT", "LINE", "SHADE", "SOFT", "TOP", "WIDE", "Sheet"]
