"""What the office may rely on from a system behind REST: the real connector on a real service, on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from connectors.port import Announced
from connectors.receipt import CHANGED, FROZEN, NO_LONGER_DUE, REFERRED_TO
from connectors.rest import RestConnector
from domain.drift import compare
from domain.identity import Identifier
from domain.keys import Key, Keys, key_text
from domain.live import Kind
from domain.rules import compile_rules, due_test
from domain.standing import Standing
from domain.system import System
from domain.trouble import NotFound, Refused, SourceUnreadable
from sample.crm_service import Faults, RunningService, start_crm
from tests.contract.crm_book import (
    ACTIVITIES,
    AS_OF,
    DUE,
    SYSTEM,
    TOKEN,
    Book,
    Clock,
    announce,
    brute_dossier,
    brute_facts,
    brute_standings,
    connect,
    everything_allowed,
    full_book,
    small_book,
)

PARTS = {p.dataset: p for p in DUE.rule.parts}
ANNA, BERT, CORA, DIRK = (1,), (2,), (3,), (4,)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return small_book(tmp_path / "crm.db")


@pytest.fixture
def service(book: Book) -> Iterator[RunningService]:
    with start_crm(book.path, TOKEN) as running:
        yield running


@pytest.fixture
def crm(service: RunningService) -> Iterator[RestConnector]:
    connector = connect(service.url)
    yield connector
    connector.close()


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Book, RestConnector, RunningService]]:
    """Many pages of awkward records; whoever changes them puts them back."""
    book = full_book(tmp_path_factory.mktemp("big") / "crm.db")
    with start_crm(book.path, TOKEN, most_per_page=5) as service:
        yield book, connect(service.url), service


def destroy(crm: RestConnector, *keys: Key, announced: Announced | None = None) -> dict[str, dict[str, list[Key]]]:
    receipt = announced or announce(crm, keys)
    done = crm.destroy(DUE, keys, allowed=everything_allowed, announced=receipt)
    return {
        "rows": {d: sorted(k) for d, k in done.rows.items()},
        "stayed": {w: sorted(k) for w, k in done.stayed.items()},
    }


# Deciding


def test_the_tally_agrees_with_the_law_in_plain_python(big: tuple[Book, RestConnector, RunningService]) -> None:
    book, crm, _ = big
    law = brute_standings(book, DUE)
    tally = crm.tally(DUE)
    assert tally.total == len(law)
    assert dict(tally.standings) == Counter(s for s, _ in law.values())
    assert dict(tally.kept_by) == Counter(by for s, by in law.values() if s is Standing.KEPT)
    assert set(tally.standings) == set(Standing), "the sample must hold every standing, or this proves little"


def test_what_is_due_is_found_in_order_of_key_and_nothing_else(big: tuple[Book, RestConnector, RunningService]) -> None:
    book, crm, _ = big
    due = [k for k, (s, _) in sorted(brute_standings(book, DUE).items()) if s is Standing.DUE]
    pages = list(crm.find_due(DUE))
    assert [k for page in pages for k in page] == due
    assert len(pages) > 1
    assert all(len(page) <= SYSTEM.page_size for page in pages)


def test_the_facts_of_each_dossier_are_those_of_the_law(big: tuple[Book, RestConnector, RunningService]) -> None:
    book, crm, _ = big
    for root in book.dataset("person"):
        assert crm.facts(DUE, (root["id"],)) == brute_facts(book, DUE, root)


def test_a_record_that_is_not_there_or_of_another_dataset_has_no_facts(crm: RestConnector, book: Book) -> None:
    book.run("UPDATE party SET kind = 'customer' WHERE id = 1")
    assert crm.facts(DUE, (77,)) is None
    assert crm.facts(DUE, ANNA) is None


def test_nothing_is_due_where_no_start_is_early_enough(crm: RestConnector) -> None:
    young = {k: a.model_copy(update={"term": ()}) for k, a in ACTIVITIES.items()}
    test = due_test(DUE.rule, young, AS_OF)
    assert not test.possible
    assert list(crm.find_due(test)) == []
    assert crm.tally(test)[Standing.KEPT] == 4


def test_pages_that_change_while_we_read_are_not_believed(big: tuple[Book, RestConnector, RunningService]) -> None:
    book, crm, _ = big
    rows = crm.search("person", [Identifier("email", "x"), Identifier("name", "n")])
    next(rows)
    book.run("INSERT INTO party (id, kind) VALUES (5000, 'lead')")
    try:
        with pytest.raises(SourceUnreadable, match="do not add up"):
            list(rows)
    finally:
        book.run("DELETE FROM party WHERE id = 5000")


# Dossiers and keys


def test_dossiers_hold_all_their_rows_and_no_others(big: tuple[Book, RestConnector, RunningService]) -> None:
    book, crm, _ = big
    few = book.keys("person")[:3]
    for keys in (few, book.keys("person")):  # by filter, and by one pass over each table
        found = crm.dossiers(DUE.rule.parts, keys)
        each = [brute_dossier(book, DUE, key) for key in keys]
        assert {d: sorted(k) for d, k in found.items()} == {d: sorted(k for e in each for k in e[d]) for d in found}
        for part in DUE.rule.parts:
            rows = [tuple(r[c] for c in SYSTEM.datasets[part.dataset].key) for r in crm.rows(part, keys)]
            assert rows == sorted(rows)
            assert rows == sorted(k for e in each for k in e[part.dataset])


def test_the_way_up_leads_back_to_the_roots(big: tuple[Book, RestConnector, RunningService]) -> None:
    book, crm, _ = big
    for name, part in PARTS.items():
        for key in book.keys("person")[:25]:
            below = Keys(brute_dossier(book, DUE, key)[name])
            assert list(crm.roots_of(part, "person", below)) == ([key] if below else [])
    orphan = Keys([(9999, 1)])
    assert list(crm.roots_of(PARTS["contact"], "person", orphan)) == []


def test_a_written_key_is_read_back_with_the_services_own_types(crm: RestConnector, book: Book) -> None:
    for name in ("person", "contact", "remark"):
        for key in book.keys(name):
            assert crm.read_key(name, key_text(key)) == key
            assert list(crm.still_there(name, Keys([key]))) == [key]
    with pytest.raises(NotFound) as trouble:
        crm.read_key("contact", "anna@example.org")
    assert "anna" not in str(trouble.value)


def test_a_key_that_could_address_more_than_one_record_is_never_sent(
    crm: RestConnector, service: RunningService
) -> None:
    for key in (("",), (".",), ("..",), (None,), (1.5,), (1, 2)):
        with pytest.raises(SourceUnreadable, match="cannot be written in an address"):
            crm.still_there("remark", Keys([key]))
    assert service.requests == []


# Looking and searching


def test_the_service_tells_how_its_tables_look(crm: RestConnector) -> None:
    live = crm.look()
    assert live.complete
    assert live.tables["contact"].key == ("person_id", "number")
    assert live.tables["party"].columns["last_contact_on"].kind is Kind.DATE
    assert [d for d in compare(SYSTEM, live) if d.blocks] == []


def test_without_a_list_the_pages_tell_and_the_rest_is_not_presumed(
    crm: RestConnector, service: RunningService
) -> None:
    service.misbehave(silent_root=True)
    live = crm.look()
    assert not live.complete
    assert live.tables["party"].columns["id"].kind is Kind.INTEGER
    assert live.tables["party"].columns["archived_on"].kind is Kind.TEXT, "empty all over counts as text"
    blocking = [d.where for d in compare(SYSTEM, live) if d.blocks]
    assert blocking, "a table without records shows no columns, and what is not seen is not presumed"
    assert all(where.startswith("crm.invoice.") for where in blocking)
    assert crm.read_key("contact", "1|2") == (1, 2)


def test_a_field_that_nobody_classified_stops_the_reading(crm: RestConnector, service: RunningService) -> None:
    service.misbehave(extra_field="shoe_size")
    for ask in (
        lambda: crm.tally(DUE),
        lambda: crm.facts(DUE, ANNA),
        lambda: list(crm.rows(PARTS["contact"], [ANNA])),
        lambda: list(crm.search("person", [Identifier("name", "naam1")])),
        lambda: crm.dossiers(DUE.rule.parts, [ANNA]),
    ):
        with pytest.raises(SourceUnreadable, match="'shoe_size' not in the register"):
            ask()


def test_a_field_whose_name_is_no_name_is_counted_not_shown(crm: RestConnector, service: RunningService) -> None:
    service.misbehave(extra_field="anna@example.org")
    with pytest.raises(SourceUnreadable) as trouble:
        crm.tally(DUE)
    assert "anna" not in str(trouble.value)


def test_a_field_that_went_missing_stops_the_reading(service: RunningService) -> None:
    with_more = SYSTEM.model_dump(by_alias=True)
    with_more["dataset"]["contact"]["columns"]["place"] = {"class": "technical"}
    other = connect(service.url, system=System(**with_more))
    with pytest.raises(SourceUnreadable, match="'place' not in a record"):
        other.tally(DUE)


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("email", "mail2@example.org", [BERT]),
        ("phone", "+31612345673", [CORA]),
        ("name", "naam1", [ANNA]),
        ("name", "naam3 somebody", [CORA]),
        ("name_born", "naam3+1980-01-31", [CORA]),
        ("email", "nobody@example.org", []),
    ],
)
def test_a_person_is_found_however_the_service_spells_it(
    crm: RestConnector, book: Book, kind: str, value: str, found: list[Key]
) -> None:
    book.run("UPDATE party SET email = ' Mail2@Example.ORG', archived_on = '2024-01-01' WHERE id = 2")
    assert [(r["id"],) for r in crm.search("person", [Identifier(kind, value)])] == found


# Destroying


def test_dossiers_go_whole_children_first_and_the_rest_stays(
    crm: RestConnector, book: Book, service: RunningService
) -> None:
    went = destroy(crm, ANNA, BERT, CORA)
    assert went == {
        "rows": {
            "remark": [("a/b|c é?#%25\\",), ("plain",)],
            "contact": [(1, 1), (1, 2), (1, 3), (2, 1)],
            "person": [ANNA, BERT, CORA],
        },
        "stayed": {},
    }
    assert book.keys("person") == [DIRK]
    assert book.keys("contact") == [(4, 1)]
    assert book.keys("remark") == []
    deletes = [r.split("/")[1] for r in service.requests if r.startswith("DELETE")]
    first_dossier = deletes[: deletes.index("party")]
    assert first_dossier == sorted(first_dossier, key=["remark", "contact"].index)


def test_a_reference_into_the_dossier_is_emptied_first_and_counted(crm: RestConnector, book: Book) -> None:
    book.run("UPDATE party SET chosen = 21 WHERE id = 4")  # one who stays refers to a contact that goes
    done = crm.destroy(DUE, [ANNA, BERT], allowed=everything_allowed, announced=announce(crm, [ANNA, BERT]))
    assert dict(done.cleared) == {"person": 2}
    assert [r["chosen"] for r in book.dataset("person")] == [None, None]
    assert book.keys("person") == [CORA, DIRK]


@pytest.mark.parametrize("wrong", ["rule", "root"])
def test_without_the_ledgers_receipt_nothing_goes(
    crm: RestConnector, book: Book, service: RunningService, wrong: str
) -> None:
    good = announce(crm, [ANNA])
    receipt = Announced("B1", "another digest", good.dossiers) if wrong == "rule" else good
    before = len(service.requests)
    with pytest.raises(Refused):
        destroy(crm, ANNA, BERT, announced=receipt)
    assert len(service.requests) == before
    assert len(book.keys("person")) == 4


def test_a_dossier_with_a_row_that_was_not_announced_stays(crm: RestConnector, book: Book) -> None:
    receipt = announce(crm, [ANNA, BERT])
    book.run("INSERT INTO contact VALUES (1, 4, 14, '2020-01-01', NULL)")
    went = destroy(crm, ANNA, BERT, announced=receipt)
    assert went["stayed"] == {CHANGED: [ANNA]}
    assert went["rows"]["person"] == [BERT]
    assert len(book.keys("contact")) == 5


def test_what_is_no_longer_due_stays(crm: RestConnector, book: Book) -> None:
    receipt = announce(crm, [ANNA, BERT, CORA])
    book.run("UPDATE contact SET met_at = '2026-11-22T10:00:00' WHERE person_id = 1 AND number = 3")
    book.run("UPDATE party SET kind = 'customer' WHERE id = 2")
    book.run("INSERT INTO invoice VALUES (1, 3, '2026-01-01')")
    assert destroy(crm, ANNA, BERT, CORA, announced=receipt) == {
        "rows": {},
        "stayed": {NO_LONGER_DUE: [ANNA, BERT, CORA]},
    }


def test_a_hold_that_begins_while_the_batch_goes_is_heeded(crm: RestConnector, book: Book) -> None:
    asked: list[Key] = []

    def allowed(keys: Sequence[Key]) -> Sequence[Key]:
        asked.extend(keys)
        return [k for k in keys if len(asked) < 2]

    done = crm.destroy(DUE, [ANNA, BERT, CORA], allowed=allowed, announced=announce(crm, [ANNA, BERT, CORA]))
    assert asked == [ANNA, BERT, CORA]
    assert {w: list(k) for w, k in done.stayed.items()} == {FROZEN: [BERT, CORA]}
    assert book.keys("person") == [BERT, CORA, DIRK]


def test_a_record_that_changes_between_judging_and_destroying_stays(crm: RestConnector, book: Book) -> None:
    def somebody_calls(keys: Sequence[Key]) -> Sequence[Key]:
        if keys[0] == BERT:
            book.run("UPDATE party SET phone = '06-99999999', last_contact_on = '2026-11-23' WHERE id = 2")
        return keys

    done = crm.destroy(DUE, [BERT, CORA], allowed=somebody_calls, announced=announce(crm, [BERT, CORA]))
    assert {w: list(k) for w, k in done.stayed.items()} == {CHANGED: [BERT]}
    assert book.keys("person") == [ANNA, BERT, DIRK]


def test_a_record_that_changes_while_its_dossier_is_read_stays(book: Book, service: RunningService) -> None:
    class Meddling(httpx.HTTPTransport):
        """Somebody writes at the very moment after the list of contacts was given."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.url.path == "/contact" and answer.read():
                book.run("UPDATE contact SET met_at = '2026-11-23T09:00:00' WHERE person_id = 2")
            return answer

    receipt = announce(connect(service.url), [BERT])
    manners = Clock().manners()
    crm = RestConnector(SYSTEM, service.url, TOKEN, manners=manners, transport=Meddling(), vouch=lambda _: True)
    assert destroy(crm, BERT, announced=receipt) == {"rows": {}, "stayed": {CHANGED: [BERT]}}
    assert (2, 1) in book.keys("contact")


