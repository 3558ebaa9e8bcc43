"""When a practice that has not answered is asked again, and who in the office is told: `register/lists.toml`.

Chasing tells people. It never moves a list and never destroys.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta

from domain.climbing import Again, Chase, SilenceLadder, Step, climb_silence
from domain.lists import Answer, DestructionList, ListState
from domain.terms import Term

__all__ = ["Again", "Chase", "ListLadder", "Step", "chase_on", "waits_since"]


class ListLadder(SilenceLadder):
    """How long a practice has, how it is chased, and after how long a dossier that it keeps is proposed anew."""

    kept_is_asked_again: Term


def waits_since(of: DestructionList, ladder: ListLadder) -> date | None:
    """The day from which we count; None where the list does not wait for its practice.

    After 'later' the first rung falls on the day that the practice named.
    """
    if of.state is ListState.SENT:
        return of.sent_on
    if of.state is ListState.INSTRUCTED and of.answer is Answer.LATER and of.later is not None:
        return of.later - timedelta(days=ladder.rung[0].days_after)
    return None


def chase_on(ladder: ListLadder, of: DestructionList, as_of: date, already: Set[str]) -> Chase | None:
    """The highest rung that this list has reached on `as_of` and not climbed; None where there is none."""
    since = waits_since(of, ladder)
    return None if since is None else climb_silence(ladder, since, as_of, already)
