"""Who a person is to the systems: normalised identifiers, and when two of them are the same person.

Two strong identifiers or a person's decision (promise 7); an empty or shared value never pulls in a stranger.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from stdnum.nl import bsn as _bsn

from domain.system import Identifies


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A normalised identifier. `kind`: bsn, email, phone, client_number, iban, name_born, name."""

    kind: str
    value: str = field(repr=False)


KINDS = ("bsn", "email", "phone", "client_number", "iban", "name_born", "name")
#: A name alone is shared by many; it never counts as one of the two.
STRONG_KINDS = frozenset(KINDS) - {"name"}
#: Partners, parents and children share these: two of them together still say 'this household', not 'this person'.
HOUSEHOLD_KINDS = frozenset({"email", "phone", "iban"})
#: Where both sides have one and none agrees, it speaks against the same person.
CONFLICT_KINDS = ("bsn", "name_born", "name")

#: What people type in a field they must not leave empty. Null, None and Na are surnames too, but no client number.
_NOTHING = frozenset("- -- . ? x xx nvt n.v.t. n.v.t n/a geen onbekend unknown".split())
_NO_NUMBER = frozenset("na none null nihil niet nan".split())
_PARTICLES = frozenset(
    "van von vom de der den des het 't t te ter ten ’t d l la le les el op in uit uijt aan bij onder over voor tot "
    "du da do dos das di zu zum zur af".split()
)
_TITLES = frozenset("dhr mevr mw heer mevrouw meneer".split())
#: Letters that Unicode does not take apart into a letter and a mark.
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"})
#: A date of birth outside these stands for "unknown".
_FIRST_BIRTH, _LAST_BIRTH = date(1900, 1, 2), date(9998, 12, 31)
_HERE = ZoneInfo("Europe/Amsterdam")
_DUTCH_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\Z")


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


def normalise(kind: str, raw: Any, *, country: str = "NL") -> str | None:
    """The one way to write this identifier; None where it is empty or cannot name anybody.

    `raw` is as the source has it: text, a number (which lost its leading zeros), for name_born the pair of surname
    and date of birth. `country` reads phone numbers without a country code. Normalising twice changes nothing.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not a kind of identifier; kinds are {', '.join(KINDS)}")
    if kind == "name_born":
        return _name_born(raw)
    text = _text(raw)
    if text is None:
        return None
    return _phone(text, country) if kind == "phone" else _WRITE[kind](text)


def bsn_is_sound(value: str) -> bool:
    """Whether a normalised BSN passes the eleven-test: a signal to look twice, never a reason to leave a record out."""
    return bool(_bsn.is_valid(value))


def identifiers_of(
    row: Mapping[str, Any], identifies: Identifies, *, tenant: str | None = None, country: str = "NL"
) -> tuple[Identifier, ...]:
    """All that a row says of who it is about, sorted. A cell with two e-mails or phone numbers gives both.

    `tenant` is the dataset's tenant column, where it has one: a client number then counts within its tenant only
    (`tenant/number`), and without a tenant in the row it counts for nothing.
    """
    found: set[Identifier] = set()
    for kind, columns in identifies.columns().items():
        for raw in _cells(kind, [row.get(c) for c in columns]):
            value = normalise(kind, raw, country=country)
            if kind == "client_number" and tenant is not None:
                value = client_number_in(row.get(tenant), raw)
            if value is not None:
                found.add(Identifier(kind, value))
    return tuple(sorted(found))


def client_number_in(tenant: Any, number: Any) -> str | None:
    """A client number within its tenant; None where either is empty."""
    where, value = _text(tenant), normalise("client_number", number)
    if where is None or value is None:
        return None
    return f"{where.casefold().replace('/', '%2f')}/{value}"


def compare(wanted: Iterable[Identifier], found: Iterable[Identifier]) -> Match:
    """Hold a record's identifiers against those of the person, who may have several of a kind.

    SAME: at least two strong kinds match, nothing conflicts, and the matches are not only what a household shares
    (e-mail, phone, IBAN), unless the full name is equal as well. DIFFERENT: nothing matches, or nothing but a name
    where something stronger conflicts. ASK: all between; a person decides. A client number of which one side does
    not say the tenant matches, but is not strong: the same number may be somebody else's in another tenant.
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
    """Whether a client number without its tenant is the number of one with its tenant."""
    one, other = ours["client_number"], theirs["client_number"]
    return any(a.partition("/")[2] in other for a in one) or any(b.partition("/")[2] in one for b in other)


def _is_full(name: str) -> bool:
    """Whether a name has at least two words that are no initials: 'J. de Vries' is a household too."""
    return sum(len(word) > 1 for word in name.split()) >= 2


