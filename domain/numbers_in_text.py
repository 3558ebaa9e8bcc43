"""Numbers and addresses in a running text by which somebody can be reached or looked up, and that are not the person's.

A proposal, never a decision. Each by its own rule: the eleven-test or what it is called, libphonenumber, check digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from stdnum import iban as _iban
from stdnum.nl import bsn as _bsn

from domain.identity import Identifier, normalise, ways_to_write
from domain.names_in_text import INVISIBLE

#: (start, stop, kind of identifier, why).
Found = tuple[int, int, str, str]

#: Nine digits, or eight, alone or in the usual groups; spaces that nobody sees count as none.
_GAP = "[ .\u00a0\u2009\u202f-]?"
_NINE = re.compile(r"(?<!\d)(?:\d" + _GAP + r"){7,8}\d(?!\d)")
_CALLED_BSN = re.compile(
    r"(?i)\b(?:bsn|burgerservicenummers?|sofi(?:nummer)?|citizen service number|social security number)"
    r"(?:[ -]?(?:nummer|nr|no))?\.?(?: (?:van|of) (?:\w+ ){0,2}?\w+)?(?: is)?\W{0,3}$"
)
_CALLED_OTHERWISE = re.compile(
    r"(?i)(?:polis|factuur|order|bestel|klant|dossier|zaak|relatie|lid|artikel|serie|kenmerk|referentie|invoice|policy"
    r"|reference|article|serial|case)[- ]?(?:nummer|nr|number|no)?\W{0,3}$"
)
_DAY = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[-. ](?:0?[1-9]|1[0-2])[-. ](?:19|20)\d\d"
    r"|(?:19|20)\d\d[-. ]?(?:0[1-9]|1[0-2])[-. ]?(?:0[1-9]|[12]\d|3[01])"
)
#: An address, also as people write it who fear machines: mark [at] mailplek [punt] nl.
_AT = r"(?: ?@ ?| ?[(\[{<](?:at|apenstaartje)[)\]}>] ?)"
_DOT = r"(?:\.| ?[(\[{<](?:dot|punt)[)\]}>] ?)"
_EMAIL = re.compile(
    rf"[\w!#$%&'*+/=?^`{{|}}~-][\w.!#$%&'*+/=?^`{{|}}~-]*{_AT}[\w-]+(?:{_DOT}[\w-]+)*{_DOT}[^\W\d_][\w-]+"
)
_ATS, _DOTS = re.compile(_AT), re.compile(_DOT)
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ .\u00a0-]?[A-Za-z0-9]){10,30}\b")
_LIKE_AN_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[ .-]?[A-Z]{4}(?:[ .-]?\d){10}")
#: With its country before it a number is one that can be called, though its range is not known here.
_ABROAD = re.compile(r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(0\))?(?:[ .-]?\d){6,13}(?!\d)")
_CLIENT = re.compile(
    r"(?i)\b(?:cli[eë]nt|pati[eë]nt)[- ]?(?:nummer|nr|number|no)\.?:?(?: (?:is|was))? #?((?=[A-Z/-]*\d)[\w/-]*\w)"
)


def numbers_of_others(text: str, own: frozenset[Identifier]) -> Iterator[Found]:
    """All of them; those of different kinds may overlap."""
    if any(c.isdigit() for c in text):
        yield from _numbers(text, own)
        yield from _ibans(text, own)
        yield from _clients(text, own)
    if _ATS.search(text):
        yield from _emails(text, own)


def _numbers(text: str, own: frozenset[Identifier]) -> Iterator[Found]:
    taken: list[tuple[int, int]] = []
    for match in _NINE.finditer(text):
        value = normalise("bsn", match[0].translate(INVISIBLE).replace("\u202f", "").replace("\u2009", ""))
        called = _CALLED_BSN.search(text, max(0, match.start() - 30), match.start()) is not None
        if value is None or Identifier("bsn", value) in own:
            taken += [match.span()] if value is not None and called else []
            continue
        if called or (_bsn.is_valid(value) and not _means_another(text, match)):
            taken.append(match.span())
            why = "it is called a BSN" if called else "it passes the eleven-test"
            yield (*match.span(), "bsn", why)
    if sum(c.isdigit() for c in text) < 9:
        return
    taken += [match.span() for match in _LIKE_AN_IBAN.finditer(text)]
    for call in phonenumbers.PhoneNumberMatcher(text, "NL", leniency=phonenumbers.Leniency.VALID):
        number = phonenumbers.format_number(call.number, phonenumbers.PhoneNumberFormat.E164)
        inside = any(a < call.end and call.start < b for a, b in taken)
        taken.append((call.start, call.end))
        if not inside and Identifier("phone", number) not in own:
            opened = call.raw_string.startswith("(") and ")" not in call.raw_string
            yield (call.start + opened, call.end, "phone", "it is a number that can be called")
    for match in _ABROAD.finditer(text):
        if not any(a < match.end() and match.start() < b for a, b in taken):
            yield (*match.span(), "phone", "it is written with the number of a country")


def _means_another(text: str, match: re.Match[str]) -> bool:
    """Whether digits are dialled (a Dutch number begins with 0), are a day, or are called something else."""
    before = max(0, match.start() - 30)
    called = _CALLED_OTHERWISE.search(text, before, match.start()) is not None
    return called or match[0].startswith("0") or _DAY.fullmatch(match[0]) is not None


def _emails(text: str, own: frozenset[Identifier]) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        end = match.start() + len(match[0].rstrip(".,;:!?"))
        written = _DOTS.sub(".", _ATS.sub("@", text[match.start() : end]))
        value = normalise("email", written)
        if value is not None and Identifier("email", value) not in own:
            yield (match.start(), end, "email", "it is an e-mail address")


def _ibans(text: str, own: frozenset[Identifier]) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        for end in range(match.end(), match.start() + 14, -1):  # words behind it look like more of it
            value = (
                normalise("iban", re.sub("[.-]", "", text[match.start() : end])) if text[end - 1].isalnum() else None
            )
            if value is not None and _iban.is_valid(value):
                if Identifier("iban", value) not in own:
                    yield (match.start(), end, "iban", "its check digits are right")
                break


def _clients(text: str, own: frozenset[Identifier]) -> Iterator[Found]:
    """Numbers that are called a client's, where the person's own is known and is another."""
    ours = {way for i in own if i.kind == "client_number" for way in ways_to_write(i.value)}
    for match in _CLIENT.finditer(text) if ours else ():
        if normalise("client_number", match[1]) not in ours:
            yield (*match.span(1), "client_number", "it is called a client number")
