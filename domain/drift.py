"""Where a live system no longer looks as the register says: every difference, and what to do about it.

A column nobody classified is a wrong answer to a person; an undeclared reference is a row destroyed unseen.
So nearly every difference blocks: that system destroys nothing and no package is sealed until it is classified.
A reference or trigger that the register is silent about blocks every package, and the rules that touch its table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.live import LiveReference, LiveSchema, LiveTable
from domain.system import Dataset, System
from domain.treatment import Plain, obstacle

#: What a database does on its own to rows that refer to a destroyed one, without us seeing it.
_SILENT = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})


class DriftKind(StrEnum):
    """In what way the live system and the register differ."""

    TABLE_UNCLASSIFIED = "table unclassified"
    TABLE_GONE = "table gone"
    ROWS_UNCLASSIFIED = "rows unclassified"
    COLUMN_UNCLASSIFIED = "column unclassified"
    COLUMN_GONE = "column gone"
    KEY_GONE = "key column gone"
    KEY_DIFFERS = "key differs"
    NOT_A_DATE = "trigger is not a date"
    REFERENCE_UNDECLARED = "reference undeclared"
    CANNOT_CHANGE = "column cannot be changed"
    TRIGGER_UNDECLARED = "database trigger undeclared"
    ONLY_DECLARED = "only declared"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference: where (system.table[.column], never a value), what was found, and what to do.

    `blocks`: whether the system destroys and exports nothing until it is mended. `only_for`: a table, where it is
    enough that the rules that change rows of that table destroy nothing; `by` is then the reference that leads there.
    """

    kind: DriftKind
    where: str
    what: str
    do: str
    blocks: bool = True
    only_for: str | None = None
    by: LiveReference | None = None


def compare(system: System, live: LiveSchema) -> tuple[Drift, ...]:
    """Hold a live schema against the register, in order of table. Empty: they agree.

    Where the source cannot list its tables (`live.complete` is False) only the tables it showed are looked at,
    but a registered table that it did not show is gone all the same: it could not be read.
    """
    shared = _by_table(system)
    found: list[Drift] = []
    for table in sorted(live.tables.keys() | shared.keys()):
        if table not in live.tables:
            found.append(_table_gone(system, table))
        elif table in shared:
            found += _columns(system, table, shared[table], live.tables[table])
            found += _treatments(system, table, shared[table], live.tables[table])
            found += _keys(system, table, shared[table], live.tables[table])
            found += _rows(system, table, shared[table], live.tables[table])
            found += _database_triggers(system, table, shared[table], live.tables[table])
        elif table not in system.ignored_tables:
            found.append(_table_unclassified(system, table))
        if table in live.tables:
            found += _undeclared_references(system, table, shared, live)
    if live.complete:
        found += _only_declared(system, shared, live)
    return tuple(found)


def _by_table(system: System) -> Mapping[str, list[Dataset]]:
    """The datasets of each table: several may share one, each with its own `only`."""
    shared: dict[str, list[Dataset]] = {}
    for dataset in system.datasets.values():
        shared.setdefault(dataset.table, []).append(dataset)
    return shared


def _table_gone(system: System, table: str) -> Drift:
    return Drift(
        DriftKind.TABLE_GONE,
        f"{system.id}.{table}",
        "the register has this table, the system does not show it",
        "check the connection's schema and rights; if the table was renamed or dropped, change the register",
    )


def _table_unclassified(system: System, table: str) -> Drift:
    return Drift(
        DriftKind.TABLE_UNCLASSIFIED,
        f"{system.id}.{table}",
        "the system has a table that nobody classified",
        f"add a [dataset.…] for it, or name it in ignored_tables of systems/{system.id}.toml with the reason",
    )


def _columns(system: System, table: str, datasets: list[Dataset], live: LiveTable) -> Iterator[Drift]:
    known = {column for d in datasets for column in d.columns}
    keys = {column for d in datasets for column in d.key}
    for column in sorted(live.columns.keys() - known):
        yield Drift(
            DriftKind.COLUMN_UNCLASSIFIED,
            f"{system.id}.{table}.{column}",
            "the table has a column that nobody classified",
            f"give it a class under [dataset.{datasets[0].name}.columns] in systems/{system.id}.toml",
        )
    for column in sorted(known - live.columns.keys()):
        yield Drift(
            DriftKind.KEY_GONE if column in keys else DriftKind.COLUMN_GONE,
            f"{system.id}.{table}.{column}",
            "the register has this column, the table does not",
            f"if it was renamed or dropped, change systems/{system.id}.toml; otherwise check the connection's rights",
        )
    for column in sorted({t.column for d in datasets for t in d.triggers} & live.columns.keys()):
        if not live.columns[column].kind.can_start_a_term:
            yield Drift(
                DriftKind.NOT_A_DATE,
                f"{system.id}.{table}.{column}",
                f"the register starts a term here, but the system keeps a column of kind {live.columns[column].kind}",
                "name a column with a date in `triggers`, or have the system keep a date here",
            )


def _treatments(system: System, table: str, datasets: list[Dataset], live: LiveTable) -> Iterator[Drift]:
    """A column that cannot take the treatment which the register gives it, named before any night needs it."""
    for dataset in datasets:
        for name in sorted(dataset.treated() & live.columns.keys()):
            treatment = dataset.columns[name].at_expiry
            trouble = obstacle(Plain.NULL if treatment is None else treatment, live.columns[name])
            if trouble is not None:
                yield Drift(DriftKind.CANNOT_CHANGE, f"{system.id}.{table}.{name}", *trouble)


