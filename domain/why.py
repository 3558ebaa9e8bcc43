"""Why one record goes or stays: every rule considered, the winner, the dates, and the next step.

The same trace is printed by `termijn why`, filed in the certificate and written in the letter to the person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from domain.activity import Activity, AtExpiry, Entry
from domain.rules import DueTest
from domain.standing import Standing, WatchFacts, stand

_NEXT = {
    AtExpiry.DESTROY: "the nightly purge destroys it, once its rule is countersigned and no guard refuses",
    AtExpiry.PROPOSE: "it comes on the destruction list; the controller's instruction is awaited (art. 28(3)(a))",
    AtExpiry.RETURN: "it is returned to the controller, whose receipt is awaited (art. 28(3)(g))",
    AtExpiry.STRIP: "its columns with the shorter term are emptied",
    AtExpiry.ANONYMISE: "it is made anonymous",
}


class Considered(Entry):
    """One rule that was looked at for this record: where, what it saw, and until when it keeps."""

    dataset: str
    column: str | None
    activity: str
    article: str
    term: str
    cutoff: date | None
    rows: int
    missing: int
    implausible: int
    latest: date | None
    kept_until: date | None
    decides: bool


class Why(Entry):
    """The whole trace of one record on one day."""

    rule: str
    as_of: date
    standing: Standing
    start: date | None
    minimum_until: date | None
    kept_until: date | None
    due_on: date | None
    frozen: tuple[str, ...] = ()
    at_expiry: str
    next_step: str
    considered: tuple[Considered, ...]


def explain(
    test: DueTest,
    facts: Sequence[WatchFacts],
    activities: Mapping[str, Activity],
    *,
    frozen: Sequence[str] = (),
) -> Why:
    """Trace the decision of `domain.standing.stand` for one dossier."""
    rule, as_of = test.rule, test.as_of
    verdict = stand(test, facts)
    considered, ends, minima = [], [], []
    for watch, fact in zip(test.watches, facts, strict=True):
        activity = activities[watch.activity]
        term = activity.term_on(as_of)
        until = term.kept_until(fact.latest) if term and fact.latest and watch.column else None
        if until is not None:
            ends.append(until)
        if term and fact.latest and watch.column and (least := term.minimum_until(fact.latest)) is not None:
            minima.append(least)
        considered.append(
            Considered(
                dataset=watch.dataset,
                column=watch.column,
                activity=activity.title,
                article=term.article if term else "no term in force",
                term=words(activity, as_of) if watch.column else "stays while a record that stays needs it",
                cutoff=watch.cutoff,
                rows=fact.rows,
                missing=fact.missing,
                implausible=fact.implausible,
                latest=fact.latest,
                kept_until=until,
                decides=watch is verdict.by or (verdict.by is None and until is not None and until == max(ends)),
            )
        )
    until = max(ends, default=None)
    known = verdict.standing in (Standing.KEPT, Standing.DUE) and until is not None and until < date.max
    return Why(
        rule=rule.name,
        as_of=as_of,
        standing=verdict.standing,
        start=verdict.start,
        minimum_until=max(minima, default=None),
        kept_until=until,
        due_on=until + timedelta(days=1) if known and until is not None else None,
        frozen=tuple(frozen),
        at_expiry=rule.term.at_expiry.value,
        next_step=_next_step(verdict.standing, frozen, rule.term.at_expiry),
        considered=tuple(considered),
    )


def words(activity: Activity, as_of: date) -> str:
    """The term in force, in words: 'at least 7 years, from the end of the calendar year of …'."""
    term = activity.term_on(as_of)
    if term is None:
        return "no term in force"
    parts = [f"at least {term.minimum}"] if term.minimum else []
    parts += [f"at most {term.maximum}"] if term.maximum else []
    return f"{', '.join(parts)}, {term.counting} of: {term.counts_from}"


def _next_step(standing: Standing, frozen: Sequence[str], at_expiry: AtExpiry) -> str:
    if standing is Standing.MISSING:
        return "nothing goes by itself: fill in the missing date in the source, then it counts"
    if standing is Standing.IMPLAUSIBLE:
        return "nothing goes by itself: a date is a stand-in or lies in the future; correct it in the source"
    if standing is Standing.NEEDED:
        return "it goes when the record that refers to it has gone"
    if standing is Standing.KEPT:
        return "it stays until the date above"
    if frozen:
        return "it stays while what freezes it lasts, and is released by itself"
    return _NEXT[at_expiry]
