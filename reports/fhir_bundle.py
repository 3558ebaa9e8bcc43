"""The medical part of a package as one FHIR R4 Bundle, as a server's `Patient/$everything` gives it; streamed.

Every reference leads to a resource in the same Bundle: what is withheld, or another's, is not in it and not named.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, BinaryIO
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import orjson

from domain.documents import Document
from domain.fhir import FhirMapping
from domain.fhir_resource import resource_of, rewritten
from domain.package import PackageContents, Part, Record
from reports.export_data import exported

_OURS = UUID("5a0f6a3e-3d0f-4f0c-9a3e-0d6f1f2a7c11")
_ELSEWHERE = {"nl": "niet in dit pakket", "en": "not in this package"}
_DELETED = {
    "nl": "In het systeem al als verwijderd gemerkt",
    "en": "Already marked as deleted in the system",
}
#: How far up a dossier a reference is looked for.
_DEPTH = 6


def medical_parts(contents: PackageContents) -> list[Part]:
    """The parts that become resources: those that the register maps, unless their rows only mention the person."""
    return [p for p in contents.parts if p.fhir is not None and p.belonging != "mentioned" and len(p.records)]


def write_bundle_json(contents: PackageContents, out: BinaryIO) -> None:
    """Write the Bundle, one resource on a line. The same contents give the same bytes."""
    parts = medical_parts(contents)
    places = _Places(parts)
    total = sum(len(p.records) for p in parts)
    out.write(b'{"resourceType":"Bundle","type":"searchset","total":%d,"entry":[' % total)
    between = b"\n"
    for part in parts:
        for record in part.records:
            entry = {
                "fullUrl": places.address(part.system, part.dataset, record.key),
                "resource": _resource(part, record, places, contents.language),
                "search": {"mode": "match"},
            }
            out.write(between + orjson.dumps(entry, default=_told, option=orjson.OPT_PASSTHROUGH_DATACLASS))
            between = b",\n"
    out.write(b"\n]}\n")


def _told(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f").encode())
    if isinstance(value, Document):
        return value.name
    raise TypeError


def _resource(part: Part, record: Record, places: _Places, language: str) -> dict[str, Any]:
    mapping: FhirMapping = part.fhir  # type: ignore[assignment]
    shown = exported(part)
    values = {n: v for n, v in record.values.items() if n in shown}
    if mapping.whole:
        told = {n: v for n, v in values.items() if v is not None and n.isidentifier()} | {"id": record.key}
        made = rewritten({"resourceType": mapping.resource, **told}, places.of(part.system), _ELSEWHERE[language])
    else:
        links = {path: places.lead(part, record, target) for path, target in mapping.refers.items()}
        own = places.address(part.system, part.dataset, record.key).removeprefix("urn:uuid:")
        made = resource_of(mapping, values, links, own=own, zone=ZoneInfo(part.zone))
    if record.soft_deleted:
        tags = [*made.get("meta", {}).get("tag", ()), {"code": "soft-deleted", "display": _DELETED[language]}]
        made["meta"] = {**made.get("meta", {}), "tag": tags}
    return dict(made)


class _Places:
    """Which resources the Bundle holds, and where each is: eight bytes of memory for each that can be pointed at."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._held: dict[tuple[str, str], array[int]] = {}
        self._sole: dict[tuple[str, str], str] = {}
        self._above: dict[tuple[str, str], dict[str, tuple[tuple[str, str], ...]]] = {}
        targets = {(p.system, t) for p in parts if p.fhir is not None for t in p.fhir.refers.values()}
        for system, dataset in sorted(targets | {(p.system, p.dataset) for p in parts if p.fhir and p.fhir.whole}):
            keys = [r.key for r in self._records(system, dataset)]
            self._held[system, dataset] = array("Q", sorted(self._mark(system, dataset, k) for k in keys))
            if len(keys) == 1:
                self._sole[system, dataset] = keys[0]

    def address(self, system: str, dataset: str, key: str) -> str:
        """The address of a resource: says nothing of the person, and is the same in every package."""
        return f"urn:uuid:{uuid5(_OURS, '|'.join((system, dataset, key)))}"

    def of(self, system: str) -> Mapping[str, str]:
        """'Patient/5' → its address, for a source that speaks FHIR itself."""
        return _Whole(self, system, {p.fhir.resource: p.dataset for p in self._parts if p.fhir and p.system == system})

    def lead(self, part: Part, record: Record, target: str) -> str | None:
        """The address of the resource of `target` that this record belongs to; None where that is not in the Bundle."""
        direct = dict(record.refers).get(target)
        if direct is None:
            direct = self._sole.get((part.system, target)) or self._climb(part.system, record.refers, target, _DEPTH)
        held = direct is not None and self.holds(part.system, target, direct)
        return self.address(part.system, target, direct) if held and direct is not None else None

    def holds(self, system: str, dataset: str, key: str) -> bool:
        """Whether the Bundle has this record."""
        marks = self._held.get((system, dataset), array("Q"))
        mark = self._mark(system, dataset, key)
        at = bisect_left(marks, mark)
        return at < len(marks) and marks[at] == mark

    def _climb(self, system: str, refers: Sequence[tuple[str, str]], target: str, depth: int) -> str | None:
        for dataset, key in refers if depth else ():
            if dataset == target:
                return key
            above = self._above_of(system, dataset).get(key, ())
            if (found := self._climb(system, above, target, depth - 1)) is not None:
                return found
        return None

    def _above_of(self, system: str, dataset: str) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """What the rows of a dataset refer to; read once, and only where a person has more than one dossier."""
        if (system, dataset) not in self._above:
            self._above[system, dataset] = {r.key: tuple(r.refers) for r in self._records(system, dataset)}
        return self._above[system, dataset]

    def _records(self, system: str, dataset: str) -> Iterator[Record]:
        for part in self._parts:
            if (part.system, part.dataset) == (system, dataset):
                yield from part.records

    def _mark(self, system: str, dataset: str, key: str) -> int:
        return UUID(self.address(system, dataset, key)).int >> 64


class _Whole(Mapping[str, str]):
    """The addresses of one FHIR source, asked for one by one."""

    def __init__(self, places: _Places, system: str, datasets: Mapping[str, str]) -> None:
        self._places, self._system, self._datasets = places, system, datasets

    def __contains__(self, place: object) -> bool:
        kind, _, key = str(place).partition("/")
        return kind in self._datasets and self._places.holds(self._system, self._datasets[kind], key)

    def __getitem__(self, place: str) -> str:
        kind, _, key = place.partition("/")
        return self._places.address(self._system, self._datasets[kind], key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


__all__ = ["medical_parts", "write_bundle_json"]
