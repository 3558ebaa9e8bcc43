"""What is of two people, an address, an appointment, a thread of messages: told to both, gone only with the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.cases import CaseKind
from domain.trouble import NotConfirmed
from ledger.erasures import ErasureState
from tasks.export import seal_packages
from tasks.office import open_office
from tasks.search import check_whole, search_everywhere
from tests.stories.erasing_house import ANNA, BOB, SYSTEM, ErasingHouse, years_ago
from tests.stories.small_house import SmallHouse
from tests.stories.test_erasure import run

VISITOR = """columns.left_on = { class = "export", label = "Vertrokken op" }
columns.address_id = { class = "technical" }
references = [{ dataset = "address", by = { address_id = "id" }, brings = "shared" }]
"""
MORE = """
[dataset.address]
title = "Adressen"
part_of = { dataset = "visitor", by = { id = "address_id" }, when_shared = "stays" }
key = ["id"]
columns.id = { class = "technical" }
columns.street = { class = "export", label = "Straat" }
[dataset.appointment]
title = "Afspraken"
part_of = { dataset = "visitor", by = { visitor_id = "id" } }
references = [{ dataset = "visitor", by = { second_id = "id" }, when_gone = "shared" }]
key = ["id"]
columns.id = { class = "technical" }
columns.visitor_id = { class = "export", label = "Bezoeker" }
columns.second_id = { class = "export", label = "Samen met" }
columns.subject = { class = "export", label = "Waarover" }
[dataset.card]
title = "Passen"
activity = "visits"
key = ["id"]
triggers = ["given_on"]
ceiling = { records = 5, share = 1.0 }
references = [{ dataset = "visitor", by = { holder = "id" }, person = "own" }]
columns.id = { class = "technical" }
columns.holder = { class = "technical" }
columns.given_on = { class = "technical" }
columns.pass_number = { class = "export", label = "Nummer van de pas" }
[dataset.thread]
title = "Gesprekken"
activity = "visits"
key = ["id"]
triggers = ["last_on"]
ceiling = { records = 5, share = 1.0 }
columns.id = { class = "technical" }
columns.last_on = { class = "export", label = "Laatste bericht" }
[dataset.participant]
title = "Deelnemers"
part_of = { dataset = "visitor", by = { visitor_id = "id" } }
references = [{ dataset = "thread", by = { thread_id = "id" }, brings = "shared" }]
key = ["id"]
columns.id = { class = "technical" }
columns.visitor_id = { class = "technical" }
columns.thread_id = { class = "technical" }
columns.since = { class = "export", label = "Sinds" }
[dataset.message]
title = "Berichten"
part_of = { dataset = "thread", by = { thread_id = "id" } }
key = ["id"]
columns.id = { class = "technical" }
columns.thread_id = { class = "technical" }
columns.author = { class = "third_party", label = "Schrijver", because = "kan een ander zijn" }
columns.words = { class = "export", label = "Bericht" }
"""
TABLES = (
    "ALTER TABLE visitor ADD COLUMN address_id integer",
    "CREATE TABLE address (id integer PRIMARY KEY, street varchar(40))",
    "CREATE TABLE appointment (id integer PRIMARY KEY, visitor_id integer, second_id integer, subject varchar(40))",
    "CREATE TABLE card (id integer PRIMARY KEY, holder integer, given_on date, pass_number varchar(20))",
    "CREATE TABLE thread (id integer PRIMARY KEY, last_on date)",
    "CREATE TABLE participant (id integer PRIMARY KEY, visitor_id integer, thread_id integer, since varchar(10))",
    "CREATE TABLE message (id integer PRIMARY KEY, thread_id integer, author varchar(40), words varchar(40))",
)
ROWS = (
    "UPDATE visitor SET address_id = 7",
    "INSERT INTO address VALUES (7, 'Dorpsstraat 1')",
    "INSERT INTO card VALUES (1, 1, '2020-01-01', 'pas van Anna'), (2, 2, '2020-01-01', 'pas van Bob')",
    "INSERT INTO thread VALUES (3, '2020-01-01'), (4, '2020-01-01'), (5, '2020-01-01')",
    "INSERT INTO participant VALUES (1, 1, 3, 'mei'), (2, 2, 3, 'juni'), (3, 1, 4, 'juli'), (4, 2, 5, 'augustus')",
    "INSERT INTO message VALUES (1, 3, 'Anna', 'van ons samen'), (2, 3, 'Bob B.', 'antwoord aan allebei'),"
    " (3, 4, 'Anna', 'alleen van Anna'), (4, 5, 'Bob B.', 'alleen van Bob')",
)


class SharingHouse(ErasingHouse):
    """The same house, with what two people share."""

    def _write(self, place: str, text: str) -> None:
        if text is SYSTEM:
            old = 'columns.left_on = { class = "export", label = "Vertrokken op" }\n'
            text = text.replace(old, VISITOR, 1) + MORE
        super()._write(place, text)

    def _tables(self) -> None:
        super()._tables()
        with self.engine.begin() as db:
            for statement in TABLES:
                db.exec_driver_sql(statement)

    def sql(self, *statements: str) -> None:
        with self.engine.begin() as db:
            for statement in statements:
                db.exec_driver_sql(statement)

    def package(self, who: dict[str, str]) -> dict[str, bytes]:
        """What somebody gets who asks for their data."""
        number = self.case(CaseKind.ACCESS, who)
        search, whole, sealed = (getattr(t, "fn", t) for t in (search_everywhere, check_whole, seal_packages))
        sealed(whole(search(number)))
        return SmallHouse.open_package(self, number)  # type: ignore[arg-type]

    def ledger(self) -> object:
        from ledger.open import open_ledger
        from tasks.clock import now

        return open_ledger(f"sqlite:///{self.folder / 'ledger.db'}", clock=now)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SharingHouse:
    made = SharingHouse(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)
    for number, who in ((1, ANNA), (2, BOB)):
        made.put("visitor", number, who, left_on=years_ago(0.1))
    made.sql(*ROWS)
    return made


def test_each_gets_what_is_of_both_and_nothing_else_of_the_other(house: SharingHouse) -> None:
    house.sql("INSERT INTO appointment VALUES (1, 1, 2, 'samen'), (2, 2, NULL, 'Bob alleen')")
    for who, other, mine, theirs in ((ANNA, BOB, "Anna", "Bob"), (BOB, ANNA, "Bob", "Anna")):
        files = house.package(who)
        told = files["data.json"].decode()
        both = ("Dorpsstraat 1", "van ons samen", "antwoord aan allebei", '"samen"')
        for words in (*both, f"alleen van {mine}", f"pas van {mine}"):
            assert words in told, (mine, words)
        for words in (f"alleen van {theirs}", f"pas van {theirs}", other["email"], other["phone"], "Bob B."):
            assert not any(words.encode() in body for body in files.values()), (mine, words)
        assert ("Bob alleen" in told) is (mine == "Bob")
        for title in ("Adressen", "Gesprekken", "Berichten", "Afspraken"):
            assert f"{title} (ook van een ander)" in told
        assert '"label": "Schrijver"' not in told
        assert b"kan een ander zijn" in files["index.html"], "what was left out is told"


def test_what_is_of_two_stays_for_the_other_and_goes_with_the_last(house: SharingHouse) -> None:
    number = house.case()
    house.approve(number)
    assert run(number).complete
    assert house.ids("visitor") == [2]
    assert (house.ids("address"), house.ids("thread"), house.ids("message")) == ([7], [3, 5], [1, 2, 4])
    assert (house.ids("participant"), house.ids("card")) == ([2, 4], [2])
    number = house.case(who=BOB)
    house.approve(number)
    assert run(number).complete
    everything = ("visitor", "address", "thread", "message", "participant", "card")
    assert [house.ids(table) for table in everything] == [[]] * len(everything)


def test_an_appointment_of_two_keeps_the_dossier_that_it_hangs_in_and_that_is_said(house: SharingHouse) -> None:
    house.sql("INSERT INTO appointment VALUES (1, 1, 2, 'samen')")
    number = house.case()
    house.approve(number)
    with pytest.raises(NotConfirmed, match=r"desk.visitor: 1 stayed \(shared with a dossier that stays\)"):
        run(number)
    assert (house.ids("appointment"), house.ids("visitor")) == ([1], [1, 2]), "never while it serves another"
    with open_office() as office:
        assert office.ledger.erasures.of_case(number).state is not ErasureState.COMPLETE
