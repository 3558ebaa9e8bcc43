"""What a restore asks for at the command line: destroy again what came back, and rehearse the restore itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.screen import say, show_table

if TYPE_CHECKING:
    from domain.night import Night

System = Annotated[str, typer.Argument(metavar="SYSTEM", help="The system of the register.")]


def replay(
    system: System,
    arm: Annotated[bool, typer.Option("--arm", help="Really destroy. Without it: only show what came back.")] = False,
) -> None:
    """After a restore: show what the backup brought back of what was destroyed, and destroy it again with --arm."""
    from flows.replay_destructions import replay_destructions

    _show(replay_destructions(system, rehearsal=not arm))


def drill(
    system: System,
    backup: Annotated[Path, typer.Option("--backup", metavar="FILE", help="A backup: database file or dump.")],
) -> None:
    """Restore a backup into a scratch database, show what comes back, destroy it again there, and report.

    The living system is not touched. SQLite: a database file; PostgreSQL: pg_dump; MariaDB: mariadb-dump.
    """
    os.environ["TERMIJN_SKIN"] = "plain"  # a drill is done by hand, and needs no server
    from domain.trouble import Refused
    from tasks.drill import drill as carry_out

    night = carry_out(system, backup)
    _show(night)
    left = sum(r.came_back_stays for r in night.rules)
    if left or not night.complete:
        raise Refused(
            f"{left} records that were destroyed before are in the restored copy and stay there",
            do="read the drill's report; after a real restore a person must decide about these",
        )


def _show(night: Night) -> None:
    show_table(
        f"{night.kind.capitalize()} of {', '.join(night.systems)} on {night.as_of}",
        ["rule", "came back", "due today", "done again", "held", "stays"],
        [(r.rule, r.came_back or 0, r.due, r.done, sum(r.frozen.values()), r.came_back_stays) for r in night.rules],
        right=range(1, 6),
    )
    came, gone = sum(r.came_back or 0 for r in night.rules), sum(r.destroyed for r in night.rules)
    changed = sum(r.changed for r in night.rules)
    surviving = f", {changed} emptied or made anonymous again" if changed else ""
    say(f"{came} records came back that were destroyed before; {gone} destroyed again{surviving} and confirmed")
