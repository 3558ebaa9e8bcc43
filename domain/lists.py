"""What a destruction list is: what 12Care, as processor, asks a practice to let it destroy, and what the practice says.

12Care may not destroy a practice's records on its own (art. 28(3)(a) AVG). So what is due goes on a list, one per
system, rule and practice; the practice instructs in writing; two officers record and approve that instruction; and the
nightly purge then takes exactly what it names. Silence moves no list: every move in the tables below has somebody who
makes it, and none of them is a day that went by.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.keys import Key, Keys, key_text
from domain.trouble import Refused

#: A list is numbered by year and serial: L2026-0001.
_NUMBER = re.compile(r"L\d{4}-\d{4,}\Z")


class ListState(StrEnum):
    """Where a list stands."""

    DRAWN_UP = "drawn-up"
    SENT = "sent"
    INSTRUCTED = "instructed"
    CARRIED_OUT = "carried-out"
    LAPSED = "lapsed"


class Turn(StrEnum):
    """Whose turn it is."""

    OFFICE = "office"
    PRACTICE = "practice"
    PURGE = "purge"
    NOBODY = "nobody"


ALLOWED_MOVES: Mapping[ListState, tuple[ListState, ...]] = {
    ListState.DRAWN_UP: (ListState.SENT, ListState.LAPSED),
    ListState.SENT: (ListState.INSTRUCTED, ListState.LAPSED),
    # A practice may change its mind until the purge has been: the newest instruction counts, approved anew.
    ListState.INSTRUCTED: (ListState.INSTRUCTED, ListState.CARRIED_OUT, ListState.LAPSED),
    ListState.CARRIED_OUT: (),
    ListState.LAPSED: (),
}

#: Who or what brings a list into a state. Time is not among them (promise 10).
MOVED_BY: Mapping[ListState, str] = {
    ListState.DRAWN_UP: "the program, for what is due and on no open list",
    ListState.SENT: "an officer with a code, who sent it to the practice",
    ListState.INSTRUCTED: "an officer with a code, who records the practice's letter; a second officer approves it",
    ListState.CARRIED_OUT: "the nightly purge, after it destroyed all that it might and could",
    ListState.LAPSED: "an officer, or the program where the rule is worded otherwise now: nothing of it goes",
}

#: Whose turn it is in each state.
TURN_OF: Mapping[ListState, Turn] = {
    ListState.DRAWN_UP: Turn.OFFICE,
    ListState.SENT: Turn.PRACTICE,
    ListState.INSTRUCTED: Turn.PURGE,
    ListState.CARRIED_OUT: Turn.NOBODY,
    ListState.LAPSED: Turn.NOBODY,
}

#: What stands on a list in one of these states stands on no other list.
OPEN = frozenset({ListState.DRAWN_UP, ListState.SENT, ListState.INSTRUCTED})


class Answer(StrEnum):
    """What a practice can instruct."""

    ALL = "all"
    PART = "part"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier on a list: its root's key, the number that the practice knows it by, and its last date."""

    key: Key
    client_number: str
    last_on: date | None
    due_since: date | None


@dataclass(frozen=True, slots=True)
class DestructionList:
    """A list as the ledger tells of it, without its lines: no personal data.

    `digest` is over the rule's wording and the keys; `instruction` is the digest of the newest instruction, which is
    what a second officer approves.
    """

    number: str
    system: str
    rule: str
    controller: str
    rule_digest: str
    digest: str
    as_of: date
    count: int
    state: ListState
    sent_on: date | None = None
    instruction: str | None = None
    answer: Answer | None = None
    later: date | None = None
    settled_on: date | None = None
    file_sha256: str | None = None


def check_number(number: str) -> str:
    """The number, if it is one. Raises Refused."""
    if not _NUMBER.match(number):
        raise Refused("this is no number of a destruction list", do="write it as L2026-0001")
    return number


def check_move(of: DestructionList, to: ListState) -> None:
    """Raises Refused where a list may not go from its state to `to`."""
    if to not in ALLOWED_MOVES[of.state]:
        allowed = ", ".join(ALLOWED_MOVES[of.state]) or "nothing: it is done"
        what = f"a list that is {of.state.value} does not become {to.value}"
        raise Refused(what, where=of.number, do=f"it may become: {allowed}")


def list_digest(rule_digest: str, keys: Keys) -> str:
    """SHA-256 over the wording of the rule and the keys: two lists with one digest ask the same by the same rule."""
    return hashlib.sha256(json.dumps([rule_digest, keys.digest()]).encode()).hexdigest()


def written(key: Key) -> str:
    """The number of a dossier that has no client number: its key."""
    return key_text(key)
