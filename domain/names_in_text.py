"""Names of people in a running text that no system knows: by their title, their relation, their shape, a given name.

A proposal, never a decision. What speaks for a name is the word before it (mevrouw, dr., haar buurvrouw), initials
(J. de Wit), a particle between capitals (Truus de Wit), or a given name that is known as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from domain.given_names import GIVEN_NAMES, ORDINARY_AT_THE_HEAD
from domain.spelling import LETTERS

INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
PARTICLES = frozenset("van von de der den des het 't te ter ten d l la le el op in aan bij du da di zu".split())

_LETTER = r"[^\W\d_]"
_MARK = "[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]"
_CAPITAL = "[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŤŪŮŰŲŹŻŽȘȚ]"
_WORD = rf"{_LETTER}(?:{_LETTER}|{_MARK}|['’-](?={_LETTER}))*"
_PROPER = rf"{_CAPITAL}(?:(?:{_LETTER}|{_MARK})|['’-](?={_LETTER}))+"
_INITIALS = rf"(?:(?:{_CAPITAL}|Th|Chr|Ph|IJ|Tj|Sj|Fr|Joh|Wm)\.[ \u00a0-]?)+"
_BETWEEN = (
    r"(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Tt]e|[Tt]er|[Tt]en|[Ee]l|[Aa]l|[Ll]a|[Ll]e|[Dd]u|[Dd]a|[Dd]i|['’][Tt]"
    r"|[Ii]n ['’]t|[Oo]p ['’]t|[Ii]n het|[Oo]p de|[Oo]p den|[Aa]an de|[Bb]ij de|[Vv]\.?[ /]?d\.?)"
)
_GAP = "[ \u00a0]"
#: Initials or words with capitals, with particles before, between; one more initial behind (Youssef B.).
_RUN = re.compile(
    rf"(?<!\w)(?:{_INITIALS}{_GAP}?)?(?:{_BETWEEN}{_GAP})*{_PROPER}"
    rf"(?:{_GAP}(?:(?:{_BETWEEN}{_GAP})+|{_INITIALS}{_GAP}(?:{_BETWEEN}{_GAP})*)?{_PROPER})*(?:{_GAP}{_CAPITAL}\.(?!\w))?"
)
WORD = re.compile(_WORD)
_STARTS_WITH_INITIALS = re.compile(rf"{_INITIALS}")
_INITIALS_AT = re.compile(rf"(?<!\w)(?:{_CAPITAL}|Th|Chr|Ph|IJ|Tj|Sj|Fr|Joh|Wm)\.")
#: Initials behind a surname, and the word that makes them belong to another name: "Bakker, B." and "Bakker, A. Vos".
_TURNED = re.compile(rf",{_GAP}?{_INITIALS}")
_PROPER_NEXT = re.compile(rf"{_GAP}?(?:{_BETWEEN}{_GAP})*({_PROPER})")
#: Particles that only a surname has: "van der Meulen", "ten Hove", and with a capital "Van Rijn".
_SURNAME_OPENS = re.compile(
    rf"(?:[Vv]an{_GAP}de[rn]|[Tt]e[rn]?|[Ee]l|[Aa]l|[Vv]\.?[ /]?d\.?|Van(?:{_GAP}de)?|Von|['’][Tt]){_GAP}"
)
_SURNAME_INSIDE = re.compile(
    rf"{_GAP}(?:[Vv]an|[Vv]on|[Dd]e[rn]?|[Tt]e[rn]?|[Ee]l|[Aa]l|['’][Tt]|[Ii]n 't|[Vv]\.?[ /]?d\.?|{_GAP})+{_GAP}"
)

_TITLE = re.compile(
    r"(?:\b(?i:mw|mevr|mevrouw|dhr|heer|meneer|mijnheer|mejuffrouw|juffrouw|dr|drs|prof|ir|ing|mr|mrs|ms|miss|dokter|doctor"
    r"|professor|zuster|pater|dominee|ds|pastor|fam|familie))\.?,?[ \u00a0]$"
)
_RELATION = re.compile(
    r"\b(?i:(?:ex-?|schoon|stief|pleeg|klein|achter|half|oud-|mede|over)*(?:man|vrouw|echtgenoot|echtgenote|partner"
    r"|vriend(?:in)?|zoon|zoontje|dochter(?:tje)?|kind(?:eren|je)?|zus(?:je|ter)?|zussen|broer(?:tje)?|broers|moeder|vader"
    r"|mama|papa|ouders|oma|opa|oom|tante|nicht(?:je)?|neef(?:je)?|zwager|zonen|dochters|buurvrouw|buurman|buren"
    r"|buurmeisje|buurjongen|\w+genoot|\w+genote|(?:wijk)?agente?|bewoonster|bewoner|cliënte?|patiënte?|collega|mantelzorg(?:er|ster)|contactpersoon"
    r"|bewindvoerder|curator|mentor|advocaat|huisarts|arts|waarnemer|specialist|neuroloog|cardioloog|internist"
    r"|psycholoog|psychiater|fysiotherapeute?|ergotherapeute?|logopediste?|diëtiste?|tandarts|apotheker|casemanager"
    r"|wijkverpleegkundige|verpleegkundige|verzorgende|begeleid(?:er|ster)|zorgcoördinator|teamleider|manager"
    r"|vrijwillig(?:er|ster)|chauffeur|kapper|kapster|tolk|leidinggevende|behandelaar|coach|docente?|juf|meester"
    r"|neighbou?r|husband|wife|son|daughter|sister|brother|mother|father|friend|uncle|aunt|cousin|niece|nephew|grandson"
    r"|granddaughter|grandmother|grandfather|colleague|carer|nurse|physiotherapist|doctor|therapist|social worker"
    r"|caseworker|landlord|boyfriend|girlfriend|(?:son|daughter|mother|father|brother|sister)-in-law|heet|genaamd|named"
    r"|called|namens))(?:,| is| zijn|:)?[ \u00a0(]?[ \u00a0]?$"
)
#: Behind these a capital is a sentence's own.
_HEAD = re.compile(r"(?:^|[.!?:;\n\r•\"“„(\[]\s*|[-*–]\s+)$")
#: A run with one of these names no person, unless a title or initials stand before it.
_BODIES = frozenset(
    """
    raad ministerie universiteit koninkrijk wet ziekte syndroom syndrome stichting vereniging gemeente provincie stad
    bank dienst college rechtbank hotel school kerk ziekenhuis hospital instituut institute centrum center centre
    afdeling team zorg plein bond orde federatie commissie autoriteit inspectie tribunal bestuur wijk kasteel museum
    theater bureau praktijk kliniek clinic partij fonds apotheek heijn gogh university council board ministry department
    bv nv haag bosch sint royal queen king
    """.split()
)
#: Words that get a capital for another reason: they belong to no name at either end of one.
_NO_NAME = frozenset(
    """
    ik hij zij wij jij we je het een de die dat dit deze er als maar en of want dus ook nu dan toen hier daar wel niet
    geen met naar voor door over onder bij uit om te tot van in op aan haar zijn mijn ons onze uw hun wat wie waar hoe
    heeft is was wordt kan wil zal moet gaat komt graag vandaag gisteren morgen cliënt patiënt oom tante
    the a an and or but this that her his she he they it we you i to from at by for with on of has had will
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart april mei juni juli augustus
    september oktober november december monday tuesday wednesday thursday friday saturday sunday january february
    march may june july august october kerstdag pasen kerst pinksteren oost west noord zuid
    amsterdam rotterdam utrecht nederland holland canada duitsland belgië marokko turkije suriname
    """.split()
)
_PLACE = re.compile(r"(?:straat|laan|weg|plein|kade|gracht|singel|steeg|dreef|park|brug|street|road|avenue|lane)$")

BEFORE, SHAPE, GIVEN = "a title or a relation stands before it", "it is written as a name", "it is a given name"


@dataclass(frozen=True, slots=True)
class OwnName:
    """How the person is called: the words of their names, and their initials, folded. Personal data."""

    words: frozenset[str] = field(default=frozenset(), repr=False)
    initials: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, names: Iterable[str]) -> OwnName:
        """From the names that they have or had, "Bea Bakker", "B. Bakker" or "Bakker, B."; a surname has no initial."""
        words, given, alone, last = set[str](), set[str](), list[str](), set[str]()
        for name in names:
            surname, comma, before = name.partition(",")
            turned = f"{before} {surname}" if comma else name
            given.update(_letters(turned))
            said = name_words(_INITIALS_AT.sub(" ", turned))
            words.update(part for word in said for part in word.split("-") if part)
            given.update(word[0] for word in said[:-1])
            (last.add if len(said) > 1 else alone.append)(said[-1] if said else "")
        apart = {word for word in alone if word} - last  # a given name and a surname that were said one by one
        given.update(word[0] for word in apart if len(apart) > 1)
        return cls(frozenset(words), frozenset(given))

    def bears(self, words: Iterable[str], initials: str = "", behind: str = "") -> bool:
        """Whether all of this can be their own name; `behind` it a word's first letter may stand: "Bea B."."""
        if not self.words.issuperset(p for w in words for p in w.split("-")):
            return False
        return self.initials.issuperset(initials) and {w[0] for w in self.words}.issuperset(behind)


