"""What a driver cannot read by itself: odd text in SQLite, PostgreSQL's endless days, MariaDB's moments in UTC."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg.abc import Buffer
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from pymysql import converters
from pymysql.constants import FIELD_TYPE

from connectors.stored_days import day_of

DAY = "termijn_day"


def add_readings(connection: Any, zone: ZoneInfo) -> None:
    """Give a SQLite connection the function `DAY`."""

    def day(value: Any) -> str | None:
        found = day_of(value, zone)
        return None if found is None else found.isoformat()

    connection.create_function(DAY, 1, day, deterministic=True)


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


def mariadb_conversions() -> dict[Any, Any]:
    """How values go to and come from MariaDB, whose session is in UTC. Zero dates and days of no calendar stay text."""
    own: dict[Any, Any] = {FIELD_TYPE.TIMESTAMP: _moment_in_utc, datetime: _written_in_utc, UUID: _written_as_text}
    own[array] = _written_as_list
    return converters.conversions | own


def _moment_in_utc(text: Any) -> Any:
    found = converters.convert_datetime(text)
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) else found


def _written_in_utc(moment: datetime, mapping: Mapping[Any, Any] | None = None) -> str:
    """The driver itself would drop the zone and keep the hour."""
    plain = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return str(converters.escape_datetime(plain, mapping))


def _written_as_list(numbers: Iterable[int], _mapping: Mapping[Any, Any] | None = None) -> str:
    """An array of whole numbers, which can hold nothing else, as what stands after IN."""
    return f"({','.join(map(str, numbers))})"


def _written_as_text(value: UUID, mapping: Mapping[Any, Any] | None = None) -> str:
    return str(converters.escape_str(str(value), mapping))
