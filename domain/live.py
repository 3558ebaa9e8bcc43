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
    DATE_RANGE = "range of dates"
    MOMENT_RANGE = "range of moments"
    ZONED_RANGE = "range of zoned moments"
    BOOLEAN = "boolean"
    BINARY = "binary"
    OTHER = "other"

    @property
    def can_start_a_term(self) -> bool:
        """Whether a date can be read from it (text as ISO 8601, the way SQLite stores dates; a range by its end)."""
        return self.end in (Kind.DATE, Kind.MOMENT, Kind.ZONED, Kind.TEXT)

    @property
    def end(self) -> Kind:
        """The kind of the upper bound of a range; of anything else the kind itself."""
        return _ENDS.get(self, self)


_ENDS = {Kind.DATE_RANGE: Kind.DATE, Kind.MOMENT_RANGE: Kind.MOMENT, Kind.ZONED_RANGE: Kind.ZONED}


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
    """One table. `triggers`: those that fire on delete or update, and rules that rewrite these, by name.

    `indexes`: the columns of each index that serves any row of the table, `upper(column)` for the end of a range.
    `partitioned`: whether its rows stand in partitions of their own.
    `schema`: the schema it stands in, where that is not the system's own; its name is then `schema.table`.
    `unclaimed`: how many of its rows fall in none of the register's datasets, each with its own `only`.
    """

    columns: Mapping[str, LiveColumn]
    key: tuple[str, ...] = ()
    references: tuple[LiveReference, ...] = ()
    triggers: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    unclaimed: int = 0
    partitioned: bool = False
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class LiveSchema:
    """All tables of a system. `complete` is False where the source cannot list them (a REST service)."""

    tables: Mapping[str, LiveTable] = field(default_factory=dict)
    complete: bool = True
