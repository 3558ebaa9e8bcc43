"""Why a record goes or stays, and what falls due in the months to come, at the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.clock import Day, Json, day_of
from cli.screen import say, show_json, show_table

if TYPE_CHECKING:
    from domain.calendar import Calendar
    from domain.comparison import RuleChange
    from domain.why import Why


def why(
    system: Annotated[str, typer.Argument(metavar="SYSTEM")],
    dataset: Annotated[str, typer.Argument(metavar="DATASET")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="As `plan --keys` prints it; parts joined by |.")],
    as_of: Day = None,
    as_json: Json = False,
    reasons: Annotated[bool, typer.Option("--reasons", help="Show the reasons of holds too.")] = False,
) -> None:
    """Say of one record, whatever its state, every rule considered, which decides, the dates, and what comes next."""
    os.environ["TERMIJN_SKIN"] = "plain"  # looking needs no server
    from tasks.explain import trace

    traced = trace(system, dataset, key, day_of(as_of), reasons=reasons)
    if as_json:
        show_json([t.model_dump(mode="json") for t in traced])
        return
    for told in traced:
        _show_why(told, f"{dataset} {key}")


def calendar(
    system: Annotated[
        str, typer.Argument(metavar="[SYSTEM]", help="One system of the register; without it all of them.")
    ] = "",
    as_of: Day = None,
    months: Annotated[int, typer.Option("--months", help="How far to look ahead.")] = 12,
    as_json: Json = False,
) -> None:
    """Show what falls due per month and per activity, and lay it down as PDF. Destroys nothing.

    Freezes and guards are not counted: nobody knows them beforehand.
    """
    os.environ["TERMIJN_SKIN"] = "plain"
    from tasks.calendar import draw_calendar, end_calendar, file_calendar

    drawn = draw_calendar(day_of(as_of), [system] if system else [], months=months)
    if as_json:
        from reports import calendar_json

        sys.stdout.buffer.write(calendar_json(drawn))
        sys.stdout.flush()
    else:
        _show_calendar(drawn)
    file = file_calendar(drawn)
    if not as_json:
        say(f"  laid down: {file}")
    end_calendar(drawn)


def show_comparison(as_of: date, system: str, file: Path, *, as_json: bool, keys: bool) -> None:
    """What `plan --with FILE` prints: per rule that reads otherwise what is no longer due, and what newly is."""
    from tasks.compare import compare_plans

    lines: list[str] = []

    def tell(dataset: str, mark: str, key: str) -> None:
        lines.append(f"{mark}{dataset}\t{key}")

    changes = compare_plans(as_of, system, file, tell_key=tell if keys else None)
    if keys:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    elif as_json:
        derived = ("due", "new_due")
        show_json([c.model_dump(mode="json") | {name: getattr(c, name) for name in derived} for c in changes])
    else:
        _show_changes(as_of, file, changes)


def _show_changes(as_of: date, file: Path, changes: Sequence[RuleChange]) -> None:
    if not changes:
        say(f"{file.name} changes no rule")
        return
    show_table(
        f"With {file.name} on {as_of}",
        ["rule", "due now", "due then", "no longer due", "newly due", "of which frozen", "already destroyed"],
        [(c.rule, c.due, c.new_due, c.no_longer, c.newly, c.frozen, c.destroyed) for c in changes],
        right=range(1, 7),
    )
    for c in changes:
        say(f"  {c.rule}: {c.term or 'no rule'}\n    -> {c.new_term or 'no rule'}")
        if c.destroyed:
            say(f"  {c.rule}: {c.destroyed} records went under this rule and cannot be brought back")
        if c.to_countersign:
            say(f"  {c.rule}: nothing goes until the DPO countersigns the new wording: termijn approve rule {c.rule}")
        if c.over_ceiling:
            say(f"  {c.rule}: over its ceiling nothing would go: {c.over_ceiling}")


def _show_calendar(drawn: Calendar) -> None:
    heads = ["activity", "now", *(f"{end:%m/%y}" for end in drawn.month_ends), "in all"]
    rows = [(r.title or "in all", r.due_now, *r.falls_due, r.total) for r in (*drawn.by_activity, drawn.total)]
    show_table(f"What falls due after {drawn.as_of}", heads, rows, right=range(1, len(heads)))
    most = max(1, *drawn.total.falls_due)
    for end, number in zip(drawn.month_ends, drawn.total.falls_due, strict=True):
        say(f"  {end:%Y-%m}  {number:>9,}  {'█' * round(max(number, 0) / most * 40)}")
    say("  Holds, open requests and guards are not counted: nobody knows them beforehand.")


def _show_why(told: Why, record: str) -> None:
    say(f"{record} by {told.rule} on {told.as_of}: {told.standing.value.upper()}")
    if told.considered:
        _show_considered(told)
    say(f"  because       {told.because}")
    if told.considered:
        say(f"  starts from   {told.start or 'no date'}")
        say(f"  minimum until {told.minimum_until or '–'}")
        say(f"  maximum until {told.maximum_until or '–'}")
        say(f"  due on        {told.due_on or 'unknown'}{_on_time(told)}")
        for one in told.frozen:
            ends = f", until {one.until}" if one.until else ""
            review = f", review on {one.review_on}" if one.review_on else ""
            reason = f": {one.reason}" if one.reason else ""
            owner = f" of {one.owner}" if one.owner else ""
            say(f"  frozen by     {one.kind} {one.id}{owner}{review}{ends}{reason}")
        if not told.frozen:
            say("  frozen by     nothing")
        for needed in told.needed_by:
            say(f"  needed by     {needed.rows} rows of {needed.dataset}")
        say(f"  at expiry     {told.at_expiry}")
        if told.columns:
            say(f"  columns       {'; '.join(told.columns)}")
        say(f"  instruction   {told.instruction or 'none on file'}")
    for gone in told.gone:
        by = gone.article or "a rule that the register no longer has"
        say(f"  destroyed     {gone.at:%Y-%m-%d %H:%M} UTC, batch {gone.batch}, event {gone.event}, {gone.rule}: {by}")
    say(f"  next          {told.next_step}")


def _show_considered(told: Why) -> None:
    show_table(
        "",
        ["dataset", "column", "activity", "article", "term", "rows", "latest", "kept until", ""],
        [
            (c.dataset, c.column, c.activity, c.article, c.term, c.rows, c.latest, c.kept_until, "decides" * c.decides)
            for c in told.considered
        ],
        right=(5,),
    )
    for c in told.considered:
        for odd in c.odd:
            say(f"  {c.dataset}.{c.column}: {odd.rows}× {odd.kind}")
        if c.next_term is not None and c.column is not None:
            say(f"  {c.dataset}.{c.column}: a new term of {c.activity!r} comes into force on {c.next_term}")


def _on_time(told: Why) -> str:
    if told.days_late is None:
        return ""
    return ", on time" if told.days_late == 0 else f", {told.days_late} days late"
