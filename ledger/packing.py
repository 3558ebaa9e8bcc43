"""How the keys of records are kept so that they come back with the types of their source."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from domain.keys import Keys


def pack(keys: Keys) -> bytes:
    """Keys as JSON that keeps the types of the source; bare numbers where each is one. TypeError: it can be no key."""
    each = list(keys) if keys.numbers is None else list(keys.numbers)
    return json.dumps(each, default=_tag, separators=(",", ":")).encode()


def unpack(packed: bytes) -> Keys:
    """The keys that `pack` was given, each value of its own type."""
    each = json.loads(packed, object_hook=_untag)
    return Keys.of_numbers(each) if each and type(each[0]) is int else Keys(map(tuple, each))


def _tag(value: object) -> dict[str, str]:
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case UUID():
            return {"uuid": str(value)}
        case Decimal():
            return {"decimal": str(value)}
        case bytes() | memoryview():
            return {"bytes": bytes(value).hex()}
        case _:
            raise TypeError(f"a key of type {type(value).__name__} cannot be kept; use a text or number key")


_UNTAG: Mapping[str, Callable[[str], object]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "uuid": UUID,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
}


def _untag(tagged: dict[str, str]) -> object:
    ((tag, text),) = tagged.items()
    return _UNTAG[tag](text)
