"""The sample company and the demonstration at the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.clock import day_of
from cli.screen import say


def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the databases go.")],
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="All dates lie around this day.")
    ] = None,
    scale: Annotated[int, typer.Option("--scale", min=1, help="This many times as many records.")] = 1,
) -> None:
    """Make the sample company: Careweb, HR, CRM and website, with the awkward cases on purpose."""
    from sample.company import found_company

    made = found_company(directory, as_of=day_of(as_of), scale=scale)
    say(f"the sample company stands in {directory}; its secrets: {made.env_file}")
    say(f"use it: termijn --env-file {made.env_file} plan hr")


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where everything goes.")] = Path("out"),
) -> None:
    """Run the main job on a sample company: a night, one person's package, the morning. Needs nothing else."""
    from cli.show import run_demo

    run_demo(out)


def up() -> None:
    """Prefect's server and screen on localhost, the deployments of prefect.yaml and a worker, until Ctrl-C."""
    from cli.server import run_server

    run_server()
