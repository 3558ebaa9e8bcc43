"""The one way to write each kind of identifier, however a source writes it."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import idna
import phonenumbers

#: What people type in a field they must not leave empty. Null, None and Na are surnames too, but no client number.
_NOTHING = frozenset("- -- . ? x xx nvt n.v.t. n.v.t n/a geen onbekend unknown".split())
_NO_NUMBER = frozenset("na none null nihil niet nan".split())
_PARTICLES = frozenset(
    "van von vom de der den des het 't t te ter ten ’t d l la le les el op in uit uijt aan bij onder over voor tot "
    "du da do dos das di zu zum zur af".split()
)
_TITLES = frozenset("dhr mevr mw heer mevrouw meneer".split())
#: Letters that Unicode does not take apart into a letter and a mark.
LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"})
#: A date of birth outside these stands for "unknown".
_FIRST_BIRTH, _LAST_BIRTH = date(1900, 1, 2), date(9998, 12, 31)
#: So many last digits stand in every way to write a phone number: a country code or a (0) may be before them.
TAIL = 5
_HERE = ZoneInfo("Europe/Amsterdam")
_DUTCH_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\Z")


def as_text(raw: Any) -> str | None:
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
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or " " in text or "@" in local:
        return None
    try:
        # UTS 46, where ß and ss are two domains: hence not folded before.
        written = idna.encode(domain.rstrip("."), uts46=True).decode("ascii")
    except UnicodeError:  # what a registrar refuses (an underscore) may still stand in a source
        written = domain.rstrip(".").casefold()
        if not written.isascii() or "" in written.split("."):
            return None
    return f"{local.casefold()}@{written}"


def phone(text: str, country: str) -> str | None:
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
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
    plain = "".join(c if c.isalnum() or c in "'’" else " " for c in plain if not unicodedata.combining(c))
    words = [w.strip("'’") for w in re.sub(r"(?<=\w)['’](?=\w)", "", plain).split()]
    words = [w for w in words if w and w not in _TITLES]
    name = " ".join(sorted([w for w in words if w not in _PARTICLES] or words))
    return None if not name or name in _NOTHING else name


def name_born(raw: Any) -> str | None:
    """`surname+1980-01-31` from a pair of surname and date, or from that text itself."""
    if isinstance(raw, str):
        surname, _, day = raw.rpartition("+")
    elif isinstance(raw, tuple | list) and len(raw) == 2:
        surname, day = raw
    else:
        return None
    text, birth = as_text(surname), born(day)
    name = _name(text) if text is not None else None
    return f"{name}+{birth.isoformat()}" if name and birth else None


def born(raw: Any) -> date | None:
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


WRITE: Mapping[str, Callable[[str], str | None]] = {
    "bsn": _bsn_digits,
    "email": _email,
    "client_number": lambda text: _number(text.casefold()),
    "iban": _iban,
    "name": _name,
}
