"""The columns that the tables of the ledger are made of, and which of them are encrypted."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, Dialect, Integer, LargeBinary, MetaData, Text
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as UTC text of one length, so that it sorts and hashes alike in every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else written(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


def written(moment: datetime) -> str:
    """A moment as the ledger writes it. ValueError where it has no zone: it could mean two moments."""
    if moment.tzinfo is None:
        raise ValueError("a moment in the ledger has a zone; pass an aware datetime")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def sealed(name: str, *, nullable: bool = False) -> Column[bytes]:
    """A column that only the keyring can read; `rotate_keys` finds it by its mark."""
    return Column(name, LargeBinary, nullable=nullable, info={"encrypted": True})


def text(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    """A column of words."""
    return Column(name, Text, nullable=nullable, primary_key=primary_key)


def number(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    """A column of whole numbers, never counted up by the database."""
    return Column(name, Integer, nullable=nullable, primary_key=primary_key, autoincrement=False)


def moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    """A column of aware moments."""
    return Column(name, Moment, nullable=nullable)
