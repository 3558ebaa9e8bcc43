"""Which identifiers the description of a person gives, normalised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.identity import Identifier, normalise

#: The fields of a subject file, and the kind of identifier that each gives.
KINDS = {"bsn": "bsn", "email": "email", "phone": "phone", "client_number": "client_number", "iban": "iban"}


def identifiers_from(subject: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """All identifiers of a subject: each field may hold one value or a list; surname + born_on make name_born."""
    found: set[Identifier] = set()
    for name, kind in KINDS.items():
        for raw in several(subject.get(name)):
            value = normalise(kind, raw)
            if value is not None:
                found.add(Identifier(kind, value))
    for surname in several(subject.get("surname")):
        for day in several(subject.get("born_on")):
            born = normalise("name_born", (surname, day))
            if born is not None:
                found.add(Identifier("name_born", born))
    for name in several(subject.get("name")):
        value = normalise("name", name)
        if value is not None:
            found.add(Identifier("name", value))
    return tuple(sorted(found))


def several(raw: Any) -> list[Any]:
    """The values of a field that holds none, one or a list."""
    if raw is None:
        return []
    return list(raw) if isinstance(raw, list | tuple) else [raw]