def test_a_row_that_comes_in_while_its_dossier_goes_keeps_the_root(crm: RestConnector, book: Book) -> None:
    def somebody_writes(keys: Sequence[Key]) -> Sequence[Key]:
        book.run("INSERT INTO contact VALUES (2, 2, 22, '2026-11-23', NULL)")
        return keys

    done = crm.destroy(DUE, [BERT], allowed=somebody_writes, announced=announce(crm, [BERT]))
    assert {w: list(k) for w, k in done.stayed.items()} == {CHANGED: [BERT]}
    assert BERT in book.keys("person")
    assert (2, 2) in book.keys("contact")


def test_a_record_that_the_service_still_needs_stays(book: Book) -> None:
    book.run("CREATE TABLE ticket (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES party (id) ON DELETE CASCADE)")
    book.run("INSERT INTO ticket VALUES (1, 2)")  # a table that the register does not know, and that would cascade
    with start_crm(book.path, TOKEN) as knows_tickets:
        other = connect(knows_tickets.url)
        went = destroy(other, BERT, CORA)
        assert went == {"rows": {"person": [CORA]}, "stayed": {REFERRED_TO: [BERT]}}
        assert (2, 1) in book.keys("contact"), "of a dossier that stays nothing is touched"
        knows_tickets.misbehave(silent_root=True)  # then only its 409 tells, when the contact is already gone
        went = destroy(other, BERT)
        assert went == {"rows": {"contact": [(2, 1)]}, "stayed": {REFERRED_TO: [BERT]}}
    assert len(book.rows("ticket")) == 1