def fold(word: str) -> str:
    """A word in lower case without its accents and without what nobody sees."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold().translate(INVISIBLE).translate(LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'")


def strangers(text: str, own: OwnName) -> Iterator[tuple[int, int, str]]:
    """(start, stop, why) of each run of words that is written as somebody's name and is not the person's own."""
    for run in _RUN.finditer(text):
        if run[0].islower():
            continue
        turned = _initials_behind(text, run.end())
        found = _name_in(text, run.start(), run.end()) or _own_surname(text, run, own, turned)
        if found is None:
            continue
        start, stop, why = found
        words = [(start + m.start(), fold(m[0])) for m in WORD.finditer(_blanked(text[start:stop]))]
        proper = [(at, word) for at, word in words if word not in PARTICLES]
        last = proper[-1][0] if proper else start
        initials, behind = _letters(text[start:last]), _letters(text[last:stop])
        if turned and stop == run.end():
            initials, stop = initials + _letters(text[stop:turned]), turned
        if not own.bears((word for _, word in proper), initials, behind):
            yield start, stop, why


def _initials_behind(text: str, at: int) -> int | None:
    """Where the initials behind a comma end, as in "Bakker, B."; None where they begin another name."""
    found = _TURNED.match(text, at)
    if found is None:
        return None
    after = _PROPER_NEXT.match(text, found.end())
    return None if after and fold(after[1]) not in _NO_NAME else at + len(found[0].rstrip(" \u00a0-"))


def _own_surname(text: str, run: re.Match[str], own: OwnName, turned: int | None) -> tuple[int, int, str] | None:
    """The person's own surname at the end of a run with initials behind it: whose they are decides whose it is."""
    if turned is None:
        return None
    start = run.end()
    for word in reversed(list(WORD.finditer(text, run.start(), run.end()))):
        said = fold(word[0])
        if said not in PARTICLES and not own.bears([said]):
            break
        start = word.start()
    return (start, run.end(), SHAPE) if start < run.end() else None