def _cells(kind: str, values: list[Any]) -> list[Any]:
    if kind == "name_born":
        return [tuple(values)]
    [value] = values
    if isinstance(value, str) and kind == "email":
        return re.split(r"[;,|\s]+", value)
    if isinstance(value, str) and kind == "phone":
        return re.split(r"[;,|\n]|/(?=\s*[+0])", value)
    return [value]


def _text(raw: Any) -> str | None:
    """A cell as text; None for empty, for a stand-in for empty, and for what is no text or whole number."""
    if raw is None or isinstance(raw, bool | bytes | memoryview):
        return None
    if isinstance(raw, float | Decimal):
        if not math.isfinite(raw) or raw != int(raw):
            return None
        raw = int(raw)  # a spreadsheet's 123456782.0
    text = " ".join(unicodedata.normalize("NFKC", str(raw)).split())
    return None if text.casefold() in _NOTHING or not text else text


def _email(text: str) -> str | None:
    """Casefolded, the domain in its ASCII form. What follows a plus is part of the address."""
    text = text.removeprefix("mailto:")
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1].strip()
    local, at, domain = text.casefold().rpartition("@")
    if not at or not local or not domain or " " in text or "@" in local:
        return None
    try:
        return f"{local}@{domain.rstrip('.').encode('idna').decode('ascii')}"
    except UnicodeError:
        return None


def _phone(text: str, country: str) -> str | None:
    """E.164 where it can be a number of that country, else its bare digits; None under six digits or one digit only."""
    digits = "".join(c for c in text if c.isdecimal())
    if len(digits) < 6 or len(set(digits)) == 1:
        return None
    plus = "+" if text.startswith("+") else ""
    for written in (text, plus + digits, digits):  # '06-12345678 (werk)' only reads without its letters
        try:
            number = phonenumbers.parse(written, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return digits


def _number(text: str) -> str | None:
    """A client number or account as it is, unless it stands for none ('null', '000')."""
    return None if text.casefold() in _NO_NUMBER | _NOTHING or not text.strip("0") else text


def _bsn_digits(text: str) -> str | None:
    digits = re.sub(r"[ .\-]", "", text.removesuffix(".0"))
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 9 or len(set(digits.zfill(9))) == 1:
        return None
    return digits.zfill(9)


def _name(text: str) -> str | None:
    """The words of a name, folded, without particles and titles, in alphabetical order.

    The order is dropped because sources disagree on it: 'Vries, Anna de', 'Anna de Vries', and the partner's name
    before or after the hyphen.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    plain = "".join(c if c.isalnum() or c in "'’" else " " for c in plain if not unicodedata.combining(c))
    words = [w.strip("'’") for w in re.sub(r"(?<=\w)['’](?=\w)", "", plain).split()]
    words = [w for w in words if w and w not in _TITLES]
    name = " ".join(sorted([w for w in words if w not in _PARTICLES] or words))
    return None if not name or name in _NOTHING else name


def _name_born(raw: Any) -> str | None:
    """`surname+1980-01-31` from a pair of surname and date, or from that text itself."""
    if isinstance(raw, str):
        surname, _, born = raw.rpartition("+")
    elif isinstance(raw, tuple | list) and len(raw) == 2:
        surname, born = raw
    else:
        return None
    text, day = _text(surname), _born(born)
    name = _name(text) if text is not None else None
    return f"{name}+{day.isoformat()}" if name and day else None


def _born(raw: Any) -> date | None:
    """A day of birth; None for what is no date, and for a stand-in for one (before 1900, the year 9999)."""
    if isinstance(raw, str):
        raw = _read_day(raw.strip())
    if not isinstance(raw, date) or not _FIRST_BIRTH.year <= raw.year <= _LAST_BIRTH.year:
        return None
    if isinstance(raw, datetime):
        raw = (raw if raw.tzinfo is None else raw.astimezone(_HERE)).date()
    return raw if _FIRST_BIRTH <= raw <= _LAST_BIRTH else None


def _read_day(text: str) -> datetime | None:
    dutch = _DUTCH_DATE.match(text)
    if dutch:
        text = f"{dutch[3]}-{int(dutch[2]):02d}-{int(dutch[1]):02d}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _iban(text: str) -> str | None:
    return _number(re.sub(r"[^0-9A-Z]", "", text.upper()))


_WRITE: Mapping[str, Callable[[str], str | None]] = {
    "bsn": _bsn_digits,
    "email": _email,
    "client_number": lambda text: _number(text.casefold()),
    "iban": _iban,
    "name": _name,
}
