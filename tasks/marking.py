"""What an officer marks by hand to be withheld: found in the person's own records, checked, and kept in the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from ledger.marked import Spot
from tasks.office import Office
from tasks.review import read_texts
from tasks.search import search_case
from tasks.withhold import ARTICLE, Cleaner

_FIELDS = {"record", "column", "words", "reason", "article"}
_RECORD = re.compile(r"([^.:]+)\.([^:]+):(.+)")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be withheld and why. Without `words` the whole value, without `column` the whole record."""

    system: str
    dataset: str
    key: str = field(repr=False)
    column: str
    words: str = field(repr=False)
    reason: str = field(repr=False)
    article: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Where it is, as a cleaner looks at it."""
        return self.system, self.dataset, self.key, self.column


def wish_from(told: Mapping[str, Any], nth: int) -> Wish:
    """One `[[withhold]]` of a file. Raises Refused, without repeating what it says."""
    where = f"withhold #{nth}"
    if not set(told) <= _FIELDS or not all(isinstance(v, str) for v in told.values()):
        raise Refused("a mark says record, column, words, reason and article, as texts", where=where, do="correct it")
    match = _RECORD.fullmatch(told.get("record", ""))
    if match is None:
        raise Refused("a record is written SYSTEM.DATASET:KEY", where=where, do="copy it from `termijn review --show`")
    if told.get("words") and not told.get("column"):
        raise Refused("words stand in a column", where=where, do="say in which: column = …")
    reason, words = str(told.get("reason", "")).strip(), str(told.get("words", ""))
    if len(reason) < 5:
        raise Refused("a mark has no reason", where=where, do="say why; the person reads it in withheld.pdf")
    if words and words.casefold() in reason.casefold():
        raise Refused("the reason says what is withheld", where=where, do="say why without those words")
    article = str(told.get("article", "")).strip() or ARTICLE
    return Wish(match[1], match[2], match[3], told.get("column", ""), words, reason, article)


def mark_by_hand(office: Office, case_number: str, wishes: Sequence[Wish], *, by: str) -> int:
    """Keep these marks, all of them or none; how many. Raises NotFound where a place or its words are not there."""
    cleaner = Cleaner(office, case_number, wants={w.place for w in wishes})
    read_texts(office, search_case(office, case_number), cleaner)
    there = cleaner.said
    spots = [(wish, spot) for nth, wish in enumerate(wishes, 1) for spot in _spots(wish, there.get(wish.place), nth)]
    for wish, spot in spots:
        entry = Entry("passage.marked", by, case=case_number)
        said = there[wish.place]
        office.ledger.marked.add(case_number, spot, said, reason=wish.reason, article=wish.article, entry=entry)
    return len(spots)


def unmark(office: Office, case_number: str, serial: int, *, by: str) -> None:
    """Withhold this no longer. One event. Raises NotFound."""
    office.ledger.marked.drop(case_number, serial, entry=Entry("passage.unmarked", by, case=case_number))


def _spots(wish: Wish, said: str | None, nth: int) -> Iterator[Spot]:
    where = f"withhold #{nth}"
    if said is None:
        raise NotFound(
            "no such record or column goes to this person", where=where, do="see: termijn review CASE --show"
        )
    if not wish.words:
        yield Spot(wish.system, wish.dataset, wish.key, wish.column)
        return
    found = [m.span() for m in re.finditer(re.escape(wish.words), said)]
    if not found:
        raise NotFound("these words do not stand there", where=where, do="copy them as they are written")
    for start, stop in found:
        yield Spot(wish.system, wish.dataset, wish.key, wish.column, start, stop)
