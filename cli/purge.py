"""What is due, why, and its destruction, at the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.clock import Day, Json, day_of
from cli.explain import show_comparison
from cli.screen import say, show_json, show_table
from domain.trouble import Refused

if TYPE_CHECKING:
    from domain.plan import PurgePlan, RulePlan

System = Annotated[str, typer.Argument(metavar="[SYSTEM]", help="One system of the register; without it all of them.")]


def plan(
    system: System = "",
    as_of: Day = None,
    as_json: Json = False,
    keys: Annotated[
        bool, typer.Option("--keys", help="One line per record that is due and free: dataset, tab, key.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the plan in the ledger for a second person.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who draws it up, with --keep.")] = "",
    instead: Annotated[
        Path | None,
        typer.Option("--with", metavar="FILE", help="Show what changes if this activity or system file were in force."),
    ] = None,
) -> None:
    """Show what a night would take, what stays, and why. Destroys nothing."""
    os.environ["TERMIJN_SKIN"] = "plain"  # looking needs no server
    if instead is not None:
        if keep:
            raise Refused("a change that is not in the register cannot be kept", do="leave out --keep or --with")
        show_comparison(day_of(as_of), system, instead, as_json=as_json, keys=keys)
        return
    from tasks.night import rehearse

    drawn = rehearse(day_of(as_of), [system] if system else [])
    if keys:
        lines = [f"{p.rule.filed_as}\t{key}" for p in drawn.rules for key in p.due_and_free.texts()]
        sys.stdout.write("".join(f"{line}\n" for line in sorted(lines, key=lambda line: line.encode())))
    elif as_json:
        show_json(_as_json(drawn))
    else:
        _show_plan(drawn)
    _raise_unreadable(drawn)
    if keep:
        _keep(drawn, by=by)


def purge(
    system: System = "",
    as_of: Day = None,
    arm: Annotated[bool, typer.Option("--arm", help="Really destroy. Without it: a rehearsal.")] = False,
    plan: Annotated[str, typer.Option("--plan", metavar="DIGEST", help="Only what this approved plan names.")] = "",
) -> None:
    """Run the nightly purge now. A rehearsal unless --arm; only countersigned rules destroy anything.

    With PREFECT_API_URL set the run appears on that server; without it the same story runs here.
    """
    from flows.nightly_purge import nightly_purge

    night = nightly_purge(
        as_of=as_of.date() if as_of is not None else None,
        systems=[system] if system else [],
        rehearsal=not arm,
        plan=plan,
    )
    changed = sum(r.changed for r in night.rules)
    surviving = f", {changed} emptied or made anonymous" if changed else ""
    say(
        f"{sum(r.due for r in night.rules)} due, {sum(r.destroyed for r in night.rules)} destroyed{surviving}"
        " and confirmed"
    )


def _keep(drawn: PurgePlan, *, by: str) -> None:
    from tasks.kept_plans import keep_plan
    from tasks.office import open_office

    if not by:
        raise Refused("a kept plan says who drew it up", do="add --by and your officer's id")
    with open_office() as office:
        for name in sorted({p.rule.system for p in drawn.rules}):
            digest = keep_plan(office, name, drawn, by=by)
            say(f"kept the plan of {name}: {digest}")
            say(f"  ask for its approval: termijn approve plan {digest} --ask --by {by}")


def _raise_unreadable(drawn: PurgePlan) -> None:
    from domain.trouble import SourceUnreadable

    if drawn.unreadable:
        told = "; ".join(f"{u.system}: {u.reason}" for u in drawn.unreadable)
        raise SourceUnreadable(told, do=drawn.unreadable[0].do)


def _as_json(drawn: PurgePlan) -> dict[str, object]:
    return {
        "as_of": drawn.as_of,
        "digest": drawn.digest,
        "register": drawn.register_digest,
        "rules": [_rule_json(p) | _columns_json(drawn, p) for p in drawn.rules],
        "unreadable": [{"system": u.system, "reason": u.reason, "do": u.do} for u in drawn.unreadable],
    }


def _columns_json(drawn: PurgePlan, p: RulePlan) -> dict[str, Any]:
    """Of a row that survives: what becomes of its columns, and which term keeps the row."""
    from domain.treatment import in_words
    from domain.why import words

    if p.rule.change is None:
        return {}
    row = drawn.row_of(p)
    kept = None if row is None else f"{row.rule.activity.title}: {words(row.rule.term)}"
    return {"columns": {name: in_words(t) for name, t in p.rule.change.columns}, "row_stays_under": kept}


def _rule_json(p: RulePlan) -> dict[str, object]:
    refusals = [{"guard": r.guard, "reason": r.reason, "do": r.do} for r in p.refusals]
    return {
        "rule": p.rule.name,
        "digest": p.rule.digest,
        "activity": p.rule.activity.id,
        "action": p.action.value,
        "cutoff": p.rule.term.cutoff(p.test.as_of),
        "total": p.tally.total,
        "standings": {s.value: n for s, n in p.tally.standings.items()},
        "kept_by": dict(p.tally.kept_by),
        "due": len(p.due),
        "frozen": {reason: len(keys) for reason, keys in p.frozen.items()},
        "waiting": len(p.waiting),
        "would_go": len(p.to_go),
        "refusals": refusals,
        "warnings": list(p.warnings),
    }


def _show_plan(drawn: PurgePlan) -> None:
    from domain.standing import Standing

    show_table(
        f"Plan of {drawn.as_of} ({drawn.digest[:12]})",
        ["rule", "at expiry", "cutoff", "total", "due", "frozen", "kept", "missing", "odd dates", "goes", "refused by"],
        [
            (
                p.rule.name, p.action.value, p.rule.term.cutoff(p.test.as_of), p.tally.total, len(p.due),
                sum(map(len, p.frozen.values())), p.tally[Standing.KEPT] + p.tally[Standing.NEEDED],
                p.tally[Standing.MISSING], p.tally[Standing.IMPLAUSIBLE], len(p.to_go),
                ", ".join(r.guard for r in p.refusals),
            )
            for p in drawn.rules
        ],
        right=range(3, 10),
    )  # fmt: skip
    for p in drawn.rules:
        if told := _columns_json(drawn, p):
            kept = told["row_stays_under"] or "no term: it says nothing of a person any more"
            columns = "; ".join(f"{name}: {how}" for name, how in told["columns"].items())
            say(f"  {p.rule.name}: the row stays, under {kept}. {columns}")
        for reason, keys in p.frozen.items():
            say(f"  {p.rule.name}: {len(keys)} frozen by {reason}")
        if len(p.waiting):
            say(f"  {p.rule.name}: {len(p.waiting)} wait: a dossier that stays refers to them")
        for refusal in p.refusals:
            say(f"  {refusal.rule} [{refusal.guard}]: {refusal.reason}\n    -> {refusal.do}")
        for warning in p.warnings:
            say(f"  {p.rule.name}, to know: {warning}")
