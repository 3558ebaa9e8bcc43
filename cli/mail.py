"""The privacy mailbox at the command line: read, list, show, join, set aside, adopt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.screen import say, show_json, show_table

if TYPE_CHECKING:
    from domain.cases import Case
    from tasks.office import Office

app = typer.Typer(help="The privacy mailbox: what people wrote, and what was made of it.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="MAIL", help="The message's number, for example M2026-0001.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


@app.command("read")
def read_mail() -> None:
    """Keep what is new in the mailbox; nothing is removed from it."""
    from flows.read_mailbox import read_mailbox

    read = read_mailbox()
    say(f"{read.kept} messages kept" + "".join(f", {n} {state}" for state, n in sorted(read.states.items())))
    if read.states.get("draft"):
        say("take them up with: termijn mail take-up")


@app.command("list")
def list_mail(
    state: Annotated[
        str, typer.Option("--state", help="draft (what waits for somebody), joined, adopted, aside, or all.")
    ] = "draft",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List the messages, oldest first: number, day, what it seems to ask, how long we have; never what it says."""
    from ledger.mail import STATES
    from tasks.clock import today
    from tasks.drafts import days_left_of
    from tasks.office import open_office

    if state not in (*STATES, "all"):
        raise typer.BadParameter(f"one of: {', '.join(STATES)}, all", param_hint="--state")
    with open_office() as office:
        every = office.ledger.mail.list_all()
    found = [m for m in every if state in (m.state, "all")]
    heads = ["mail", "received", "state", "asks", "left", "case", "look at"]
    rows = [
        (
            m.number, m.received_on.isoformat(), m.state, ", ".join(m.asks),
            days_left_of(m, today()) if m.state == "draft" else None, m.case or "",
            "; ".join(filter(None, (m.reason, *m.flags))),
        )
        for m in sorted(found, key=lambda m: (m.received_on, m.number))
    ]  # fmt: skip
    if as_json:
        show_json([dict(zip(heads, row, strict=True)) for row in rows])
        return
    show_table("Mail", heads, rows, right=[4])
    counted = Counter(m.state for m in every)
    say(", ".join(f"{counted[s]} {s}" for s in STATES) + ("" if state == "all" else "; see all with --state all"))


@app.command("show")
def show_mail(number: Number, by: By = "privacy") -> None:
    """Show what a message says; that it was read is recorded."""
    from tasks.office import open_office

    with open_office() as office:
        show_words(office, number, by=by)


def show_words(office: Office, number: str, *, by: str) -> None:
    """What we know of a message, then what it says."""
    from domain.evidence import Entry
    from tasks.mail_words import words_of

    one = office.ledger.mail.read(number)
    known = [
        ("received", one.received_on), ("state", one.state), ("asks", ", ".join(one.asks)), ("case", one.case),
        ("look at", "; ".join(filter(None, (one.reason, *one.flags)))),
    ]  # fmt: skip
    words = words_of(office, number, entry=Entry(kind="mail.read", by=by))
    show_table(f"Mail {number}", ["", ""], [*((name, told) for name, told in known if told), *words])


@app.command("attachment")
def save_attachment(
    number: Number,
    nth: Annotated[int, typer.Argument(metavar="NTH", min=1, help="The first is 1.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, readable to you alone.")],
    by: By = "privacy",
) -> None:
    """Write one attachment to a file, to look at it; that it was read is recorded. Destroy the file afterwards."""
    from domain.evidence import Entry
    from tasks.mail_words import attachment_of
    from tasks.office import open_office
    from tasks.report import lay_down

    if file.exists():
        raise typer.BadParameter("this file exists already", param_hint="FILE")
    with open_office() as office:
        lay_down(file, attachment_of(office, number, nth, entry=Entry(kind="mail.read", by=by)))
    file.chmod(0o600)
    say(f"attachment {nth} of {number} lies in {file.name}: destroy it when you have seen it")


@app.command("join")
def join(number: Number, case: Annotated[str, typer.Argument(metavar="CASE")], by: By = "privacy") -> None:
    """The message belongs to this case."""
    from tasks.adoption import join as join_case
    from tasks.office import open_office

    with open_office() as office:
        join_case(office, number, case, by=by)
    say(f"{number} belongs to case {case}")


@app.command("set-aside")
def set_aside(
    number: Number,
    why: Annotated[str, typer.Option("--why", help="Why; without a name or address.")],
    by: By = "privacy",
) -> None:
    """The message asks nothing of us; it stays kept."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.mail.set_aside(number, entry=Entry(kind="mail.set-aside", by=by, why=why))
    say(f"{number} is set aside")


@app.command("take-up")
def take_up(by: By = "privacy") -> None:
    """Go through what waits, oldest first: read each, then adopt it, join it to a case, or set it aside."""
    from cli.mail_desk import go_through
    from tasks.office import open_office

    with open_office() as office:
        go_through(office, by=by)


@app.command("adopt")
def adopt(
    number: Number,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Other than proposed; may be repeated.")] = None,
    by: By = "privacy",
) -> None:
    """Open a case for each kind that the message asks, of the day it came, and acknowledge it."""
    from domain.cases import CaseKind
    from tasks.adoption import adopt as make_cases
    from tasks.office import open_office

    try:
        kinds = tuple(CaseKind(k) for k in kind or ())
    except ValueError:
        raise typer.BadParameter(f"one of: {', '.join(CaseKind)}", param_hint="--kind") from None
    with open_office() as office:
        say_adopted(number, *make_cases(office, number, kinds, by=by))


def say_adopted(number: str, opened: list[Case], troubles: list[str]) -> None:
    """Which cases a message became, or joined, and what went wrong with the acknowledgements."""
    for case in opened:
        joined = "" if case.channel == f"mail {number}" else f" ({number} belongs to it)"
        say(f"case {case.number} is open: {case.kind.value}, received {case.received_on}{joined}")
    for trouble in troubles:
        say(trouble)
