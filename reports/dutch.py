"""How a value is said to a person: dates, amounts, yes and no, periods, and counts in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from domain.system import Column
from reports.fhir_words import fhir_words

EMPTY = "–"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_LOCALE = {"nl": "nl_NL", "en": "en_GB"}
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?\Z")
_MONEY = re.compile(r"bedrag|prijs|salaris|loon|kosten|tarief|betaald|openstaand|saldo|€|amount|price|salary", re.I)
_YES = {"nl": ("nee", "ja"), "en": ("no", "yes")}
_UNIT = {"year": ("jaar", "jaar"), "month": ("maand", "maanden"), "week": ("week", "weken"), "day": ("dag", "dagen")}
_PERIOD = re.compile(r"(\d+) (year|month|week|day)s?")
_AVG, _PARAGRAPH = re.compile(r"\bAVG\b"), re.compile(r"(?: lid (?=\d)| onder (?=[a-z]\b))(\d+|[a-z])")
_COUNTING = {
    "from the day": ("vanaf", "from"),
    "from the end of the calendar year": (
        "vanaf het einde van het kalenderjaar van",
        "from the end of the calendar year of",
    ),
    "from the end of the book year": ("vanaf het einde van het boekjaar van", "from the end of the book year of"),
}


@lru_cache(4096)
def day(value: date, language: str = "nl") -> str:
    """24 november 2026."""
    return format_date(date(value.year, value.month, value.day), "d MMMM y", locale=_LOCALE[language])


def moment(value: datetime, language: str = "nl") -> str:
    """24 november 2026 om 07:05 uur; in Amsterdam's time where the moment has a zone, as stored where it has none."""
    if value.tzinfo is not None:
        value = value.astimezone(AMSTERDAM)
    if value.time() == time(0) and value.tzinfo is None:
        return day(value.date(), language)
    clock = value.strftime("%H:%M:%S" if value.second else "%H:%M")
    return (
        f"{day(value.date(), language)} om {clock} uur"
        if language == "nl"
        else f"{day(value.date(), language)} at {clock}"
    )


def euros(value: Decimal | float, language: str = "nl") -> str:
    """€ 1.234,50."""
    exact = Decimal(str(value))
    if exact != round(exact, 2):
        return "€ " + number(exact, language)
    return format_currency(exact, "EUR", locale=_LOCALE[language]).replace("\u00a0", " ")


def number(value: Decimal | float, language: str = "nl") -> str:
    """1.234,5: a number with every decimal it was stored with."""
    exact = Decimal(str(value))
    if not exact.is_finite():
        return str(value)
    places = max(0, -int(exact.as_tuple().exponent))
    return format_decimal(exact, format="#,##0." + "0" * places if places else "#,##0", locale=_LOCALE[language])


def count(value: int, language: str = "nl") -> str:
    """12.345."""
    return format_decimal(value, locale=_LOCALE[language])


def period(written: str, language: str = "nl") -> str:
    """'20 years' → '20 jaar'; '1 year and 6 months' → '1 jaar en 6 maanden'."""
    if language != "nl":
        return written
    said = _PERIOD.sub(lambda m: f"{m[1]} {_UNIT[m[2]][int(m[1]) != 1]}", written)
    return said.replace(" and ", " en ")


def counting(written: str, language: str = "nl") -> str:
    """'from the end of the calendar year' → 'vanaf het einde van het kalenderjaar van'; the event follows."""
    return _COUNTING.get(written, (written, written))[language != "nl"]


def things(amount: int, one: str, many: str, language: str = "nl") -> str:
    """'1 gegeven', '2.345 gegevens', 'geen gegevens'."""
    if amount == 0:
        return f"geen {many}" if language == "nl" else f"no {many}"
    return f"{count(amount, language)} {one if amount == 1 else many}"


def listed(items: Sequence[str], language: str = "nl") -> str:
    """'a, b en c'."""
    last = " en " if language == "nl" else " and "
    return last.join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def told(value: object, language: str = "nl") -> str:
    """What somebody gave, one or several, as a person reads it: '24 november 2026', 'a, b en c'."""
    several = value if isinstance(value, list | tuple) else [value]
    return listed([day(v, language) if isinstance(v, date) else _text(str(v), language) for v in several], language)


def officer(title: str, language: str = "nl", *, inside: bool = False) -> str:
    """The officer's title: with a capital where it stands by itself, small `inside` a sentence; in English, English."""
    said = title if language == "nl" else "data protection officer"
    if inside:
        return said if said[1:2].isupper() else said[:1].lower() + said[1:]  # not "fG"
    return said[:1].upper() + said[1:]