def _letters(text: str) -> str:
    return "".join(fold(w)[:1] for w in _INITIALS_AT.findall(text))


def _blanked(text: str) -> str:
    """The text with a space for each character of its initials, so that every place stays where it is."""
    return _INITIALS_AT.sub(lambda m: " " * len(m[0]), text)


def in_a_street(text: str, start: int) -> bool:
    """Whether a word is the beginning of a street's name, as in "Jan van Galenstraat"."""
    run = _RUN.match(text, start)
    return run is not None and _PLACE.search(fold(run[0])) is not None


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name, folded, without particles, initials and titles."""
    words = tuple(w for w in (fold(w) for w in WORD.findall(name)) if len(w) > 1 and w not in PARTICLES)
    return tuple(w for w in words if _TITLE.match(f"{w} ") is None) or words


def _name_in(text: str, start: int, stop: int) -> tuple[int, int, str] | None:
    """What of a run is a name, and what speaks for it."""
    words = [(m.start(), m.end(), fold(m[0])) for m in WORD.finditer(text, start, stop)]
    while words and not text.startswith(".", words[0][1]) and _is_no_name(text, words[0]):
        words.pop(0)
    while words and words[-1][2] in _NO_NAME:
        words.pop()
    proper = [w for w in words if w[2] not in PARTICLES and len(w[2]) > 1]
    if not proper or not text[proper[-1][0]].isupper():
        return None
    start, stop = words[0][0], _end_of(text, words[-1][1], stop)
    titled = _TITLE.search(text, max(0, start - 20), start) is not None
    if titled or _STARTS_WITH_INITIALS.match(text, start, stop):
        return start, stop, BEFORE if titled else SHAPE
    if any(w[2] in _BODIES for w in proper) or _PLACE.search(proper[-1][2]):
        return None
    related = _RELATION.search(text, max(0, start - 40), start) is not None
    if related and not _loose(text, words):
        return start, stop, BEFORE
    return _by_shape(text, words, proper, stop)


def _by_shape(
    text: str, words: list[tuple[int, int, str]], proper: list[tuple[int, int, str]], stop: int
) -> tuple[int, int, str] | None:
    """A given name with what follows it; or particles between capitals, or with one, inside a sentence."""
    for start, _, word in proper:
        if word in GIVEN_NAMES and not (word in ORDINARY_AT_THE_HEAD and len(proper) == 1 and _is_head(text, start)):
            return start, stop, GIVEN
    if text[words[0][0]].islower() or words[0][2] in PARTICLES:
        opening = text[words[0][0] : proper[0][0]]
        if _SURNAME_OPENS.match(opening) and not _is_head(text, words[0][0]):
            return words[0][0], stop, SHAPE
        return None
    between = any(_SURNAME_INSIDE.match(text, a[1], b[0]) for a, b in pairwise(proper))
    if between and not _is_head(text, proper[0][0]):
        return proper[0][0], stop, SHAPE
    return None


def _loose(text: str, words: list[tuple[int, int, str]]) -> bool:
    """Whether a small particle stands between a relation and a name: "de zoon van Karin", "arts van het Gelre"."""
    first = text[words[0][0] : words[0][1]]
    return first.islower() and _SURNAME_OPENS.match(text, words[0][0]) is None


def _is_no_name(text: str, word: tuple[int, int, str]) -> bool:
    """Whether a word is a title, a relation or an ordinary word, and not a name yet."""
    if word[2] in _NO_NAME - PARTICLES:
        return True
    said = text[word[0] : word[1]] + " "
    return _TITLE.match(said) is not None or _RELATION.match(said) is not None


def _end_of(text: str, end: int, stop: int) -> int:
    return stop if text[end:stop].strip() in (".", "") else end


def _is_head(text: str, start: int) -> bool:
    return _HEAD.search(text, max(0, start - 6), start) is not None
