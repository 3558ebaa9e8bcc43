"""Tables on paper: our tagged table, held against platypus tables with a Paragraph in every cell, in rows per second.

`python -m bench.pdf [--rows 20000]`: six columns, wrapped, an embedded font. CPU seconds, each way in a process of its
own.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from bench.memory import peak_megabytes

HEADS = ("Datum", "Soort", "Door", "Omschrijving", "Bedrag", "Kenmerk")
_TEXT = "Gesprek over de voortgang van het traject, met een korte samenvatting voor het dossier"


def rows(number: int) -> Iterator[list[str]]:
    """Rows as a dossier has them; the fourth cell takes two or three lines."""
    for n in range(number):
        yield [f"{n % 28 + 1} november 2026", "contact", f"medewerker {n % 40}", _TEXT, f"{n % 900},50", f"K-{n:07d}"]


def ours(number: int) -> int:
    """One tagged table on a `Sheet`; returns the bytes of the file."""
    from reports.page import Sheet
    from reports.table import Col, draw_table

    sheet = Sheet(title="Meting", header="Meting", footer="Meting")
    shares = (0.16, 0.1, 0.16, 0.34, 0.1, 0.14)
    sheet.heading("Meting", 1)
    draw_table(sheet, [Col(h, s, h == "Bedrag") for h, s in zip(HEADS, shares, strict=True)], rows(number))
    return len(sheet.finish())


def platypus(number: int) -> int:
    """ReportLab's own tables of 400 rows, a Paragraph in every cell, without tags."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate

    from reports.fonts import face

    style = ParagraphStyle("cell", fontName=face().name, fontSize=8.5, leading=11)
    out, story, run = io.BytesIO(), list[object](), list[list[object]]()
    for row in rows(number):
        run.append([Paragraph(cell, style) for cell in row])
        if len(run) == 400:
            story.append(LongTable(run, colWidths=[78, 50, 78, 160, 50, 67]))
            run = []
    SimpleDocTemplate(out).build(story)
    return len(out.getvalue())


WAYS: dict[str, Callable[[int], int]] = {"ours": ours, "platypus": platypus}


def main() -> None:
    """Measure, and print a table in Markdown."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=20_000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--one", default="")
    given = words.parse_args()
    if given.one:
        WAYS[given.one](400)  # fonts and imports
        begun = time.process_time()
        size = WAYS[given.one](given.rows)
        seconds = time.process_time() - begun
        memory = peak_megabytes()
        print(json.dumps({"rate": given.rows / seconds, "size": size, "memory": memory}))
        return
    print("| way | rows per CPU second (median) | memory | bytes a row |\n|---|---|---|---|")
    for way in WAYS:
        run = [sys.executable, "-m", "bench.pdf", "--one", way, "--rows", str(given.rows)]
        told = [json.loads(subprocess.run(run, check=True, capture_output=True).stdout) for _ in range(given.rounds)]
        rate = statistics.median(t["rate"] for t in told)
        print(f"| {way} | {rate:,.0f} | {told[0]['memory']:.0f} MB | {told[0]['size'] / given.rows:.0f} |")


if __name__ == "__main__":
    main()
