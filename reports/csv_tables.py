"""The tables of a package for a spreadsheet: one CSV per dataset, and a dictionary (woordenboek) of all columns.

Semicolons and a byte order mark, so that a Dutch spreadsheet opens them as they are. A text that a spreadsheet
would run as a formula gets an apostrophe in front; `data.json` has every value untouched.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

import orjson

from domain.package import PackageContents
from domain.system import Column
from reports.export_data import exported, iso

_UNSAFE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_KEPT = {
    "nl": ("Bewaard tot en met", "Waarom bewaard", "In het systeem al als verwijderd gemerkt"),
    "en": ("Kept until", "Why kept", "Already marked as deleted in the system"),
}
_DICTIONARY = {
    "nl": ("Bestand", "Kop", "Kolom in het systeem", "Soort gegeven", "Gegevens van", "Waarvoor"),
    "en": ("File", "Heading", "Column in the system", "Kind of data", "Data of", "What for"),
}


def csv_files(contents: PackageContents) -> dict[str, bytes]:
    """Every dataset as `csv/<system>.<dataset>.csv`, and `csv/woordenboek.csv`."""
    files: dict[str, bytes] = {}
    words: list[Sequence[Any]] = []
    marked, yes = _KEPT[contents.language], "ja" if contents.language == "nl" else "yes"
    for part in contents.parts:
        name = _free(f"csv/{_plain(part.system)}.{_plain(part.dataset)}", files)
        columns = exported(part)
        heads = headings(columns)
        rows = (
            [
                *(iso(r.values.get(c)) for c in columns),
                r.kept_until.isoformat() if r.kept_until else None,
                r.kept_because,
                yes if r.soft_deleted else "",
            ]
            for r in part.records
        )
        files[name] = _write([*heads.values(), *marked], rows)
        title = contents.activities[part.activity].title if part.activity in contents.activities else part.activity
        words += [[name, heads[c], c, col.category, part.title, title] for c, col in columns.items()]
    files["csv/woordenboek.csv"] = _write(_DICTIONARY[contents.language], words)
    return files


def headings(columns: dict[str, Column]) -> dict[str, str]:
    """Column → its label; where two columns share a label, each gets its number."""
    often = Counter(c.label for c in columns.values())
    seen: Counter[str] = Counter()
    heads = {}
    for name, column in columns.items():
        seen[column.label] += 1
        heads[name] = column.label if often[column.label] == 1 else f"{column.label} ({seen[column.label]})"
    return heads


def guarded(value: Any) -> Any:
    """A value as a cell. Only text can be a formula: a number stays the number it is."""
    if isinstance(value, dict | list):
        value = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    if isinstance(value, str):
        value = value.replace("\x00", "")
        return f"'{value}" if value.lstrip(" ").startswith(_UNSAFE) and not _is_number(value) else value
    return value


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-\d+(\.\d+)?", text) is not None


def _write(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([guarded(h) for h in heads])
    writer.writerows([guarded(v) for v in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _free(name: str, taken: dict[str, bytes]) -> str:
    """`name.csv`, or `name-2.csv` where another part has that name already (a second controller's)."""
    number, path = 1, f"{name}.csv"
    while path in taken:
        number += 1
        path = f"{name}-{number}.csv"
    return path


__all__ = ["csv_files", "guarded", "headings"]
