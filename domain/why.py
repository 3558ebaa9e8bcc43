"""Why one record goes or stays: every rule considered, the winner, the dates, and the next step.

The same trace is printed by `termijn why`, and says in the letter until when a record stays; the certificate, the
letter and the trace word a term by one function, `words`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.activity import Activity, AtExpiry, Entry, TermBlock
from domain.odd_dates import OddDates
from domain.rules import DueTest, Watch
from domain.standing import Stand, Standing, WatchFacts, stand
from domain.treatment import in_words

_NEXT = {
    AtExpiry.DESTROY: "the nightly purge destroys it, once its rule is countersigned and no guard refuses",
    AtExpiry.PROPOSE: "it comes on the destruction list; the controller's instruction is awaited (art. 28(3)(a))",
    AtExpiry.RETURN: "it is returned to the controller, whose receipt is awaited (art. 28(3)(g))",
    AtExpiry.STRIP: "its columns with the shorter term are emptied",
    AtExpiry.ANONYMISE: "it is made anonymous",
}
_STAYS = {
    Standing.MISSING: "nothing goes by itself: fill in the missing date in the source, then it counts",
    Standing.IMPLAUSIBLE: "nothing goes by itself: correct the date that is a stand-in or in the future",
    Standing.NEEDED: "it goes when the record that refers to it has gone",
    Standing.KEPT: "it stays until the date above",
}
_DONE = "nothing of these columns remains; the row stays until its own term is over"


class State(StrEnum):
    """Where a record is: where its dossier stands, or why no rule can say so."""

    MISSING = Standing.MISSING.value
    IMPLAUSIBLE = Standing.IMPLAUSIBLE.value
    NEEDED = Standing.NEEDED.value
    KEPT = Standing.KEPT.value
    DUE = Standing.DUE.value
    NO_RULE = "no rule in force"
    OUTSIDE = "outside every dossier"
    UNDER_WAY = "being destroyed"
    DESTROYED = "destroyed"


class FrozenBy(Entry):
    """One thing that freezes a dossier. `reason` only where it was asked for: it may name a dispute."""

    kind: str
    id: str
    owner: str = ""
    review_on: date | None = None
    until: date | None = None
    reason: str | None = None


class NeededBy(Entry):
    """Rows of another dataset that refer to the dossier and stay."""

    dataset: str
    rows: int


class Gone(Entry):
    """The ledger's evidence that a record was destroyed: the batch, its event in the chain, and by which article."""

    batch: str
    rule: str
    at: datetime
    event: int
    article: str | None = None


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
    odd: tuple[OddDates, ...] = ()
    latest: date | None
    minimum_until: date | None
    maximum_until: date | None
    kept_until: date | None
    decides: bool
    next_term: date | None = None

    @property
    def keeps_everything(self) -> bool:
        """Whether it has started and no term of it is in force, so nothing can say when it ends."""
        return self.column is not None and self.latest is not None and self.kept_until is None


class Why(Entry):
    """The whole trace of one record on one day. It names no key and no value of the record but its dates."""

    rule: str
    as_of: date
    standing: State
    start: date | None = None
    minimum_until: date | None = None
    maximum_until: date | None = None
    kept_until: date | None = None
    due_on: date | None = None
    days_late: int | None = None
    because: str
    frozen: tuple[FrozenBy, ...] = ()
    needed_by: tuple[NeededBy, ...] = ()
    at_expiry: str = ""
    columns: tuple[str, ...] = ()
    instruction: str | None = None
    next_step: str
    considered: tuple[Considered, ...] = ()
    gone: tuple[Gone, ...] = ()

    @property
    def winner(self) -> Considered | None:
        """The rule that decides, where one does."""
        return next((c for c in self.considered if c.decides), None)


@dataclass(frozen=True, slots=True)
class Wording:
    """How a language says a term; `domain.why.words` decides what. `whole` has terms, counting, event, article."""

    minimum: str = "at least {}"
    maximum: str = "at most {}"
    whole: str = "{terms}, {counting} of: {event}"
    none: str = "no term in force"
    period: Callable[[str], str] = str
    counting: Callable[[str], str] = str
    listed: Callable[[Sequence[str]], str] = ", ".join


ENGLISH = Wording()


def words(term: TermBlock | None, wording: Wording = ENGLISH) -> str:
    """The term in words: 'at least 7 years, from the end of the calendar year of: …'. The one place that says it."""
    if term is None:
        return wording.none
    parts = [wording.minimum.format(wording.period(str(term.minimum)))] if term.minimum is not None else []
    parts += [wording.maximum.format(wording.period(str(term.maximum)))] if term.maximum is not None else []
    return wording.whole.format(
        terms=wording.listed(parts),
        counting=wording.counting(term.counting.value),
        event=term.counts_from,
        article=term.article,
    )


#: A due dossier that another one, which stays, refers to (`domain.ties`).
_WAITS = "it waits: another dossier, which stays, refers to it; it goes with or after that one"


