"""Finding in one system (promise 7): a namesake, a household, a shared mailbox and an empty value pull in nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from connectors.in_memory import InMemoryConnector
from connectors.port import Row
from domain.identity import Identifier
from domain.package import Outcome
from domain.register import Register
from domain.same_person import MANY, Verdict
from domain.system import System
from register.loader import load_register
from reports.register_report import register_markdown
from tasks.find import Candidate, Sought, SystemAnswer, ask_system
from tasks.gather import gather
from tasks.spool import Spool
from tests.contract.conftest import activity


def _shown(label: str) -> dict[str, str]:
    return {"class": "export", "label": label}


_PLAIN = {"class": "technical"}
SYSTEM = System.model_validate({
    "id": "shop", "title": "Winkel", "connector": "memory", "url": "env:SHOP",
    "dataset": {
        "client": {
            "key": ["id"], "activity": "dossier", "ceiling": {"records": 1, "share": 1}, "triggers": ["left_on"],
            "identifies": {"bsn": "bsn", "email": "mail", "client_number": "nr", "name": "name"},
            "columns": {"id": _PLAIN, "name": _shown("Naam"), "mail": _shown("E-mail"), "nr": _shown("Nr"),
                        "bsn": _shown("BSN"), "left_on": _PLAIN},
        },
        "order": {
            "key": ["id"], "part_of": {"dataset": "client", "by": {"client": "id"}},
            "references": [{"dataset": "client", "by": {"seller": "id"}, "person": "mentions", "shows": ["day"]}],
            "columns": {"id": _PLAIN, "client": _PLAIN, "seller": _PLAIN, "day": _shown("Dag"), "what": _shown("Wat")},
        },
    },
})  # fmt: skip
ANNA = [
    Identifier("client_number", "shop:12"),
    Identifier("email", "info@praktijk.nl"),
    Identifier("name", "anna vries"),
]


def _client(number: int, **known: Any) -> dict[str, Any]:
    return {"id": number, "name": None, "mail": None, "nr": None, "bsn": None, "left_on": None} | known


def _ask(*clients: dict[str, Any], wanted: list[Identifier] = ANNA, **decided: bool) -> SystemAnswer:
    connector = InMemoryConnector(SYSTEM, {"client": list(clients), "order": []})
    decisions = {("shop", "client", k.removeprefix("k")): v for k, v in decided.items()}
    [answer] = ask_system(connector, [Sought(tuple(wanted), decisions)])
    return answer


def test_a_mailbox_of_many_counts_for_nothing_and_that_is_said() -> None:
    many = [_client(n, name=f"Person{n} Other", mail="INFO@praktijk.nl") for n in range(100, 100 + MANY)]
    answer = _ask(_client(1, name="Anna de Vries", mail="info@praktijk.nl"), *many)
    assert answer.shared == ("email",)
    assert [(c.key, c.verdict) for c in answer.candidates] == [((1,), Verdict.ASK)], "by her name only"
    assert answer.outcome is Outcome.NOTHING_FOUND
    few = _ask(_client(1, name="Anna de Vries", mail="info@praktijk.nl"), *many[2:])
    assert few.shared == ()
    assert len(few.candidates) == MANY - 1, "a person looks at each of a household"


def test_what_a_person_decided_stays_though_the_value_is_of_many() -> None:
    many = [_client(n, name=f"Person{n} Other", mail="info@praktijk.nl") for n in range(100, 100 + MANY)]
    answer = _ask(*many, k100=True)
    assert [(c.key, c.is_the_person) for c in answer.candidates] == [((100,), True)]


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"nr": 12, "mail": "info@praktijk.nl"}, Verdict.SAME),
        ({"nr": 12}, Verdict.ASK),
        ({"name": "Anna de Vries"}, Verdict.ASK),
        ({"nr": 13, "name": "Anna de Vries"}, Verdict.ASK),
        ({"nr": "", "mail": " ", "name": ""}, None),
        ({"nr": "0", "mail": "-", "name": "onbekend"}, None),
    ],
)
def test_two_strong_identifiers_or_a_person(row: dict[str, Any], verdict: Verdict | None) -> None:
    assert [c.verdict for c in _ask(_client(1, **row)).candidates] == ([] if verdict is None else [verdict])


def test_a_number_of_another_system_is_not_this_ones() -> None:
    elsewhere = [Identifier("client_number", "clinic:12"), Identifier("email", "info@praktijk.nl")]
    [one] = _ask(_client(1, nr=12, mail="info@praktijk.nl"), wanted=elsewhere).candidates
    assert (one.matching, one.is_the_person) == (("email",), False)


def test_a_bsn_that_fails_the_eleven_test_is_found_and_pointed_at() -> None:
    wanted = [Identifier("bsn", "123456789")]
    assert [c.odd_bsn for c in _ask(_client(1, bsn="123456789"), wanted=wanted).candidates] == [True]
    sound = [Identifier("bsn", "123456782")]
    assert [c.odd_bsn for c in _ask(_client(1, bsn="123456782"), wanted=sound).candidates] == [False]


def test_of_a_row_that_only_mentions_the_person_no_more_is_told_than_the_register_says() -> None:
    orders = [
        {"id": 5, "client": 1, "seller": 2, "day": date(2026, 1, 2), "what": "mine"},
        {"id": 6, "client": 2, "seller": 1, "day": date(2026, 1, 3), "what": "another's secret"},
    ]
    connector = InMemoryConnector(SYSTEM, {"client": [_client(1), _client(2)], "order": orders})
    register = Register(
        {"dossier": activity("dossier", maximum="1 year")}, {"shop": SYSTEM}, load_register().organisation
    )
    answer = SystemAnswer("shop", "Winkel", (Candidate("client", (1,), Verdict.SAME, (), ()),))
    gathered = gather(connector, register, answer, date(2026, 11, 23), Spool())[""]
    told = {(p.dataset, p.belonging): [(r.key, dict(r.values)) for r in p.records] for p in gathered.parts}
    assert told["order", "own"] == [("5", {"day": date(2026, 1, 2), "what": "mine"})]
    assert told["order", "mentioned"] == [("6", {"day": date(2026, 1, 3)})]
    assert [p.title for p in gathered.parts if p.belonging == "mentioned"] == ["order (hierin wordt u genoemd)"]
    assert any(w.what == "Wat" and w.because == "gaat over een ander" for w in gathered.withheld)


def test_a_row_that_was_put_away_is_found_and_labelled_and_the_register_page_says_which_those_are() -> None:
    told = SYSTEM.model_dump(by_alias=True)
    told["dataset"]["client"]["soft_delete"] = "left_on"
    told["dataset"]["order"]["archived"] = {"column": "what", "values": ["old", 7]}
    system = System.model_validate(told)
    orders = [
        {"id": n, "client": 1, "seller": None, "day": None, "what": w} for n, w in enumerate(["old ", 7, "", "new"])
    ]
    connector = InMemoryConnector(system, {"client": [_client(1, nr=12, left_on=date(2026, 1, 1))], "order": orders})
    register = Register(
        {"dossier": activity("dossier", maximum="1 year")}, {"shop": system}, load_register().organisation
    )
    [answer] = ask_system(connector, [Sought(tuple(ANNA), {("shop", "client", "1"): True})])
    parts = gather(connector, register, answer, date(2026, 11, 23), Spool())[""].parts
    away = {p.dataset: [(r.soft_deleted, r.archived) for r in p.records] for p in parts}
    assert away == {"client": [(True, False)], "order": [(False, True), (False, True), (False, False), (False, False)]}
    page = register_markdown(register, date(2026, 11, 23))
    assert "| `shop.client` | verwijderd | `left_on` | is ingevuld |" in page
    assert "| `shop.order` | gearchiveerd | `what` | old, 7 |" in page
    told["dataset"]["order"]["archived"] = "gone_on"
    with pytest.raises(ValueError, match="archived names 'gone_on'"):
        System.model_validate(told)


def test_a_batch_of_persons_reads_each_dataset_once_and_answers_each_as_if_alone() -> None:
    clients = [_client(n, name=f"Person{n} Other", mail=f"p{n}@x.nl", nr=n) for n in range(1, 30)]
    clients += [_client(30, name="Person2 Other"), _client(31, mail="p2@x.nl", nr=3)]
    marks = ((Identifier("client_number", f"shop:{n}"), Identifier("email", f"p{n}@x.nl")) for n in range(29, 0, -1))
    persons = [Sought(marked, {}) for marked in marks]
    counted = _Counting(SYSTEM, {"client": clients, "order": []})
    together = ask_system(counted, persons)
    assert counted.searched == ["client"]
    assert list(together) == [ask_system(counted, [one])[0] for one in persons]
    assert [c.key for c in together[27].candidates] == [(2,), (31,)], "of person 2"


class _Counting(InMemoryConnector):
    searched: list[str]

    def search(self, dataset: str, wanted: Sequence[Identifier]) -> Iterator[Row]:
        self.searched = [*getattr(self, "searched", []), dataset]
        yield from super().search(dataset, wanted)
