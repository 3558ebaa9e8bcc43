"""How the keys of records are kept so that they come back with the types of their source."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from domain.keys import Keys


def pack(keys: Keys) -> bytes:
    """Keys as JSON that keeps the types of the source. TypeError where a value can be no key."""
    return json.dumps(list(keys), default=_tag, separators=(",", ":")).encode()


def unpack(packed: bytes) -> Keys:
    """The keys that `pack` was given, each value of its own type."""
    return Keys(map(tuple, json.loads(packed, object_hook=_untag)))


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
