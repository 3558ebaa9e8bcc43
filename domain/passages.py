"""What in a running text may be about somebody else: numbers, addresses and names, each with its place and its reason.

A proposal, never a decision: a person decides (AVG 15(4)), and what is withheld is removed and not covered. Whatever
is the person's own is not proposed. Deterministic: the same text and the same knowledge give the same proposals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.identity import Identifier
from domain.names_in_text import WORD, OwnName, fold, in_a_street, name_words, strangers
from domain.numbers_in_text import numbers_of_others

#: A value shorter than this, or without a space, is no running text: its column's class says whose it is.
SHORTEST = 20


class PassageKind(StrEnum):
    """What a passage looks like. The words are those of the person's papers."""

    BSN = "burgerservicenummer"
    PHONE = "telefoonnummer"
    EMAIL = "e-mailadres"
    IBAN = "rekeningnummer"
    CLIENT_NUMBER = "cliëntnummer"
    NAME = "naam"
    MARKED = "passage"  # by a person's own hand

    @property
    def english(self) -> str:
        """The same in English."""
        return _ENGLISH[self]


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """A run of characters [start, stop) of a text, in code points, and why it is proposed. Never its words."""

    start: int
    stop: int
    kind: PassageKind
    reason: str


#: Words that are surnames too, and ordinary words far more often: a name is proposed only with another of its words.
_COMMON = frozenset(
    "bos berg bakker visser smit jong groot klein wit zwart bruin koning prins dijk veld brink kamp heer dag week "
    "maand huis man vrouw kind arts post zee wolf haan vos kok snel winter zomer lang kort mol graaf hert hof".split()
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is the person's own, and the names of others that the systems or the DPO know. Personal data."""

    own: frozenset[Identifier] = field(default=frozenset(), repr=False)
    own_name: OwnName = field(default=OwnName(), repr=False)
    others: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict, repr=False)  # by each folded word

    @classmethod
    def of(cls, own: Iterable[Identifier], own_names: Iterable[str], others: Iterable[str]) -> Known:
        """From the person's identifiers and names, and the names of others as they are written somewhere."""
        own_name, by_word = OwnName.of(own_names), dict[str, tuple[tuple[str, ...], ...]]()
        for name in dict.fromkeys(map(name_words, others)):
            for word in name if not own_name.bears(name) else ():
                by_word[word] = (*by_word.get(word, ()), name)
        return cls(frozenset(own), own_name, by_word)


def is_running_text(value: object) -> bool:
    """Whether a value is looked at: text of some length with a space in it."""
    return isinstance(value, str) and len(value) >= SHORTEST and any(c.isspace() for c in value)


def find_passages(text: str, known: Known) -> tuple[Passage, ...]:
    """The passages that may be about somebody else, in order; none overlaps another."""
    found = [
        *(Passage(a, b, PassageKind[kind.upper()], why) for a, b, kind, why in numbers_of_others(text, known.own)),
        *_names(text, known),
    ]
    return merged(found)


def remove(text: str, passages: Sequence[Passage], *, language: str = "nl") -> str:
    """The text without these passages; in the place of each stands what kind of thing was left out."""
    left, at = list[str](), 0
    for passage in sorted(passages):
        left += [text[at : passage.start], marker(passage.kind, language)]
        at = passage.stop
    return "".join([*left, text[at:]])


def marker(kind: PassageKind, language: str = "nl") -> str:
    """What stands in the place of what was left out."""
    if kind is PassageKind.MARKED:
        return "[weggelaten]" if language == "nl" else "[left out]"
    if language == "nl":
        return f"[weggelaten: {kind.value} van een ander]"
    return f"[left out: {kind.english} of another person]"


_ENGLISH = {
    PassageKind.BSN: "citizen service number",
    PassageKind.PHONE: "telephone number",
    PassageKind.EMAIL: "e-mail address",
    PassageKind.IBAN: "account number",
    PassageKind.CLIENT_NUMBER: "client number",
    PassageKind.NAME: "name",
    PassageKind.MARKED: "passage",
}


def _names(text: str, known: Known) -> Iterator[Passage]:
    """Known names of others: all their words next to each other, or one that is no ordinary word by itself."""
    for start, stop, why in strangers(text, known.own_name):
        yield Passage(start, stop, PassageKind.NAME, why)
    if not known.others:
        return
    words = [(m.start(), m.end(), fold(m[0]), m[0][:1].isupper()) for m in WORD.finditer(text)]
    for n, (start, stop, word, capital) in enumerate(words):
        if word not in known.others or known.own_name.bears([word]) or in_a_street(text, start):
            continue
        near = {w for _, _, w, _ in words[max(0, n - 3) : n + 4]}
        full = any(len(name) > 1 and set(name) <= near for name in known.others[word])
        if full or (capital and word not in _COMMON):
            yield Passage(start, stop, PassageKind.NAME, "somebody of this name is known here")


def merged(found: Iterable[Passage]) -> tuple[Passage, ...]:
    """Overlapping passages as one, by the widest; names that stand next to each other as one."""
    apart: list[Passage] = []
    for passage in sorted(found, key=lambda p: (p.start, -p.stop)):
        last = apart[-1] if apart else None
        if last is not None and passage.start < last.stop:
            apart[-1] = Passage(last.start, max(last.stop, passage.stop), last.kind, last.reason)
        elif last is not None and last.kind is passage.kind is PassageKind.NAME and passage.start - last.stop <= 2:
            apart[-1] = Passage(last.start, passage.stop, last.kind, last.reason)
        else:
            apart.append(passage)
    return tuple(apart)