def test_a_row_that_another_dossier_declares_to_need_stays_untouched(book: Book, service: RunningService) -> None:
    declared = SYSTEM.model_dump(by_alias=True)
    declared["dataset"]["contact"]["references"][0]["by"] = {"answers": "serial"}
    system = System(**declared)
    rule = next(r for r in compile_rules(system, ACTIVITIES, AS_OF) if r.dataset.name == "person")
    test = due_test(rule, ACTIVITIES, AS_OF)
    book.run("UPDATE contact SET answers = NULL")
    book.run("UPDATE contact SET answers = 21 WHERE person_id = 4")
    other = connect(service.url, system=system)
    done = other.destroy(test, [BERT], allowed=everything_allowed, announced=announce(other, [BERT], test))
    assert {w: list(k) for w, k in done.stayed.items()} == {REFERRED_TO: [BERT]}
    assert done.rows == {}
    book.run("UPDATE contact SET answers = 11 WHERE person_id = 2")  # Bert's, which is in the batch, refers to Anna's
    book.run("UPDATE contact SET answers = NULL WHERE person_id = 4")
    done = other.destroy(test, [ANNA, BERT], allowed=everything_allowed, announced=announce(other, [ANNA, BERT], test))
    assert done.stayed == {}
    assert book.keys("person") == [CORA, DIRK]


