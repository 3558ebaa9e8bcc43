"""The review by keys: one thing on the screen at a time, one key for each decision, each kept at once.

It stands on the terminal's second screen: what was shown is gone when it ends, and no scrollback keeps it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from select import select
from typing import TYPE_CHECKING

from cli.review_shown import plain, show_doubt, show_passage
from cli.review_waiting import Waiting

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from tasks.doubts import Doubt
    from tasks.office import Office
    from tasks.review import Group, Review

PASSAGE_KEYS = "w withhold · k keep · a all alike · s skip · b back to what was skipped · u undo · q quit"
RECORD_KEYS = "t this person · n not this person · s skip · u undo · q quit"


@dataclass(slots=True)
class Round:
    """One sitting at the keys: what is still to be asked, what was done and can be undone."""

    office: Office
    case: str
    by: str
    console: Console
    read_key: Callable[[], str]
    undone: list[tuple[str, Callable[[], None]]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def note(self, word: str, number: int, undo: Callable[[], None]) -> None:
        """Something was decided: it is counted, and how to take it back is remembered."""
        self.counts[word] = self.counts.get(word, 0) + number

        def back() -> None:
            undo()
            self.counts[word] -= number

        self.undone.append((word, back))

    def undo(self) -> bool:
        """Take the last decision of this sitting back; whether there was one."""
        if not self.undone:
            return False
        self.undone.pop()[1]()
        return True

    def key(self, shown: RenderableType, said: str, keys: str) -> str:
        """Show one thing and read one of these keys."""
        self.console.clear()
        self.console.print(shown)
        self.console.print(plain(said), style="dim")
        while True:
            pressed = self.read_key().lower()
            if pressed == "\x04":
                return "q"
            if pressed in keys:
                return pressed


def ask_by_keys(
    office: Office, review: Review, *, by: str, read_again: Callable[[], Review]
) -> tuple[int, dict[str, int]]:
    """Ask what is open, records before passages; how many are left, and what was decided. Personal data on screen."""
    from rich.console import Console

    console = Console(highlight=False)
    with console.screen(hide_cursor=False), keys_of(sys.stdin.fileno()) as read_key:
        sitting = Round(office, review.search.case.number, by, console, read_key)
        if review.doubts:
            going_on = ask_records(sitting, review)
            in_doubt = len(review.doubts) - len(sitting.undone)
            if any(word == "this person" for word, _ in sitting.undone):
                review = read_again()  # their texts must be looked at too
            sitting.undone.clear()
            if not going_on:
                return sum(len(g.places) for g in review.open) + in_doubt, sitting.counts
        left = ask_passages(sitting, review.open)
    return left, sitting.counts


@contextmanager
def keys_of(terminal: int) -> Iterator[Callable[[], str]]:
    """A reader of single keys: what is typed ahead is kept, and the terminal is as it was afterwards."""
    import termios
    import tty

    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)

    def read_key() -> str:
        key = os.read(terminal, 1).decode("latin-1")
        while key == "\x1b" and select([terminal], [], [], 0.02)[0]:  # an arrow is several bytes, and no decision
            os.read(terminal, 16)
        return key or "\x04"

    try:
        yield read_key
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def ask_records(sitting: Round, review: Review) -> bool:
    """Whose is each record in doubt; False where the person at the keys stopped."""
    from tasks.doubts import settle, unsettle

    todo, at = list(review.doubts), 0
    while at < len(todo):
        doubt = todo[at]
        said = f"record {at + 1} of {len(todo)}\n{RECORD_KEYS}"
        pressed = sitting.key(show_doubt(doubt, review), said, "tnsuq")
        if pressed == "q":
            return False
        if pressed == "u":
            sitting.undo()
            continue
        if pressed != "s":
            settle(sitting.office, sitting.case, doubt, include=pressed == "t", by=sitting.by)

            def back(doubt: Doubt = doubt, there: int = at) -> None:
                nonlocal at
                unsettle(sitting.office, sitting.case, doubt, by=sitting.by)
                at = there  # not the one before: that may have been skipped

            sitting.note("this person" if pressed == "t" else "not this person", 1, back)
        at += 1
    return True


def ask_passages(sitting: Round, open_ones: Sequence[Group]) -> int:
    """Whether each passage is withheld; how many are left open."""
    from tasks.review import decide, reopen

    waiting, wide = Waiting.of(open_ones), False
    of = waiting.left
    while waiting.turn:
        group = waiting.shown()
        pressed = sitting.key(show_passage(group), _progress(of - waiting.left, of, sitting, group, wide), "wkasbuq")
        if pressed == "q":
            break
        if pressed == "a":
            wide = not wide
            continue
        if pressed == "b":
            waiting.go_back()
        elif pressed == "s":
            waiting.skip()
        elif pressed == "u":
            sitting.undo()
        else:
            n, places = waiting.take(len(group.places) if wide else 1)
            one = group.only(places)
            decide(sitting.office, sitting.case, [one], withhold=pressed == "w", by=sitting.by)

            def back(n: int = n, one: Group = one) -> None:
                reopen(sitting.office, sitting.case, [one], by=sitting.by)
                waiting.put_back(n, one.places)

            sitting.note("withheld" if pressed == "w" else "kept", len(places), back)
        wide = False
    return waiting.left


def _progress(done: int, of: int, sitting: Round, group: Group, wide: bool) -> str:
    told = ", ".join(f"{n} {word}" for word, n in sitting.counts.items() if n)
    alike = len(group.places)
    reach = f"all {alike} alike" if wide else f"this one of {alike} alike" if alike > 1 else "this one"
    bar = "█" * (20 * done // max(of, 1))
    return f"{bar:░<20} {done} of {of} decided{f' ({told})' if told else ''}\na key decides on {reach}\n{PASSAGE_KEYS}"
