"""How a service's tables look: what it tells of itself, or else what a page of each shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.rest.records import Records
from domain.live import Kind, LiveColumn, LiveReference, LiveSchema, LiveTable
from domain.system import System
from domain.trouble import SourceUnreadable

#: Words that services use for the kinds of `domain.live`, besides those words themselves.
_ALSO_CALLED = {
    "string": Kind.TEXT,
    "int": Kind.INTEGER,
    "float": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "datetime": Kind.MOMENT,
    "timestamp": Kind.MOMENT,
    "date-time": Kind.ZONED,
    "bool": Kind.BOOLEAN,
}
_BY_VALUE = {bool: Kind.BOOLEAN, int: Kind.INTEGER, float: Kind.NUMBER, str: Kind.TEXT}


def live_schema(system: System, records: Records) -> LiveSchema:
    """All tables where the service lists them (`complete`), else the registered ones as a page of each shows them.

    Without a list, a table without records shows no columns: held against the register that is a gone column, and
    blocks; what cannot be looked at is not presumed.
    """
    told = records.describe()
    if told is None:
        tables = sorted({d.table for d in system.datasets.values()})
        shown = {t: LiveTable(_shown(records.sample(t))) for t in tables}
        return LiveSchema(_counted(system, records, shown), complete=False)
    listed = told.get("tables") if isinstance(told, dict) else None
    if not isinstance(listed, dict) or not all(_is_described(t) for t in listed.values()):
        raise SourceUnreadable(
            "the service's list of tables is not as agreed",
            where=system.id,
            do="ask the service's supplier: GET / gives tables, each with its fields and their types",
        )
    return LiveSchema(_counted(system, records, {name: _told(table) for name, table in listed.items()}))


def _counted(system: System, records: Records, tables: Mapping[str, LiveTable]) -> Mapping[str, LiveTable]:
    """The same tables with the rows that fall in no dataset, where datasets divide a table between them."""
    divided = {t: ds for t, ds in system.divided_tables().items() if t in tables}
    counts = {t: records.unclaimed(t, ds) for t, ds in divided.items()}
    return {t: replace(live, unclaimed=counts.get(t, 0)) for t, live in tables.items()}


def _is_described(table: Any) -> bool:
    return (
        isinstance(table, dict)
        and isinstance(table.get("fields"), dict)
        and isinstance(table.get("key", []), list)
        and all(_is_reference(r) for r in table.get("references", []))
    )


def _is_reference(told: Any) -> bool:
    """Whether this is a reference as agreed, each column with the column that it refers to."""
    if not isinstance(told, dict) or not isinstance(told.get("table"), str):
        return False
    own, to = told.get("columns"), told.get("to_columns")
    return isinstance(own, list) and isinstance(to, list) and len(own) == len(to) > 0


def _told(table: Mapping[str, Any]) -> LiveTable:
    fields = {name: LiveColumn(_kind(str(said)), type_name=str(said)) for name, said in table["fields"].items()}
    references = (
        LiveReference(tuple(r["columns"]), r["table"], tuple(r["to_columns"])) for r in table.get("references", [])
    )
    return LiveTable(fields, tuple(str(c) for c in table.get("key", [])), tuple(references))


def _kind(said: str) -> Kind:
    word = said.casefold()
    return _ALSO_CALLED[word] if word in _ALSO_CALLED else Kind(word) if word in set(Kind) else Kind.OTHER


def _shown(items: list[dict[str, Any]]) -> dict[str, LiveColumn]:
    """Kinds by the JSON values of one page; a column that is empty all over counts as text, as JSON's dates are."""
    columns: dict[str, LiveColumn] = {}
    for item in items:
        for name, value in item.items():
            if value is not None or name not in columns:
                kind = Kind.TEXT if value is None else _BY_VALUE.get(type(value), Kind.OTHER)
                columns[name] = LiveColumn(kind)
    return columns
