"""Destruction lists at the command line: draw up, send, record a practice's instruction, approve, chase, state."""

from __future__ import annotations

import os
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.clock import Day, Json
from cli.office import By, Code
from cli.screen import say, show_json, show_table
from domain.instruction import AtPractice, Instruction, WhyKept
from domain.lists import MOVED_BY, Answer
from domain.trouble import Refused

if TYPE_CHECKING:
    from domain.lists import DestructionList

app = typer.Typer(
    help="Destruction lists: what 12Care, as processor, asks each practice to let it destroy.", no_args_is_help=True
)
Choice = TypeVar("Choice", bound=StrEnum)
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The list, for example L2026-0001.")]
On = Annotated[datetime | None, typer.Option("--on", metavar="DATE", formats=["%Y-%m-%d"], help="The day; else today.")]


@app.command("draw")
def draw(
    system: Annotated[str, typer.Argument(metavar="[SYSTEM]", help="One system; without it all of them.")] = "",
    as_of: Day = None,
) -> None:
    """Put what is due on a list per practice, sealed and laid ready in the output folder. Destroys nothing."""
    from flows.propose_lists import propose_lists

    drawn = propose_lists(as_of=as_of.date() if as_of else None, systems=[system] if system else [])
    say(f"drawn up: {', '.join(drawn.numbers) or 'nothing new is due'}")


@app.command("show")
def show(number: Annotated[str, typer.Argument(metavar="[NUMBER]")] = "", as_json: Json = False) -> None:
    """Show where every list stands, or one of them. Client numbers stand in the sealed file only."""
    from tasks.office import open_office

    with open_office() as office:
        found = [office.ledger.lists.read_list(number)] if number else list(office.ledger.lists.list_lists())
        chased = {one.number: list(office.ledger.chases.of_list(one.number)) for one in found}
    if as_json:
        show_json([_as_json(one) | {"chased": chased[one.number]} for one in found])
        return
    show_table(
        "Destruction lists",
        ["list", "rule", "practice", "records", "drawn up", "sent", "state", "answer", "chased"],
        [
            (
                one.number, one.rule, one.controller, one.count, one.as_of, one.sent_on, one.state.value,
                _answer(one), len(chased[one.number]),
            )
            for one in found
        ],
        right=[3, 8],
    )  # fmt: skip
    for one in found if number else ():
        say(f"  {one.state.value}: by {MOVED_BY[one.state]}")
        say(f"  digest {one.digest}, wording {one.rule_digest[:24]}")


@app.command("send")
def send(number: Number, on: On = None, by: By = "", code: Code = "") -> None:
    """Say that you sent the list to its practice; shows its passphrase, once, for another channel than the file."""
    from tasks.lists import send_list

    file, passphrase = send_list(number, on=_day(on), by=_who(by), code=_code(code))
    say(f"list {number} is sent: {file}")
    say(f"passphrase, to be told over another channel: {passphrase}")


@app.command("instruct")
def instruct(
    number: Number,
    answer: Annotated[str, typer.Argument(metavar="all|part|later", help="What the practice wrote.")],
    role: Annotated[str, typer.Option("--role", help=f"Who wrote it: {', '.join(AtPractice)}.")],
    reference: Annotated[str, typer.Option("--reference", help="The reference of the letter; never a name.")],
    received: Annotated[datetime | None, typer.Option("--received", formats=["%Y-%m-%d"], help="Else today.")] = None,
    kept: Annotated[
        Path | None, typer.Option("--kept", help="With part: a file of client number;letter, or the CSV sent back.")
    ] = None,
    later: Annotated[datetime | None, typer.Option("--later", formats=["%Y-%m-%d"], help="With later: ask on.")] = None,
    by: By = "",
    code: Code = "",
) -> None:
    """Record what the practice instructed in writing. A second officer approves it before anything goes."""
    from tasks.lists import record_instruction

    said = Instruction(
        answer=_one_of(Answer, answer, "answer"),
        role=_one_of(AtPractice, role, "role"),
        reference=reference,
        received_on=_day(received),
        kept=_kept(number, kept),
        later=later.date() if later else None,
    )
    one = record_instruction(number, said, by=_who(by), code=_code(code))
    say(f"recorded for {number}: {_answer(one)}, {len(said.kept)} stay")
    if one.later is None:
        say(f"another officer now says: termijn list approve {number} --by …")


@app.command("approve")
def approve(number: Number, by: By = "", code: Code = "") -> None:
    """Approve the practice's instruction as it was recorded. Not by the officer who recorded it."""
    from tasks.lists import approve_instruction

    one = approve_instruction(number, by=_who(by), code=_code(code))
    say(f"approved: the nightly purge carries {number} out, for what is still due and free")
    say(f"  instruction {one.instruction}")


@app.command("chase")
def chase(as_of: Day = None) -> None:
    """Tell the office which practices are silent, and file the statements of lists that were carried out."""
    from flows.chase_lists import chase_lists

    morning = chase_lists(as_of=as_of.date() if as_of else None)
    told = [one for one in morning.lists if one.rung]
    say(f"{len(morning.lists)} open lists, {len(told)} chased, {len(morning.statements)} statements filed")


@app.command("statement")
def statement(number: Number) -> None:
    """File the statement of destruction (verklaring van vernietiging) of a list: PDF and JSON."""
    os.environ["TERMIJN_SKIN"] = "plain"
    from tasks.chasing import file_statement
    from tasks.settings import read_settings

    told = file_statement(number)
    say(f"{told.destroyed} of {told.asked} destroyed: {read_settings().out / 'statements' / number}.pdf and .json")


@app.command("lapse")
def lapse(
    number: Number,
    why: Annotated[str, typer.Option("--why", prompt=True, help="Why; no name, no client number.")],
    by: By = "",
) -> None:
    """Take a list back: nothing of it goes, and what is due comes on a later list."""
    from tasks.lists import lapse_list

    lapse_list(number, why=why, by=_who(by))
    say(f"list {number} has lapsed")


def _kept(number: str, file: Path | None) -> dict[str, WhyKept]:
    from tasks.answers import read_answer

    if file is None:
        return {}
    try:
        content = file.read_bytes()
    except OSError as failure:
        do = "give the file that the practice sent back, or one line per client number that stays"
        raise Refused(f"the practice's file cannot be read ({failure.strerror})", where=number, do=do) from None
    return dict(read_answer(number, content))


def _one_of(kind: type[Choice], given: str, what: str) -> Choice:
    if given not in set(kind):
        raise Refused(f"there is no such {what}", do=f"choose one of: {', '.join(kind)}")
    return kind(given)


def _answer(one: DestructionList) -> str:
    if one.answer is None:
        return ""
    return f"{one.answer.value} ({one.later})" if one.later else one.answer.value


def _as_json(one: DestructionList) -> dict[str, object]:
    return {name: getattr(one, name) for name in type(one).__slots__}


def _day(given: datetime | None) -> date:
    from tasks.clock import today

    return given.date() if given is not None else today()


def _who(by: str) -> str:
    if not by:
        raise Refused("this says which officer does it", do="add --by and your officer's id")
    return by


def _code(given: str) -> str:
    return given or str(typer.prompt("One-time code", hide_input=True))
