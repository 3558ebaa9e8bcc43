"""What the description of a person gives: identifiers, normalised, and days of birth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.identity import Identifier, normalise
from domain.spelling import as_text, born
from domain.trouble import Refused

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


def births_of(subject: Mapping[str, Any]) -> list[date]:
    """The days of birth that a subject gives, none where it gives none.

    Raises Refused, never with the value, where one cannot be read: a child must not be taken for an adult.
    """
    given = [one for one in several(subject.get("born_on")) if one is not None and not _is_left_out(one)]
    days = [day for day in map(born, given) if day is not None]
    if len(days) < len(given):
        raise Refused("the birth date cannot be read", do="write it as 2015-01-02, or leave it out")
    return days


def _is_left_out(raw: Any) -> bool:
    return isinstance(raw, str) and as_text(raw) is None


def several(raw: Any) -> list[Any]:
    """The values of a field that holds none, one or a list."""
    if raw is None:
        return []
    return list(raw) if isinstance(raw, list | tuple) else [raw]
