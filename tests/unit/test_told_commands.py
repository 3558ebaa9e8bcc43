"""What a refusal about who asks tells to type can be typed: whole, with every option that the command asks for."""

from __future__ import annotations

import re
import shlex
from datetime import date
from itertools import product

import pytest
import typer.main

from cli.main import app
from domain.cases import Case, CaseKind
from domain.evidence import Entry
from domain.representatives import Asker, Capacity, ChildSays, Part, Proof
from domain.standing_to_ask import check_asker
from domain.trouble import NotFound, Refused
from tasks.askers import named_representative
from tests.unit.ledger_desk import Desk

TODAY = date(2026, 11, 25)
BORN = (None, date(2018, 5, 1), date(2013, 5, 1), date(1986, 5, 1))
PARTS = ((Part.DOSSIER,), (Part.OTHER,), (Part.DOSSIER, Part.OTHER))
TOLD = re.compile(r"termijn [^;()\n]+")
EVERYTHING = tuple(Proof)


def can_be_typed(told: str) -> int:
    """How many commands the words tell; an error of the parser, as at the terminal, where one lacks something."""
    found = TOLD.findall(told)
    for written in found:
        command, words = typer.main.get_command(app), shlex.split(written)[1:]
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        given = command.make_context(written, words).params
        if "proof" in given:
            assert given["proof"] in set(Proof)
        if given.get("capacity") not in (None, "CAPACITY"):
            assert given["capacity"] in set(Capacity)
        if given.get("about"):
            assert {*given["about"].split(",")} <= set(Part)
    return len(found)


def test_what_the_law_asks_next_can_be_typed() -> None:
    told: set[str] = set()
    for born_on, capacity, about, child, weighed, proofs in product(
        BORN, Capacity, PARTS, ChildSays, (None, True, False), ((), *((p,) for p in Proof), EVERYTHING)
    ):
        for deceased, incapable, kind in product((False, True), (False, True), (CaseKind.ACCESS, CaseKind.ERASURE)):
            asker = Asker(
                capacity=capacity, about=about, child=child, weighed=weighed, proofs=proofs, deceased=deceased,
                incapable=incapable,
            )  # fmt: skip
            case = Case(number="2026-0001", kind=kind, received_on=TODAY, channel="letter")
            try:
                check_asker(case, asker, born_on=born_on, as_of=TODAY)
            except Refused as trouble:
                told.add(trouble.do)
    assert sum(map(can_be_typed, told)) >= len(told) > 20
    assert any("--may" in one for one in told)


def test_what_the_ledger_and_the_letters_ask_next_can_be_typed(desk: Desk) -> None:
    entry = Entry("case.represented", "privacy")
    case = desk.ledger.cases.open_case(
        CaseKind.ACCESS, received_on=TODAY, channel="letter", subject={"name": "Anna"}, entry=entry
    ).number
    with pytest.raises(NotFound) as told:
        desk.ledger.askers.proven(case, Proof.RELATION, entry=entry)
    assert can_be_typed(told.value.do) == 2
    asker = Asker(capacity=Capacity.ATTORNEY, about=(Part.OTHER,))
    with pytest.raises(Refused) as unnamed:
        named_representative(case, asker, {})
    assert can_be_typed(unnamed.value.do) == 1
