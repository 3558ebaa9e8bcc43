"""What the parts of a document are, for whoever cannot see it: a tree of elements, and which marks on a page they own.

PDF/UA-1 (ISO 14289-1) asks that everything drawn belongs to an element or is said to be decoration. `Structure` is
that tree while pages are drawn; `reports.tagged_file` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

#: What an element owns: another element, (page, mark) or (page, annotation).
Kid = "Element | tuple[int, int] | tuple[int, str]"


class Element:
    """One element: its kind ('H1', 'P', 'TD'), its kids in reading order, and its attributes as PDF writes them."""

    __slots__ = ("alt", "attributes", "kids", "kind", "number", "parent")

    def __init__(self, kind: str, parent: Element | None, *, attributes: str = "", alt: str = "") -> None:
        self.kind, self.parent, self.attributes, self.alt = kind, parent, attributes, alt
        self.kids: list[Element | tuple[int, int] | tuple[int, str]] = []
        self.number = 0
        if parent is not None:
            parent.kids.append(self)


class Structure:
    """The tree of one document, and for each page the element that owns each mark."""

    def __init__(self) -> None:
        self.root = Element("Document", None)
        self.marks: list[list[Element]] = [[]]
        self.links: list[Element] = []  # in order of their annotations' numbers

    def under(self, parent: Element | None, kind: str, *, attributes: str = "", alt: str = "") -> Element:
        """A new element at the end of `parent` (the document where None)."""
        return Element(kind, self.root if parent is None else parent, attributes=attributes, alt=alt)

    def mark(self, element: Element) -> int:
        """The number of a new mark of this element on the present page."""
        here = self.marks[-1]
        element.kids.append((len(self.marks) - 1, len(here)))
        here.append(element)
        return len(here) - 1

    def link(self, element: Element, annotation: str) -> int:
        """Give an element its annotation (by ReportLab's name); returns how the annotation finds it back."""
        element.kids.append((len(self.marks) - 1, annotation))
        self.links.append(element)
        return len(self.links) - 1

    def turn(self) -> None:
        """A new page begins."""
        self.marks.append([])

    def every(self) -> Iterator[Element]:
        """All elements, each after its parent. No recursion: a table may be deep in rows."""
        todo = [self.root]
        while todo:
            element = todo.pop()
            yield element
            todo.extend(kid for kid in reversed(element.kids) if isinstance(kid, Element))


def text_string(text: str) -> str:
    """A text as PDF writes it: UTF-16 in hexadecimal."""
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


def box(values: Sequence[float]) -> str:
    """Four numbers as PDF writes them."""
    return "[" + " ".join(f"{v:.2f}" for v in values) + "]"
