"""Who a person is to the systems: identifiers in the one way to write them.

An empty value, and what people type for it, never names anybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stdnum.nl import bsn as _bsn

from domain.spelling import WRITE, as_text, name_born, phone
from domain.system import Identifies


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A normalised identifier. `kind`: bsn, email, phone, client_number, iban, name_born, name."""

    kind: str
    value: str = field(repr=False)


KINDS = ("bsn", "email", "phone", "client_number", "iban", "name_born", "name")


def normalise(kind: str, raw: Any, *, country: str = "NL") -> str | None:
    """The one way to write this identifier; None where it is empty or cannot name anybody.

    `raw` is as the source has it: text, a number (which lost its leading zeros), for name_born the pair of surname
    and date of birth. `country` reads phone numbers without a country code. Normalising twice changes nothing.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not a kind of identifier; kinds are {', '.join(KINDS)}")
    if kind == "name_born":
        return name_born(raw)
    text = as_text(raw)
    if text is None:
        return None
    return phone(text, country) if kind == "phone" else WRITE[kind](text)


def bsn_is_sound(value: str) -> bool:
    """Whether a normalised BSN passes the eleven-test: a signal to look twice, never a reason to leave a record out."""
    return bool(_bsn.is_valid(value))


def identifiers_of(
    row: Mapping[str, Any],
    identifies: Identifies,
    *,
    tenant: str | None = None,
    country: str = "NL",
    system: str | None = None,
) -> tuple[Identifier, ...]:
    """All that a row says of who it is about, sorted. A cell with two e-mails or phone numbers gives both.

    `tenant` is the dataset's tenant column, where it has one: a client number then counts within its tenant only
    (`tenant/number`), and without a tenant in the row it counts for nothing. `system` is who gives the number: it
    then counts as `system:number` or `system:tenant/number`, for two systems number their clients alike.
    """
    found: set[Identifier] = set()
    for kind, columns in identifies.columns().items():
        for raw in _cells(kind, [row.get(c) for c in columns]):
            value = normalise(kind, raw, country=country)
            if kind == "client_number" and tenant is not None:
                value = client_number_in(row.get(tenant), raw)
            if kind == "client_number" and system is not None and value is not None:
                value = f"{system}:{value}"
            if value is not None:
                found.add(Identifier(kind, value))
    return tuple(sorted(found))


def client_number_in(tenant: Any, number: Any) -> str | None:
    """A client number within its tenant; None where either is empty."""
    where, value = as_text(tenant), normalise("client_number", number)
    if where is None or value is None:
        return None
    return f"{where.casefold().replace('/', '%2f')}/{value}"


def ways_to_write(client_number: str) -> frozenset[str]:
    """A client number with and without the system and the tenant that it says: what a source may have of it."""
    inside = client_number.partition(":")[2]
    written = {client_number, inside, client_number.partition("/")[2], inside.partition("/")[2]}
    return frozenset(written - {""})


def _cells(kind: str, values: list[Any]) -> list[Any]:
    if kind == "name_born":
        return [tuple(values)]
    [value] = values
    if isinstance(value, str) and kind == "email":
        return re.split(r"[;,|\s]+", value)
    if isinstance(value, str) and kind == "phone":
        return re.split(r"[;,|\n]|/(?=\s*[+0])", value)
    return [value]
