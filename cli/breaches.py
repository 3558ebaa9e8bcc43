"""Data breaches at the command line: open a file, judge, describe, record the notices, close."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from cli.screen import say, show_json, show_table
from domain.trouble import Refused

app = typer.Typer(
    help="Data breaches: 72 hours to the authority, and the register of all of them.", no_args_is_help=True
)
Number = Annotated[str, typer.Argument(metavar="BREACH", help="The breach's number, for example B2026-0001.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]
Why = Annotated[str, typer.Option("--why", help="Why; without a name or address.")]


@app.command("new")
def new_breach(
    aware: Annotated[
        str,
        typer.Option(
            "--aware",
            help="Since when we know: 2026-11-23T14:30, Amsterdam unless a zone is given.",
            prompt="since when do we know (2026-11-23T14:30)",
        ),
    ],
    harm: Annotated[
        list[str] | None,
        typer.Option("--harm", help="confidentiality, integrity, availability; may be repeated."),
    ] = None,
    as_processor: Annotated[
        bool, typer.Option("--processor", help="The data is a practice's: we tell the practice.")
    ] = False,
    persons: Annotated[str, typer.Option("--persons", metavar="LOW-HIGH", help="How many people: 10-40.")] = "",
    special: Annotated[bool, typer.Option("--special", help="Special data (AVG 9), such as health.")] = False,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask what happened now; it is kept encrypted.")] = True,
    by: By = "privacy",
) -> None:  # fmt: skip
    """Open a file; the 72 hours run from the moment that somebody knew. What happened is asked, never an option."""
    from domain.activity import Role
    from domain.breaches import Harm
    from domain.evidence import Entry
    from tasks.breaches import breach_norms
    from tasks.office import open_office

    lost = harm or [typer.prompt("what was lost (confidentiality, integrity, availability)")]
    harms = tuple(_one_of(Harm, h, "harm") for h in lost)
    with open_office() as office:
        breach = office.ledger.breaches.open(
            role=Role.PROCESSOR if as_processor else Role.CONTROLLER,
            aware_at=_moment(aware),
            harms=harms,
            persons=_span(persons),
            special=special,
            entry=Entry(kind="breach.opened", by=by),
        )
        if ask:
            said = {name: typer.prompt(name, default="", show_default=False) for name in ("facts", "effects", "remedy")}
            said = {k: v for k, v in said.items() if v}
            if said:
                office.ledger.breaches.describe(breach.number, said, entry=Entry(kind="breach.described", by=by))
        norms = breach_norms(office)
    say(f"breach {breach.number} is open")
    _show_duties(breach, norms)


@app.command("list")
def list_breaches(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List every breach: the register that article 33(5) asks for, without what happened."""
    from tasks.office import open_office

    with open_office() as office:
        found = office.ledger.breaches.list_all()
    heads = ["breach", "state", "role", "aware", "lost", "risk", "people", "special"]
    rows = [
        (
            b.number, b.state.value, b.role.value, f"{b.aware_at:%Y-%m-%d %H:%M}",
            ", ".join(h.value for h in b.harms), b.risk.value,
            f"{b.persons[0]}-{b.persons[1]}" if b.persons else "", "yes" if b.special else "no",
        )
        for b in found
    ]  # fmt: skip
    if as_json:
        show_json([dict(zip(heads, row, strict=True)) for row in rows])
    else:
        show_table("Data breaches", heads, rows)


@app.command("register")
def lay_register(by: By = "privacy") -> None:
    """Lay the register of all breaches ready, with what happened: a PDF that opens with the passphrase shown here."""
    from tasks.breaches import lay_register as lay
    from tasks.office import open_office

    with open_office() as office:
        file, words = lay(office, by=by)
    say(f"{file}\npassphrase: {words}")


@app.command("show")
def show_breach(
    number: Number,
    told: Annotated[bool, typer.Option("--told", help="Also what happened; that is recorded.")] = False,
    by: By = "privacy",
) -> None:
    """Show one breach: what is owed to whom, by when, and on request what happened."""
    from domain.evidence import Entry
    from tasks.breaches import breach_norms
    from tasks.office import open_office

    with open_office() as office:
        breach = office.ledger.breaches.read(number)
        norms = breach_norms(office)
        said: dict[str, str] = {}
        if told:
            office.ledger.breaches.looked(number, entry=Entry(kind="breach.read", by=by))
            said = office.ledger.breaches.described(number)
    facts: dict[str, Any] = {
        "state": breach.state.value,
        "role": breach.role.value,
        "aware since": f"{breach.aware_at:%Y-%m-%d %H:%M %z}",
        "lost": ", ".join(h.value for h in breach.harms),
        "risk": breach.risk.value,
        "on file": ", ".join(breach.filled) or "nothing yet",
        "proposed by": breach.source,
        **said,
    }
    show_table(f"Breach {number}", ["", ""], list(facts.items()))
    _show_duties(breach, norms)


@app.command("wrong-batch")
def wrong_batch(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="As the certificate of its night names it: B0000012.")],
    why: Annotated[
        str, typer.Option("--why", prompt="why it should not have gone", help="Why; without a name or address.")
    ],
    by: By = "privacy",
) -> None:
    """Say that what a batch destroyed should not have gone: a breach is proposed, and its clock runs from now."""
    from tasks.office import open_office
    from tasks.wrong_destruction import propose_batch

    with open_office() as office:
        number = propose_batch(office, batch, why=why, by=by)
    say(f"breach {number} is proposed; now: termijn breach confirm {number}, or dismiss")


