"""Holds, officers, approvals and the stop switch at the command line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from cli.screen import say, show_table
from domain.keys import Keys
from domain.trouble import NotFound, Refused

holds = typer.Typer(help="Holds: what may not be destroyed for now (dispute, claim, audit).", no_args_is_help=True)
officers = typer.Typer(help="Officers who prove themselves with a one-time code.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="Your officer's id.", show_default=False)]
Code = Annotated[str, typer.Option("--code", help="Your one-time code; asked for when left out.")]


@holds.command("add")
def add_hold(
    owner: Annotated[str, typer.Option("--owner", help="Who answers for this hold.")],
    reason: Annotated[str, typer.Option("--reason", prompt=True, help="Why; kept encrypted.")],
    review: Annotated[datetime, typer.Option("--review", formats=["%Y-%m-%d"], help="Looked at again on.")],
    system: Annotated[str, typer.Argument(help="The system of a record or dataset.")] = "",
    dataset: Annotated[str, typer.Argument(help="The dataset.")] = "",
    key: Annotated[str, typer.Argument(help="The record's key; without it the whole dataset is held.")] = "",
    case: Annotated[str, typer.Option("--case", help="Hold everything of the person of this case instead.")] = "",
    until: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Ends by itself.")] = None,
    restriction: Annotated[
        str, typer.Option("--restriction", metavar="a|b|c|d", help="A restriction under article 18, on this ground.")
    ] = "",
    by: By = "",
) -> None:
    """Hold a record, a whole dataset or a person: nothing of it is destroyed until the hold ends."""
    from domain.evidence import Entry
    from ledger.holds import Ground
    from tasks.office import open_office
    from tasks.person import identifiers_from

    if restriction and restriction not in set(Ground):
        raise Refused(
            f"article 18 has no ground {restriction!r}",
            do="choose a (accuracy disputed), b (unlawful), c (needed for a claim) or d (objection)",
        )
    with open_office() as office:
        if system:
            known = office.system(system).datasets
            if dataset not in known:
                raise NotFound(f"{system} has no such dataset", do=f"choose one of: {', '.join(sorted(known))}")
            if key:
                with office.connected(system) as connector:
                    if not len(connector.still_there(dataset, Keys([connector.read_key(dataset, key)]))):
                        raise NotFound(f"no such record in {system}.{dataset}", do="write it as `plan --keys` does")
        person = identifiers_from(office.ledger.cases.subject_of(case)) if case else ()
        hold = office.ledger.holds.add(
            owner=owner,
            reason=reason,
            review_on=review.date(),
            until=until.date() if until else None,
            system=system,
            dataset=dataset,
            key=key or None,
            case=case,
            identifiers=person,
            ground=Ground(restriction) if restriction else None,
            entry=Entry(kind="hold.added", by=by or owner),
        )
    say(f"{hold.kind} {hold.id} stands")


@holds.command("end")
def end_hold(
    hold: str,
    told_on: Annotated[
        datetime | None,
        typer.Option("--told-on", formats=["%Y-%m-%d"], help="The day the person was told, for a restriction."),
    ] = None,
    by: By = "termijn",
) -> None:
    """End a hold; what it kept is released by itself. A restriction ends only after its person was told.

    That is the day on which the letter restriction-lifted of its case went, unless --told-on says another.
    """
    from domain.evidence import Entry
    from tasks.clock import today
    from tasks.letter_moves import told_of_lifting
    from tasks.office import open_office

    with open_office() as office:
        told = told_on.date() if told_on else told_of_lifting(office, hold)
        office.ledger.holds.end(hold, on=today(), told_on=told, entry=Entry(kind="hold.ended", by=by))
    say(f"hold {hold} ended")


@holds.command("tell")
def tell_lifting(
    hold: str,
    lifts: Annotated[datetime, typer.Option("--lifts-on", formats=["%Y-%m-%d"], help="The day it will be lifted.")],
    reasons: Annotated[str, typer.Option("--why", prompt=True, help="Why; it stands in the letter.")],
    by: By,
) -> None:
    """Tell the person of a restriction, by letter, that it will be lifted (AVG 18 lid 3); then: hold end."""
    from tasks.office import open_office
    from tasks.restrictions import tell_person

    with open_office() as office:
        trouble = tell_person(office, hold, lifts_on=lifts.date(), reasons=reasons, by=by)
    say(trouble or f"the person of {hold} was told; from {lifts:%Y-%m-%d} on: termijn hold end {hold}")


@holds.command("list")
def list_holds() -> None:
    """List every hold that stands, and whose review is overdue. Reasons are shown here only."""
    from tasks.clock import today
    from tasks.office import open_office

    with open_office() as office:
        standing = office.ledger.holds.list_active(today())
    show_table(
        "Holds",
        ["hold", "kind", "on", "owner", "review on", "until", "reason"],
        [
            (
                h.id,
                h.kind if h.ground is None else f"{h.kind} (art. 18, {h.ground.value})",
                _what(h.system, h.dataset, h.case),
                h.owner,
                f"{h.review_on} OVERDUE" if h.is_overdue(today()) else h.review_on,
                h.until,
                h.reason,
            )
            for h in standing
        ],
    )
    overdue = sum(h.is_overdue(today()) for h in standing)
    if overdue:
        say(f"{overdue} overdue for review; each holds until somebody ends it")


@officers.command("add")
def add_officer(
    name: Annotated[str, typer.Argument(help="The officer's id, for example fg.")],
    role: Annotated[str, typer.Option("--role", help="dpo, privacy-officer, management, engineer…")] = "dpo",
    by: By = "",
    code: Code = "",
) -> None:
    """Enrol an officer and show the QR code for their authenticator, once.

    The first officer enrols alone; for every other an officer who is enrolled vouches with a code.
    """
    import segno

    from domain.evidence import Entry
    from ledger.officers import OfficerRole
    from tasks.office import open_office

    if role not in set(OfficerRole):
        raise Refused(f"no role {role!r}", do=f"choose one of: {', '.join(OfficerRole)}")
    with open_office() as office:
        address = office.ledger.officers.enrol(
            name, OfficerRole(role), code=code, entry=Entry(kind="officer.enrolled", by=by or name)
        )
    segno.make(address).terminal(compact=True)
    say(address)
    say(f"officer {name} ({role}) is enrolled; this code is shown once")


@officers.command("list")
def list_officers() -> None:
    """List the officers."""
    from tasks.office import open_office

    with open_office() as office:
        known = office.ledger.officers.list_officers()
    show_table("Officers", ["officer", "role"], [(o.name, o.role.value) for o in known])


def approve(
    what: Annotated[str, typer.Argument(metavar="rule|plan|list", help="What to approve.")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="system.dataset, a plan's digest, or `all` rules.")
    ] = None,
    by: By = "",
    code: Code = "",
    ask: Annotated[bool, typer.Option("--ask", help="Ask for the approval; another officer gives it.")] = False,
    expires: Annotated[datetime | None, typer.Option("--expires", formats=["%Y-%m-%d"], help="Last day.")] = None,
) -> None:
    """Countersign rules in their present wording, or approve a kept plan. Two persons: one asks, another approves."""
    from domain.evidence import Entry
    from ledger.approvals import What
    from tasks.clock import today
    from tasks.office import open_office

    with open_office() as office:
        if what == "list":
            _show_approvals(today())
            return
        if what not in (What.RULE, What.PLAN):
            raise Refused(f"there is nothing called {what!r} to approve", do="say rule, plan or list")
        if not by:
            raise Refused("an approval says who gives it", do="add --by and your officer's id")
        rules = {r.name: r for r in office.register.rules_on(today())}
        wanted = sorted(rules) if names == ["all"] and what == What.RULE else names or []
        unknown = [n for n in wanted if n not in rules] if what == What.RULE else []
        if unknown or not wanted:
            raise NotFound(f"no such rule: {', '.join(unknown) or 'none given'}", do=f"known: {', '.join(rules)}")
        digests = [rules[n].digest if what == What.RULE else n for n in wanted]
        given = code or typer.prompt("One-time code", hide_input=True)
        if ask:
            office.ledger.approvals.request(
                What(what), digests, code=given, entry=Entry(kind="approval.asked", by=by, facts={"names": wanted})
            )
            say(f"asked: {len(wanted)}. Another officer now says: termijn approve {what} … --by …")
            return
        office.ledger.approvals.approve(
            What(what),
            digests,
            code=given,
            expires_on=expires.date() if expires else None,
            entry=Entry(kind="approval.given", by=by, facts={"names": wanted}),
        )
    say(f"approved: {len(wanted)}")


def stop(
    by: By = "",
    why: Annotated[str, typer.Option("--why", help="Why; kept in the ledger, so no names.")] = "",
    show: Annotated[bool, typer.Option("--show", help="Only say how the switch stands.")] = False,
) -> None:
    """Stop all destruction, everywhere, before the next batch; it stays stopped until an officer lets it go on."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        if not show:
            if not by:
                raise Refused("a stop says who pulls it", do="add --by and your officer's id")
            office.ledger.switch.stop(entry=Entry(kind="destruction.stopped", by=by, why=why))
        switch = office.ledger.switch.show()
    since = f" by {switch.by} since {switch.at:%Y-%m-%d %H:%M} UTC" if switch.at else ""
    say(f"destruction is {'STOPPED' if switch.stopped else 'allowed'}{since}")


def go(by: By, code: Code = "") -> None:
    """Let destruction go on after a stop; an officer proves it with a one-time code."""
    from domain.evidence import Entry
    from tasks.office import open_office

    given = code or typer.prompt("One-time code", hide_input=True)
    with open_office() as office:
        office.ledger.switch.go(code=given, entry=Entry(kind="destruction.allowed", by=by))
    say("destruction is allowed again")


def _show_approvals(today: date) -> None:
    from tasks.facts import signatures
    from tasks.office import open_office

    with open_office() as office:
        signed = signatures(office, today)
        rules = office.register.rules_on(today)
        waiting = {r.digest: r.requested_by for r in office.ledger.approvals.waiting()}
    show_table(
        "Rules",
        ["rule", "at expiry", "wording", "asked by", "countersigned by"],
        [(r.name, r.term.at_expiry.value, r.digest[:12], waiting.get(r.digest), signed.get(r.digest)) for r in rules],
    )


def _what(system: str, dataset: str, case: str) -> str:
    return f"person of {case}" if case else f"{system}.{dataset}" if system else "person"
