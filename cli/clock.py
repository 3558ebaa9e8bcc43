"""The clock of a request at the command line, and the morning's list."""

from __future__ import annotations

import os
from datetime import date, datetime
from typing import Annotated

import typer

from cli.screen import say, show_json, show_table

Day = Annotated[datetime | None, typer.Option("--as-of", metavar="DATE", formats=["%Y-%m-%d"], help="Decide as on.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def day_of(given: datetime | None) -> date:
    """The day that was asked for, or today."""
    from tasks.clock import today

    return given.date() if given is not None else today()


def clock(
    received: Annotated[datetime, typer.Argument(metavar="RECEIVED", formats=["%Y-%m-%d"], help="Day of receipt.")],
    as_json: Json = False,
) -> None:
    """Say by when a request received on a day must be answered: our promise and the law, side by side."""
    from domain.deadlines import deadline_for

    limits = deadline_for(received.date())
    facts = {
        "received": limits.received,
        "promise": limits.promise_day,
        "promise_working_day": limits.promise,
        "law": limits.law_day,
        "law_shifted": limits.law,
        "extended": limits.extended_day,
        "extended_shifted": limits.extended,
    }
    if as_json:
        show_json(facts)
        return
    meanings = {
        "received": "day of receipt (not counted)",
        "promise": "28 days: our own promise",
        "promise_working_day": "the same, on a working day: answer by then",
        "law": "one month (AVG 12(3)): plan on this",
        "law_shifted": "the same, moved by Regulation 1182/71: never plan on this",
        "extended": "three months in all, if extended in the first month with reasons",
        "extended_shifted": "the same, moved by Regulation 1182/71",
    }
    show_table("", ["limit", "day", "", "meaning"], [(k, v, f"{v:%a}", meanings[k]) for k, v in facts.items()])


def deadlines(as_of: Day = None, as_json: Json = False) -> None:
    """List every open request by what presses most. Sends nothing; `flows/watch_deadlines` escalates."""
    os.environ["TERMIJN_SKIN"] = "plain"  # looking needs no server
    from tasks.deadlines import morning_list

    morning = morning_list(day_of(as_of))
    if as_json:
        show_json(morning.model_dump(mode="json"))
        return
    show_table(
        f"Open requests on {morning.as_of}",
        ["case", "kind", "state", "left", "steer on", "promise", "law", "shifted", "unpaused", "handler"],
        [
            (
                c.case, c.kind, c.state + (" (paused)" if c.paused else ""), c.days_left, c.steer_on, c.promise,
                c.law, c.law_shifted, c.unpaused, c.handler,
            )
            for c in morning.cases
        ],
        right=[3],
    )  # fmt: skip
    say(f"{len(morning.cases)} open, {len(morning.overdue)} overdue")
    if morning.drafts:
        rows = [
            (d.mail, ", ".join(d.asks), d.days_left, d.received, d.steer_on, d.law, d.notes) for d in morning.drafts
        ]
        heads = ["message", "asks", "left", "received", "steer on", "law", "look at"]
        show_table("Messages that nobody took up", heads, rows, right=[2])
    if morning.set_aside:
        say(f"{morning.set_aside} messages of the last week were set aside by a rule: termijn mail list --state aside")