@app.command("confirm")
def confirm(number: Number, by: By = "privacy") -> None:
    """A proposal is a breach indeed."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.breaches.confirm(number, entry=Entry(kind="breach.confirmed", by=by))
    say(f"breach {number} is open")


@app.command("dismiss")
def dismiss(number: Number, why: Why, by: By = "privacy") -> None:
    """A proposal is no breach; say why."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.breaches.dismiss(number, entry=Entry(kind="breach.dismissed", by=by, why=why))
    say(f"breach {number} is dismissed")


@app.command("judge")
def judge(
    number: Number,
    risk: Annotated[str, typer.Argument(help="unlikely, risk or high.")],
    persons: Annotated[str, typer.Option("--persons", metavar="LOW-HIGH", help="How many people: 10-40.")] = "",
    special: Annotated[bool | None, typer.Option("--special/--not-special", help="Special data (AVG 9).")] = None,
    exempt: Annotated[
        str, typer.Option("--exempt", metavar="a|b|c", help="Why people need not be told: AVG 34(3).")
    ] = "",
    why: Why = "",
    by: By = "privacy",
) -> None:  # fmt: skip
    """Judge the risk to people: it decides whether the authority and they must be told."""
    from domain.breaches import Exemption, Risk
    from domain.evidence import Entry
    from tasks.breaches import breach_norms
    from tasks.office import open_office

    exemption = _one_of(Exemption, exempt, "exemption") if exempt else None
    with open_office() as office:
        breach = office.ledger.breaches.judge(
            number,
            _one_of(Risk, risk, "risk"),
            persons=_span(persons),
            special=special,
            exemption=exemption,
            entry=Entry(kind="breach.judged", by=by, why=why),
        )
        norms = breach_norms(office)
    _show_duties(breach, norms)


@app.command("describe")
def describe(number: Number, by: By = "privacy") -> None:
    """Write down facts, effects and remedy, step by step; kept encrypted. An empty answer leaves a part as it is."""
    from domain.evidence import Entry
    from ledger.breaches import FIELDS
    from tasks.office import open_office

    said = {name: typer.prompt(name, default="", show_default=False) for name in FIELDS}
    with open_office() as office:
        entry = Entry(kind="breach.described", by=by)
        breach = office.ledger.breaches.describe(number, {k: v for k, v in said.items() if v}, entry=entry)
    say(f"on file: {', '.join(breach.filled) or 'nothing yet'}")


@app.command("draft")
def draft(
    number: Number,
    whom: Annotated[str, typer.Argument(help="authority, controller or persons.")],
    language: Annotated[str, typer.Option("--language", help="nl or en.")] = "nl",
) -> None:
    """Lay the draft of a notice ready as a PDF. Nothing is sent."""
    from domain.breaches import Whom
    from tasks.breaches import draw_up_notice
    from tasks.office import open_office

    with open_office() as office:
        say(str(draw_up_notice(office, number, _one_of(Whom, whom, "addressee"), language=language)))


@app.command("told")
def record_notice(
    number: Number,
    whom: Annotated[str, typer.Argument(help="authority, controller or persons.")],
    at: Annotated[str, typer.Option("--at", help="When it went; now if left out.")] = "",
    phase: Annotated[str, typer.Option("--phase", help="first, more or complete (AVG 33(4)).")] = "complete",
    by: By = "privacy",
) -> None:
    """Record that a notice, or a part of it, went out."""
    from domain.breaches import Phase, Whom
    from domain.evidence import Entry
    from tasks.breaches import breach_norms
    from tasks.clock import now
    from tasks.office import open_office

    with open_office() as office:
        breach = office.ledger.breaches.tell(
            number,
            _one_of(Whom, whom, "addressee"),
            at=_moment(at) if at else now(),
            phase=_one_of(Phase, phase, "phase"),
            entry=Entry(kind="breach.told", by=by),
        )
        norms = breach_norms(office)
    _show_duties(breach, norms)


@app.command("close")
def close(number: Number, by: By = "privacy") -> None:
    """Close the file, where everything the law asks for is in it."""
    from domain.evidence import Entry
    from tasks.breaches import breach_norms
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.breaches.close(number, breach_norms(office), entry=Entry(kind="breach.closed", by=by))
    say(f"breach {number} is closed")


def _show_duties(breach: Any, norms: Any) -> None:
    from domain.breaches import duties, hours_left
    from tasks.clock import AMSTERDAM, now

    rows = []
    for duty in duties(breach, norms):
        left = hours_left(duty, now())
        limit = f"{duty.limit.astimezone(AMSTERDAM):%a %Y-%m-%d %H:%M}" if duty.limit else ""
        rows.append((duty.whom.value, duty.article, duty.state.value, limit, "" if left is None else f"{left:.0f} h"))
    show_table("", ["tell", "article", "stands", "by", "left"], rows)


def _moment(written: str) -> datetime:
    from tasks.clock import AMSTERDAM

    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise Refused("this is not a moment", do="write it as 2026-11-23T14:30") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=AMSTERDAM)


def _span(written: str) -> tuple[int, int] | None:
    if not written:
        return None
    low, _, high = written.partition("-")
    if not (low.isdecimal() and (high.isdecimal() or not high)):
        raise Refused("the number of people is written as 10-40", do="give at least and at most")
    return int(low), int(high or low)


def _one_of(kind: Any, given: str, what: str) -> Any:
    if given not in set(kind):
        raise Refused(f"no {what} is called {given!r}", do=f"choose one of: {', '.join(kind)}")
    return kind(given)
