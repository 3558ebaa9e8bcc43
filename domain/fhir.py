"""How the register says that the rows of a dataset are told as resources of HL7 FHIR R4."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry

#: What FHIR R4 (4.0.1) asks of each resource that a mapping can make; of `medication[x]` the form that we write.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("patient",),
    "AuditEvent": ("type", "recorded", "agent", "source"),
    "Communication": ("status",),
    "Condition": ("subject",),
    "Consent": ("status", "scope", "category", "policyRule"),
    "DiagnosticReport": ("status", "code"),
    "DocumentReference": ("status", "content"),
    "Encounter": ("status", "class"),
    "Immunization": ("status", "vaccineCode", "patient", "occurrenceDateTime"),
    "MedicationStatement": ("status", "medicationCodeableConcept", "subject"),
    "Observation": ("status", "code"),
    "Patient": (),
    "Procedure": ("status", "subject"),
    "ServiceRequest": ("status", "intent", "subject"),
}
#: Required elements that hold one word and not an object.
PRIMITIVE = frozenset({"status", "intent", "recorded", "occurrenceDateTime"})
#: Required elements of which there can be more.
REPEATED = frozenset({"agent", "category", "content"})

_STEP = r"_?[a-z][A-Za-z]*(\[\d\])?"
Path = Annotated[str, Field(pattern=rf"^{_STEP}(\.{_STEP})*$")]


class IfFilled(Entry):
    """A code that says whether a column is filled: `{ column = "stopped_on", yes = "completed", no = "active" }`."""

    column: str
    yes: str
    no: str


class FhirMapping(Entry):
    """One dataset as resources of one type.

    `elements`: element of the resource → the exported column, or columns joined by a space. `fixed`: element → what
    it always says; beside columns (`name[0].use`) only where one of these says something. `codes`: element → value of
    the column → FHIR's code; '*' is any other value, without it that is left out. `filled`: see `IfFilled`. `refers`:
    element → the dataset whose resource it points at: the row's owner, what it refers to, or further up the dossier.
    `_family.extension[0]` is what FHIR tells beside the value of `family`; what it always says, only beside a value.
    `whole`: the source speaks FHIR itself, each exported column is the element of its name.
    """

    resource: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]+$")]
    elements: dict[Path, str | tuple[str, ...]] = {}
    fixed: dict[Path, str | bool] = {}
    codes: dict[Path, dict[str, str]] = {}
    filled: dict[Path, IfFilled] = {}
    refers: dict[Path, str] = {}
    whole: bool = False

    @model_validator(mode="after")
    def _makes_a_resource(self) -> Self:
        said = [*self.elements, *self.fixed, *self.filled, *self.refers]
        if self.whole:
            if said or self.codes:
                raise ValueError("`whole` takes the source's own resource; leave `elements` and the like out")
            return self
        if self.resource not in REQUIRED:
            raise ValueError(f"{self.resource!r} cannot be made from rows yet; known are {', '.join(REQUIRED)}")
        if twice := sorted({p for p in said if said.count(p) > 1}):
            raise ValueError(f"{', '.join(twice)} is said twice")
        if idle := sorted(self.codes.keys() - self.elements.keys()):
            raise ValueError(f"`codes` names {', '.join(idle)}, which `elements` does not")
        tops = {top_of(p) for p in said}
        if lacking := [r for r in REQUIRED[self.resource] if r not in tops]:
            raise ValueError(f"a {self.resource} has {', '.join(lacking)} (FHIR R4); say it in `elements` or `fixed`")
        return self

    def columns(self) -> frozenset[str]:
        """The columns that the mapping reads."""
        read = (c for of in self.elements.values() for c in columns_of(of))
        return frozenset(read) | {i.column for i in self.filled.values()}


def columns_of(said: str | tuple[str, ...]) -> tuple[str, ...]:
    """One column or several, as several."""
    return (said,) if isinstance(said, str) else said


def top_of(path: str) -> str:
    """The element of the resource itself that a path leads into."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def wrong_columns(mapping: FhirMapping | None, exported: Collection[str]) -> str:
    """Why a mapping cannot be of a dataset with these exported columns; empty where it can."""
    unknown = sorted(mapping.columns() - set(exported)) if mapping is not None else []
    return f"fhir names {', '.join(unknown)}, which no export shows: the bundle has nothing else" if unknown else ""


def wrong_targets(of: Mapping[str, FhirMapping | None]) -> Iterator[str]:
    """What the mappings of one system (dataset → mapping) refer to that becomes no resource."""
    for name, mapping in of.items():
        for path, target in mapping.refers.items() if mapping is not None else ():
            if of.get(target) is None:
                yield f"dataset.{name}.fhir.refers.{path} names {target!r}, which has no `fhir` of its own"