def test_a_record_that_somebody_destroyed_already_counts_when_it_was_announced(crm: RestConnector, book: Book) -> None:
    receipt = announce(crm, [CORA])
    book.run("DELETE FROM party WHERE id = 3")
    assert destroy(crm, CORA, announced=receipt) == {"rows": {"person": [CORA]}, "stayed": {}}


def test_a_lost_answer_is_not_a_lost_record(crm: RestConnector, service: RunningService) -> None:
    service.misbehave(loses_answers=True)
    went = destroy(crm, ANNA)
    assert went["rows"]["person"] == [ANNA]
    assert len(went["rows"]["contact"]) == 3
    assert went["stayed"] == {}


def test_a_service_that_lies_is_found_out_by_asking_again(
    crm: RestConnector, book: Book, service: RunningService
) -> None:
    service.misbehave(lies=True)
    claimed = destroy(crm, CORA)
    assert claimed["rows"] == {"person": [CORA]}
    assert list(crm.still_there("person", Keys([CORA]))) == [CORA]
    assert destroy(crm, BERT)["stayed"] == {CHANGED: [BERT]}, "its contact is still seen, so the root is not touched"


def test_gone_is_gone_from_its_address_and_from_the_list(book: Book, service: RunningService) -> None:
    """A key that the service does not use gives 404 for a record that lives: never a proof."""
    declared = SYSTEM.model_dump(by_alias=True)
    declared["dataset"]["contact"]["key"] = ["person_id"]
    other = connect(service.url, system=System(**declared))
    with pytest.raises(SourceUnreadable, match="several records share one key"):
        other.still_there("contact", Keys([(1,)]))
    with pytest.raises(SourceUnreadable, match="in the list and not at its address"):
        other.still_there("contact", Keys([(2,)]))
    assert list(other.still_there("contact", Keys([(3,)]))) == []


