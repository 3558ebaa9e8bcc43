"""The yearly report at the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.clock import Day, day_of
from cli.screen import say
from domain.trouble import Refused


def year(
    number: Annotated[int, typer.Argument(metavar="YEAR", help="For example 2026.")],
    audience: Annotated[str, typer.Option("--for", help="board or regulator.")] = "board",
    as_of: Day = None,
) -> None:
    """Lay the report of a year ready (PDF and JSON): requests, times, refusals, destruction, breaches; no person."""
    from domain.year_report import Audience
    from tasks.office import open_office
    from tasks.year_report import file_year

    if audience not in set(Audience):
        raise Refused(f"no report is made for {audience!r}", do="say board or regulator")
    day = day_of(as_of)
    if not 2018 <= number <= day.year:
        raise Refused("there is no report of that year", do="give a year from 2018 up to this one")
    with open_office() as office:
        say(str(file_year(office, number, day, Audience(audience))))
