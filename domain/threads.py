"""To which request an incoming message belongs, if to any: by its thread, or by a number and an address of that case.

A number can be guessed and a sender can be forged, so neither is enough. Whatever is in doubt stays a draft, with a
note for the person who looks at it: what joins wrongly would be read by nobody as the request it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from domain.identity import normalise
from domain.intake import Ask

#: What our own mail server found of the sender (RFC 8601). A failure is believed, a success proves nothing here.
_FORGED = re.compile(r"\bdmarc\s*=\s*(fail|permerror)\b|\bspf\s*=\s*fail\b(?!.*\bdkim\s*=\s*pass\b)", re.I | re.S)
#: How the note of a draft begins that came in the thread of another draft.
FOLLOWS = "follows "


@dataclass(frozen=True, slots=True)
class Known:
    """A request of ours to which a message refers: whether it is open, what was asked, from which addresses."""

    case: str
    is_open: bool
    asked: frozenset[Ask]
    addresses: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class References:
    """To what a message refers that we know.

    `thread`: the cases of the messages that it answers and that we hold or sent, newest first. `named`: the cases whose
    number its subject has; `unknown`: numbers in it that no case has. `follows`: a draft in whose thread it came.
    """

    thread: tuple[Known, ...] = ()
    named: tuple[Known, ...] = ()
    unknown: tuple[str, ...] = ()
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Belongs:
    """The case a message joins; None where it stays a draft. The note says what a person should look at."""

    case: str | None
    note: str = ""


def belongs_to(asks: Collection[Ask], sender: str, refers: References, *, forged: bool = False) -> Belongs:
    """Join a message to an open case, or leave it a draft. `forged`: our mail server does not believe the sender."""
    address = normalise("email", sender)
    if refers.thread:
        return _in_thread(asks, address, refers.thread)
    if refers.follows:
        return Belongs(None, FOLLOWS + refers.follows)
    for one in refers.named:
        if forged or address is None or address not in one.addresses:
            return Belongs(None, f"names case {one.case}, not from an address of that case")
        return _open_and_nothing_new(asks, one, "names")
    return Belongs(None, f"names {refers.unknown[0]}, which is no case" if refers.unknown else "")


def addresses_of(subject: Mapping[str, object]) -> frozenset[str]:
    """The e-mail addresses that a case keeps of its person or of who speaks for them."""
    found: set[str] = set()
    for name, value in subject.items():
        if "email" in name:
            several = value if isinstance(value, list | tuple) else [value]
            found |= {address for one in several if (address := normalise("email", one)) is not None}
    return frozenset(found)


def looks_forged(headers: Mapping[str, str]) -> bool:
    """Whether our mail server says that this sender did not send it."""
    return _FORGED.search(headers.get("authentication-results", "")) is not None


def _in_thread(asks: Collection[Ask], address: str | None, thread: Sequence[Known]) -> Belongs:
    one = next((k for k in thread if k.is_open), thread[0])
    asked = frozenset[Ask]().union(*(k.asked for k in thread))
    found = _open_and_nothing_new(asks, Known(one.case, one.is_open, asked), "in the thread of")
    if found.case is not None and one.addresses and address not in one.addresses:
        return Belongs(found.case, "from another address than the case has")
    return found


def _open_and_nothing_new(asks: Collection[Ask], one: Known, how: str) -> Belongs:
    if not one.is_open:
        return Belongs(None, f"{how} case {one.case}, which is closed")
    more = [a.value for a in Ask if a in asks and a is not Ask.OTHER and a not in one.asked]
    return Belongs(None, f"{how} case {one.case}, asks also: {', '.join(more)}") if more else Belongs(one.case)
