"""The main job on a real video store: a term that starts at the end of a range, payments in partitions, a circle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from domain.evidence import Entry
from ledger.approvals import What
from ledger.open import open_ledger
from tests.real.office import RealOffice, load_sql, rows_by_dataset
from tests.stories.small_house import TODAY

pytestmark = [pytest.mark.real, pytest.mark.slow]
REGISTER = Path(__file__).parent / "pagila" / "register"
#: Plain SQL of our own: whose films are all back, the last one at the latest on 29 August 2005, 21 years before.
AS_OF = "2026-08-30"
DUE = """
SELECT customer_id FROM rental GROUP BY customer_id
HAVING bool_and(NOT upper_inf(rental_period)) AND max(upper(rental_period)) < '2005-08-30'
"""
OPEN = "SELECT customer_id FROM rental WHERE upper_inf(rental_period)"
SOME_FILMS_CAME_BACK = """
UPDATE rental SET rental_period = tsrange('2005-08-01 10:00', '2005-08-02 10:00')
WHERE upper_inf(rental_period) AND customer_id < 200
"""
#: Of payment the partitions are counted too: the first and the last of them declare no foreign key.
TABLES = ("customer", "rental", "payment", "payment_p0000_default", "payment_p2007_07_max", "payment_p2007_05")
Office = tuple[RealOffice, Engine]


@pytest.fixture
def office(tmp_path: Path, postgres_url: str) -> Iterator[Office]:
    load_sql(postgres_url, "pagila/pagila-schema.sql.xz", "pagila/pagila-data.sql.xz")
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    yield RealOffice(tmp_path, REGISTER, PAGILA_URL=postgres_url), engine
    engine.dispose()


def ask(engine: Engine, statement: str) -> list[Any]:
    with engine.connect() as database:
        return [tuple(row) for row in database.execute(text(statement))]


def run(engine: Engine, statement: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as database:
        database.execute(text(statement))


def counts(engine: Engine, where: str = "true", tables: tuple[str, ...] = TABLES) -> dict[str, int]:
    return {t: ask(engine, f"SELECT count(*) FROM {t} WHERE {where}")[0][0] for t in tables}


def numbers(engine: Engine, statement: str) -> set[int]:
    return {n for (n,) in ask(engine, statement)}


def give_indexes(house: RealOffice, engine: Engine) -> None:
    """What the owner of a database of this size is asked to run before a first night."""
    asked = house.indexes_asked_for("pagila", "--as-of", AS_OF)
    large = {"rental (customer_id)", "rental (staff_id)"}
    large |= {"payment (customer_id)", "payment (staff_id)", "payment (rental_id)"}  # of all its partitions at once
    assert large <= {statement.partition(" ON ")[2] for statement in asked}
    for statement in asked:
        run(engine, statement)


def purge(house: RealOffice, *when: str) -> None:
    ended = house.termijn("purge", "pagila", "--arm", *(when or ("--as-of", AS_OF)))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_plan_purge_and_evidence_agree_with_plain_sql(office: Office) -> None:
    house, engine = office
    checked = house.termijn("register", "check", "--live")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    run(engine, SOME_FILMS_CAME_BACK)  # else all payments of the last partition would stay
    due = numbers(engine, DUE)
    assert 100 < len(due) < 400
    planned = house.termijn("plan", "pagila", "--as-of", AS_OF, "--keys").stdout.splitlines()
    assert planned == sorted(f"customer\t{n}" for n in due)

    give_indexes(house, engine)
    house.countersign()
    held = min(due)
    house.termijn(
        "hold", "add", "pagila", "customer", str(held), "--owner", "fg", "--reason", "x", "--review", "2027-01-01"
    )
    before, theirs = counts(engine), counts(engine, f"customer_id IN ({DUE})")
    kept = counts(engine, f"customer_id = {held}")
    addresses = ask(engine, "SELECT count(*) FROM address")[0][0]
    assert theirs["payment_p0000_default"] > 0
    assert theirs["payment_p2007_07_max"] > 0
    purge(house)
    after = counts(engine)
    assert after == {t: before[t] - theirs[t] + kept[t] for t in TABLES}
    assert numbers(engine, DUE) == {held}
    assert ask(engine, "SELECT count(*) FROM payment p LEFT JOIN rental r USING (rental_id) WHERE r IS NULL") == [(0,)]
    ledger = house.ledger()
    gone = {t: theirs[t] - kept[t] for t in ("customer", "rental", "payment")}
    gone["address"] = gone["customer"]  # in pagila each customer has an address of their own
    assert ask(engine, "SELECT count(*) FROM address") == [(addresses - gone["address"],)]
    assert sum(b.records for b in ledger.batches.closed_batches()) == sum(gone.values())
    assert ledger.verify().ok
    purge(house)
    assert counts(engine) == after


def test_a_film_that_is_not_back_keeps_its_customer_and_why_says_so(office: Office) -> None:
    house, engine = office
    with_a_film = numbers(engine, OPEN)
    planned = house.termijn("plan", "pagila", "--as-of", "2026-11-23", "--keys").stdout.splitlines()
    everybody = numbers(engine, "SELECT customer_id FROM customer")
    assert planned == sorted(f"customer\t{n}" for n in everybody - with_a_film), "but for them, all is over"
    why = house.termijn("why", "pagila", "customer", str(min(with_a_film)), "--as-of", "2026-11-23").stdout
    assert "MISSING" in why
    due = min(numbers(engine, DUE))
    [(last,)] = ask(engine, f"SELECT max(upper(rental_period))::date FROM rental WHERE customer_id = {due}")
    told = house.termijn("why", "pagila", "customer", str(due), "--as-of", AS_OF).stdout
    assert "DUE" in told
    assert str(last) in told


def test_a_reference_that_one_partition_declares_anew_stops_the_system(office: Office) -> None:
    house, engine = office
    run(engine, "ALTER TABLE payment_p2007_07_max ADD FOREIGN KEY (payment_id) REFERENCES rental ON DELETE CASCADE")
    checked = house.termijn("register", "check", "--live")
    assert checked.returncode != 0
    assert "pagila.payment" in checked.stdout + checked.stderr
    assert "ON DELETE CASCADE" in checked.stdout + checked.stderr


def test_one_customer_gets_every_rental_with_its_dates_and_every_payment(office: Office) -> None:
    house, engine = office
    number = min(numbers(engine, OPEN))
    [(last_name, email)] = ask(engine, f"SELECT last_name, email FROM customer WHERE customer_id = {number}")
    files = house.answer(f'name = "{last_name}"\nemail = "{email}"\nclient_number = "{number}"\n')
    expected = counts(engine, f"customer_id = {number}", ("customer", "rental", "payment"))
    assert rows_by_dataset(files) == expected | {"address": 1}
    periods = ask(engine, f"SELECT lower(rental_period) FROM rental WHERE customer_id = {number}")
    assert all(f'"from":"{start.isoformat()}"'.encode() in files["data.json"] for (start,) in periods)
    jsonschema.validate(json.loads(files["data.json"]), json.loads(files["schema.json"]))


def test_an_address_of_two_customers_is_given_to_both_and_the_other_customer_to_neither(office: Office) -> None:
    house, engine = office
    who, other = sorted(numbers(engine, OPEN))[:2]
    [(last, email, address)] = ask(
        engine, f"SELECT last_name, email, address_id FROM customer WHERE customer_id = {who}"
    )
    run(engine, f"UPDATE customer SET address_id = {address} WHERE customer_id = {other}")
    [(theirs,)] = ask(engine, f"SELECT email FROM customer WHERE customer_id = {other}")
    files = house.answer(f'name = "{last}"\nemail = "{email}"\nclient_number = "pagila:{who}"\n')
    assert rows_by_dataset(files) == counts(engine, f"customer_id = {who}", ("customer", "rental", "payment")) | {
        "address": 1
    }
    told = files["data.json"].decode()
    assert "Adressen (ook van een ander)" in told
    assert "Klanten (ook van een ander)" not in told
    assert email in told
    assert theirs not in told


#: A third store with people and stock of its own, closed long ago; they refer to each other, and neither may be NULL.
THIRD_STORE = """
INSERT INTO staff (staff_id, first_name, last_name, address_id, store_id, username, last_update)
  SELECT n, 'Ann', 'Third', 3, 1, 'Ann', '2006-01-01' FROM generate_series(11, 13) n;
