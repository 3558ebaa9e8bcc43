"""The verbs of direct marketing: hear who objects, and drop from a list who did or never agreed (AVG 21, Tw 11.7)."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from domain.cases import CaseKind
from domain.consents import Act, check_said
from domain.evidence import Entry, Fact
from domain.mailing_list import Sieve, Sieved, lines_of, shape_of
from domain.moves import DIRECT_MARKETING
from domain.steps import Step
from domain.trouble import NotFound, Refused
from ledger.suppressions import Suppression
from tasks.clock import today
from tasks.consents import Who, agreed_marks, record, standing_of
from tasks.held_consents import held_objections
from tasks.office import Office


def object_to_marketing(
    office: Office, who: Who, *, channel: str, by: str, on: date | None = None
) -> tuple[Suppression, tuple[str, ...]]:
    """Nobody is approached there from now on; what consent there was for marketing counts as taken back.

    Returns the objection, and what still rests on a consent. A case of an objection to direct marketing gets its step.
    Raises Refused where there is no address, or the case is about something else.
    """
    day = on or today()
    check_said(day, channel, today(), where="objection")
    _check_case(office, who.case)
    entry = Entry("marketing.objected", by, case=who.case)
    objection = office.ledger.suppressions.add(who.identifiers, on=day, channel=channel, entry=entry)
    standing, _ = standing_of(office, who, today())
    waiting = list[str]()
    for name, purpose in sorted(office.register.consents.purpose.items()):
        if purpose.marketing and name in standing and standing[name].stands:
            waiting += record(office, name, Act.WITHDRAWN, who, channel=channel, by=by, on=day).waiting
    if who.case:
        why = f"on the suppression list as {objection.number}; no campaign passes the sieve with this address"
        office.ledger.steps.done(who.case, Step.STOPPED, entry=Entry("case.step", by, case=who.case), why=why)
    return objection, tuple(waiting)


def take_back_objection(office: Office, who: Who, *, by: str, on: date | None = None) -> tuple[str, ...]:
    """The person wants to be approached again: only at their own word. Returns the numbers of the objections."""
    entry = Entry("objection.taken-back", by, case=who.case)
    return office.ledger.suppressions.lift(who.identifiers, on=on or today(), entry=entry)


def sieve_list(office: Office, file: Path, purpose: str, *, to: Path, by: str) -> Sieved:
    """Write to `to` the lines of `file` that may be written to; the counts stand in the ledger. Raises Refused."""
    office.register.consents.get(purpose)
    if to.exists():
        raise Refused("there is a file of that name already", where="mailing list", do="give another name with --to")
    objected = office.ledger.suppressions.standing() | held_objections(office)
    agreed = agreed_marks(office, purpose, today())
    sieve, marker = Sieve(objected=objected, agreed=agreed), office.ledger.opt_ins.marker()
    draft = to.with_name(to.name + ".draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8", newline="") as kept:
        lines = _read(file)
        first = next(lines, "").removeprefix("\ufeff")
        shape = shape_of(first)
        writer = csv.writer(kept, delimiter=shape.parted_by, lineterminator="\n")
        if shape.headed:
            writer.writerows(lines_of([first], shape))
        for cells in lines_of(lines if shape.headed else _with(first, lines), shape):
            if sieve.lets_through(marker.of_address(shape.address(cells))):
                writer.writerow(cells)
    told = sieve.told
    facts: dict[str, Fact] = {
        "purpose": purpose,
        "kept": told.kept,
        **{k.replace(" ", "-"): n for k, n in told.dropped.items()},
    }
    office.ledger.opt_ins.note_sieved(entry=Entry("mailing.sieved", by, facts=facts))
    draft.replace(to)
    return told


def _check_case(office: Office, number: str) -> None:
    if not number:
        return
    case = office.ledger.cases.read_case(number)
    if case.kind is not CaseKind.OBJECTION or case.ground != DIRECT_MARKETING:
        raise Refused(
            "this case is no objection to direct marketing",
            where=f"case {number}",
            do=f"say so first: termijn case ground {number} {DIRECT_MARKETING}, or open a case of kind objection",
        )


def _read(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            yield from opened
    except FileNotFoundError:
        raise NotFound("there is no such mailing list", do="give the path of a CSV file") from None
    except UnicodeDecodeError:
        raise Refused("the file is not UTF-8", where="mailing list", do="save it as CSV in UTF-8") from None


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
