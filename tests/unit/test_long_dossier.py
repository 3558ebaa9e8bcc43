"""A dossier of thousands of pages: printed row by row in volumes, in memory that does not grow with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import io, json, sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from bench.memory import peak_megabytes
from domain.package import Part, Record, fit_on_paper
from domain.system import Column
from reports.package import write_package
from tasks.spool import Spool
from tests.golden import contents as given
from tests.unit.test_package_files import signing

TABLES, ROWS = int(sys.argv[1]), int(sys.argv[2])
told = "Pijn in de onderrug na tillen, straalt uit naar het linkerbeen; oefeningen meegegeven, controle over 3 weken. "
columns = {n: Column.model_validate({"class": "export", "label": n}) for n in ("Dag", "Soort", "Verhaal")}
pages, rows, ended = {}, 0, set()

class Counted(io.RawIOBase):
    \"\"\"What is written, counted and let go.\"\"\"
    def __init__(self, name):
        self.name, self.last = name, b""
    def writable(self):
        return True
    def write(self, data):
        body = self.last + bytes(data)
        if self.name.endswith(".pdf"):
            pages[self.name] = pages.get(self.name, 0) + body.count(b"/Type /Page\\n") + body.count(b"/Type /Page ")
        self.last = body[-11:]
        return len(data)

@contextmanager
def opens(name):
    yield Counted(name)

with Spool() as spool:
    parts = []
    for table in range(TABLES):
        shelf = spool.shelf()
        for n in range(ROWS):
            shelf.add(Record(f"k{n}", {"Dag": date(2020, 1, 1), "Soort": "consult", "Verhaal": told + told[: n % 90]}))
        parts.append(Part("careweb", "Zorg", f"d{table}", f"Deel {table}", "medical-dossier", columns, shelf))
    contents = replace(given.contents(), parts=fit_on_paper(parts))
    assert not any(p.summarised for p in contents.parts)
    write_package(contents, given.register(), signing(), opens)
print(json.dumps({"pages": pages, "peak": peak_megabytes()}))
"""


def written(tables: int, rows: int) -> tuple[dict[str, int], float]:
    """The pages of each PDF of a package with so many tables of so many rows, and the most memory it took (MB)."""
    command = [sys.executable, "-c", SCRIPT, str(tables), str(rows)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    return told["pages"], told["peak"]


@pytest.mark.slow
def test_a_dossier_of_five_thousand_pages_comes_in_volumes_and_in_256_megabytes() -> None:
    pages, peak = written(5, 24_000)
    volumes = {name: count for name, count in pages.items() if name.startswith("dossier")}
    assert len(volumes) > 10
    assert sum(volumes.values()) >= 5000
    assert max(volumes.values()) <= 500
    assert peak < 256
