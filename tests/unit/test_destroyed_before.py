"""What was destroyed of a person is told from what survives: the keys that rows and the case still name."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from connectors.in_memory import InMemoryConnector
from domain.activity import Role
from domain.identity import Identifier
from domain.keys import Keys
from domain.package import DestroyedBefore
from domain.system import System
from domain.trouble import NotFound
from tasks.destroyed_before import destroyed_of, links_to_persons, named_by, named_by_case
from tests.contract.conftest import activity
from tests.unit.ledger_desk import Desk

_PLAIN = {"class": "technical"}
SYSTEM = System.model_validate({
    "id": "careweb", "title": "Zorg", "connector": "memory", "url": "env:CAREWEB",
    "dataset": {
        "patient": {
            "key": ["id"], "title": "Cliënten", "activity": "dossier", "ceiling": {"records": 1, "share": 1},
            "identifies": {"client_number": "id"}, "columns": {"id": _PLAIN},
        },
        "card": {
            "key": ["id"], "activity": "dossier", "ceiling": {"records": 1, "share": 1},
            "columns": {"id": _PLAIN, "holder": _PLAIN, "maker": _PLAIN},
            "references": [
                {"dataset": "patient", "by": {"holder": "id"}, "person": "own"},
                {"dataset": "patient", "by": {"maker": "id"}},
            ],
        },
    },
})  # fmt: skip
CARDS = [
    {"id": 7, "holder": 1, "maker": 2},  # its maker went as well, and is not this person
    {"id": 8, "holder": 5, "maker": None},  # never there, so the ledger has nothing of it
    {"id": 9, "holder": 3, "maker": None},
    {"id": 10, "holder": None, "maker": None},
]


class _Register:
    def __init__(self, **articles: str) -> None:
        self.articles = articles

    def rule(self, name: str, _on: date) -> Any:
        if name not in self.articles:
            raise NotFound("no such rule", do="look in the register")
        return SimpleNamespace(term=SimpleNamespace(article=self.articles[name]))


def _office(desk: Desk, **articles: str) -> Any:
    desk.office()
    desk.approve()
    desk.shut(desk.announce({"patient": Keys([(1,), (2,), (3,)])}))
    return SimpleNamespace(ledger=desk.ledger, register=_Register(**articles))


def _connector() -> InMemoryConnector:
    return InMemoryConnector(SYSTEM, {"patient": [{"id": 3}], "card": [dict(c) for c in CARDS]})


def test_what_surviving_rows_name_is_told_with_day_and_article(desk: Desk) -> None:
    office = _office(desk, **{"careweb.patient": "BW 7:454 lid 3"})
    links = links_to_persons(SYSTEM, SYSTEM.datasets["card"], owner=False)
    named = [name for card in CARDS for name in named_by(card, links)]
    assert named == [("patient", (1,)), ("patient", (5,)), ("patient", (3,))]
    [told] = destroyed_of(office, _connector(), named)
    assert told == DestroyedBefore("Cliënten", 1, date(2026, 11, 23), "BW 7:454 lid 3"), (
        "3 is there again, 2 is another's"
    )


def test_a_rule_that_the_register_no_longer_has_leaves_the_article_out(desk: Desk) -> None:
    [told] = destroyed_of(_office(desk), _connector(), [("patient", (1,)), ("patient", (1,))])
    assert (told.records, told.when, told.article) == (1, date(2026, 11, 23), "")


def test_a_client_number_that_is_a_key_is_asked_for_and_never_on_behalf_of_another_controller() -> None:
    ours = {"dossier": activity("dossier", maximum="1 year")}
    wanted = [Identifier("client_number", "careweb:3"), Identifier("email", "a@b.nl")]
    decided = {("careweb", "patient", "3"): True, ("careweb", "card", "8"): False, ("hr", "staff", "1"): True}
    assert set(named_by_case(_connector(), ours, wanted, decided)) == {("patient", (3,))}
    theirs = {"dossier": ours["dossier"].model_copy(update={"role": Role.PROCESSOR})}
    assert list(named_by_case(_connector(), theirs, wanted, decided)) == []
