"""What is looked at in a source before a rule destroys: crowded dates, references without an index, strange cascades.

The facts only; `domain.guards` judges them. Counts and names of columns, never a value of a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.live import LiveReference, LiveSchema
from domain.rules import RetentionRule, Watch
from domain.system import System

#: A child table with more rows than this, walked without an index, makes a night last for days (SPEED.md).
LARGE_TABLE = 10_000


@dataclass(frozen=True, slots=True)
class Crowd:
    """Of `total` rows of a dataset whose own dates are over, `most` share one value of `column`.

    `day` is that value where it is a day. Who changed a row is a person, so that value is counted and not told.
    """

    dataset: str
    column: str
    total: int
    most: int
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of `table` refer by `columns` to rows that a rule destroys or walks from."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A reference that no index serves; `large`: the table has more rows than `LARGE_TABLE`; `mend`: the statement."""

    reference: Reference
    large: bool
    mend: str


@dataclass(frozen=True, slots=True)
class Undeclared:
    """Something the database does on its own to a table of this rule, unknown to the register.

    `rows`: how many rows it would take along or change tonight; None where that cannot be counted (a trigger).
    """

    where: str
    what: str
    do: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """All that was looked at for one rule. `blind`: what this source cannot tell.

    `late`: rows whose date lies after the day that is decided on, and not after today: a night that is run late, or
    for an earlier day, has those, and they are no trouble.
    """

    crowds: tuple[Crowd, ...] = ()
    changed: tuple[Crowd, ...] = ()
    future: tuple[tuple[str, int], ...] = ()  # dataset.column, rows whose date lies after today
    unindexed: tuple[Unindexed, ...] = ()
    undeclared: tuple[Undeclared, ...] = ()
    blind: tuple[str, ...] = ()
    late: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """One dataset of a rule to look at: the watches on its rows' own dates, and who and when changed them last."""

    dataset: str
    watches: tuple[Watch, ...]
    changed: tuple[str, ...] = field(default=())


def looks_of(system: System, watches: Sequence[Watch], rule: RetentionRule) -> Iterator[Look]:
    """The datasets of a rule's dossiers that have dates of their own. `watches`: with their cutoffs filled in."""
    for part in rule.parts:
        own = tuple(w for w in watches if w.path == part.path and w.column is not None)
        dataset = system.datasets[part.dataset]
        if own:
            changed = dataset.changed
            yield Look(part.dataset, own, () if changed is None else tuple(c for c in (changed.by, changed.on) if c))


def references_of(system: System, rule: RetentionRule, live: LiveSchema) -> Iterator[Reference]:
    """Every reference by which the rule walks or deletes, once: the register's and the database's own."""
    seen: set[Reference] = set()
    for path in [p.path for p in rule.parts] + [w.path for w in rule.watches] + [c.path for c in rule.clears]:
        for hop in path:
            seen.add(Reference(system.datasets[hop.dataset].table, tuple(sorted(own for own, _ in hop.by))))
    going = tables_of(system, rule)
    for table, looks in live.tables.items():
        for reference in looks.references:
            if reference.table in going:
                seen.add(Reference(table, tuple(sorted(reference.columns))))
    yield from sorted(seen, key=lambda r: (r.table, r.columns))


def tables_of(system: System, rule: RetentionRule) -> frozenset[str]:
    """The tables that hold the rows of the rule's dossiers."""
    return frozenset(system.datasets[part.dataset].table for part in rule.parts)


def tables_changed(system: System, rule: RetentionRule) -> frozenset[str]:
    """The tables in which the rule deletes rows or empties references."""
    return tables_of(system, rule) | {system.datasets[c.dataset].table for c in rule.clears}


def is_served(reference: Reference, live: LiveSchema) -> bool:
    """Whether the referring columns are the leading columns, in any order, of an index of their table."""
    looks = live.tables.get(reference.table)
    wanted = frozenset(reference.columns)
    return looks is not None and any(frozenset(i[: len(wanted)]) == wanted for i in looks.indexes)


def silent_references(live: LiveSchema, table: str, into: str) -> Iterator[LiveReference]:
    """The references from a table into another."""
    looks = live.tables.get(table)
    yield from () if looks is None else (r for r in looks.references if r.table == into)


__all__ = [
    "LARGE_TABLE", "Crowd", "Look", "Reference", "Sight", "Undeclared", "Unindexed",
    "is_served", "looks_of", "references_of", "silent_references", "tables_changed", "tables_of",
]  # fmt: skip
