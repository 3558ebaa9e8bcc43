"""The tables of a package for a spreadsheet: one CSV per dataset, and a dictionary (woordenboek) of all columns.

Semicolons and a byte order mark, so that a Dutch spreadsheet opens them as they are. A text that a spreadsheet
would run as a formula gets an apostrophe in front; `data.json` has every value untouched.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from io import TextIOWrapper
from typing import Any, BinaryIO

import orjson

from domain.package import PackageContents, Part, Record
from domain.system import Column
from reports.dictionary import HEADS, our_rows, rows_of, withheld_rows
from reports.export_data import exported, iso

_UNSAFE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_KEPT = {
    "nl": (
        "Bewaard tot en met",
        "Waarom bewaard",
        "Al als verwijderd gemerkt",
        "Gearchiveerd",
    ),
    "en": ("Kept until", "Why kept", "Already marked as deleted", "Archived"),
}


def csv_files(contents: PackageContents) -> Iterator[tuple[str, Callable[[BinaryIO], None]]]:
    """Every dataset as `csv/<system>.<dataset>.csv`, and `csv/woordenboek.csv`: its name and what writes it, streaming.

    Raises Refused where a value has no classified column.
    """
    words: list[Callable[[], Iterable[Sequence[Any]]]] = []
    files: dict[tuple[str, str], str] = {}
    for part in contents.parts:
        name = _free(f"csv/{_plain(part.system)}.{_plain(part.dataset)}", set(files.values()))
        files[part.system, part.title] = name
        heads, types = headings(exported(part)), defaultdict[str, set[type]](set)
        yield name, partial(_write_part, part, contents.language, types)
        words.append(partial(rows_of, part, name, heads, types, contents))
        words.append(partial(our_rows, part, name, _KEPT[contents.language], contents))
    words.append(partial(withheld_rows, contents.withheld, files, contents.language))
    yield "csv/woordenboek.csv", partial(_write_words, words, contents.language)


def _write_words(words: Iterable[Callable[[], Iterable[Sequence[Any]]]], language: str, out: BinaryIO) -> None:
    """The dictionary, when every table is written and the kinds of its values are known."""
    _write(HEADS[language], (row for some in words for row in some()), out)


def _write_part(part: Part, language: str, types: Mapping[str, set[type]], out: BinaryIO) -> None:
    columns, yes = exported(part), "ja" if language == "nl" else "yes"

    def rows() -> Iterator[list[Any]]:
        for record in part.records:
            for name in columns:
                types[name].add(type(record.values.get(name)))
            yield _row(record, tuple(columns), yes)

    _write([*headings(columns).values(), *_KEPT[language]], rows(), out)


def _row(record: Record, columns: Sequence[str], yes: str) -> list[Any]:
    until = record.kept_until.isoformat() if record.kept_until else None
    kept = (until, record.kept_because, yes if record.soft_deleted else "", yes if record.archived else "")
    return [*(iso(record.values.get(c)) for c in columns), *kept]


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


def _write(heads: Sequence[str], rows: Iterable[Sequence[Any]], out: BinaryIO) -> None:
    text = TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([guarded(h) for h in heads])
    writer.writerows([guarded(v) for v in row] for row in rows)
    text.detach()  # flushed; the file itself is closed by whoever opened it


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _free(name: str, taken: Collection[str]) -> str:
    """`name.csv`, or `name-2.csv` where another part has that name already (a second controller's)."""
    number, path = 1, f"{name}.csv"
    while path in taken:
        number += 1
        path = f"{name}-{number}.csv"
    return path


__all__ = ["csv_files", "guarded", "headings"]
