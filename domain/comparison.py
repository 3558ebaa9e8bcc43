"""What a change of the register would change: which dossiers are due under it, no longer due, and newly due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from domain.activity import Entry
from domain.guards import may_destroy
from domain.keys import Key
from domain.rules import DueTest, RetentionRule


class Mark(StrEnum):
    """How one dossier stands under two registers."""

    NO_LONGER = "-"
    STILL = "="
    NEWLY = "+"


class OutOfOrder(ValueError):
    """A source gives its keys in another order than Python sorts them, so two streams of it cannot be merged."""


class RuleChange(Entry):
    """One rule under the register as it is and as it would be. Dossiers are counted by their root.

    `term` and `new_term` are None where the rule is not in that register. `frozen` counts the newly due that a hold
    or an open request keeps; `destroyed` the records that went under this rule, which nothing brings back.
    """

    rule: str
    term: str | None
    new_term: str | None
    no_longer: int
    still: int
    newly: int
    frozen: int
    destroyed: int
    to_countersign: bool
    over_ceiling: str | None = None

    @property
    def due(self) -> int:
        """How many are due as the register is."""
        return self.no_longer + self.still

    @property
    def new_due(self) -> int:
        """How many would be due."""
        return self.still + self.newly


def merge(now: Iterable[Key], then: Iterable[Key]) -> Iterator[tuple[Mark, Key]]:
    """Every key of two ascending streams with its mark, in one pass and without keeping any. Raises OutOfOrder."""
    left, right = _ascending(now), _ascending(then)
    here, there = next(left, None), next(right, None)
    while here is not None or there is not None:
        if there is None or (here is not None and _before(here, there)):
            yield Mark.NO_LONGER, here or ()
            here = next(left, None)
        elif here is None or _before(there, here):
            yield Mark.NEWLY, there
            there = next(right, None)
        else:
            yield Mark.STILL, here
            here, there = next(left, None), next(right, None)


def match(now: Iterable[Key], then: Iterable[Key]) -> Iterator[tuple[Mark, Key]]:
    """The same for a source with an order of its own; it keeps the keys of `now`."""
    old = dict.fromkeys(now)
    for key in then:
        if key in old:
            del old[key]
            yield Mark.STILL, key
        else:
            yield Mark.NEWLY, key
    for key in old:
        yield Mark.NO_LONGER, key


def same_question(now: DueTest, then: DueTest) -> bool:
    """Whether both ask the same of the same rows, so that one scan answers both."""
    return _question(now) == _question(then)


def _question(test: DueTest) -> tuple[object, ...]:
    return test.watches, test.possible, test.rule.parts, test.rule.change


def over_ceiling(rule: RetentionRule, would_go: int, total: int) -> str | None:
    """What the guard of the ceiling would say of so many dossiers, or None; it looks where a rule destroys."""
    ceiling = rule.dataset.ceiling
    if ceiling is None or not may_destroy(rule.action) or would_go == 0:
        return None
    share = would_go / total if total > 0 else 1.0
    if would_go <= ceiling.records and share <= ceiling.share:
        return None
    return f"{would_go} of {total} ({share:.1%}); the ceiling is {ceiling.records} records and {ceiling.share:.1%}"


def _ascending(keys: Iterable[Key]) -> Iterator[Key]:
    before: Key | None = None
    for key in keys:
        if before is not None and not _before(before, key):
            raise OutOfOrder
        yield key
        before = key


def _before(one: Key, other: Key) -> bool:
    try:
        return bool(one < other)
    except TypeError:
        raise OutOfOrder from None
