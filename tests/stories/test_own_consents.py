"""Consents, objections and messages have terms too: found for who asks, and forgotten on their day, with proof."""

from __future__ import annotations

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta

from domain.consents import Act, Statement
from domain.evidence import Entry
from domain.identity import Identifier
from domain.trouble import NotFound, Refused
from ledger.open import Ledger
from ledger.own_consents import OptInRows
from tests.stories.small_house import TODAY, SmallHouse
from tests.stories.test_own_data import asks, house

__all__ = ["house"]
CONSENTS = """
[purpose.newsletter]
title = "Nieuwsbrief"
activity = "visits"
marketing = true
[[purpose.newsletter.text]]
version = "2026-1"
since = 2020-01-01
text = "Ja, stuur mij elke maand de nieuwsbrief."
"""
LONG, SHORT = TODAY - relativedelta(years=5, days=2), TODAY - relativedelta(years=4)


def says(ledger: Ledger, name: str, act: Act, on: date) -> str:
    words = {} if act is Act.WITHDRAWN else {"version": "1", "digest": "d" * 64}
    one = Statement(number="", purpose="newsletter", act=act, on=on, channel="website", **words)
    mail = f"{name.lower()}@example.org"
    who = [Identifier("email", mail), Identifier("name", name.lower())]
    entry, person = Entry("consent.stated", "privacy"), {"name": name, "email": [mail]}
    return ledger.opt_ins.record(one, person=person, identifiers=who, today=TODAY, entry=entry, proof="knop").number


def objects(ledger: Ledger, name: str, on: date) -> str:
    who = [Identifier("email", f"{name.lower()}@example.org")]
    return ledger.suppressions.add(who, on=on, channel="letter", entry=Entry("marketing.objected", "privacy")).number


def test_a_proof_of_consent_goes_five_years_after_its_end_and_an_objection_five_years_after_the_last(
    house: SmallHouse,
) -> None:
    ledger = house.ledger()
    gone = [says(ledger, "Zus", Act.GIVEN, LONG - relativedelta(years=1)), says(ledger, "Zus", Act.WITHDRAWN, LONG)]
    kept = [
        says(ledger, "Zo", Act.GIVEN, LONG),
        says(ledger, "Zo", Act.WITHDRAWN, SHORT),
        says(ledger, "Ro", Act.GIVEN, LONG),
    ]
    forgotten, again, later = objects(ledger, "Zus", LONG), objects(ledger, "Zo", LONG), objects(ledger, "Zo", SHORT)
    with pytest.raises(Refused, match="still stands"):
        OptInRows(ledger.events, TODAY, lambda *_: "").forget([(kept[2],)])
    house.countersign()
    armed = house.termijn("purge", "termijn", "--arm")
    assert armed.returncode == 0, armed.stderr
    for number in gone:
        with pytest.raises(NotFound, match="forgotten"):
            ledger.opt_ins.person_of(number)
        assert ledger.opt_ins.proof_of(number) == ""
        assert ledger.opt_ins.read(number).purpose == "newsletter", "that somebody agreed stays"
        assert ledger.batches.was_destroyed("termijn", "opt_ins", (number,))
    assert [ledger.opt_ins.person_of(n)["name"] for n in kept] == ["Zo", "Zo", "Ro"]
    known = {s.number: s.known for s in ledger.suppressions.list_all()}
    assert known == {forgotten: False, again: True, later: True}, "the term counts from the last objection"
    assert len(ledger.suppressions.standing()) == 1
    assert ledger.verify().ok


def test_what_somebody_agreed_and_objected_to_goes_along_with_their_own_data(house: SmallHouse) -> None:
    (house.register / "consents.toml").write_text(CONSENTS, "utf-8")
    ledger = house.ledger()
    number = asks(ledger, "Zus", "zus@example.org", closed=False)
    one = Statement(
        number="", purpose="newsletter", act=Act.GIVEN, on=SHORT, channel="website", version="2026-1", digest="d" * 64
    )
    person = {"name": "Zus", "email": "zus@example.org"}
    for who in (person, {"name": "Zo", "email": "zo@example.org"}):
        address = [Identifier("email", who["email"])]
        entry = Entry("consent.given", "privacy")
        ledger.opt_ins.record(one, person=who, identifiers=address, today=TODAY, entry=entry)
    objects(ledger, "Zus", SHORT)
    objects(ledger, "Zo", SHORT)
    ledger.close()
    shown = house.termijn("find", number)
    assert shown.returncode == 0, shown.stderr
    assert "C000001" in shown.stdout
    assert "S000001" in shown.stdout, "known again by the mark of the address of who asks"
    assert "C000002" not in shown.stdout
    assert "S000002" not in shown.stdout
    for place in ("termijn.opt_ins:C000001", "termijn.suppressions:S000001"):
        house.termijn("find", number, "--include", place)
    made = house.termijn("export", number)
    assert made.returncode == 0, made.stdout + made.stderr
    data = house.open_package(number)["data.json"].decode()
    assert "Ja, stuur mij elke maand de nieuwsbrief." in data, "the words that were shown, as they were"
    assert "zo@example.org" not in data
