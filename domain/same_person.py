"""When two sets of identifiers are of the same person.

Two strong identifiers or a person's decision (promise 7); an empty or shared value never pulls in a stranger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.identity import KINDS, Identifier, ways_to_write

#: A name alone is shared by many; it never counts as one of the two.
STRONG_KINDS = frozenset(KINDS) - {"name"}
#: Partners, parents and children share these: two of them together still say 'this household', not 'this person'.
HOUSEHOLD_KINDS = frozenset({"email", "phone", "iban"})
#: From so many different people on a value is shared, and nobody's: more than a family with one mailbox.
MANY = 8
#: Where both sides have one and none agrees, it speaks against the same person.
CONFLICT_KINDS = ("bsn", "name_born", "name")


class Verdict(StrEnum):
    """Whether a record is about the person who asks."""

    SAME = "same"
    ASK = "ask"  # a person decides
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Match:
    """How a record compares to the person: kinds of identifiers only, never their values."""

    matching: tuple[str, ...]
    conflicting: tuple[str, ...]
    verdict: Verdict


def compare(wanted: Iterable[Identifier], found: Iterable[Identifier]) -> Match:
    """Hold a record's identifiers against those of the person, who may have several of a kind.

    SAME: at least two strong kinds match, nothing conflicts, and the matches are not only what a household shares
    (e-mail, phone, IBAN), unless the full name is equal as well. DIFFERENT: nothing matches, or nothing but a name
    where something stronger conflicts. ASK: all between; a person decides. A client number of which one side does
    not say the system or the tenant matches, but is not strong: elsewhere the same number is somebody else's.
    """
    ours, theirs = _by_kind(wanted), _by_kind(found)
    both = [kind for kind in KINDS if kind in ours and kind in theirs]
    equal = {kind for kind in both if ours[kind] & theirs[kind]}
    matching = tuple(kind for kind in both if kind in equal or (kind == "client_number" and _same_number(ours, theirs)))
    conflicting = tuple(kind for kind in both if kind in CONFLICT_KINDS and not _agree(kind, ours[kind], theirs[kind]))
    if "bsn" in matching:  # who marries or is called by another name keeps the number
        conflicting = tuple(kind for kind in conflicting if kind != "name")
    strong = STRONG_KINDS & equal
    full_name = any(_is_full(name) for name in ours.get("name", set()) & theirs.get("name", set()))
    if not matching or (not strong and conflicting):
        verdict = Verdict.DIFFERENT
    elif len(strong) >= 2 and not conflicting and (strong - HOUSEHOLD_KINDS or full_name):
        verdict = Verdict.SAME
    else:
        verdict = Verdict.ASK
    return Match(matching, conflicting, verdict)


def borne_by_many(wanted: Iterable[Identifier], records: Iterable[Iterable[Identifier]]) -> frozenset[Identifier]:
    """The wanted e-mails, phone numbers and accounts that at least `MANY` different people bear in these records.

    info@practice.nl is nobody's own: what many bear says nothing of who somebody is. People are told apart by what
    else their records say (BSN, name with birth date, name), so that one person's many records are one.
    """
    bearers: dict[Identifier, set[str]] = {i: set() for i in wanted if i.kind in HOUSEHOLD_KINDS}
    for record in records:
        kinds = _by_kind(record)
        who = next((min(kinds[k]) for k in ("name", "name_born", "bsn") if k in kinds), None)
        for identifier, known in bearers.items():
            if who is not None and len(known) < MANY and identifier.value in kinds.get(identifier.kind, ()):
                known.add(who)
    return frozenset(i for i, known in bearers.items() if len(known) >= MANY)


class Bearers:
    """Some persons by what they bear: a quick way from a record's identifiers to those who may be meant."""

    def __init__(self, persons: Iterable[Iterable[Identifier]]) -> None:
        self._by_mark: dict[Identifier, list[int]] = {}
        for n, wanted in enumerate(persons):
            for mark in {m for identifier in wanted for m in _marks(identifier)}:
                self._by_mark.setdefault(mark, []).append(n)

    def who(self, found: Iterable[Identifier]) -> list[int]:
        """The places of the persons of whom `compare` would not say that nothing matches."""
        return sorted({n for i in found for mark in _marks(i) for n in self._by_mark.get(mark, ())})


def _marks(identifier: Identifier) -> Iterator[Identifier]:
    """By what two may match in `compare`: the identifier, and a client number without who gives it."""
    yield identifier
    if identifier.kind == "client_number":
        yield from (Identifier("client_number", way) for way in ways_to_write(identifier.value))


def _by_kind(identifiers: Iterable[Identifier]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for identifier in identifiers:
        if identifier.value:  # an empty value never matches, wherever it came from
            kinds.setdefault(identifier.kind, set()).add(identifier.value)
    return kinds


def _agree(kind: str, ours: set[str], theirs: set[str]) -> bool:
    """Whether any two values can be of one person. Names agree where the shorter fits in the longer."""
    match kind:
        case "name_born":
            return any(_births_agree(a, b) for a in ours for b in theirs)
        case "name":
            return any(_names_agree(a, b) for a in ours for b in theirs)
        case _:
            return bool(ours & theirs)


def _births_agree(one: str, other: str) -> bool:
    (name, _, born), (other_name, _, other_born) = one.rpartition("+"), other.rpartition("+")
    return born == other_born and _names_agree(name, other_name)


def _names_agree(one: str, other: str) -> bool:
    """'jansen vries' with 'vries' (a partner's name), 'a vries' with 'anna vries'; not 'anna vries', 'emma vries'."""
    shorter, longer = sorted((Counter(one.split()), Counter(other.split())), key=lambda words: words.total())
    equal = shorter & longer
    left = list((longer - equal).elements())
    return bool(equal) and all(any(_initial(w, x) for x in left) for w in (shorter - equal).elements())


def _initial(one: str, other: str) -> bool:
    return 1 in (len(one), len(other)) and one[0] == other[0]


def _same_number(ours: Mapping[str, set[str]], theirs: Mapping[str, set[str]]) -> bool:
    """Whether a client number without its system or tenant is the number of one that says them."""
    one, other = ours["client_number"], theirs["client_number"]
    return any(ways_to_write(a) & other for a in one) or any(ways_to_write(b) & one for b in other)


def _is_full(name: str) -> bool:
    """Whether a name has at least two words that are no initials: 'J. de Vries' is a household too."""
    return sum(len(word) > 1 for word in name.split()) >= 2