def test_a_trigger_that_holds_no_text_is_named(crm: RestConnector, book: Book) -> None:
    book.run("UPDATE contact SET met_at = 20200101 WHERE person_id = 2")
    with pytest.raises(SourceUnreadable, match=r"crm\.contact\.met_at"):
        crm.tally(DUE)


def test_a_connection_lost_half_way_leaves_only_what_was_announced_missing(
    crm: RestConnector, book: Book, service: RunningService
) -> None:
    receipt = announce(crm, [ANNA, BERT, CORA])
    service.misbehave(cut_after_deletes=4)
    with pytest.raises(SourceUnreadable, match="no connection"):
        destroy(crm, ANNA, BERT, CORA, announced=receipt)
    service.misbehave()
    left = {d: list(crm.still_there(d, keys)) for d, keys in receipt.dossiers.items()}
    assert sum(map(len, left.values())) == sum(map(len, receipt.dossiers.values())) - 4
    assert left == {d: [k for k in keys if k in book.keys(d)] for d, keys in receipt.dossiers.items()}
    assert ANNA in left["person"], "children go first"
    again = destroy(crm, *left["person"], announced=announce(crm, left["person"]))
    assert again["rows"]["person"] == [ANNA, BERT, CORA]
    assert book.keys("contact") == [(4, 1)]


def test_a_service_without_marks_of_version_can_be_read_but_not_destroyed_from() -> None:
    small = {"items": [], "total": 0, "next": None}
    person = dict.fromkeys(SYSTEM.datasets["person"].columns) | {
        "id": 1,
        "kind": "lead",
        "last_contact_on": "2020-01-01",
    }
    methods: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        methods.append(request.method)
        listing = {"items": [person], "total": 1, "next": None}
        path = request.url.path
        if path == "/":
            return httpx.Response(404)
        return httpx.Response(200, json=person if path == "/party/1" else listing if path == "/party" else small)

    crm = RestConnector(
        SYSTEM,
        "http://localhost",
        TOKEN,
        manners=Clock().manners(),
        transport=httpx.MockTransport(answer),
        vouch=lambda _: True,
    )
    with pytest.raises(SourceUnreadable, match="no ETag"):
        destroy(crm, ANNA)
    assert set(methods) == {"GET"}


def test_an_error_never_holds_a_value_a_token_or_an_address(service: RunningService) -> None:
    crm = connect(service.url, most_tries=1)
    troubles: list[str] = []
    ways: tuple[Faults, ...] = ({"fail_every": 1}, {"fail_every": 1, "fail_status": 500}, {"cut_after_deletes": 0})
    for faults in ways:
        service.misbehave(**faults)
        for ask in (lambda: crm.facts(DUE, ANNA), lambda: list(crm.rows(PARTS["remark"], [ANNA])), crm.look):
            with pytest.raises(SourceUnreadable) as trouble:
                ask()
            assert trouble.value.__cause__ is None
            assert trouble.value.__context__ is None, "the cause knows the address and the token"
            troubles.append(str(trouble.value))
    assert not [t for t in troubles for word in (TOKEN, "127.0.0.1", "geheim", "Naam1", "example") if word in t]
    assert all("->" in t for t in troubles)
