"""Where a person's records are, at the command line: searched for, shown, and decided one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.screen import say, show_json, show_table
from domain.trouble import NotFound, Refused

if TYPE_CHECKING:
    from tasks.search import Search

By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


def find(
    numbers: Annotated[list[str], typer.Argument(metavar="CASE…", help="One case or more, for example 2026-0004.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="SYSTEM.DATASET:KEY", help="This is the person.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="SYSTEM.DATASET:KEY", help="This is somebody else.")
    ] = None,
    by: By = "privacy",
) -> None:
    """Search every system for the person of a case: what matches, what a person must decide, what was not searched.

    Several cases are searched for in one pass over each system.
    """
    os.environ["TERMIJN_SKIN"] = "plain"  # looking needs no server
    from domain.evidence import Entry
    from tasks.office import open_office
    from tasks.search import search_cases

    decided = [(p, True) for p in include or []] + [(p, False) for p in exclude or []]
    if decided and len(set(numbers)) > 1:
        raise Refused("a record is decided for one person at a time", do="name one case with --include or --exclude")
    with open_office() as office:
        for place, yes in decided:
            system, dataset, key = _place(place)
            if dataset not in office.system(system).datasets:
                raise NotFound(f"{system} has no such dataset", do="copy the place from `termijn find`")
            entry = Entry(kind="match.decided", by=by, case=numbers[0])
            office.ledger.cases.decide(numbers[0], system=system, dataset=dataset, key=key, include=yes, entry=entry)
        found = search_cases(office, numbers, advise=True)
    if as_json:
        show_json(_found_json(found[0]) if len(found) == 1 else [_found_json(one) for one in found])
        return
    for one in found:
        _show_found(one)
    for line in _read_whole(found[0]):
        say(line)


def _show_found(found: Search) -> None:
    from domain.keys import key_text

    rows = [
        (
            f"{a.system}.{c.dataset}:{key_text(c.key)}",
            "the person" if c.is_the_person else "DECIDE" if c.is_open else "somebody else",
            ", ".join(c.matching) + (" (a BSN that fails the eleven-test)" if c.odd_bsn else ""),
            ", ".join(c.conflicting),
        )
        for a in found.answers
        for c in a.candidates
    ]
    show_table(f"Case {found.case.number}", ["record", "is", "matches", "conflicts"], rows)
    for answer in found.answers:
        say(f"  {answer.system}: {answer.outcome.value}{' because ' + answer.unreadable if answer.unreadable else ''}")
        if answer.shared:
            say(
                f"    many people there bear the same {', '.join(answer.shared)}: it counted for nothing; look yourself"
            )


def _read_whole(found: Search) -> Iterator[str]:
    """Which large tables each search reads from end to end, and what would mend that."""
    for answer in found.answers:
        for one in answer.read_whole:
            if one.large:
                at = f"{answer.system}: no index serves {one.reference.table} ({', '.join(one.reference.columns)})"
                yield f"  {at}, which is large: each search reads that whole table"
                yield (
                    f"    -> let the database's owner run: {one.mend}"
                    if one.mend
                    else "    -> this database has no index for it; name several cases, and they share one reading"
                )


def _found_json(found: Search) -> dict[str, object]:
    from domain.keys import key_text

    return {
        "case": found.case.number,
        "systems": [
            {
                "system": a.system,
                "outcome": a.outcome.value,
                "because": a.unreadable,
                "borne_by_many": list(a.shared),
                "read_whole": [
                    {
                        "table": one.reference.table,
                        "columns": list(one.reference.columns),
                        "large": one.large,
                        "mend": one.mend,
                    }
                    for one in a.read_whole
                ],
                "candidates": [
                    {
                        "dataset": c.dataset,
                        "key": key_text(c.key),
                        "is_the_person": c.is_the_person,
                        "to_decide": c.is_open,
                        "odd_bsn": c.odd_bsn,
                        "matching": list(c.matching),
                        "conflicting": list(c.conflicting),
                    }
                    for c in a.candidates
                ],
            }
            for a in found.answers
        ],
    }


def _place(written: str) -> tuple[str, str, str]:
    where, _, key = written.partition(":")
    system, _, dataset = where.partition(".")
    if not (system and dataset and key):
        raise Refused("a record is written SYSTEM.DATASET:KEY", do="copy it from `termijn find`")
    return system, dataset, key
