"""Who a person is to the systems: normalised identifiers, and when two of them are the same person.

Two strong identifiers or a person's decision (promise 7); an empty or shared value never pulls in a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A normalised identifier. `kind`: bsn, email, phone, client_number, iban, name_born, name."""

    kind: str
    value: str = field(repr=False)
