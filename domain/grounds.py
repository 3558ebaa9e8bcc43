"""On which article a request is refused, as it may stand outside its letter: the article, and no other word.

A refusal is kept encrypted and forgotten on its term; how often which article was relied on must still be told a year
later. What is no article of a law that is named here counts as another ground, and stays in the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from domain.letters import LetterKind

#: What was written is no article; nothing was written, for the letter is not one of ours.
OTHER, UNWRITTEN = "another ground", "not written down"

#: The fact of a letter's event that names them.
GROUNDS = "grounds"

#: The laws on which a refusal can rest, each in its own spelling.
LAWS = ("AVG", "UAVG", "BW", "WGBO", "Wabvpz", "Wkkgz", "Jeugdwet", "Wvggz", "Wzd", "Wmo", "AWR", "Tw")
_SPELT: Mapping[str, str] = {**{law.casefold(): law for law in LAWS}, "gdpr": "AVG"}
_LAW = rf"(?P<law>{'|'.join(_SPELT)})"
_NUMBER = r"(?P<article>(?:\d{1,2}:)?\d{1,4}[a-z]?)(?: lid (?P<lid>\d{1,2}))?(?: onder (?P<under>[a-z]))?"
_FORMS = tuple(re.compile(form) for form in (f"{_LAW} {_NUMBER}", f"{_NUMBER} {_LAW}"))


def ground_of(written: str) -> str:
    """'art. 12(5) AVG' → 'AVG 12 lid 5'; `OTHER` for anything that is more or less than one article."""
    plain = re.sub(r"\b(artikel|article|art)\b\.?|,", " ", written.casefold())
    plain = re.sub(r"\((\d{1,2})\)", r" lid \1", plain)
    plain = " ".join(re.sub(r"\bsub\b", "onder", plain).split())
    found = next((m for form in _FORMS if (m := form.fullmatch(plain))), None)
    if found is None:
        return OTHER
    lid = f" lid {found['lid']}" if found["lid"] else ""
    return f"{_SPELT[found['law']]} {found['article']}{lid}{' onder ' + found['under'] if found['under'] else ''}"


def grounds_of(kind: LetterKind, given: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The grounds that a letter relies on, each once; none for a letter that refuses nothing. `given`: its facts."""
    if kind is LetterKind.REFUSAL:
        return _each(one for text in given.get("article", ()) for one in text.split(";"))
    return _each(given.get("refused", ())[2::3]) if kind is LetterKind.PART_REFUSAL else ()


def _each(written: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ground_of(one) for one in written))
