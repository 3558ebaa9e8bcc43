"""What PostgreSQL's partitions declare, told as their parent's: their rows are rows of the parent table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from domain.live import LiveReference

Indexes = tuple[tuple[str, ...], ...]
#: A partition may stand in another schema than its parent. One that is not divided further holds rows: a leaf.
_PARTITIONS = """
    SELECT root.relname AS root, c.relname AS name, c.relnamespace = root.relnamespace AS here, c.relkind <> 'p' AS leaf
    FROM pg_class c JOIN pg_class root ON root.oid = pg_partition_root(c.oid) AND c.relispartition
    JOIN pg_namespace n ON n.oid = root.relnamespace AND n.nspname = COALESCE(:schema, current_schema())
    ORDER BY 1, 2"""
_REFERENCES = """
    SELECT root.relname AS root, f.confdeltype AS rule,
      CASE WHEN there.nspname = :ours THEN target.relname ELSE there.nspname || '.' || target.relname END AS target,
      ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY k(number, place)
            JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number ORDER BY k.place) AS own,
      ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY k(number, place)
            JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number ORDER BY k.place) AS theirs
    FROM pg_class c JOIN pg_class root ON root.oid = pg_partition_root(c.oid) AND c.relispartition
    JOIN pg_namespace n ON n.oid = root.relnamespace AND n.nspname = COALESCE(:schema, current_schema())
    JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f'
    JOIN pg_class target ON target.oid = COALESCE(pg_partition_root(f.confrelid), f.confrelid)
    JOIN pg_namespace there ON there.oid = target.relnamespace
    ORDER BY 1, 2, f.conname"""
_RULES = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


@dataclass(frozen=True, slots=True)
class Partitions:
    """The partitioned tables of a schema. `roots`: partition in that schema → the table of which it holds rows."""

    roots: Mapping[str, str] = field(default_factory=dict)
    leaves: Mapping[str, Sequence[str | None]] = field(default_factory=dict)  # None: it stands in another schema
    references: Mapping[str, Sequence[LiveReference]] = field(default_factory=dict)

    def of_parents(self, found: Mapping[str, Sequence[LiveReference]]) -> Mapping[str, tuple[LiveReference, ...]]:
        """References as those of the parents: what a single partition declares can keep rows of the whole table."""
        told: dict[str, dict[LiveReference, None]] = {}
        for references in (found, self.references):
            for table, declared in references.items():
                for r in declared:
                    to = LiveReference(r.columns, self.roots.get(r.table, r.table), r.to_columns, r.on_delete)
                    told.setdefault(self.roots.get(table, table), {})[to] = None
        return {table: tuple(declared) for table, declared in told.items()}

    def served(self, found: Mapping[str, Indexes]) -> Mapping[str, Indexes]:
        """The indexes of the parents: their own, and the columns that an index of every partition leads with."""
        told = dict(found)
        for root, leaves in self.leaves.items():
            each = [_leading(found.get(leaf, ()) if leaf is not None else ()) for leaf in leaves]
            shared = set.intersection(*each) if each else set()
            told[root] = tuple(sorted(shared.union(found.get(root, ()))))
        return told


def partitions_of(connection: sa.Connection, schema: str | None, ours: str | None) -> Partitions:
    """The partitions of all tables of a schema; none on a database that shows them as one table.

    `ours`: the schema whose tables are named without it in references.
    """
    if connection.dialect.name != "postgresql":
        return Partitions()
    where: dict[str, str | None] = {"schema": schema}
    roots: dict[str, str] = {}
    leaves: dict[str, list[str | None]] = {}
    for row in connection.execute(sa.text(_PARTITIONS), where):
        if row.here:
            roots[row.name] = row.root
        if row.leaf:
            leaves.setdefault(row.root, []).append(row.name if row.here else None)
    references: dict[str, list[LiveReference]] = {}
    for row in connection.execute(sa.text(_REFERENCES), where | {"ours": ours}):
        to = LiveReference(tuple(row.own), row.target, tuple(row.theirs), _RULES[row.rule])
        references.setdefault(row.root, []).append(to)
    return Partitions(roots, leaves, references)


def _leading(indexes: Indexes) -> set[tuple[str, ...]]:
    return {columns[:count] for columns in indexes for count in range(1, len(columns) + 1)}
