"""How columns of rows that survive are changed in one transaction: asked again, changed, looked back at.

What empties is one statement for the whole batch. What is computed from the value (a pseudonym, a year, four digits)
is read under the lock, worked out by `domain.treatment.treat`, and written back by key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from connectors.port import Destroyed
from connectors.receipt import FROZEN, NO_LONGER_DUE, without
from connectors.sql.asking import Asker
from connectors.sql.bears import bears
from connectors.sql.destroy import ChangedMeanwhile
from connectors.sql.dossier import keys_from
from connectors.sql.due import due_statement
from connectors.sql.keys import given_rows
from connectors.sql.tables import Rows, Tables
from domain.column_rules import Change
from domain.keys import Key, Keys
from domain.rules import DueTest
from domain.treatment import Alias, Fixed, Plain, Treatment, empties, treat
from domain.trouble import SourceUnreadable


@dataclass(slots=True)
class Changing:
    """One batch under way, inside its transaction."""

    asker: Asker
    tables: Tables
    test: DueTest
    stayed: dict[str, list[Key]]

    def carry_out(
        self, keys: Sequence[Key], *, allowed: Callable[[Sequence[Key]], Sequence[Key]], alias: Alias
    ) -> Destroyed:
        """All steps but the commit. Raises `ChangedMeanwhile`: then nothing may be kept."""
        going = self._ask_again(keys, allowed)
        if not going:
            return Destroyed({}, self._stays())
        rows, table = self.tables.plain(self.test.rule.dataset.name)
        change = self.test.rule.change or Change(())
        self._empty(rows, table, change, going)
        self._compute(rows, table, change, going, alias)
        self._look_back(rows, change, going)
        return Destroyed({self.test.rule.filed_as: Keys(going)}, self._stays())

    def _stays(self) -> Mapping[str, Keys]:
        return {why: Keys(keys) for why, keys in self.stayed.items() if keys}

    def _ask_again(self, keys: Sequence[Key], allowed: Callable[[Sequence[Key]], Sequence[Key]]) -> list[Key]:
        """Lock the rows; ask the due test, what remains, and the holds about exactly these."""
        root = self.tables.rows(self.test.rule.dataset.name)
        one_of = root.is_one_of(root.dataset.key, keys)
        lock = sa.select(*root.key).where(one_of, *root.only).order_by(*root.ordered_key()).with_for_update()
        locked = self.asker.all(lock)
        if len(locked) > len({tuple(row) for row in locked}):
            raise SourceUnreadable(
                f"several rows of {root.dataset.table!r} share one key; nothing was changed",
                where=self.test.rule.name,
                do="give the dataset a `key` that is unique in the source",
            )
        due = frozenset(self._due(keys, self.test))
        still_due = [k for k in keys if k in due]
        self.stayed[NO_LONGER_DUE] = without(keys, due)
        permitted = frozenset(allowed(still_due)) if still_due else frozenset()
        self.stayed[FROZEN] = without(still_due, permitted)
        return [k for k in still_due if k in permitted]

    def _due(self, keys: Sequence[Key], test: DueTest) -> Keys:
        return keys_from(self.asker, due_statement(self.tables, test, keys)) if test.possible else Keys()

    def _empty(self, rows: Rows, table: sa.TableClause, change: Change, keys: Sequence[Key]) -> None:
        """One statement for all columns that are emptied or get one value; what is empty stays empty."""
        values = {rows.table.c[name]: _emptied(rows.table.c[name], t) for name, t in change.columns if empties(t)}
        if values:
            one_of = rows.is_one_of(rows.dataset.key, keys)
            self.asker.change(sa.update(table).where(one_of, *rows.only).values(values))

    def _compute(self, rows: Rows, table: sa.TableClause, change: Change, keys: Sequence[Key], alias: Alias) -> None:
        """Read, work out, and write back what follows from the value itself."""
        computed = [(name, t) for name, t in change.columns if not empties(t) and t is not Plain.STAYS]
        if not computed:
            return
        names = [name for name, _ in computed]
        one_of = rows.is_one_of(rows.dataset.key, keys)
        found = self.asker.all(sa.select(*rows.key, *rows.columns(names)).where(one_of, *rows.only))
        width = len(rows.key)
        made = [
            (*row[:width], *(treat(t, v, alias) for (_, t), v in zip(computed, row[width:], strict=True)))
            for row in map(tuple, found)
        ]
        if made:
            self._write(rows, table, [*rows.dataset.key, *names], made)

    def _write(self, rows: Rows, table: sa.TableClause, names: Sequence[str], made: Sequence[Key]) -> None:
        """Write these rows back; the first columns of `names` are the key."""
        width = len(rows.dataset.key)
        if self.tables.dialect == "postgresql":
            given = given_rows([rows.live[n] for n in names], made)
            values: dict[Any, Any] = {rows.table.c[n]: given.c[f"k{i}"] for i, n in enumerate(names) if i >= width}
            same = [c == given.c[f"k{i}"] for i, c in enumerate(rows.key)]
            self.asker.change(sa.update(table).where(*same, *rows.only).values(values))
            return
        bound = {n: sa.bindparam(f"k{i}", type_=sa.types.NullType()) for i, n in enumerate(names)}
        same = [c == bound[n] for c, n in zip(rows.key, rows.dataset.key, strict=True)]
        values = {rows.table.c[n]: bound[n] for n in names[width:]}
        each = [{f"k{i}": value for i, value in enumerate(row)} for row in made]
        self.asker.change_each(sa.update(table).where(*same, *rows.only).values(values), each)

    def _look_back(self, rows: Rows, change: Change, keys: Sequence[Key]) -> None:
        """Nothing remains, and no row stopped being due while we were at it."""
        row_alone = replace(self.test, rule=replace(self.test.rule, change=None))
        if len(self._due(keys, row_alone)) < len(keys):
            raise ChangedMeanwhile
        left = still_bearing(self.asker, self.tables, rows.dataset.name, change, Keys(keys))
        if len(left):
            raise SourceUnreadable(
                f"the source kept columns of {len(left)} rows of {rows.dataset.table!r} that it was told to change;"
                " all was undone",
                where=self.test.rule.name,
                do="look for a database trigger or rule on that table that stops or reverts an update",
            )


def still_bearing(
    asker: Asker, tables: Tables, dataset: str, change: Change, keys: Keys, *, firmly: bool = False
) -> Keys:
    """Which of these rows still hold what the change takes away. `firmly`: wait for a commit that is on its way."""
    rows = tables.rows(dataset)
    statement = sa.select(*rows.key).where(rows.is_one_of(rows.dataset.key, keys), bears(rows, change))
    statement = statement.order_by(*rows.ordered_key())
    return Keys(dict.fromkeys(keys_from(asker, statement.with_for_update(read=True) if firmly else statement)))


def _emptied(column: sa.ColumnElement[Any], treatment: Treatment) -> Any:
    if not isinstance(treatment, Fixed):
        return sa.null()
    return sa.case((column.is_not(None), sa.literal(treatment.fixed)), else_=sa.null())
