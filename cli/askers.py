"""Who asks for whom, at the command line: representatives, their proofs, the child's word, an officer's decision."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from cli.office import Code
from cli.screen import say, show_json, show_table
from domain.trouble import Refused

Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number, for example 2026-0004.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]
_Word = TypeVar("_Word", bound=StrEnum)


def represent(
    number: Number,
    capacity: Annotated[str, typer.Option("--capacity", help="self, parent, guardian, curator, attorney…")] = "",
    about: Annotated[str, typer.Option("--about", help="dossier, other, or both with a comma.")] = "",
    person: Annotated[
        str, typer.Option("--person", metavar="FILE", help="TOML: name, address, email, phone of who asks; - reads it.")
    ] = "",
    deceased: Annotated[bool | None, typer.Option("--deceased/--alive", help="Whether the person died.")] = None,
    incapable: Annotated[
        bool | None,
        typer.Option("--cannot-decide/--can-decide", help="Whether the person cannot decide about this."),
    ] = None,
    by: By = "privacy",
) -> None:
    """Record who asks for the person of a case; what must be proven is told, and bars the case until it is seen.

    What is left out stays as the case has it; the first time --capacity is needed.
    """
    from cli.subject import read_subject
    from domain.evidence import Entry
    from domain.representatives import Capacity, Part
    from tasks.askers import asker_said, check_representative
    from tasks.office import open_office

    with open_office() as office:
        asker = asker_said(
            office,
            number,
            capacity=_word(Capacity, capacity) if capacity else None,
            about=tuple(_word(Part, one.strip()) for one in about.split(",")) if about else None,
            deceased=deceased,
            incapable=incapable,
        )
        given = read_subject(person) if person else {}
        check_representative(asker, given)
        office.ledger.askers.represent(
            number, asker, person=given, entry=Entry(kind="case.represented", by=by, case=number)
        )
    say(f"case {number}: asked as {asker.capacity}")
    asks(number)


def proven(
    number: Number,
    proof: Annotated[str, typer.Argument(metavar="PROOF", help="As `termijn case asks` names it.")],
    by: By = "privacy",
) -> None:
    """Record that a proof was seen. Look at the paper and give it back: a copy is not kept."""
    from domain.evidence import Entry
    from domain.representatives import Proof
    from tasks.office import open_office

    with open_office() as office:
        seen = _word(Proof, proof)
        office.ledger.askers.proven(number, seen, entry=Entry(kind="case.proof-seen", by=by, case=number))
    say(f"case {number}: {seen} was seen")
    asks(number)


def child(
    number: Number,
    says: Annotated[str, typer.Argument(metavar="agrees|refuses", help="What the child of 12 to 15 says.")],
    by: By = "privacy",
) -> None:
    """Record what a child of 12 to 15 says of a request about it. Ask the child itself."""
    from domain.evidence import Entry
    from domain.representatives import ChildSays
    from tasks.office import open_office

    with open_office() as office:
        word = _word(ChildSays, says)
        office.ledger.askers.child_says(number, word, entry=Entry(kind="case.child-heard", by=by, case=number))
    say(f"case {number}: the child {word}")


def weigh(
    number: Number,
    by: Annotated[str, typer.Option("--by", help="Your officer's id.", show_default=False)],
    may: Annotated[bool, typer.Option("--may/--may-not", help="What you decide.")],
    why: Annotated[str, typer.Option("--why", prompt="Why (kept encrypted)", help="Your reasons; encrypted.")],
    code: Code = "",
) -> None:
    """Decide, as an officer, where the law leaves it to a person whether this may be asked."""
    from domain.evidence import Entry
    from tasks.office import open_office

    given = code or typer.prompt("One-time code", hide_input=True)
    with open_office() as office:
        entry = Entry(kind="case.weighed", by=by, case=number)
        office.ledger.askers.weigh(number, may=may, why=why, code=given, entry=entry)
    say(f"case {number}: it {'may' if may else 'may not'} be asked")


def asks(number: Number, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show who asks and what the law wants of them; never a name."""
    from tasks.askers import who_asks
    from tasks.clock import today
    from tasks.office import open_office

    with open_office() as office:
        told = who_asks(office, number, today())
    if as_json:
        show_json(told)
    else:
        show_table("", ["", ""], [(k, ", ".join(v) if isinstance(v, list) else v) for k, v in told.items()])


def who_may_ask(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show the table: who may ask what for whom, with its article and its proofs."""
    from domain.representatives import RULES

    heads = ["person", "asks", "about", "kinds", "may", "proofs", "one of", "article"]
    rows = [
        (
            r.band.value, r.capacity.value, r.part.value, _kinds(r.kinds), r.verdict.value,
            ", ".join(r.needs), ", ".join(r.one_of), r.article,
        )
        for r in RULES
    ]  # fmt: skip
    if as_json:
        show_json([dict(zip(heads, row, strict=True)) for row in rows])
    else:
        show_table("Who may ask", heads, rows)


def _kinds(kinds: Iterable[StrEnum]) -> str:
    from domain.cases import CaseKind

    found = sorted(kinds)
    return "every" if len(found) == len(CaseKind) else ", ".join(found)


def _word(words: type[_Word], written: str) -> _Word:
    if written not in set(words):
        raise Refused(f"{written!r} is none of the words there are", do=f"choose one of: {', '.join(words)}")
    return words(written)
