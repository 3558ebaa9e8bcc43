"""How the values of keys and references are taken from a row, compared and ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.port import Row
from domain.keys import Key

#: Values of a reference, written as the service's filters write them, so that 5 and "5" are the same.
Linked = tuple[str, ...]


def linked(values: Sequence[Any]) -> Linked | None:
    """The values of a reference as text; None where one is empty, because an empty reference leads nowhere."""
    if any(v is None for v in values):
        return None
    return tuple(_linked(v) for v in values)


def _linked(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(int(value))
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def pick(row: Row, columns: Sequence[str]) -> Key:
    """The values of these columns, in this order."""
    return tuple(row[c] for c in columns)


def in_order(row: Row, columns: Sequence[str]) -> tuple[tuple[bool, Any], ...]:
    """What to sort a row by; a number and a text in one column do not trip over each other."""
    return tuple((isinstance(v, str), v) for v in pick(row, columns))
