"""To whom a person's data went: the recipients and processors of the activities that a request touches (AVG 19)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from domain.activity import Activity, Party


@dataclass(frozen=True, slots=True)
class Recipient:
    """An organisation of the register. `id`: its name in small letters; `kind`: recipient or processor."""

    id: str
    title: str
    kind: str


def recipients_of(activities: Iterable[Activity]) -> tuple[Recipient, ...]:
    """Every recipient and processor of these activities, each once, by name; who is both is a processor."""
    found: dict[str, Recipient] = {}
    for activity in activities:
        for kind, parties in (("recipient", activity.recipients), ("processor", activity.processors)):
            for party in parties:
                one = _recipient(party, kind)
                if kind == "processor" or one.id not in found:
                    found[one.id] = one
    return tuple(sorted(found.values(), key=lambda r: r.id))


def _recipient(party: Party, kind: str) -> Recipient:
    plain = unicodedata.normalize("NFKD", party.name).encode("ascii", "ignore").decode().lower()
    return Recipient(re.sub(r"[^a-z0-9]+", "-", plain).strip("-"), party.name, kind)
