"""What the data types of HL7 FHIR say, in words for a person: a code by its text, a period by its two ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: Says one value that is no FHIR object: a date, a number, a text.
Say = Callable[[Any], str]
#: What only a computer needs; in data.json and bundle.json it is whole.
_FOR_COMPUTERS = frozenset({"system", "url", "id", "reference", "profile", "version", "userSelected", "div", "data"})
_KINDS = {
    "phone": "telefoon", "fax": "fax", "email": "e-mail", "url": "website", "sms": "sms", "pager": "pieper",
}  # fmt: skip


def fhir_words(value: Mapping[str, Any], say: Say, language: str) -> str | None:
    """The value in words; None where it does not look like a data type of FHIR."""
    for looks, told in _TYPES:
        if looks(value):
            return told(value, say, language)
    return None


def _coded(value: Mapping[str, Any], say: Say, language: str) -> str:
    if value.get("text"):
        return say(value["text"])
    return "; ".join(_coding(c, say, language) for c in value.get("coding", ()) if isinstance(c, Mapping))


def _coding(value: Mapping[str, Any], say: Say, language: str) -> str:
    del language
    return say(value.get("display") or value.get("code"))


def _quantity(value: Mapping[str, Any], say: Say, language: str) -> str:
    del language
    number = say(value.get("value"))
    return " ".join(filter(None, (str(value.get("comparator", "")), number, str(value.get("unit", "")))))


def _money(value: Mapping[str, Any], say: Say, language: str) -> str:
    del language
    return f"{value['currency']} {say(value['value'])}"


def _period(value: Mapping[str, Any], say: Say, language: str) -> str:
    since, until = (say(value[n]) if n in value else "" for n in ("start", "end"))
    if since and until:
        return f"{since} – {until}"
    word = ("vanaf", "tot") if language == "nl" else ("from", "until")
    return f"{word[0]} {since}" if since else f"{word[1]} {until}"


def _name(value: Mapping[str, Any], say: Say, language: str) -> str:
    del say, language
    given = [*value.get("prefix", ()), *value.get("given", ()), value.get("family", ""), *value.get("suffix", ())]
    return str(value.get("text") or " ".join(filter(None, map(str, given))))


def _address(value: Mapping[str, Any], say: Say, language: str) -> str:
    del say, language
    town = " ".join(str(value[n]) for n in ("postalCode", "city") if value.get(n))
    where = [*map(str, value.get("line", ())), town, str(value.get("state", "")), str(value.get("country", ""))]
    return str(value.get("text") or ", ".join(filter(None, where)))


def _contact(value: Mapping[str, Any], say: Say, language: str) -> str:
    kind = str(value.get("system", ""))
    return f"{_KINDS.get(kind, kind) if language == 'nl' else kind}: {say(value['value'])}"


def _identifier(value: Mapping[str, Any], say: Say, language: str) -> str:
    kind = _coded(value["type"], say, language) if isinstance(value.get("type"), Mapping) else ""
    return f"{kind}: {say(value['value'])}" if kind else say(value["value"])


def _reference(value: Mapping[str, Any], say: Say, language: str) -> str:
    if value.get("display"):
        return say(value["display"])
    kind = str(value.get("reference", "")).rpartition("/")[0].rpartition("/")[2]
    return f"({kind or ('zie elders' if language == 'nl' else 'see elsewhere')})"


def _rest(value: Mapping[str, Any], say: Say, language: str) -> str:
    """Any other object of FHIR: its parts, without what only a computer needs."""
    del language
    parts = [f"{k}: {said}" for k, v in value.items() if k not in _FOR_COMPUTERS and (said := say(v)) not in ("", "–")]
    return "; ".join(parts)


def _has(*names: str, only: frozenset[str] = frozenset()) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a value has one of these names, and nothing beside them and `only`."""
    return lambda v: not v.keys().isdisjoint(names) and v.keys() <= {*names, *only, "extension", "id"}


_TYPES: tuple[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any], Say, str], str]], ...] = (
    (_has("coding", only=frozenset({"text"})), _coded),
    (_has("currency", only=frozenset({"value"})), _money),
    (_has("unit", "comparator", only=frozenset({"value", "system", "code"})), _quantity),
    (_has("code", "display", only=frozenset({"system", "version", "userSelected"})), _coding),
    (_has("start", "end"), _period),
    (_has("family", "given", only=frozenset({"use", "prefix", "suffix", "text", "period"})), _name),
    (_has("line", "postalCode", "city", only=frozenset({"use", "type", "text", "state", "country", "district",
                                                        "period"})), _address),
    (lambda v: v.get("system") in _KINDS and "value" in v, _contact),
    (_has("value", only=frozenset({"system", "type", "use", "period", "assigner"})), _identifier),
    (_has("reference", "display", only=frozenset({"type", "identifier"})), _reference),
    (lambda v: "url" in v or "resourceType" in v or "reference" in v, _rest),
)  # fmt: skip
