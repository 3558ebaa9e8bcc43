"""Erasing one person at the command line: decide, have it approved, carry out, tell the person."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from cli.office import By, Code
from cli.screen import say, show_json, show_table
from domain.trouble import Refused

if TYPE_CHECKING:
    from domain.erasure import ErasurePlan

app = typer.Typer(help="Erase one person's data: AVG 17, and BW 7:455 for a patient's dossier.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]


@app.command("plan")
def plan_erasure(
    number: Number,
    ground: Annotated[
        str, typer.Option("--ground", metavar="a…f", help="The letter of AVG 17(1); a (no longer needed) if left out.")
    ] = "",
    ask: Annotated[bool, typer.Option("--ask", help="Ask another officer to approve this plan.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    by: By = "",
    code: Code = "",
) -> None:
    """Find the person everywhere; decide per dataset what goes, what stays, until when and why. Destroys nothing."""
    os.environ["TERMIJN_SKIN"] = "plain"  # looking needs no server
    from domain.erasure import Ground
    from domain.evidence import Entry
    from ledger.approvals import What
    from tasks.erase import draw_up_erasure
    from tasks.office import open_office

    if ground and ground not in set(Ground):
        raise Refused(f"article 17(1) has no ground {ground!r}", do=f"choose one of: {', '.join(Ground)}")
    if ask and not by:
        raise Refused("a request says who makes it", do="add --by and your officer's id")
    with open_office() as office:
        plan = draw_up_erasure(office, number, Ground(ground) if ground else None, by=by or "termijn").plan
        if as_json:
            show_json(_as_json(plan))
        else:
            _show(plan)
        if ask:
            given = code or typer.prompt("One-time code", hide_input=True)
            entry = Entry("approval.asked", by, case=number)
            office.ledger.approvals.request(What.ERASURE, [plan.digest], code=given, entry=entry)
            say(f"asked: another officer now says: termijn erase approve {number} --by …")


@app.command("approve")
def approve_erasure(number: Number, by: By, code: Code = "") -> None:
    """The second officer allows what the plan of a case lets go; void as soon as another plan takes its place."""
    from domain.evidence import Entry
    from ledger.approvals import What
    from tasks.erasure_plan import read_plan
    from tasks.office import open_office

    with open_office() as office:
        digest = office.ledger.erasures.of_case(number).digest
        _show(read_plan(office, digest))
        given = code or typer.prompt("One-time code", hide_input=True)
        entry = Entry("approval.given", by, case=number)
        office.ledger.approvals.approve(What.ERASURE, [digest], code=given, entry=entry)
    say(f"approved: termijn erase run {number} --arm")


@app.command("run")
def run_erasure(
    number: Number,
    arm: Annotated[bool, typer.Option("--arm", help="Really destroy. Without it: a rehearsal.")] = False,
) -> None:
    """Carry out the approved plan, then find the person again in every system. A rehearsal unless --arm."""
    from flows.erase_subject import erase_subject

    done = erase_subject(number, rehearsal=not arm)
    told = ", ".join(f"{count} {name}" for name, count in sorted(done.counts.items()) if count) or "nothing to do"
    say(f"case {number}: {told}{'; complete and verified' if done.complete else ''}")


@app.command("list")
def ask_practices(number: Number, by: By = "") -> None:
    """Put what a practice must decide on a list for that practice, sealed and laid ready; then `termijn list send`."""
    os.environ["TERMIJN_SKIN"] = "plain"
    from tasks.erasure_lists import draw_lists
    from tasks.office import open_office

    with open_office() as office:
        numbers = draw_lists(office, number, by=by or "termijn")
    say(f"drawn up: {', '.join(numbers) or 'no practice has to decide'}")


@app.command("letter")
def letter(number: Number) -> None:
    """Lay the answer to the person ready as a PDF: what went, what stays until when and why, and where to complain."""
    from tasks.erasure_letter import lay_letter
    from tasks.office import open_office

    with open_office() as office:
        say(str(lay_letter(office, number)))


def _show(plan: ErasurePlan) -> None:
    show_table(
        f"Case {plan.case}, ground {plan.ground.value} ({plan.digest[:12]})",
        ["rule", "becomes", "records", "until", "article", "activity"],
        [
            (one.rule, said.fate.value, len(one.keys), said.until, said.article, said.activity)
            for one in plan.lines
            for said in [one.verdict]
        ],
        right=(2,),
    )  # fmt: skip


def _as_json(plan: ErasurePlan) -> dict[str, object]:
    return {
        "case": plan.case,
        "ground": plan.ground.value,
        "as_of": plan.as_of,
        "digest": plan.digest,
        "lines": [
            {
                "rule": one.rule,
                "fate": one.verdict.fate.value,
                "records": len(one.keys),
                "until": one.verdict.until,
                "article": one.verdict.article,
                "activity": one.verdict.activity,
            }
            for one in plan.lines
        ],
    }
