"""What `data.json` looks like, as a JSON Schema (2020-12) made for one package: every column with its label."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from domain.origin import Origin
from domain.package import PackageContents, Part
from reports.export_data import exported

_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date"}
_COUNT = {"type": "integer", "minimum": 0}


def schema_json(contents: PackageContents) -> bytes:
    """The schema of this package's `data.json`; needs nothing from outside the package to be read."""
    by_system: dict[str, list[Part]] = {s.system: [] for s in contents.searched}
    for part in contents.parts:
        by_system.setdefault(part.system, []).append(part)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Persoonsgegevens uit één verzoek" if contents.language == "nl" else "Personal data of one request",
        **_object(
            {
                "$schema": _TEXT,
                "case": {"const": contents.case},
                "request": _TEXT,
                "received_on": _DAY,
                "as_of": _DAY,
                "language": {"enum": ["nl", "en"]},
                "organisation": {"type": "object"},
                "activities": {"type": "object", "additionalProperties": _activity()},
                "systems": _object({name: _system(parts) for name, parts in by_system.items()}),
                "withheld": _list(
                    _object(
                        {**dict.fromkeys(("system", "dataset", "what", "because", "article"), _TEXT), "values": _COUNT}
                    )
                ),
                "destroyed_before": _list(
                    _object({"what": _TEXT, "records": _COUNT, "destroyed_on": _DAY, "article": _TEXT})
                ),
            }
        ),
    }
    return orjson.dumps(schema, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """An object that has exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _activity() -> dict[str, Any]:
    party = _object({**dict.fromkeys(("name", "why", "country"), _TEXT), "safeguard": {"type": ["string", "null"]}})
    return _object(
        {
            **dict.fromkeys(("title", "purpose", "source", "automated_decisions"), _TEXT),
            "role": {"enum": ["controller", "processor"]},
            "on_behalf_of": {"type": ["string", "null"]},
            "legal_ground": _list(_TEXT),
            "categories": _list(_object({"item": _TEXT, "category": _TEXT, "special": {"type": "boolean"}})),
            "recipients": _list(party),
            "processors": _list(party),
            "term": {"type": ["object", "null"]},
        }
    )


def _system(parts: list[Part]) -> dict[str, Any]:
    datasets: dict[str, Any] = {"type": "array", "maxItems": 0}
    if parts:
        datasets = {
            "type": "array",
            "prefixItems": [_dataset(p) for p in parts],
            "items": False,
            "minItems": len(parts),
        }
    outcome = {"enum": ["answered", "nothing found", "not searched"]}
    return _object({"title": _TEXT, "outcome": outcome, "rows": _COUNT, "reason": _TEXT, "datasets": datasets})


def _dataset(part: Part) -> dict[str, Any]:
    columns, kinds = exported(part), _kinds(part)
    record = _object(
        {
            "key": _TEXT,
            "kept_until": {"type": ["string", "null"], "format": "date"},
            "kept_because": _TEXT,
            "soft_deleted": {"type": "boolean"},
            "archived": {"type": "boolean"},
            "values": _object({n: {"title": c.label, **_kind(kinds[n])} for n, c in columns.items()}),
        }
    )
    origin = {"enum": [*(o.value for o in Origin), None]}
    column = _object({"column": _TEXT, "label": _TEXT, "category": {"type": ["string", "null"]}, "origin": origin})
    return _object(
        {
            "dataset": {"const": part.dataset},
            "title": _TEXT,
            "activity": _TEXT,
            "controller": _TEXT,
            "columns": _list(column),
            "records": {**_list(record), "minItems": len(part.records), "maxItems": len(part.records)},
        }
    )


def _kinds(part: Part) -> dict[str, set[tuple[str, str]]]:
    """What the values of each column are, (kind, format), from one reading of the values there are."""
    kinds: dict[str, set[tuple[str, str]]] = {name: set() for name in part.columns}
    for record in part.records:
        for name, found in kinds.items():
            found.add(_type_of(record.values.get(name)))
    return kinds


def _kind(found: set[tuple[str, str]]) -> dict[str, Any]:
    """The schema of a column's values; mixed columns say all their kinds."""
    kinds = {"null"} | {kind for kind, _ in found}
    formats = {form for kind, form in found if kind != "null"}
    only = formats.pop() if len(formats) == 1 else ""
    known: dict[str, dict[str, str]] = {
        "date": {"format": "date"},
        "date-time": {"format": "date-time"},
        "decimal": {"pattern": r"^-?\d+(\.\d+)?$"},
        "base64": {"contentEncoding": "base64"},
    }
    return {"type": sorted(kinds), **known.get(only, {})}


def _type_of(value: Any) -> tuple[str, str]:
    match value:
        case None:
            return "null", ""
        case bool():
            found = "boolean", ""
        case int() if abs(value) < 2**53:
            found = "integer", ""
        case float() if abs(value) < float("inf"):
            found = "number", ""
        case Mapping():
            found = "object", ""
        case list() | tuple() | set() | frozenset():
            found = "array", ""
        case datetime():
            found = "string", "date-time" if value.tzinfo is not None else "moment"
        case date():
            found = "string", "date"
        case Decimal():
            found = "string", "decimal" if value.is_finite() else ""
        case bytes() | bytearray() | memoryview():
            found = "string", "base64"
        case _ if hasattr(value, "upper_inc"):  # a range, as `export_data.iso` writes it
            found = "object", ""
        case _:
            found = "string", ""
    return found
