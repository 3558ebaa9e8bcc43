"""The register's datasets as SQL tables, their columns held against the live schema before any is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.sql.days import Condition, DayColumn
from connectors.sql.keys import by_bytes, in_keys
from domain.keys import Key
from domain.live import Kind, LiveColumn, LiveSchema, LiveTable
from domain.rules import Hop
from domain.system import Dataset, System
from domain.trouble import SourceUnreadable

_DO = "run `termijn register check`, and mend the register or the source"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one dataset in a statement: its table under a name of its own."""

    dataset: Dataset
    table: sa.FromClause
    live: Mapping[str, LiveColumn]
    dialect: str
    #: Column → its plain spelling, as a search made it before (`connectors.sql.search`).
    spelled: dict[str, sa.ColumnElement[Any]] = field(default_factory=dict, compare=False, repr=False)

    def columns(self, names: Iterable[str]) -> list[sa.ColumnElement[Any]]:
        """These columns, in this order."""
        return [self.table.c[n] for n in names]

    @property
    def key(self) -> list[sa.ColumnElement[Any]]:
        """The columns of the key to select, in the register's order; text as distinct as its bytes are."""
        return [by_bytes(self.table.c[n], self.live[n], self.dialect) for n in self.dataset.key]

    def is_one_of(self, names: Sequence[str], values: Collection[Key]) -> Condition:
        """Whether these columns hold one of these tuples of values."""
        return in_keys(self.columns(names), [self.live[n] for n in names], values, self.dialect)

    @property
    def only(self) -> list[Condition]:
        """What makes a row of the table one of this dataset."""
        found: list[Condition] = []
        for name, wanted in self.dataset.only.items():
            values = wanted if isinstance(wanted, tuple) else (wanted,)
            column = by_bytes(self.table.c[name], self.live[name], self.dialect)
            found.append(column.in_([sa.literal(v) for v in values]))
        return found

    @property
    def numbered(self) -> bool:
        """Whether the key is one whole number, which Python sorts faster than a database."""
        return len(self.dataset.key) == 1 and self.live[self.dataset.key[0]].kind is Kind.INTEGER

    def ordered_key(self) -> list[sa.ColumnElement[Any]]:
        """The key to sort by: text by its bytes, so that every source sorts alike."""
        plain = self.columns(self.dataset.key)
        if self.dialect == "mariadb":
            # Never the very expression that is selected: SELECT DISTINCT a, f(b) ORDER BY a, f(b) loses rows there.
            return [c if own is c else sa.cast(own, sa.BINARY()) for c, own in zip(plain, self.key, strict=True)]
        texts = [self.dialect == "postgresql" and self.live[n].kind is Kind.TEXT for n in self.dataset.key]
        return [sa.collate(c, "C") if text else c for c, text in zip(plain, texts, strict=True)]


