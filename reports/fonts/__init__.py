"""Which letters we can print: the bundled Noto Sans, its widths, and how a text is made safe for it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

#: Stands where our font has no picture of a character; never dropped silently (PDF.md trap 4).
MARKER = "\ufffd"
_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_PLAIN = re.compile(r"[\n -~¡-¬®-ÿ–—‘’“”•€]*\Z")


@dataclass(frozen=True, slots=True)
class Face:
    """One style of the font: its registered name, and the width of each character at size 1."""

    name: str
    widths: dict[str, float]
    fallback: float

    def width(self, text: str, size: float) -> float:
        """Width of `text` in points."""
        get, fallback = self.widths.get, self.fallback
        return size * sum([get(c, fallback) for c in text])


@cache
def face(style: str = "Regular") -> Face:
    """The bundled style 'Regular', 'Bold' or 'Italic', registered with ReportLab once per process."""
    name = f"NotoSans-{style}"
    with as_file(files("reports.fonts") / f"{name}.ttf") as path:
        font = TTFont(name, path)
    pdfmetrics.registerFont(font)
    wide, usual = font.face.charWidths, font.face.defaultWidth
    widths = {chr(code): wide.get(code, usual) / 1000 for code in font.face.charToGlyph if code <= 0xFFFF}
    widths["\u00a0"] = widths[" "]
    return Face(name, widths, usual / 1000)


def printable(text: str) -> tuple[str, int]:
    """`text` as our font can print it, and how many characters became `MARKER`.

    Letters and their accents are joined, line breaks become newlines, tabs become spaces, and control and
    direction characters (which print nothing but can turn a line around) go.
    """
    if _PLAIN.match(text):
        return text, 0
    known, lost, kept = face().widths, 0, []
    for char in unicodedata.normalize("NFC", _BREAKS.sub("\n", text).replace("\t", " ")):
        if char == "\n":
            kept.append(char)
        elif unicodedata.category(char) in ("Cc", "Cf"):
            continue
        elif char in known:
            kept.append(char)
        else:
            kept.append(MARKER)
            lost += 1
    return "".join(kept), lost


def wrap(text: str, style: Face, size: float, width: float) -> list[str]:
    """Break `text` into lines of at most `width` points; a word longer than a line is cut where it must be."""
    if "\n" not in text and style.width(text, size) <= width:
        return [text]
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, style, size, width)]


def _lines(paragraph: str, style: Face, size: float, width: float) -> list[str]:
    lines: list[str] = []
    line, used = "", 0.0
    space = style.width(" ", size)
    for word in paragraph.split(" "):
        wide = style.width(word, size)
        if line and used + space + wide <= width:
            line, used = f"{line} {word}", used + space + wide
            continue
        if line:
            lines.append(line)
        while wide > width and len(word) > 1:
            head = _fits(word, style, size, width)
            lines.append(word[:head])
            word = word[head:]  # noqa: PLW2901  the rest of a long word is the next word
            wide = style.width(word, size)
        line, used = word, wide
    return [*lines, line]


def _fits(word: str, style: Face, size: float, width: float) -> int:
    """How many characters of `word` fit, broken after a separator where one stands in the last half."""
    used = 0.0
    for count, char in enumerate(word):
        used += size * style.widths.get(char, style.fallback)
        if used > width:
            cut = max((word.rfind(s, count // 2, count) for s in "-/@_.,;:|"), default=-1)
            return max(1, cut + 1 if cut > 0 else count)
    return len(word)


__all__ = ["MARKER", "Face", "face", "printable", "wrap"]
