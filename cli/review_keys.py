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
        self.console.print(said, style="dim")
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
            if any(word == "this person" for word, _ in sitting.undone):
                review = read_again()  # their texts must be looked at too
            sitting.undone.clear()
            if not going_on:
                return len(review.open), sitting.counts
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
        pressed = sitting.key(show_record(doubt, review), said, "tnsuq")
        if pressed == "q":
            return False
        if pressed == "u":
            at -= sitting.undo() and at > 0
            continue
        if pressed != "s":
            settle(sitting.office, sitting.case, doubt, include=pressed == "t", by=sitting.by)
            word = "this person" if pressed == "t" else "not this person"
            sitting.note(word, 1, lambda d=doubt: unsettle(sitting.office, sitting.case, d, by=sitting.by))  # type: ignore[misc]
        at += 1
    return True


def ask_passages(sitting: Round, open_ones: Sequence[Group]) -> int:
    """Whether each passage is withheld; how many are left open."""
    from tasks.review import decide, reopen

    todo, wide = list(open_ones), False
    skipped: list[Group] = []
    of = sum(len(g.places) for g in todo)
    while todo or skipped:
        if not todo:
            break
        group = todo[0]
        one, others = (group, None) if wide else group.narrowed()
        left = sum(len(g.places) for g in [*todo, *skipped])
        pressed = sitting.key(show_passage(group), _progress(of - left, of, sitting, group, wide), "wkasbuq")
        if pressed == "q":
            break
        if pressed == "a":
            wide = not wide
        elif pressed == "b":
            todo, skipped = [*skipped, *todo], []
        elif pressed == "s":
            skipped.append(todo.pop(0))
        elif pressed == "u":
            sitting.undo()
        else:
            withhold, before = pressed == "w", list(todo)
            decide(sitting.office, sitting.case, [one], withhold=withhold, by=sitting.by)
            todo, wide = [*([others] if others else []), *todo[1:]], False

            def back(one: Group = one, before: list[Group] = before) -> None:
                nonlocal todo, skipped
                reopen(sitting.office, sitting.case, [one], by=sitting.by)
                todo, skipped = before, [g for g in skipped if g not in before]

            sitting.note("withheld" if withhold else "kept", len(one.places), back)
    return sum(len(g.places) for g in [*todo, *skipped])


def _progress(done: int, of: int, sitting: Round, group: Group, wide: bool) -> str:
    told = ", ".join(f"{n} {word}" for word, n in sitting.counts.items() if n)
    alike = len(group.places)
    reach = f"all {alike} alike" if wide else f"this one of {alike} alike" if alike > 1 else "this one"
    bar = "█" * (20 * done // max(of, 1))
    return f"{bar:░<20} {done} of {of} decided{f' ({told})' if told else ''}\na key decides on {reach}\n{PASSAGE_KEYS}"


def show_passage(one: Group) -> RenderableType:
    """The words in their context, beside why they are proposed and by which article they could be withheld."""
    from rich.text import Text

    place = one.places[0]
    text = Text("…" if len(one.before) < place.passage.start else "") + Text(one.before)
    text += Text(one.words, style="bold reverse") + Text(one.after)
    why = [one.kind.value, one.reason, f"{place.system}.{place.dataset}:{place.key}, column {place.column}"]
    why += [f"stands in {len(one.places)} places"] if len(one.places) > 1 else []
    return _side_by_side(text, "\n".join([*why, "AVG 15(4): de rechten van een ander"]))


def show_record(doubt: Doubt, review: Review) -> RenderableType:
    """What the record says beside what the case says of the person, and what speaks for and against."""
    theirs = "\n".join(f"{label}: {value}" for label, value in doubt.values.items())
    person = "\n".join(f"{name}: {value}" for name, value in review.person.items())
    why = [f"matches: {', '.join(doubt.matching) or '–'}", f"conflicts: {', '.join(doubt.conflicting) or '–'}"]
    why += ["its BSN fails the eleven-test: look twice"] if doubt.odd_bsn else []
    return _side_by_side(f"{doubt.title} ({doubt.place})\n\n{theirs}", "\n".join([*why, "", "who asks:", person]))


def _side_by_side(left: RenderableType, right: RenderableType) -> RenderableType:
    from rich.table import Table

    grid = Table.grid(padding=(0, 3), expand=True)
    grid.add_column(ratio=2, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(left, right)
    return grid


def lines_of(review: Review) -> Iterator[tuple[str, RenderableType]]:
    """Everything with its number, for who reads line by line: `record:2`, `name:3`."""
    for n, doubt in enumerate(review.doubts, 1):
        yield f"record:{n}", show_record(doubt, review)
    for mark, waits in review.marks:
        spot = mark.spot
        where = f"{spot.system}.{spot.dataset}:{spot.key}" + (f", column {spot.column}" if spot.column else "")
        now = "what stood there changed: mark it again, and take this one away with --unmark"
        yield f"mark:{mark.serial}", _side_by_side(f"{where}\n{now if waits else mark.reason}", mark.article)
    numbers: dict[str, int] = {}
    for group in review.groups:
        kind = group.kind.name.lower()
        numbers[kind] = numbers.get(kind, 0) + 1
        yield f"{kind}:{numbers[kind]}", show_passage(group)
