"""The review of an answer at the DPO's own terminal: by keys, line by line, counted, or from a file of decisions."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.review_keys import ask_by_keys
from cli.review_shown import lines_of, plain, show_record
from cli.screen import say, show_json, show_table
from domain.trouble import Refused

if TYPE_CHECKING:
    from tasks.doubts import Doubt
    from tasks.office import Office
    from tasks.review import Group, Review

Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]


def review(
    number: Number,
    by: Annotated[str, typer.Option("--by", help="Your id in the office.")] = "privacy",
    listed: Annotated[bool, typer.Option("--list", help="Only count what is open and decided; no words.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as JSON.")] = False,
    shown: Annotated[
        bool,
        typer.Option(
            "--show",
            help="Everything with its number and context, and every record that can be marked, to read line by line.",
        ),
    ] = False,
    marks: Annotated[
        str,
        typer.Option(
            "--mark",
            metavar="FILE",
            help="Withhold by hand what [[withhold]] of a TOML file says (record, column, words, reason, article);"
            " - is standard input.",
        ),
    ] = "",
    unmarked: Annotated[int, typer.Option("--unmark", metavar="N", help="Withhold mark N no longer.")] = 0,
    file: Annotated[
        str,
        typer.Option(
            "--decide",
            metavar="FILE",
            help="Lines such as `phone withhold`, `name:3 keep`, `all keep`, `record:1 theirs`, `record:2 another`;"
            " - is standard input.",
        ),
    ] = "",
) -> None:
    """Decide by keys what may be somebody else's: records in doubt, and passages in the texts of this person.

    Personal data appears here only, on your own screen, and is gone from it when you stop; that you looked is recorded.
    Each decision is kept at once, so stop when you like. Nothing is sealed while anything is open, and a text that
    changed since is asked again.
    """
    os.environ["TERMIJN_SKIN"] = "plain"
    from tasks.office import open_office
    from tasks.review import read_review

    written = _read(marks, "--mark") if marks else _read(file, "--decide") if file else ""
    with open_office() as office:
        if marks or unmarked:
            _mark(office, number, written, unmarked, by=by)
            return
        found = read_review(office, number, by=by)
        if listed or as_json:
            _count(found, as_json=as_json)
        elif shown:
            _show_all(office, found)
        elif file:
            _decide_from(office, found, written, by=by)
            say(f"decided; see what is left with: termijn review {number} --list")
        elif not sys.stdin.isatty():
            raise Refused("this asks for keys", do="run it at a terminal, or give --list, --show or --decide FILE")
        else:
            left, counts = ask_by_keys(office, found, by=by, read_again=lambda: read_review(office, number, by=by))
            told = [f"{n} {word}" for word, n in counts.items() if n]
            say(", ".join(told) if told else "nothing was decided")
            if any(state.waits for _, state in found.marks):
                say(f"what was marked by hand changed or is met nowhere: termijn review {number} --show")
            say(f"{left} left; go on with: termijn review {number}" if left else "no passage is left to decide")


def _read(file: str, option: str) -> str:
    """What a file or standard input (-) says. Raises BadParameter: nothing was searched or decided yet."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise typer.BadParameter(
            "this file cannot be read: is it there, and is it text in UTF-8?", param_hint=option
        ) from None


def _mark(office: Office, number: str, written: str, unmarked: int, *, by: str) -> None:
    from tasks.marking import mark_by_hand, unmark, wish_from

    if unmarked:
        unmark(office, number, unmarked, by=by)
        say(f"mark {unmarked} withholds nothing any more")
    if written:
        try:
            told = tomllib.loads(written)
        except tomllib.TOMLDecodeError:
            raise Refused("the file with marks is no TOML", do="write [[withhold]] with record, reason, …") from None
        wishes = [wish_from(one, nth) for nth, one in enumerate(told.get("withhold", ()), 1)]
        say(f"withheld by hand: {mark_by_hand(office, number, wishes, by=by)}")


def _show_all(office: Office, found: Review) -> None:
    """What is to be decided, then every record: each is printed as it is read, however many there are."""
    from rich.console import Console, RenderableType

    from tasks.review import show_records

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)

    def show(name: str, item: RenderableType) -> None:
        console.print(plain(f"\n{name}"), style="bold", soft_wrap=True)
        console.print(item)

    for name, item in lines_of(found):
        show(name, item)
    show_records(office, found.search, lambda record: show(record.place, show_record(record)))


def _count(found: Review, *, as_json: bool) -> None:
    from tasks.marks_met import MarkState

    rows: dict[str, list[int]] = {}
    for one in found.groups:
        row = rows.setdefault(one.kind.name.lower(), [0, 0, 0])
        row[2 if one.decided is False else 1 if one.decided else 0] += len(one.places)
    stale = sum(state.waits for _, state in found.marks)
    useless = sum(state is MarkState.OF_NO_USE for _, state in found.marks)
    held = len(found.marks) - stale - useless
    if as_json:
        told = {k: dict(zip(("open", "withheld", "kept"), v, strict=True)) for k, v in sorted(rows.items())}
        hands = {"withheld": held, "open": stale, "of_no_use": useless}
        open_ones = {"passages": told, "by_hand": hands, "candidates_open": len(found.doubts)}
        show_json({"case": found.search.case.number, **open_ones})
        return
    show_table(
        f"Review of case {found.search.case.number}",
        ["kind", "open", "withheld", "kept"],
        [
            ("record", len(found.doubts), "", ""),
            ("by hand", stale, held, ""),
            *((k, *v) for k, v in sorted(rows.items())),
        ],
        right=(1, 2, 3),
    )
    if useless:
        say(f"marks by hand of no use any more, their record is gone: {useless}")


def _decide_from(office: Office, found: Review, text: str, *, by: str) -> None:
    """Carry out the lines of a file, all of which are read before the first is."""
    from tasks.doubts import Doubt, settle
    from tasks.review import decide

    number = found.search.case.number
    for things, word in [_read_line(found, n, line) for n, line in enumerate(text.splitlines(), 1) if _said(line)]:
        if word in ("withhold", "keep"):
            decide(office, number, [t for t in things if not isinstance(t, Doubt)], withhold=word == "withhold", by=by)
        for doubt in things:
            if isinstance(doubt, Doubt):
                settle(office, number, doubt, include=word == "theirs", by=by)


def _read_line(found: Review, nth: int, line: str) -> tuple[list[Group | Doubt], str]:
    """The things that a line names, and the word it says of them: per kind, per kind and number, or all passages."""
    what, _, word = _said(line).partition(" ")
    kind, _, number = what.partition(":")
    words = ("theirs", "another") if kind == "record" else ("withhold", "keep")
    if word.strip() not in words:
        raise Refused(
            f"line {nth} says neither {words[0]} nor {words[1]}", do=f"write lines such as: {what} {words[0]}"
        )
    things: list[Group | Doubt] = [g for g in found.groups if kind in ("all", g.kind.name.lower())]
    if kind == "record":
        things = list(found.doubts)
    if number:
        things = things[int(number) - 1 : int(number)] if number.isdecimal() and int(number) else []
    if not things:
        raise Refused(f"line {nth} names nothing that was found", do="see: termijn review CASE --show")
    return things, word.strip()


def _said(line: str) -> str:
    return line.partition("#")[0].strip()
