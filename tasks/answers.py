"""How the answer of a practice is read: which client numbers stay, and why, from a file that is never logged."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from domain.instruction import WhyKept
from domain.trouble import Refused
from tasks.office import open_office

_LETTERS: Mapping[str, WhyKept] = {w.letter: w for w in WhyKept} | {w.value.upper(): w for w in WhyKept}
_DO = "a line is the client number and a letter A to E, or the list's own CSV with the last column filled in"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a file says: the client numbers that stay and why, and those it names without a letter: they may go."""

    kept: Mapping[str, WhyKept]
    goes: frozenset[str]


def read_answer(number: str, content: bytes) -> Mapping[str, WhyKept]:
    """Client number → why it stays. Raises Refused that names lines of the file, never a client number.

    Two shapes: only what stays (number; letter), or the whole list back. A list that came back with lines missing is
    refused: what the practice struck out may be what it wants to keep.
    """
    answered = parse_answer(number, content)
    if answered.goes:
        with open_office() as office:
            listed = {line.client_number for line in office.ledger.lists.lines_of(number)}
        missing = len(listed - answered.goes - answered.kept.keys())
        if missing:
            raise Refused(
                f"{missing} lines of the list are not in the practice's file",
                where=number,
                do="ask the practice whether these may go; then put them back, with or without a letter",
            )
    return answered.kept


def parse_answer(number: str, content: bytes) -> Answered:
    """The lines of a file, as they stand."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("the practice's file is not UTF-8 text", where=number, do="save it as CSV UTF-8") from None
    delimiter = ";" if ";" in text else ","
    kept: dict[str, WhyKept] = {}
    goes: set[str] = set()
    for at, cells in enumerate(csv.reader(StringIO(text), delimiter=delimiter), start=1):
        row = [c.strip() for c in cells]
        if not any(row) or row[0] == "Lijst":
            continue
        if len(row) == 5 and row[0] != number:
            raise Refused(f"line {at} is of another list", where=number, do="take the file of this list")
        if len(row) not in (2, 5):
            raise Refused(f"line {at} has {len(row)} columns", where=number, do=_DO)
        client, letter = (row[1] if len(row) == 5 else row[0]).removeprefix("'"), row[-1].upper()
        if not letter:
            goes.add(client)
        elif letter not in _LETTERS:
            raise Refused(f"line {at} has no letter A to E at its end", where=number, do=_DO)
        else:
            kept[client] = _LETTERS[letter]
    return Answered(kept, frozenset(goes) - kept.keys())
