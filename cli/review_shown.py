"""How a passage, a record in doubt, a mark and a record of the person stand on the screen of who reviews.

All that a source says goes through `harmless` and is never read as markup: a note cannot steer the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.screen import harmless

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from tasks.doubts import Doubt
    from tasks.review import Group, Review, Shown


def show_passage(one: Group) -> RenderableType:
    """The words in their context, beside why they are proposed and by which article they could be withheld."""
    from rich.text import Text

    place = one.places[0]
    text = Text("…" if len(one.before) < place.passage.start else "") + plain(one.before)
    text += Text(harmless(one.words), style="bold reverse") + plain(one.after)
    why = [one.kind.value, one.reason, f"{place.system}.{place.dataset}:{place.key}, column {place.column}"]
    why += [f"stands in {len(one.places)} places"] if len(one.places) > 1 else []
    return _side_by_side(text, plain("\n".join([*why, "AVG 15(4): de rechten van een ander"])))


def show_doubt(doubt: Doubt, review: Review) -> RenderableType:
    """What the record says beside what the case says of the person, and what speaks for and against."""
    theirs = "\n".join(f"{label}: {value}" for label, value in doubt.values.items())
    person = "\n".join(f"{name}: {value}" for name, value in review.person.items())
    why = [f"matches: {', '.join(doubt.matching) or '–'}", f"conflicts: {', '.join(doubt.conflicting) or '–'}"]
    why += ["its BSN fails the eleven-test: look twice"] if doubt.odd_bsn else []
    beside = plain("\n".join([*why, "", "who asks:", person]))
    return _side_by_side(plain(f"{doubt.title} ({doubt.place})\n\n{theirs}"), beside)


def show_record(one: Shown) -> RenderableType:
    """What one record says, with the name of each column as a mark by hand needs it."""
    said = "\n".join(f"{column}: {value}" for column, value in one.values.items())
    return _side_by_side(plain(said), plain(one.title))


def plain(text: str) -> Text:
    """Text of somebody else: no code steers the terminal, no bracket is markup."""
    from rich.text import Text

    return Text(harmless(text))


def lines_of(review: Review) -> Iterator[tuple[str, RenderableType]]:
    """Everything with its number, for who reads line by line: `record:2`, `name:3`."""
    for n, doubt in enumerate(review.doubts, 1):
        yield f"record:{n}", show_doubt(doubt, review)
    for mark, state in review.marks:
        spot = mark.spot
        where = f"{spot.system}.{spot.dataset}:{spot.key}" + (f", column {spot.column}" if spot.column else "")
        yield f"mark:{mark.serial}", _side_by_side(plain(f"{where}\n{state or mark.reason}"), plain(mark.article))
    numbers: dict[str, int] = {}
    for group in review.groups:
        kind = group.kind.name.lower()
        numbers[kind] = numbers.get(kind, 0) + 1
        yield f"{kind}:{numbers[kind]}", show_passage(group)


def _side_by_side(left: RenderableType, right: RenderableType) -> RenderableType:
    from rich.table import Table

    grid = Table.grid(padding=(0, 3), expand=True)
    grid.add_column(ratio=2, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(left, right)
    return grid
