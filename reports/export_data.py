"""What a machine reads in a package: every exported value in `data.json`, exact, with the label a person knows."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

import orjson

from domain.activity import Activity
from domain.package import PackageContents, Part, Record
from domain.system import Column, ColumnClass
from domain.trouble import Refused

_EXACT = 2**53 - 1  # a larger whole number loses digits in most readers, so it is written as text
#: Values that orjson itself writes just as `iso` does, or hands to it.
_AS_IT_IS = frozenset({str, bool, int, type(None), date, UUID, Decimal, bytes, bytearray, memoryview})
#: Raw in the skeleton, where no JSON can have it: what stands for the records of one dataset until they come.
_HERE = b"\x00"
#: So many records go to the file at once.
_RUN = 500


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
        case _ if hasattr(value, "upper_inc"):  # a range, as PostgreSQL's driver gives it
            exact = {"from": iso(value.lower), "to": iso(value.upper), "bounds": value.bounds or "empty"}
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
    unknown = {name for name in part.outline.columns if name not in part.columns}
    if unknown:
        raise Refused(
            f"{len(unknown)} columns have values but no class: {', '.join(sorted(unknown))}",
            where=f"{part.system}.{part.dataset}",
            do="classify them in the system's file of the register, then export again",
        )
    return columns


def data_json(contents: PackageContents) -> bytes:
    """The same as one piece, where the package is known to be small."""
    out = io.BytesIO()
    write_data_json(contents, out)
    return out.getvalue()


def write_data_json(contents: PackageContents, out: BinaryIO) -> None:
    """All values of the person, by system and dataset, each record on a line of its own; conforms to `schema.json`.

    Streams: what is in memory at once is the frame and a run of records. Raises Refused where a record carries a value
    of a column that is not shown: nobody classified it (promise 7).
    """
    frame, *rest = _frame(contents).split(_HERE)
    out.write(frame)
    for part, after in zip(_in_order(contents), rest, strict=True):
        for piece in _records(part):
            out.write(piece)
        out.write(after)


def _in_order(contents: PackageContents) -> list[Part]:
    """The parts as the sorted frame names them: by system, then as the package has them."""
    return sorted(contents.parts, key=lambda p: p.system)


def _frame(contents: PackageContents) -> bytes:
    """Everything but the records, whose places are marked."""
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
        "destroyed_before": [
            {"what": d.what, "records": d.records, "destroyed_on": d.when.isoformat(), "article": d.article}
            for d in contents.destroyed_before
        ],
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
    return {
        "dataset": part.dataset,
        "title": part.title,
        "activity": part.activity,
        "controller": part.controller,
        "columns": [
            {"column": n, "label": c.label, "category": c.category, "origin": c.origin}
            for n, c in exported(part).items()
        ],
        "records": orjson.Fragment(b"[" + _HERE + b"]"),
    }


def _records(part: Part) -> Iterator[bytes]:
    """The records of a part, written in runs: one line each, commas between, nothing around."""
    columns, common = tuple(exported(part)), part.outline
    plain = common.even and common.columns.keys() == set(columns) and _AS_IT_IS.issuperset(common.types)
    records, between = iter(part.records), b"\n"
    while run := list(islice(records, _RUN)):
        # The quotes show that this stands outside any text; inside a value that is a list it is but a space.
        yield between + _lines(run, columns, plain)[1:-1].replace(b'},{"key":', b'},\n{"key":')
        between = b",\n"
    if len(part.records):
        yield b"\n"


def _lines(run: list[Record], columns: tuple[str, ...], plain: bool) -> bytes:
    """A run as one list; value by value where not every one is `plain`: such that orjson writes it exactly."""
    try:
        if plain:
            return _written(run, [r.values for r in run])
        return _written(run, [{n: _exact(r.values.get(n)) for n in columns} for r in run])
    except TypeError:  # a text that is no Unicode, or a whole number past what most readers keep: `iso` knows both
        return _written(run, [{n: iso(r.values.get(n)) for n in columns} for r in run])


def _exact(value: Any) -> Any:
    """A value that orjson writes as it is; anything else as `iso` says.

    orjson rounds the offset of a moment of before 1937 to whole minutes, and writes a number that is none as null.
    """
    kind = type(value)
    if kind in _AS_IT_IS or (kind is float and math.isfinite(value)):
        return value
    return value if kind is datetime and (value.tzinfo is None or value.tzinfo is UTC) else iso(value)


def _written(run: list[Record], values: Sequence[Mapping[str, Any]]) -> bytes:
    shown = [
        {
            "key": r.key,
            "kept_until": r.kept_until,
            "kept_because": r.kept_because,
            "soft_deleted": r.soft_deleted,
            "archived": r.archived,
            "values": v,
        }
        for r, v in zip(run, values, strict=True)
    ]
    return orjson.dumps(shown, default=iso, option=orjson.OPT_STRICT_INTEGER)
