"""What a machine reads in a package: every exported value in `data.json`, exact, with the label a person knows."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson

from domain.activity import Activity
from domain.package import PackageContents, Part
from domain.system import Column, ColumnClass
from domain.trouble import Refused

_EXACT = 2**53  # a larger whole number loses digits in most readers, so it is written as text


def iso(value: Any) -> Any:
    """One value as JSON keeps it exactly: dates as ISO 8601, decimals and large numbers as text, bytes as base64."""
    match value:
        case str():
            exact: Any = value.encode("utf-8", "replace").decode()
        case None | bool():
            exact = value
        case int():
            exact = value if -_EXACT <= value <= _EXACT else str(value)
        case float():
            exact = value if math.isfinite(value) else str(value)
        case Decimal():
            exact = format(value, "f")
        case datetime() | date() | time():
            exact = value.isoformat()
        case bytes() | bytearray() | memoryview():
            exact = base64.b64encode(bytes(value)).decode()
        case Mapping() | list() | tuple() | set() | frozenset():
            exact = _inside(value)
        case _:
            exact = str(value)
    return exact


def _inside(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): iso(v) for k, v in value.items()}
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else [iso(v) for v in value]


def exported(part: Part) -> dict[str, Column]:
    """The columns of a part that the person gets, in their order.

    Raises Refused where a record carries a value of a column that is not shown: nobody classified it (promise 7).
    """
    columns = {name: c for name, c in part.columns.items() if c.cls is ColumnClass.EXPORT}
    unknown = {name for record in part.records for name in record.values if name not in part.columns}
    if unknown:
        raise Refused(
            f"{len(unknown)} columns have values but no class: {', '.join(sorted(unknown))}",
            where=f"{part.system}.{part.dataset}",
            do="classify them in the system's file of the register, then export again",
        )
    return columns


def data_json(contents: PackageContents) -> bytes:
    """All values of the person, by system and dataset; conforms to `schema.json`."""
    systems: dict[str, Any] = {
        s.system: {"title": s.title, "outcome": s.outcome.value, "rows": s.rows, "reason": s.reason, "datasets": []}
        for s in contents.searched
    }
    for part in contents.parts:
        blank = {"title": part.system_title, "outcome": "answered", "rows": 0, "reason": "", "datasets": []}
        systems.setdefault(part.system, blank)["datasets"].append(_dataset(part))
    data = {
        "$schema": "schema.json",
        "case": contents.case,
        "request": contents.kind,
        "received_on": contents.received_on,
        "as_of": contents.as_of,
        "language": contents.language,
        "organisation": iso(contents.organisation),
        "activities": {k: _activity(a, contents.as_of) for k, a in contents.activities.items()},
        "systems": systems,
        "withheld": [
            {"system": w.system, "dataset": w.dataset, "what": w.what, "values": w.values,
             "because": w.because, "article": w.article}
            for w in contents.withheld
        ],
        "destroyed_before": [{"what": what, "records": records} for what, records in contents.destroyed_before],
    }  # fmt: skip
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _activity(activity: Activity, as_of: date) -> dict[str, Any]:
    term = activity.term_on(as_of)
    return {
        "title": activity.title,
        "purpose": activity.purpose,
        "role": activity.role.value,
        "on_behalf_of": activity.on_behalf_of,
        "legal_ground": list(activity.legal_ground),
        "categories": [{"item": d.item, "category": d.category, "special": d.special} for d in activity.data],
        "recipients": [p.model_dump() for p in activity.recipients],
        "processors": [p.model_dump() for p in activity.processors],
        "source": activity.source,
        "automated_decisions": activity.automated_decisions,
        "term": None if term is None else term.model_dump(mode="json", exclude={"source", "choice", "last_checked"}),
    }


def _dataset(part: Part) -> dict[str, Any]:
    columns = exported(part)
    return {
        "dataset": part.dataset,
        "title": part.title,
        "activity": part.activity,
        "controller": part.controller,
        "columns": [{"column": n, "label": c.label, "category": c.category} for n, c in columns.items()],
        "records": [
            {
                "key": r.key,
                "kept_until": r.kept_until,
                "kept_because": r.kept_because,
                "soft_deleted": r.soft_deleted,
                "values": {name: iso(r.values.get(name)) for name in columns},
            }
            for r in part.records
        ],
    }
