"""The register of breaches in the ledger: numbered, encrypted, sealed, proposed once, and never taken out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from domain.activity import Role
from domain.breaches import Breach, BreachState, Harm, Norms, Phase, Risk, Whom
from domain.evidence import Entry
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.breaches import Breaches
from ledger.rungs import Delivery
from ledger.schema import breaches, events
from tests.unit.ledger_desk import Desk

AWARE = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
NORMS = Norms(authority=72, controller=24, persons=72)
SECRET = "De map van mevrouw Zonderling lag in de trein"


def entry(kind: str = "breach.changed", why: str = "") -> Entry:
    return Entry(kind, "fg", why=why)


def opened(desk: Desk) -> tuple[Breaches, Breach]:
    book = desk.ledger.breaches
    return book, book.open(
        role=Role.CONTROLLER, aware_at=AWARE, harms=(Harm.CONFIDENTIALITY,), entry=entry("breach.opened")
    )


def test_a_breach_goes_its_whole_way_and_each_change_is_an_event(desk: Desk) -> None:
    book, one = opened(desk)
    assert one.number == "B2026-0001"
    book.describe(one.number, {"facts": SECRET, "effects": "schrik", "remedy": "gebeld"}, entry=entry())
    book.judge(one.number, Risk.RISK, persons=(1, 1), special=True, entry=entry("breach.judged"))
    desk.tick(hours=3)
    book.tell(one.number, Whom.AUTHORITY, at=desk.now, phase=Phase.FIRST, entry=entry("breach.told"))
    with pytest.raises(Refused, match="begun"):
        book.close(one.number, NORMS, entry=entry("breach.closed"))
    desk.tick(hours=1)
    book.tell(one.number, Whom.AUTHORITY, at=desk.now, phase=Phase.COMPLETE, entry=entry("breach.told"))
    closed = book.close(one.number, NORMS, entry=entry("breach.closed"))
    assert closed.state is BreachState.CLOSED
    assert book.read(one.number) == closed
    kinds = [e.kind for e in desk.ledger.events.events(case=one.number)]
    assert kinds == ["breach.opened", "breach.changed", "breach.judged", "breach.told", "breach.told", "breach.closed"]
    assert desk.ledger.verify().ok


def test_what_happened_stands_encrypted_and_in_no_event(desk: Desk) -> None:
    book, one = opened(desk)
    book.describe(one.number, {"facts": SECRET}, entry=entry())
    book.describe(one.number, {"effects": "schrik"}, entry=entry())
    assert book.described(one.number) == {"facts": SECRET, "effects": "schrik"}, "what was said before stays"
    with desk.ledger.events.read() as connection:
        kept = str(connection.execute(select(breaches)).all()) + str(connection.execute(select(events)).all())
    assert "Zonderling" not in kept
    assert "schrik" not in kept


def test_something_is_proposed_once_and_a_person_confirms_or_dismisses_it_with_a_reason(desk: Desk) -> None:
    book = desk.ledger.breaches
    told = {"source": "package 2026-0004.zip", "role": Role.CONTROLLER, "harms": (Harm.CONFIDENTIALITY,)}
    one = book.propose(**told, entry=entry("breach.proposed"))  # type: ignore[arg-type]
    assert one is not None
    assert one.aware_at == desk.now, "the clock runs from the proposal"
    assert book.propose(**told, entry=entry("breach.proposed")) is None  # type: ignore[arg-type]
    assert len(book.list_all()) == 1
    with pytest.raises(Refused, match="with a reason"):
        book.dismiss(one.number, entry=entry("breach.dismissed"))
    desk.tick(hours=1)
    assert book.dismiss(one.number, entry=entry("breach.dismissed", "it never left")).state is BreachState.DISMISSED
    with pytest.raises(Refused, match="dismissed"):
        book.confirm(one.number, entry=entry("breach.confirmed"))


def test_an_open_breach_is_not_dismissed_and_its_moment_not_in_the_future(desk: Desk) -> None:
    book, one = opened(desk)
    with pytest.raises(Refused):
        book.dismiss(one.number, entry=entry("breach.dismissed", "no longer convenient"))
    with pytest.raises(Refused, match="future"):
        book.open(role=Role.CONTROLLER, aware_at=desk.now + timedelta(hours=1), harms=(), entry=entry("breach.opened"))
    with pytest.raises(Refused, match="future"):
        book.tell(
            one.number, Whom.AUTHORITY, at=desk.now + timedelta(hours=1), phase=Phase.FIRST, entry=entry("breach.told")
        )  # fmt: skip
    with pytest.raises(NotFound):
        book.read("B2026-0099")


def test_a_rung_is_climbed_once(desk: Desk) -> None:
    book, one = opened(desk)
    assert book.climb(one.number, rung="authority-48", entry=entry("breach.escalated"))
    assert not book.climb(one.number, rung="authority-48", entry=entry("breach.escalated"))
    book.settle(one.number, rung="authority-48", state=Delivery.FAILED, entry=entry("breach.settled"))
    assert book.rungs_of(one.number) == {"authority-48": Delivery.FAILED}


def test_a_breach_changed_by_hand_shows_and_none_can_be_taken_out(desk: Desk) -> None:
    book, one = opened(desk)
    with desk.ledger.events.engine.begin() as connection:
        connection.execute(update(breaches).values(state=BreachState.CLOSED.value))
    with pytest.raises(LedgerBroken):
        book.list_all()
    assert not desk.ledger.verify().ok
    with pytest.raises(DBAPIError), desk.ledger.events.engine.begin() as connection:
        connection.execute(delete(breaches).where(breaches.c.number == one.number))