def _keys(system: System, table: str, datasets: list[Dataset], live: LiveTable) -> Iterator[Drift]:
    """A key that is not unique would take other records along: it must hold the whole primary key."""
    for dataset in datasets:
        gone = set(dataset.key) - live.columns.keys()
        if live.key and not gone and not set(live.key) <= set(dataset.key):
            yield Drift(
                DriftKind.KEY_DIFFERS,
                f"{system.id}.{table}",
                f"dataset.{dataset.name} has key {list(dataset.key)}, the table's primary key is {list(live.key)}",
                f"write key = {list(live.key)}, so that one key means one record",
            )


def _database_triggers(system: System, table: str, datasets: list[Dataset], live: LiveTable) -> Iterator[Drift]:
    declared = {name for d in datasets for name in d.side_effects}
    for name in sorted(set(live.triggers) - declared):
        yield Drift(
            DriftKind.TRIGGER_UNDECLARED,
            f"{system.id}.{table}",
            f"the database runs trigger {name!r} when a row is changed or destroyed, and the register does not know it",
            f"read what it copies and where; then declare it: side_effects.{name} = 'what it does' in"
            f" [dataset.{datasets[0].name}]",
            only_for=table,
        )


def _undeclared_references(
    system: System, table: str, shared: Mapping[str, list[Dataset]], live: LiveSchema
) -> Iterator[Drift]:
    """Foreign keys that lead from `table` into a registered one, and that the register is silent about."""
    for reference in live.tables[table].references:
        owners = shared.get(reference.table, [])
        if not owners:
            continue
        by = _mapping(reference, live)
        meant = f"({', '.join(by)}) → {reference.table} ({', '.join(by.values())}), ON DELETE {reference.on_delete}"
        effect = " the database would destroy or change these rows on its own" if reference.on_delete in _SILENT else ""
        if table not in shared:
            listed = "an ignored" if table in system.ignored_tables else "an unclassified"
            yield Drift(
                DriftKind.REFERENCE_UNDECLARED,
                f"{system.id}.{table}",
                f"{listed} table refers to registered data: {meant}{';' + effect if effect else ''}",
                f"add a [dataset.…] for {table}: part_of when its rows go along, references when they keep the record",
                only_for=reference.table,
                by=reference,
            )
        for dataset in shared.get(table, []):
            silent_on = [o.name for o in owners if not _declares(dataset, o.name, by)]
            if silent_on and (len(silent_on) == len(owners) or reference.on_delete in _SILENT):
                yield Drift(
                    DriftKind.REFERENCE_UNDECLARED,
                    f"{system.id}.{table}",
                    f"dataset.{dataset.name} does not declare its reference {meant}{';' + effect if effect else ''}",
                    f"declare it in [dataset.{dataset.name}] to {' and '.join(silent_on)}, with by ="
                    f" {_written(by)}: as part_of when its rows go along, under references when they do not",
                    only_for=reference.table,
                    by=reference,
                )


def _mapping(reference: LiveReference, live: LiveSchema) -> dict[str, str]:
    """Own column → column referred to; a key that names no columns (SQLite) means the primary key."""
    target = live.tables.get(reference.table)
    to_columns = reference.to_columns or (target.key if target else ())
    return dict(zip(reference.columns, to_columns, strict=False))


def _written(by: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f'{own} = "{other}"' for own, other in by.items()) + " }"


def _links(dataset: Dataset) -> Iterator[tuple[str, dict[str, str]]]:
    if dataset.part_of is not None:
        yield dataset.part_of.dataset, dataset.part_of.by
    for reference in dataset.references:
        yield reference.dataset, reference.by


def _declares(dataset: Dataset, owner: str, by: Mapping[str, str]) -> bool:
    return any(name == owner and declared == by for name, declared in _links(dataset))


def _only_declared(system: System, shared: Mapping[str, list[Dataset]], live: LiveSchema) -> Iterator[Drift]:
    """What the register says beyond what the database does: worth knowing, nothing to block for."""
    for table in sorted(system.ignored_tables.keys() - live.tables.keys()):
        yield Drift(
            DriftKind.ONLY_DECLARED,
            f"{system.id}.{table}",
            "ignored_tables names a table that the system does not have",
            f"take it out of systems/{system.id}.toml",
            blocks=False,
        )
    for table in sorted(shared.keys() & live.tables.keys()):
        enforced = [(r.table, _mapping(r, live)) for r in live.tables[table].references]
        for dataset in shared[table]:
            for owner, by in _links(dataset):
                if (system.datasets[owner].table, by) not in enforced:
                    yield Drift(
                        DriftKind.ONLY_DECLARED,
                        f"{system.id}.{table}",
                        f"dataset.{dataset.name} declares a reference to {owner} by {_written(by)} that the database"
                        " does not enforce, so orphans are possible",
                        "nothing; the register's declaration is followed",
                        blocks=False,
                    )


def _rows(system: System, table: str, datasets: list[Dataset], live: LiveTable) -> Iterator[Drift]:
    """Rows of a shared table that every dataset's `only` passes by: whose they are, and their term, nobody said."""
    if not live.unclaimed or table not in system.divided_tables():
        return
    columns = sorted({column for d in datasets for column in d.only})
    yield Drift(
        DriftKind.ROWS_UNCLASSIFIED,
        f"{system.id}.{table}",
        f"{live.unclaimed} rows fall in no dataset: their {' and '.join(columns)} is declared in no `only`",
        f"look which values {table}.{columns[0]} holds, and add a [dataset.…] with table = '{table}' and its own `only`"
        f" for each; or write ignored_rows = 'because …' in [dataset.{datasets[0].name}]",
    )