INSERT INTO store (store_id, manager_staff_id, address_id, last_update) VALUES (3, 11, 1, '2006-01-01');
ALTER TABLE staff DISABLE TRIGGER last_updated;
UPDATE staff SET store_id = 3 WHERE staff_id > 10;
ALTER TABLE staff ENABLE TRIGGER last_updated;
INSERT INTO inventory (film_id, store_id) SELECT film_id, 3 FROM film LIMIT 20;
"""


def test_a_store_that_closed_goes_with_its_people_and_its_stock(office: Office) -> None:
    house, engine = office
    run(engine, THIRD_STORE)
    give_indexes(house, engine)
    house.countersign()
    before = counts(engine, tables=("staff", "store", "inventory"))
    planned = house.termijn("plan", "pagila", "--as-of", AS_OF, "--keys").stdout.splitlines()
    assert [line for line in planned if line.startswith("st")] == ["store\t3"]
    purge(house)
    after = counts(engine, tables=("staff", "store", "inventory"))
    assert after == {"staff": before["staff"] - 3, "store": before["store"] - 1, "inventory": before["inventory"] - 20}
    assert ask(engine, "SELECT store_id FROM store ORDER BY 1") == [(1,), (2,)]
    assert house.ledger().verify().ok


def test_an_address_goes_with_the_last_one_who_lived_there(office: Office) -> None:
    house, engine = office
    give_indexes(house, engine)
    house.countersign()
    one, other, third = sorted(numbers(engine, DUE))[:3]
    stays = min(numbers(engine, OPEN))
    home = "(SELECT address_id FROM customer WHERE customer_id = {})"
    run(engine, f"UPDATE customer SET address_id = {home.format(other)} WHERE customer_id = {one}")  # both go
    run(engine, f"UPDATE customer SET address_id = {home.format(third)} WHERE customer_id = {stays}")  # one stays
    lived_in = "SELECT address_id FROM customer UNION SELECT address_id FROM staff UNION SELECT address_id FROM store"
    empty = numbers(engine, f"SELECT address_id FROM address EXCEPT ({lived_in})")
    purge(house)
    assert numbers(engine, DUE) == set()
    assert numbers(engine, "SELECT address_id FROM address") == numbers(engine, lived_in) | empty
    assert house.ledger().verify().ok


BACKUP = """
CREATE SCHEMA backup;
CREATE TABLE backup.customer AS SELECT * FROM customer WHERE customer_id = {one};
CREATE TABLE backup.address AS SELECT a.* FROM address a JOIN backup.customer USING (address_id);
CREATE TABLE backup.rental AS SELECT * FROM rental WHERE customer_id = {one};
CREATE TABLE backup.payment AS SELECT * FROM payment WHERE customer_id = {one};
"""
RESTORE = """
INSERT INTO address SELECT * FROM backup.address;
INSERT INTO customer (customer_id, store_id, first_name, last_name, address_id)
  SELECT customer_id, store_id, first_name, last_name, address_id FROM backup.customer;