def of_register(words: str, language: str = "nl") -> str:
    """Words of the register, which is in Dutch: between quotes in a letter of another language."""
    return words if language == "nl" or not words else f"“{words.rstrip('.')}”"


def rule(written: str, language: str = "nl") -> str:
    """'AVG 15 lid 4' → 'GDPR 15(4)': how an article is written in this language."""
    if language == "nl":
        return written
    return _PARAGRAPH.sub(r"(\1)", _AVG.sub("GDPR", written))


def country(code: str, language: str = "nl") -> str:
    """'US' → 'Verenigde Staten'."""
    return str(Locale.parse(_LOCALE[language]).territories.get(code, code))


def size(amount: int) -> str:
    """'12 kB': a size in the unit that fits."""
    return (
        f"{amount} bytes"
        if amount < 1000
        else f"{amount / 1000:.0f} kB"
        if amount < 10**6
        else f"{amount / 10**6:.1f} MB"
    )


def shown(value: Any, column: Column, language: str = "nl") -> str:
    """One value of the person as a layman reads it; empty is an en dash."""
    if column.means is not None and (meant := _meant(value, column, language)) is not None:
        return meant
    match value:
        case str():
            said = _text(value, language)
        case bool():
            said = _YES[language][value]
        case int() | float() | Decimal():
            said = _number(str(value), column.label, language, whole=isinstance(value, int))
        case datetime():
            said = moment(value, language)
        case date():
            said = day(value, language)
        case time():
            said = value.strftime("%H:%M")
        case bytes() | bytearray() | memoryview():
            said = f"({'bestand van' if language == 'nl' else 'file of'} {size(len(bytes(value)))})"
        case Mapping():
            said = _object(value, column, language)
        case list() | tuple() | set() | frozenset():
            said = "; ".join(shown(v, column, language) for v in value)
        case _ if hasattr(value, "upper_inc"):  # a range, as PostgreSQL's driver gives it
            said = _period(value, column, language)
        case _:
            said = "" if value is None else str(value)
    return said or EMPTY


def _object(value: Mapping[str, Any], column: Column, language: str) -> str:
    """A value with parts of its own: in the words of its kind where it is one of FHIR, else part by part."""
    said = fhir_words(value, lambda v: shown(v, column, language), language)
    return "; ".join(f"{k}: {shown(v, column, language)}" for k, v in value.items()) if said is None else said


def _meant(value: Any, column: Column, language: str) -> str | None:
    """What a code says; None where it is no code that the register knows."""
    written = str(value).strip()
    if isinstance(column.means, dict):
        return column.means.get(written)
    sure = {"0": False, "1": True, "false": False, "true": True, "f": False, "t": True}.get(written.lower())
    return None if sure is None else _YES[language][sure]


def _period(value: Any, column: Column, language: str) -> str:
    """'24 mei 2005 – 28 mei 2005'; 'vanaf' or 'tot' where one end is open."""
    since, until = (None if end is None else shown(end, column, language) for end in (value.lower, value.upper))
    if since is not None and until is not None:
        return f"{since} {EMPTY} {until}"
    if since is not None:
        return f"{'vanaf' if language == 'nl' else 'from'} {since}"
    return "" if until is None else f"{'tot' if language == 'nl' else 'until'} {until}"


def is_money(label: str) -> bool:
    """Whether a number under this label is an amount in euros."""
    return bool(_MONEY.search(label))


@lru_cache(8192)
def _number(written: str, label: str, language: str, *, whole: bool) -> str:
    """Kept by how it is written: 1.0 and 1.00 are equal, yet each is shown with its own decimals."""
    money = is_money(label)
    if whole and not money:  # a number that counts nothing: a year, a client number, a BSN
        return written.zfill(9) if label.lower() in ("bsn", "burgerservicenummer") else written
    exact = Decimal(written)
    return euros(exact, language) if money and exact.is_finite() else number(exact, language)


def _text(value: str, language: str) -> str:
    if not value.strip():
        return EMPTY
    if value[:1].isdigit() and len(value) >= 10:
        try:
            if _ISO_DAY.match(value):
                return day(date.fromisoformat(value), language)
            if _ISO_MOMENT.match(value):
                return moment(datetime.fromisoformat(value), language)
        except ValueError:
            return value
    return value
