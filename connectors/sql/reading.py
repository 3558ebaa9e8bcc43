"""What SQLite cannot read by itself: three small functions that its SQL may call."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from connectors.stored_days import day_of

DAY, DIGITS, LETTERS = "termijn_day", "termijn_digits", "termijn_letters"
_ALPHANUMERIC = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_DIGITS = frozenset("0123456789")


def add_readings(connection: Any, zone: ZoneInfo) -> None:
    """Give a SQLite connection the functions `DAY`, `DIGITS` and `LETTERS`."""

    def day(value: Any) -> str | None:
        found = day_of(value, zone)
        return None if found is None else found.isoformat()

    for name, function in ((DAY, day), (DIGITS, digits), (LETTERS, letters)):
        connection.create_function(name, 1, function, deterministic=True)


def digits(value: Any) -> str | None:
    """The digits of a cell, all else left out."""
    return None if value is None else "".join(c for c in str(value) if c in _DIGITS)


def letters(value: Any) -> str | None:
    """The plain letters and digits of a cell in lower case, all else left out."""
    return None if value is None else "".join(c for c in str(value).lower() if c in _ALPHANUMERIC)
