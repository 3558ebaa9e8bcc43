"""How a key that a person typed is read back: the inverse of `domain.keys.key_text`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from domain.keys import Key
from domain.live import Kind, LiveColumn
from domain.system import Dataset
from domain.trouble import NotFound

_PIECE = re.compile(r"\\(.)|(\|)|([^\\|])", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "\\": "\\", "|": "|"}
_WHOLE = re.compile(r"-?[0-9]{1,19}\Z")
_LOOKS_LIKE = {
    Kind.INTEGER: "10001",
    Kind.NUMBER: "10001.5",
    Kind.DATE: "2006-11-23",
    Kind.MOMENT: "2006-11-23T10:00:00",
    Kind.ZONED: "2006-11-23T10:00:00+00:00",
    Kind.BOOLEAN: "True",
    Kind.BINARY: "00ff",
}


def split_key(text: str) -> list[str]:
    """The parts of a written key, escapes undone. Raises ValueError on a stray backslash."""
    parts, taken = [""], 0
    for piece in _PIECE.finditer(text):
        if piece.start() != taken:
            break
        taken = piece.end()
        escaped, bar, plain = piece.groups()
        if bar:
            parts.append("")
        elif plain is not None:
            parts[-1] += plain
        elif escaped in _ESCAPED:
            parts[-1] += _ESCAPED[escaped]
        else:
            raise ValueError("a backslash stands before something that needs none")
    if taken != len(text):
        raise ValueError("a backslash stands at the end")
    return parts


def read_written_key(dataset: Dataset, columns: Mapping[str, LiveColumn], text: str, *, typed: bool) -> Key:
    """The key that `text` writes. `typed`: the source keeps dates and numbers as such (SQLite keeps text).

    Raises `NotFound` that says what a key of this dataset looks like; the text itself is never repeated.
    """
    kinds = [columns[c] for c in dataset.key]
    try:
        parts = split_key(text)
        if len(parts) != len(kinds):
            raise ValueError("another number of parts")
        return tuple(_value(p, k, typed) for p, k in zip(parts, kinds, strict=True))
    except (ValueError, InvalidOperation):
        shape = " | ".join(dataset.key)
        raise NotFound(
            f"this is not a key of {dataset.name!r}",
            where=dataset.name,
            do=f"write its {shape}, for example {_example(kinds)}",
        ) from None


def _value(text: str, column: LiveColumn, typed: bool) -> Any:
    if column.kind is Kind.INTEGER:
        return _whole(text)
    if column.kind is Kind.BINARY:
        return bytes.fromhex(text)
    if not typed:
        loose = column.kind in (Kind.NUMBER, Kind.BOOLEAN) and _WHOLE.match(text)
        return int(text) if loose else text
    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.NUMBER: Decimal,
        Kind.DATE: date.fromisoformat,
        Kind.MOMENT: datetime.fromisoformat,
        Kind.ZONED: datetime.fromisoformat,
        Kind.BOOLEAN: _truth,
    }
    if column.kind is Kind.OTHER and column.type_name.upper() == "UUID":
        return UUID(text)
    return readers.get(column.kind, str)(text)


def _whole(text: str) -> int:
    number = int(text) if _WHOLE.match(text) else None
    if number is None or not -(2**63) <= number < 2**63:
        raise ValueError("not a whole number that a database can hold")
    return number


def _truth(text: str) -> bool:
    if text not in ("True", "False"):
        raise ValueError("neither True nor False")
    return text == "True"


def _example(columns: Sequence[LiveColumn]) -> str:
    return "|".join(_LOOKS_LIKE.get(c.kind, "A-1") for c in columns)