def explain(
    test: DueTest,
    facts: Sequence[WatchFacts],
    activities: Mapping[str, Activity],
    *,
    frozen: Sequence[FrozenBy] = (),
    odd: Mapping[int, tuple[OddDates, ...]] | None = None,
    instruction: str | None = None,
    done: bool = False,
    waits: bool = False,
) -> Why:
    """Trace the decision of `domain.standing.stand` for one dossier.

    `odd`: per place of a watch the kinds of its odd dates. `instruction`: the controller's, where one is on file.
    `done`: nothing of the rule's columns remains. `waits`: a dossier that stays refers to this one.
    """
    verdict = stand(test, facts)
    seen = [
        _consider(watch, fact, activities[watch.activity], test.as_of, (odd or {}).get(n, ()))
        for n, (watch, fact) in enumerate(zip(test.watches, facts, strict=True))
    ]
    counted = verdict.standing in (Standing.KEPT, Standing.DUE)
    winner = _winner(seen) if counted and (test.possible or verdict.by) else _blocker(test, seen, verdict)
    until = winner.kept_until if counted and winner is not None else None
    due_on = until + timedelta(days=1) if until is not None and until < date.max else None
    latest_allowed = max((c.maximum_until for c in seen if c.maximum_until), default=None)
    late = verdict.standing is Standing.DUE and not done and due_on is not None and latest_allowed is not None
    at_expiry, change = test.rule.action, test.rule.change
    return Why(
        rule=test.rule.name,
        as_of=test.as_of,
        standing=State(verdict.standing.value),
        start=winner.latest if counted and winner is not None else verdict.start,
        minimum_until=max((c.minimum_until for c in seen if c.minimum_until), default=None),
        maximum_until=latest_allowed,
        kept_until=until,
        due_on=due_on,
        days_late=(test.as_of - due_on).days if late and due_on is not None else None,
        because=_because(verdict.standing, winner, test.as_of),
        frozen=tuple(frozen),
        needed_by=tuple(NeededBy(dataset=c.dataset, rows=c.rows) for c in seen if c.column is None and c.rows),
        at_expiry=at_expiry.value,
        columns=() if change is None else tuple(f"{name}: {in_words(t)}" for name, t in change.columns),
        instruction=instruction,
        next_step=_DONE if done else _WAITS if waits else _next_step(verdict.standing, frozen, at_expiry, instruction),
        considered=tuple(c.model_copy(update={"decides": c is winner}) for c in seen),
    )


def _consider(watch: Watch, fact: WatchFacts, activity: Activity, as_of: date, odd: tuple[OddDates, ...]) -> Considered:
    term = activity.term_on(as_of) if watch.column is not None else None
    start = fact.latest if term is not None else None
    return Considered(
        dataset=watch.dataset,
        column=watch.column,
        activity=activity.title,
        article=term.article if term is not None else "–",
        term=words(term) if watch.column is not None else "stays while a record that stays needs it",
        cutoff=watch.cutoff,
        rows=fact.rows,
        missing=fact.missing,
        implausible=fact.implausible,
        odd=odd,
        latest=fact.latest,
        minimum_until=term.minimum_until(start) if term is not None and start is not None else None,
        maximum_until=term.maximum_until(start) if term is not None and start is not None else None,
        kept_until=term.kept_until(start) if term is not None and start is not None else None,
        decides=False,
        next_term=min((b.since for b in activity.term if b.since > as_of), default=None),
    )


def _winner(seen: Sequence[Considered]) -> Considered | None:
    """What is never over wins; else what ends last, and of two that end together the one by its minimum."""
    endless = [c for c in seen if c.keeps_everything]
    ended = [c for c in seen if c.kept_until is not None]
    return next(iter(endless), None) or max(
        ended, key=lambda c: (c.kept_until or date.min, c.minimum_until == c.kept_until), default=None
    )


def _blocker(test: DueTest, seen: Sequence[Considered], verdict: Stand) -> Considered | None:
    """Not the end of a term decides but a missing date, an odd one, a need, or a term that nothing can outlast."""
    if verdict.standing is Standing.KEPT:
        return next((c for c in seen if c.column is not None and c.cutoff is None), None)
    return next((c for w, c in zip(test.watches, seen, strict=True) if w is verdict.by), None)


def _because(standing: Standing, winner: Considered | None, as_of: date) -> str:
    if winner is None:
        return "no date in the dossier starts a term"
    at = winner.dataset if winner.column is None else f"{winner.dataset}.{winner.column}"
    if standing in (Standing.MISSING, Standing.IMPLAUSIBLE):
        what = ", ".join(f"{o.rows}× {o.kind}" for o in winner.odd) or standing.value
        return f"{at} has a date that starts no term ({what}), and nobody may guess it"
    if standing is Standing.NEEDED:
        return f"{winner.rows} rows of {at} need it and stay, whatever its own term"
    if winner.kept_until is None:
        return f"no date of {at} is early enough on {as_of} for {winner.activity!r} ({winner.term}): everything stays"
    if winner.kept_until == winner.minimum_until:
        return f"by {at}: the longest minimum goes over any maximum ({winner.term}; {winner.article})"
    return f"by {at}: no minimum lasts longer than this maximum ({winner.term}; {winner.article})"


def _next_step(standing: Standing, frozen: Sequence[FrozenBy], at_expiry: AtExpiry, instruction: str | None) -> str:
    if standing in _STAYS:
        return _STAYS[standing]
    if frozen:
        return "it stays while what freezes it lasts, and is released by itself"
    if instruction is not None:
        return f"as the controller says: {instruction}"
    return _NEXT[at_expiry]
