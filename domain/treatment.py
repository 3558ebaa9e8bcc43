"""What becomes of a column's value when its term is over, and how one sees that nothing is left to do.

"Done" is what the value itself shows, never a flag: a value on which `remains` says False is not touched again, so
twice is once. SQL asks the same question of a whole table (`connectors.sql.change`); these functions are its oracle.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StrictInt, StringConstraints

from domain.activity import Entry
from domain.evidence import Fact
from domain.live import Kind, LiveColumn

#: How a pseudonym begins, and how long it is: so that it is recognised in any source.
PSEUDONYM, PSEUDONYM_LENGTH = "pseudo-", 23
_DUTCH_POSTCODE = re.compile(r"\s*([1-9][0-9]{3})\s*[A-Za-z]{2}\s*\Z")
_FOUR_DIGITS = re.compile(r"[0-9]{4}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]?)")
#: How text writes a date of which only the year, or only the year and the month, still says something.
_DONE = {
    "year": re.compile(r"[0-9]{4}-01-01([ T]00:00:00)?\Z"),
    "month": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-01([ T]00:00:00)?\Z"),
}
_LENGTH = re.compile(r"\((\d+)\)")

#: Turns a value into its pseudonym; made of a key that never leaves the ledger's ring.
Alias = Callable[[str], str]


class Plain(StrEnum):
    """The treatments that need no more than their name."""

    NULL = "null"  # emptied
    PSEUDONYM = "pseudonym"  # the same value gets the same pseudonym, and nobody reads it back
    YEAR = "year"  # a date becomes the first of its year
    MONTH = "month"  # a date becomes the first of its month
    POSTCODE4 = "postcode4"  # 1234 AB becomes 1234; what is no Dutch postcode is emptied
    STAYS = "stays"  # said aloud, so that the DPO countersigns that this column says nothing of a person


class Fixed(Entry):
    """One value for everybody, where a column must hold something. Without `@`: events of the ledger name it."""

    fixed: Annotated[str, StringConstraints(pattern=r"^[^@]*$", max_length=100)] | StrictInt = Field(
        union_mode="left_to_right"
    )


Treatment = Plain | Fixed

#: What empties a column: all that `strip` and `destroy` may do to one.
EMPTIES = frozenset({Plain.NULL})


def empties(treatment: Treatment) -> bool:
    """Whether nothing of the value is left afterwards, not even its year or its likeness to another."""
    return isinstance(treatment, Fixed) or treatment in EMPTIES


def remains(treatment: Treatment, value: Any) -> bool:
    """Whether this value still bears what the treatment takes away. An empty value bears nothing."""
    if value is None or treatment is Plain.STAYS:
        return False
    done = False
    match treatment:
        case Fixed():
            done = value == treatment.fixed
        case Plain.PSEUDONYM:
            done = isinstance(value, str) and value.startswith(PSEUDONYM) and len(value) == PSEUDONYM_LENGTH
        case Plain.POSTCODE4:
            done = isinstance(value, str) and _FOUR_DIGITS.match(value) is not None
        case Plain.YEAR | Plain.MONTH if isinstance(value, str):
            done = _DONE[treatment.value].match(value) is not None
        case Plain.YEAR | Plain.MONTH:
            done = treat(treatment, value) == value
    return not done


def treat(treatment: Treatment, value: Any, alias: Alias | None = None) -> Any:
    """What the value becomes. What cannot be generalised is emptied: an unreadable date, a foreign postcode.

    `alias` makes pseudonyms, and is needed for those only.
    """
    if value is None or treatment is Plain.STAYS:
        return value
    if isinstance(treatment, Fixed):
        return treatment.fixed
    match treatment:
        case Plain.PSEUDONYM:
            if alias is None:
                raise ValueError("a pseudonym needs the ledger's key")
            return value if not remains(treatment, value) else alias(str(value))
        case Plain.POSTCODE4:
            return _postcode(value)
        case Plain.YEAR | Plain.MONTH:
            return _first_of(value, year=treatment is Plain.YEAR)
    return None


def pseudonym(value: str, key: bytes) -> str:
    """The pseudonym of a value under a key of at least 32 bytes: `pseudo-` and 80 bits. Nobody can read it back."""
    if len(key) < 32:
        raise ValueError("a pseudonym is made with a key of at least 32 bytes")
    mark = hashlib.blake2b(value.encode(), key=key, digest_size=10, person=b"termijn alias").digest()
    return PSEUDONYM + b32encode(mark).decode().lower()


def obstacle(treatment: Treatment, column: LiveColumn) -> tuple[str, str] | None:
    """Why the live column cannot take this treatment, and what to do; None where it can."""
    if isinstance(treatment, Fixed):
        kinds: tuple[Kind, ...] = (Kind.INTEGER, Kind.NUMBER)
        if isinstance(treatment.fixed, str):
            kinds = (Kind.TEXT,)
        needs_room, may_empty = len(str(treatment.fixed)), False
    else:
        kinds = _KINDS.get(treatment, tuple(Kind))
        needs_room = PSEUDONYM_LENGTH if treatment is Plain.PSEUDONYM else 0
        dated_text = column.kind is Kind.TEXT and treatment in (Plain.YEAR, Plain.MONTH)
        may_empty = treatment in (Plain.NULL, Plain.POSTCODE4) or dated_text
    untyped = column.kind is Kind.OTHER and column.type_name in _NO_TYPE
    if column.kind not in kinds and not untyped:
        return f"the column holds {column.kind.value}", f"it must hold {' or '.join(k.value for k in kinds)}"
    length = _LENGTH.search(column.type_name) if column.kind is Kind.TEXT else None
    if length is not None and int(length[1]) < needs_room:
        return f"the column has room for {length[1]} characters", f"it needs room for {needs_room}"
    if may_empty and not column.nullable:
        return "the column must always hold a value", "write at_expiry = { fixed = … }, or let the column be empty"
    return None


#: A column of SQLite may be declared without a type, and then takes any value.
_NO_TYPE = ("", "NULL")
_KINDS: Mapping[Treatment, tuple[Kind, ...]] = {
    Plain.PSEUDONYM: (Kind.TEXT,),
    Plain.POSTCODE4: (Kind.TEXT,),
    Plain.YEAR: (Kind.DATE, Kind.MOMENT, Kind.TEXT),
    Plain.MONTH: (Kind.DATE, Kind.MOMENT, Kind.TEXT),
}


def in_words(treatment: Treatment) -> str:
    """What becomes of a value, for whoever reads a plan."""
    return f"becomes {treatment.fixed!r}" if isinstance(treatment, Fixed) else _WORDS[treatment]


_WORDS = {
    Plain.NULL: "emptied",
    Plain.PSEUDONYM: "becomes a pseudonym",
    Plain.YEAR: "only its year stays",
    Plain.MONTH: "only its month stays",
    Plain.POSTCODE4: "only its four digits stay",
    Plain.STAYS: "stays",
}


def as_fact(treatment: Treatment) -> list[Fact]:
    """A treatment as an event of the ledger tells it: ['null'], ['fixed', 'verwijderd']."""
    return ["fixed", treatment.fixed] if isinstance(treatment, Fixed) else [treatment.value]


def from_fact(fact: Any) -> Treatment:
    """The treatment that `as_fact` told. Raises ValueError where it told none."""
    match fact:
        case ["fixed", value]:
            return Fixed(fixed=value)
        case [str(name)]:
            return Plain(name)
    raise ValueError("this fact tells no treatment")


def _postcode(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if _FOUR_DIGITS.match(value):
        return value
    dutch = _DUTCH_POSTCODE.match(value)
    return dutch[1] if dutch is not None else None


def _first_of(value: Any, *, year: bool) -> Any:
    if isinstance(value, datetime):
        midnight = value.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return midnight.replace(month=1) if year else midnight
    if isinstance(value, date):
        return value.replace(month=1, day=1) if year else value.replace(day=1)
    written = _DAY.match(value) if isinstance(value, str) else None
    if written is None:
        return None
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return None
    time = f"{written[1]}00:00:00" if written[1] else ""
    return _first_of(day, year=year).isoformat() + time
