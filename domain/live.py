"""How a source system really looks today: tables, columns, references, triggers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, in the few words that matter to a term."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"  # a date and time without a zone
    ZONED = "zoned moment"
    BOOLEAN = "boolean"
    BINARY = "binary"
    OTHER = "other"

    @property
    def can_start_a_term(self) -> bool:
        """Whether a date can be read from it (text as ISO 8601, the way SQLite stores dates)."""
        return self in (Kind.DATE, Kind.MOMENT, Kind.ZONED, Kind.TEXT)


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """One column as the source has it."""

    kind: Kind
    nullable: bool = True
    type_name: str = ""


@dataclass(frozen=True, slots=True)
class LiveReference:
    """A foreign key that the source declares. `on_delete` in upper case: NO ACTION, CASCADE, SET NULL…"""

    columns: tuple[str, ...]
    table: str
    to_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"


@dataclass(frozen=True, slots=True)
class LiveTable:
    """One table. `triggers`: those that fire on delete or update, by name."""

    columns: Mapping[str, LiveColumn]
    key: tuple[str, ...] = ()
    references: tuple[LiveReference, ...] = ()
    triggers: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class LiveSchema:
    """All tables of a system. `complete` is False where the source cannot list them (a REST service)."""

    tables: Mapping[str, LiveTable] = field(default_factory=dict)
    complete: bool = True
