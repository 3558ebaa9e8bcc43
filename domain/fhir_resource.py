"""One row as one resource of HL7 FHIR R4, made as the register's mapping says."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from html import escape
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from domain.documents import Document
from domain.fhir import PRIMITIVE, REPEATED, REQUIRED, FhirMapping, columns_of

#: How FHIR says that an element it asks for has no value.
ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}
#: Elements that hold a day or a moment: a text in the source must be one, or it stays out of the resource.
_MOMENTS = frozenset({
    "authoredOn", "birthDate", "date", "dateTime", "deceasedDateTime", "effectiveDateTime", "end", "occurrenceDateTime",
    "performedDateTime", "received", "recorded", "recordedDate", "sent", "start",
})  # fmt: skip
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STEP = re.compile(r"(_?[A-Za-z]+)(?:\[(\d)\])?")
#: `name[0]._given[1].extension[0].url` tells something beside `name[0].given[1]`.
_BESIDE = re.compile(r"(.*?)_([A-Za-z]+(?:\[\d\])?)\..+")


class _Many(dict[int, Any]):
    """An element of which there are several, while its numbers are not all known yet."""


def resource_of(
    mapping: FhirMapping, values: Mapping[str, Any], links: Mapping[str, str | None], *, own: str, zone: ZoneInfo
) -> dict[str, Any]:
    """The resource of one row. `links`: element of `mapping.refers` → the address that it points at, or None.

    `own`: the resource's id.
    """
    found = _from_columns(mapping, values, zone)
    found |= {f"{path}.reference": to for path, to in links.items() if to is not None}
    said = [*mapping.elements, *mapping.filled, *(f"{path}.reference" for path in mapping.refers)]
    for path, value in mapping.fixed.items():
        of = _BESIDE.fullmatch(path)
        if of is not None and of[1] + of[2] not in found and not any(p.startswith(f"{of[1]}_{of[2]}.") for p in found):
            continue
        beside = f"{path.rpartition('.')[0]}."
        if beside == "." or any(p.startswith(beside) for p in found) or not any(p.startswith(beside) for p in said):
            found[path] = value
    tree: dict[str, Any] = {}
    for path, value in found.items():
        _put(tree, path, value)
    resource = {"resourceType": mapping.resource, "id": own, **_settled(tree)}
    _tell_quantity(resource)
    for name in REQUIRED[mapping.resource]:
        if name not in resource:
            resource[f"_{name}" if name in PRIMITIVE else name] = [ABSENT] if name in REPEATED else ABSENT
    return resource


def _from_columns(mapping: FhirMapping, values: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, said in mapping.elements.items():
        told = [v for c in columns_of(said) if (v := written(path, values.get(c), zone)) is not None]
        if not told:
            continue
        value = told[0] if len(told) == 1 else " ".join(map(str, told))
        if path in mapping.codes:
            codes = mapping.codes[path]
            value = codes.get(str(value), codes.get("*"))
        if value is not None:
            found[path] = value
    for path, either in mapping.filled.items():
        if either.column in values:
            found[path] = either.no if values[either.column] in (None, "") else either.yes
    return found


def written(path: str, value: Any, zone: ZoneInfo) -> Any:
    """One value as FHIR writes it; None where it says nothing, or is no date in an element that holds one."""
    if isinstance(value, str):
        value = _UNSEEN.sub("", value).strip() or None
    if value is not None and path.rpartition(".")[2] in _MOMENTS:
        value = _moment(value)
    if value is not None and path.endswith(".valueString"):
        value = str(value)
    match value:
        case None | bool() | int():
            told: Any = value
        case float() | Decimal():
            told = value if Decimal(value).is_finite() else None
        case datetime():
            told = (value if value.tzinfo is not None else value.replace(tzinfo=zone)).isoformat()
        case date():
            told = value.isoformat()
        case Document():
            told = value.media_type if path.endswith(".contentType") else value.name
        case bytes() | bytearray() | memoryview():
            told = base64.b64encode(bytes(value)).decode()
        case _:
            told = _narrative(str(value)) if path.endswith("text.div") else str(value)
    return told


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def _narrative(text: str) -> str:
    told = escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br/>")
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{told}</p></div>'


def _put(tree: dict[str, Any], path: str, value: Any) -> None:
    here: Any = tree
    steps: list[str | int] = []
    for name, number in (step.groups() for step in map(_STEP.fullmatch, path.split(".")) if step is not None):
        steps += [name] if number is None else [name, int(number)]
    for step, after in pairwise(steps):
        here = here.setdefault(step, _Many() if isinstance(after, int) else {})
    here[steps[-1]] = value


def _settled(value: Any) -> Any:
    """The same tree with its lists in order, without the numbers that nothing was said of.

    A list and what is told beside its values (`given`, `_given`) are equally long: null where one says nothing.
    """
    if isinstance(value, _Many):
        return [_settled(value[n]) for n in sorted(value)]
    if not isinstance(value, dict):
        return value
    settled = {k: _settled(v) for k, v in value.items()}
    for name, beside in value.items():
        plain = value.get(name.removeprefix("_"))
        if name.startswith("_") and isinstance(beside, _Many) and isinstance(plain, _Many):
            numbers = sorted({*plain, *beside})
            settled[name] = [_settled(beside.get(n)) for n in numbers]
            settled[name[1:]] = [_settled(plain.get(n)) for n in numbers]
    return settled


def _tell_quantity(resource: dict[str, Any]) -> None:
    """A measured value as a number with its unit; where it is no plain number, as the text that it is."""
    quantity = resource.get("valueQuantity")
    if quantity is None:
        return
    value = quantity.get("value")
    number = plain_number(value) if isinstance(value, str) else value
    if number is not None:
        quantity["value"] = number
        return
    del resource["valueQuantity"]
    if value is not None:
        resource["valueString"] = f"{value} {quantity.get('unit', '')}".strip()


def plain_number(text: str) -> Decimal | None:
    """'8,4' and '8.4' are a number; '1.234', '< 5' and '4+' may be something else, and stay text."""
    if re.fullmatch(r"-?\d+(,\d+)?", text) or (re.fullmatch(r"-?\d+\.\d+", text) and len(text.split(".")[1]) != 3):
        return Decimal(text.replace(",", "."))
    return None


def rewritten(value: Any, at: Mapping[str, str], elsewhere: str) -> Any:
    """A value of a source's own resource, its references leading to what is in the bundle.

    `at`: 'Patient/5' → its address in the bundle. What is not in it keeps the words for people, or gets `elsewhere`.
    """
    if isinstance(value, list):
        return [rewritten(v, at, elsewhere) for v in value]
    if not isinstance(value, Mapping):
        return value
    told = {k: rewritten(v, at, elsewhere) for k, v in value.items()}
    to = told.get("reference")
    if not isinstance(to, str) or to.startswith("#"):
        return told
    place = to.split("/_history/")[0]  # another server's Patient/5 is not ours: an address leads elsewhere
    if place in at:
        return {**told, "reference": at[place]}
    del told["reference"]
    return {**told, "display": told.get("display") or elsewhere}
