"""Where in a resource the value of a registered column stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: The elements that every resource may have besides those of its type; the type itself is the table's name.
_TYPE = "resourceType"


def is_inside(column: str) -> bool:
    """Whether a column says where in an element its value stands, and is not an element itself."""
    return "." in column or "|" in column


def row_of(resource: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """The resource as a row: the columns asked for (None where it has no such element), and elements not asked for."""
    row = {c: value_at(resource, c) for c in columns}
    return row | {name: value for name, value in resource.items() if name not in row and name != _TYPE}


def value_at(resource: Mapping[str, Any], column: str) -> Any:
    """The value of one column; None where the resource does not have it."""
    if not is_inside(column):
        return resource.get(column)
    if "|" in column:
        name, _, system = column.partition("|")
        found = resource.get(name)
        each = found if isinstance(found, list) else [found]
        return next((e.get("value") for e in each if isinstance(e, Mapping) and e.get("system") == system), None)
    if column.endswith(".reference"):
        return _id_behind(reference_at(resource, column))
    return _at(resource, column)


def reference_at(resource: Mapping[str, Any], column: str) -> str | None:
    """The reference of such a column as the server wrote it; None where there is none, or it leads into itself."""
    found = _at(resource, column)
    return found if isinstance(found, str) and not found.startswith("#") else None


def _at(resource: Mapping[str, Any], column: str) -> Any:
    here: Any = resource
    for step in column.split("."):
        here = here[0] if isinstance(here, list) and here else here
        here = here.get(step) if isinstance(here, Mapping) else None
    return here[0] if isinstance(here, list) and here else here


def _id_behind(reference: str | None) -> str | None:
    """'Patient/5/_history/2' → '5'."""
    return None if reference is None else reference.split("/_history/")[0].rsplit("/", 1)[-1]
