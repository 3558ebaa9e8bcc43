"""Letters of a case at the command line: see which are owed, read one, send it, print it, say that it was posted."""

from __future__ import annotations

import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.screen import say, show_json, show_table
from domain.trouble import NotFound, Refused

if TYPE_CHECKING:
    from domain.evidence import Fact
    from domain.letters import LetterKind

app = typer.Typer(help="Letters to the person of a case: show, send, print, posted.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Kind = Annotated[str, typer.Argument(metavar="KIND", help="acknowledgement, identity-question, refusal, …")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]
Facts = Annotated[
    str,
    typer.Option(
        "--facts", metavar="FILE", help="TOML file with what the letter needs besides, or - for standard input."
    ),
]
Occasion = Annotated[str, typer.Option("--occasion", help="Which one of its kind: 2 for a second.")]


@app.command("show")
def show_letter(
    number: Number,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Read this one; left out: which there are.")] = "",
    facts: Facts = "",
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Also what opens the PDF that goes along.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    occasion: Occasion = "",
    by: By = "privacy",
) -> None:
    """Show which letters a case has and owes, or what one says: as it is kept, else as it would be written now."""
    if not kind:
        _show_all(number, as_json=as_json)
        return
    from domain.letters import occasion_of
    from reports import plain_letter
    from tasks.clock import today
    from tasks.correspondence import look_at
    from tasks.letter_told import fill
    from tasks.office import open_office

    wanted = _kind(kind)
    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        one = office.ledger.letters.find(number, wanted, occasion or occasion_of(wanted, case))
        kept = look_at(office, one, by=by) if one else fill(office, case, wanted, _facts(facts, wanted), on=today())
        say(plain_letter(kept.told, kept.lines, office.register.organisation).rstrip())
    say(f"({one.state.value})" if one else "(a draft; nothing was kept)")
    if passphrase and one and kept.passphrase:
        say(f"passphrase: {kept.passphrase}")


@app.command("send")
def send_one(number: Number, kind: Kind, facts: Facts = "", occasion: Occasion = "", by: By = "privacy") -> None:
    """Send a letter by mail, to the address of the case; once. What it needs besides is asked, or read from a file."""
    from tasks.correspondence import send_letter
    from tasks.office import open_office

    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        wanted = _kind(kind)
        given = _given(number, wanted, facts, occasion, by, known=_is_kept(office, case, wanted, occasion))
        trouble = send_letter(office, case, wanted, given)
    if trouble is not None:
        what, _, do = trouble.partition("\n  -> ")
        raise Refused(what, do=do or "see: termijn letter show")
    say(f"case {number}: {kind} went")


@app.command("print")
def print_one(number: Number, kind: Kind, facts: Facts = "", occasion: Occasion = "", by: By = "privacy") -> None:
    """Write a letter and lay it ready to print; when it is in the post, say so with: letter posted."""
    from tasks.correspondence import lay_letter, write_letter
    from tasks.office import open_office

    wanted = _kind(kind)
    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        given = _given(number, wanted, facts, occasion, by, known=_is_kept(office, case, wanted, occasion))
        say(str(lay_letter(office, write_letter(office, case, wanted, given))))


@app.command("posted")
def posted(
    number: Number,
    kind: Kind,
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day it was posted; today if left out.")
    ] = None,
    occasion: Occasion = "",
    by: By = "privacy",
) -> None:
    """Say that a printed letter was put in the post, on which day and by whom."""
    from tasks.clock import today
    from tasks.correspondence import post_letter
    from tasks.office import open_office

    with open_office() as office:
        day = on.date() if on is not None else today()
        post_letter(office, number, _kind(kind), on=day, by=by, occasion=occasion)
    say(f"case {number}: {kind} was posted on {day}")


def read_facts(file: str) -> dict[str, Fact]:
    """What a letter needs besides the case: lines such as reasons = ["…"]. Raises NotFound, Refused."""
    if not file:
        return {}
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        found: dict[str, Any] = tomllib.loads(text)
    except FileNotFoundError:
        raise NotFound("the file with the facts does not exist", do="correct --facts") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Refused("the file with the facts is not TOML", do='write lines such as reasons = ["…"]') from None
    return {name: str(value) if hasattr(value, "isoformat") else value for name, value in found.items()}


def _facts(file: str, kind: LetterKind) -> dict[str, Fact]:
    from domain.letters import allowed

    found = read_facts(file)
    unknown = sorted(set(found) - allowed(kind))
    if unknown:
        fitting = ", ".join(sorted(allowed(kind))) or "nothing"
        raise Refused(f"the letter {kind.value} has no place for: {', '.join(unknown)}", do=f"it takes: {fitting}")
    return found


def _given(number: str, kind: LetterKind, file: str, occasion: str, by: str, *, known: bool) -> dict[str, Fact]:
    """The facts from the file; what is missing is asked, unless the letter was kept before."""
    from domain.letters import missing

    found = _facts(file, kind)
    for name in () if known else missing(kind, found):
        if name == "refused":
            found[name] = [typer.prompt(f"{number}: {q}") for q in ("which part is refused", "why not", "article")]
        else:
            found[name] = [typer.prompt(f"{number}: {name}")]
    return {**found, "by": by, **({"occasion": occasion} if occasion else {})}


def _is_kept(office: Any, case: Any, kind: LetterKind, occasion: str) -> bool:
    from domain.letters import occasion_of

    return office.ledger.letters.find(case.number, kind, occasion or occasion_of(kind, case)) is not None


def _kind(written: str) -> LetterKind:
    from domain.letters import LetterKind

    if written not in set(LetterKind):
        raise Refused(f"no letter is called {written!r}", do=f"choose one of: {', '.join(LetterKind)}")
    return LetterKind(written)


def _show_all(number: str, *, as_json: bool) -> None:
    from domain.letters import ARTICLE, owed
    from tasks.office import open_office

    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        letters = office.ledger.letters.of_case(number)
    lacks = owed(case, {(one.kind, one.occasion) for one in letters if one.state.is_gone})
    rows = [
        (one.kind.value, one.occasion, one.state.value, one.gone_on, one.attempts, one.by, ARTICLE[one.kind])
        for one in letters
    ]
    heads = ["letter", "nth", "is", "went on", "attempts", "by", "article"]
    if as_json:
        show_json({"letters": [dict(zip(heads, r, strict=True)) for r in rows], "owed": lacks})
        return
    show_table(f"Letters of case {number}", heads, rows)
    say("nothing is owed" if lacks is None else f"owed now: {lacks.value} ({ARTICLE[lacks]})")
