"""How a piece of data about a person came to be: what article 20 AVG turns on, and article 15(1)(g) asks for."""

from __future__ import annotations

from enum import StrEnum


class Origin(StrEnum):
    """Given by the person, seen of them while they used a service, or made of that by us (WP 242 rev.01)."""

    PROVIDED = "provided"
    OBSERVED = "observed"
    DERIVED = "derived"
