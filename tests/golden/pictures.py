"""Documents as sources hold them: made here, so that nobody real stands on them."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from domain.package import Part, Record
from domain.system import Column
from tests.golden import contents as given

SCAN = Column.model_validate({"class": "export", "label": "Scan", "document": True})
TEXT = b"Brief aan de huisarts.\nAlles goed.\n"
ODD = b"MZ\x90\x00\x03" + b"\x00" * 40
#: A text that a browser would run, if it were one that a browser opens.
SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/><script>alert(2)</script>"
LETTER = b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<<>>\n%%EOF"


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (240, 160)) -> bytes:
    """A drawing of a knee, near enough."""
    made = Image.new("RGB", size, "#10181f")
    draw = ImageDraw.Draw(made)
    draw.ellipse((size[0] * 0.4, size[1] * 0.1, size[0] * 0.6, size[1] * 0.9), fill="#dfe8ee")
    out = io.BytesIO()
    made.convert(mode).save(out, kind)
    return out.getvalue()


def documents() -> list[bytes]:
    """One of each kind: PDF, JPEG in colour and for print, PNG that can be seen through, text, and what is none."""
    pictures = [picture("JPEG"), picture("JPEG", "CMYK"), picture("PNG", "RGBA"), picture("PNG", "L")]
    return [LETTER, *pictures, TEXT, SCRIPT, ODD, picture("JPEG")[:90]]


def part() -> Part:
    """A part of a dossier that holds them all."""
    columns = {"told": given.column("Waarover"), "scan": SCAN}
    records = [Record(f"s{n}", {"told": f"Onderzoek {n}", "scan": body}) for n, body in enumerate(documents(), 1)]
    return Part(
        "careweb", "Careweb", "scan", "Scans en foto's", "medical-dossier", columns, records, "Praktijk De Brug"
    )
