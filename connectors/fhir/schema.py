"""How a FHIR server's resources look: what it says it can hold, as far as it holds any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.fhir.element import is_inside
from connectors.fhir.records import FhirRecords
from domain.live import Kind, LiveColumn, LiveSchema, LiveTable
from domain.system import System

_BY_VALUE = {bool: Kind.BOOLEAN, int: Kind.INTEGER, float: Kind.NUMBER, str: Kind.TEXT}


def live_schema(system: System, records: FhirRecords) -> LiveSchema:
    """The registered types with the elements that a page shows, and every other type of which there is something.

    FHIR leaves an empty element out, so that a registered element which no resource of the page has is not gone.
    """
    told = records.describe()
    registered = {d.table: d for d in system.datasets.values()}
    tables = {name: _looks(registered[name].columns, records.sample(name)) for name in sorted(registered)}
    others = sorted(_types(told) - registered.keys() - system.ignored_tables.keys())
    tables |= {name: LiveTable({"id": LiveColumn(Kind.TEXT)}, ("id",)) for name in others if records.count(name)}
    known = sorted(_types(told) & system.ignored_tables.keys())
    tables |= {name: LiveTable({"id": LiveColumn(Kind.TEXT)}, ("id",)) for name in known}
    return LiveSchema(tables, complete=told is not None)


def _types(told: Any) -> set[str]:
    rest = told.get("rest") if isinstance(told, dict) else None
    each = [r for one in rest or () if isinstance(one, dict) for r in one.get("resource") or ()]
    return {r["type"] for r in each if isinstance(r, dict) and isinstance(r.get("type"), str)}


def _looks(registered: Mapping[str, Any], items: list[dict[str, Any]]) -> LiveTable:
    columns = {name: LiveColumn(Kind.TEXT if is_inside(name) or name == "id" else Kind.OTHER) for name in registered}
    for item in items:
        for name, value in item.items():
            if name != "resourceType":
                columns[name] = LiveColumn(_BY_VALUE.get(type(value), Kind.OTHER))
    return LiveTable(columns, ("id",))
