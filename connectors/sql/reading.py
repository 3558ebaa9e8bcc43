"""What a driver cannot read by itself: odd text in SQLite, and PostgreSQL's days that Python has no date for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.abc import Buffer
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

from connectors.stored_days import day_of

DAY, DIGITS, LETTERS = "termijn_day", "termijn_digits", "termijn_letters"
_ALPHANUMERIC = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_DIGITS = frozenset("0123456789")


def add_readings(connection: Any, zone: ZoneInfo) -> None:
    """Give a SQLite connection the functions `DAY`, `DIGITS` and `LETTERS`."""

    def day(value: Any) -> str | None:
        found = day_of(value, zone)
        return None if found is None else found.isoformat()

    def sieved(sieve: Callable[[str], str]) -> Callable[[Any], str | None]:
        return lambda value: None if value is None else sieve(str(value))

    for name, function in ((DAY, day), (DIGITS, sieved(digits)), (LETTERS, sieved(letters))):
        connection.create_function(name, 1, function, deterministic=True)


def digits(text: str) -> str:
    """The digits of a cell, all else left out."""
    return "".join(c for c in text if c in _DIGITS)


def letters(text: str) -> str:
    """The plain letters and digits of a cell in lower case, all else left out."""
    return "".join(c for c in text.lower() if c in _ALPHANUMERIC)


def keep_unreadable_days(connection: Any, _record: object) -> None:
    """Let 'infinity' and years outside 1-9999 through as text: a row with one must not stop the whole source."""
    for name, loader in (("date", _Day), ("timestamp", _Moment), ("timestamptz", _ZonedMoment)):
        connection.adapters.register_loader(name, loader)


class _Day(DateLoader):
    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()


class _Moment(TimestampLoader):
    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()


class _ZonedMoment(TimestamptzLoader):
    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()
