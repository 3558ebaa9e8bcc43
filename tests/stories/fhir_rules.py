"""What HL7 FHIR asks of a Bundle, by the library fhir.resources and by rules of our own that it does not know."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")


def checked(body: bytes) -> dict[str, Any]:
    """The Bundle, if it keeps to FHIR: each resource valid by its type, each address once, references inside."""
    bundle: dict[str, Any] = json.loads(body)
    get_fhir_model_class("Bundle").model_validate(bundle)
    addresses = [e["fullUrl"] for e in bundle["entry"]]
    assert len(set(addresses)) == len(addresses) == bundle["total"]
    for entry in bundle["entry"]:
        resource = entry["resource"]
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert _ID.match(resource["id"])
    lost = {r for e in bundle["entry"] for r in references(e["resource"])} - set(addresses)
    assert not lost, f"{len(lost)} references lead out of the Bundle"
    assert not [e for e in bundle["entry"] if '""' in json.dumps(e) or "null" in json.dumps(e).split()]
    return bundle


def references(value: Any) -> Iterator[str]:
    """Every literal reference in a resource, but those to what it contains itself."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        to = value.get("reference")
        if isinstance(to, str) and not to.startswith("#"):
            yield to
        for one in value.values():
            yield from references(one)


def by_type(bundle: dict[str, Any]) -> Counter[str]:
    """How many resources of each type."""
    return Counter(e["resource"]["resourceType"] for e in bundle["entry"])
