"""Whether the one who asks may have an answer on this day, and what is missing where not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from domain.cases import Case
from domain.identity import normalise
from domain.representatives import (
    Asker,
    Band,
    Capacity,
    ChildSays,
    Proof,
    Rule,
    Verdict,
    band_of,
    missing_proofs,
    of_kind,
    rules_of,
)
from domain.trouble import Refused


def check_asker(case: Case, asker: Asker | None, *, born_on: date | None, as_of: date) -> None:
    """Raise `Refused` unless whoever asks may ask all of this: by the table, with its proofs, and heard the child.

    Nobody written down: the person asks for themselves. A child that comes of age meanwhile asks for itself.
    """
    said = asker or Asker(capacity=Capacity.SELF, about=of_kind(case.kind))
    band, where = band_of(born_on, as_of, said), f"case {case.number}"
    rules = rules_of(case.kind, band, said)
    barred = [r for r in rules if r.verdict is Verdict.NO]
    if barred:
        raise Refused(
            f"asked as '{said.capacity}' about somebody who is {band.value}: not allowed ({_articles(barred)})",
            where=where,
            do=_instead(case, said, band, rules),
        )
    missing = missing_proofs(rules, said.proofs)
    if missing:
        first = missing[0].partition(" or ")[0]
        raise Refused(
            f"asked as '{said.capacity}': not proven yet: {', '.join(missing)} ({_articles(rules)})",
            where=where,
            do=f"{_look(first)}, and record it: termijn case proven {case.number} {first}",
        )
    _check_child(case, said, band, rules)
    if any(r.verdict is Verdict.WEIGHED for r in rules) and not said.weighed:
        decided = "an officer decided against it" if said.weighed is False else "the law leaves it to a person"
        raise Refused(
            f"{decided} ({_articles(r for r in rules if r.verdict is Verdict.WEIGHED)})",
            where=where,
            do=f"refuse it with its reasons, or let an officer weigh it: {_weigh(case)}",
        )


def may_ask(case: Case, asker: Asker | None, *, born_on: date | None, as_of: date) -> bool:
    """Whether `check_asker` has nothing against it."""
    try:
        check_asker(case, asker, born_on=born_on, as_of=as_of)
    except Refused:
        return False
    return True


def is_represented(asker: Asker | None) -> bool:
    """Whether somebody else asks for the person."""
    return asker is not None and asker.capacity is not Capacity.SELF


def is_same_person(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether two descriptions of a representative are of one person: what was seen of one counts for no other.

    The same name, and where both say how to reach them, at least one way that agrees: a namesake has none.
    """
    name = _plain(now.get("name"))
    if not name or _plain(before.get("name")) != name:
        return False
    ways = [_ways(before), _ways(now)]
    both = ways[0].keys() & ways[1].keys()
    return not both or any(ways[0][way] == ways[1][way] for way in both)


def _ways(person: Mapping[str, Any]) -> dict[str, str]:
    address = person.get("address")
    lines = address if isinstance(address, list | tuple) else [address or ""]
    found = {
        "email": normalise("email", person.get("email")),
        "phone": normalise("phone", person.get("phone")),
        "address": _plain(" ".join(map(str, lines))),
    }
    return {way: value for way, value in found.items() if value}


def _plain(raw: object) -> str:
    return " ".join(str(raw or "").casefold().split())


def _check_child(case: Case, asker: Asker, band: Band, rules: tuple[Rule, ...]) -> None:
    """The word of a child of 12 to 15: asked where the law wants it, and a refusal counts in every part."""
    if band is not Band.FROM_12 or asker.incapable or asker.capacity is Capacity.SELF:
        return
    wanted = [r for r in rules if r.verdict in (Verdict.WITH_CHILD, Verdict.TOGETHER)]
    if wanted and asker.child is not ChildSays.AGREES:
        does = "refuses" if asker.child is ChildSays.REFUSES else "was not heard"
        raise Refused(
            f"the child is 12 to 15 and {does} ({_articles(wanted)})",
            where=f"case {case.number}",
            do=f"ask the child itself: termijn case child {case.number} agrees; else ask about other data only",
        )
    if asker.child is ChildSays.REFUSES and not asker.weighed:
        raise Refused(
            "the child of 12 to 15 does not want this; its own interest comes first (IVRK 3, 12)",
            where=f"case {case.number}",
            do=f"let an officer weigh it: {_weigh(case)}",
        )


def _instead(case: Case, asker: Asker, band: Band, rules: tuple[Rule, ...]) -> str:
    allowed = [part for part, rule in zip(asker.about, rules, strict=True) if rule.verdict is not Verdict.NO]
    if allowed:
        only = f"--capacity {asker.capacity} --about {','.join(allowed)}"
        return f"it may be asked about this only: termijn case represent {case.number} {only}; refuse the rest"
    if band in (Band.UNDER_12, Band.FROM_12) and asker.capacity is Capacity.SELF:
        return f"a parent with authority or a guardian asks: {represent_with(case.number, Capacity.PARENT.value)}"
    return (
        f"refuse it with its reasons, or record who may ask (termijn case who-may-ask): {represent_with(case.number)}"
    )


def represent_with(case: str, capacity: str = "CAPACITY") -> str:
    """The command that writes down who asks for the person of a case, as it is typed."""
    return f"termijn case represent {case} --capacity {capacity} --person FILE"


def _look(proof: str) -> str:
    """What somebody does before a proof is written down."""
    if proof == Proof.NOT_REFUSED:
        return "look through the dossier; a refusal stands there: refuse the request with its article; else say so"
    return "look at the proof, do not keep it"


def _weigh(case: Case) -> str:
    return f"termijn case weigh {case.number} --by OFFICER --may --why REASONS (or --may-not)"


def _articles(rules: Iterable[Rule]) -> str:
    return "; ".join(dict.fromkeys(r.article for r in rules))