@dataclass(frozen=True, slots=True)
class Tables:
    """Where the rows of each dataset are, as the source looks today."""

    system: System
    live: LiveSchema
    dialect: str
    _made: dict[str, sa.TableClause] = field(default_factory=dict, compare=False, repr=False)
    _once: dict[str, Rows] = field(default_factory=dict, compare=False, repr=False)

    def quoted(self, name: str) -> str:
        """A name of the source for a statement in words."""
        mark = "`" if self.dialect == "mariadb" else '"'
        return (mark + name.replace(mark, 2 * mark) + mark).replace(":", "\\:")

    def rows(self, name: str) -> Rows:
        """A fresh name for the rows of a dataset. Raises `SourceUnreadable` where table or columns are gone."""
        dataset = self.system.datasets[name]
        live = self.live.tables.get(dataset.table)
        if live is None:
            raise SourceUnreadable(f"table {dataset.table!r} is gone", where=self.system.id, do=_DO)
        needed = {*dataset.key, *dataset.only, *(dataset.part_of.by if dataset.part_of else ())}
        needed |= {c for r in dataset.references for c in r.by}
        gone = sorted(needed - live.columns.keys())
        if gone:
            raise self._gone(dataset, gone)
        return Rows(dataset, self._table(dataset, live).alias(), live.columns, self.dialect)

    def once(self, name: str) -> Rows:
        """The rows of a dataset for a statement that names it once: always the same, so made once."""
        made = self._once.get(name)
        if made is None:
            made = self._once[name] = self.rows(name)
        return made

    def plain(self, name: str) -> tuple[Rows, sa.TableClause]:
        """The rows of a dataset under the table's own name, for statements that change them."""
        rows = self.rows(name)
        table = self._table(rows.dataset, self.live.tables[rows.dataset.table])
        return replace(rows, table=table, spelled={}), table

    def day(self, rows: Rows, column: str) -> DayColumn:
        """A trigger column. Raises `SourceUnreadable` where it is gone or cannot start a term."""
        live = rows.live.get(column)
        if live is None:
            raise self._gone(rows.dataset, [column])
        if not live.kind.can_start_a_term:
            raise SourceUnreadable(
                f"{rows.dataset.table}.{column} holds {live.kind.value} ({live.type_name}), which starts no term",
                where=self.system.id,
                do="name a column with dates in `triggers`, or mend the source",
            )
        return DayColumn(rows.table.c[column], live.kind, self.dialect, ZoneInfo(self.system.zone))

    def inside(self, rows: Rows, path: Sequence[Hop], root: Rows, keys: Collection[Key]) -> Condition:
        """Whether rows at the end of `path` are in the dossiers of these roots. `root`: rows of the root's dataset."""
        if not path:
            return rows.is_one_of(rows.dataset.key, keys)
        owner = root if len(path) == 1 else self.rows(path[-2].dataset)
        here = self.inside(owner, path[:-1], root, keys)
        return refers(rows, path[-1], owner, here)

    def join(self, path: Sequence[Hop]) -> tuple[list[Rows], sa.FromClause]:
        """All rows along a path that is not empty, joined."""
        steps = [self.rows(hop.dataset) for hop in path]
        joined: sa.FromClause = steps[0].table
        for hop, owner, rows in zip(path[1:], steps, steps[1:], strict=False):
            links = [rows.table.c[own] == owner.table.c[theirs] for own, theirs in hop.by]
            joined = joined.join(rows.table, sa.and_(*links))
        return steps, joined

    def place(self, table: str) -> tuple[str, str | None]:
        """The name of a table and the schema it stands in; another one than ours where it refers in from there."""
        live = self.live.tables.get(table)
        if live is None or live.schema is None:
            return table, self.system.db_schema
        return table.removeprefix(f"{live.schema}."), live.schema

    def _table(self, dataset: Dataset, live: LiveTable) -> sa.TableClause:
        made = self._made.get(dataset.table)
        if made is None:
            # No type of SQLAlchemy's own: values come as the driver gives them, and no odd text stops a whole page.
            columns = [sa.column(c, sa.types.NullType()) for c in live.columns]
            name, schema = self.place(dataset.table)
            made = self._made[dataset.table] = sa.table(name, *columns, schema=schema)
        return made

    def _gone(self, dataset: Dataset, columns: Sequence[str]) -> SourceUnreadable:
        names = ", ".join(f"{dataset.table}.{c}" for c in columns)
        return SourceUnreadable(f"column {names} is gone", where=self.system.id, do=_DO)


def refers(rows: Rows, hop: Hop, owner: Rows, which: Condition) -> Condition:
    """Whether `rows` refer, by this hop, to rows of `owner` for which `which` holds."""
    theirs = sa.select(*owner.columns(their for _, their in hop.by)).where(which, *owner.only)
    own = rows.columns(own for own, _ in hop.by)
    return (own[0] if len(own) == 1 else sa.tuple_(*own)).in_(theirs)