INSERT INTO rental SELECT * FROM backup.rental;
INSERT INTO payment SELECT * FROM backup.payment;
"""


def test_a_customer_whom_a_backup_brings_back_goes_again_with_every_payment(office: Office) -> None:
    house, engine = office
    give_indexes(house, engine)
    house.countersign()
    run(engine, BACKUP.format(one=min(numbers(engine, DUE))))
    tables = (*TABLES, "address")
    purge(house, "--as-of", TODAY.isoformat())  # replay is of today, and a clock that jumped is refused
    after = counts(engine, tables=tables)
    run(engine, RESTORE)
    assert counts(engine, tables=tables) != after
    replayed = house.termijn("replay", "pagila", "--arm")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert counts(engine, tables=tables) == after
    assert house.ledger().verify().ok


def test_a_customer_who_asks_is_erased_with_every_payment_and_an_address_of_two_stays(office: Office) -> None:
    house, engine = office
    run(engine, SOME_FILMS_CAME_BACK)
    who = min(numbers(engine, DUE))
    [(address, email, last)] = ask(
        engine, f"SELECT address_id, email, last_name FROM customer WHERE customer_id = {who}"
    )
    other = max(numbers(engine, DUE))
    run(engine, f"UPDATE customer SET address_id = {address} WHERE customer_id = {other}")
    before, theirs = counts(engine), counts(engine, f"customer_id = {who}")
    house.countersign()
    subject = f'name = "{last}"\nclient_number = "{who}"\nemail = "{email}"\n'
    assert house.termijn("case", "new", "--kind", "erasure", "--subject", "-", given=subject).returncode == 0
    number = json.loads(house.termijn("case", "list", "--json").stdout)[-1]["case"]
    house.termijn("case", "move", number, "identity", "--method", "call-back")
    house.termijn("case", "move", number, "in-progress")
    planned = house.termijn("erase", "plan", number, "--json")
    assert planned.returncode == 0, planned.stderr
    told = json.loads(planned.stdout)
    assert [(line["rule"], line["fate"], line["records"]) for line in told["lines"]] == [
        ("pagila.customer", "destroyed", 1)
    ]
    refused = house.termijn("erase", "run", number, "--arm")
    assert refused.returncode == 4, refused.stdout
    assert counts(engine) == before
    approve(house, told["digest"])
    ended = house.termijn("erase", "run", number, "--arm")
    assert ended.returncode == 0, ended.stderr
    assert "complete and verified" in ended.stdout
    gone = {t: before[t] - n for t, n in counts(engine).items()}
    assert gone == theirs, "by plain SQL: the customer, their rentals, their payments in every partition"
    assert ask(engine, f"SELECT count(*) FROM address WHERE address_id = {address}") == [(1,)], "another lives there"
    assert house.termijn("erase", "letter", number).returncode == 0
    ledger = house.ledger()
    assert ledger.verify().ok
    ledger.close()


def approve(house: RealOffice, digest: str) -> None:
    """The two officers agree on an erasure, two minutes later: each code is accepted once."""
    moment = datetime.now(UTC) + timedelta(minutes=2)
    ledger = open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: moment)
    first, second = house.phones
    asked, given = Entry("approval.asked", "engineer"), Entry("approval.given", "fg")
    ledger.approvals.request(What.ERASURE, [digest], code=second.at(moment), entry=asked)
    ledger.approvals.approve(What.ERASURE, [digest], code=first.at(moment), entry=given)
    ledger.close()
