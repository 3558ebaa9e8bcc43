"""A small CRM for the REST connector's tests: its register, its SQLite file, and the law in brute force."""

from __future__ import annotations

import random
import sqlite3
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.port import Announced
from connectors.rest import Manners, RestConnector
from connectors.stored_days import day_of
from domain.activity import Activity
from domain.keys import Key
from domain.rules import DueTest, Hop, compile_rules, due_test
from domain.standing import Standing, WatchFacts, observe, stand
from domain.system import System

AS_OF = date(2026, 11, 23)
TOKEN = "a-token-for-tests"

_ACTIVITY = """
title = "Prospects"
purpose = "Relatiebeheer"
role = "controller"
legal_ground = ["AVG 6.1.f"]
subjects = ["prospect"]
source = "de persoon zelf"
security = ["versleuteld"]
data = [{ item = "naam", category = "user.name" }]
[[term]]
since = 2018-05-25
maximum = "1 year"
counts_from = "laatste contact"
article = "AVG 5.1.e"
source = "beleid"
certainty = "certain"
last_checked = 2026-11-23
at_expiry = "destroy"
"""

_SYSTEM = """
title = "CRM"
connector = "rest"
url = "env:CRM_URL"
token = "env:CRM_TOKEN"
page_size = 7

[dataset.person]
table = "party"
activity = "prospects"
key = ["id"]
only = { kind = ["prospect", "lead"] }
triggers = ["last_contact_on"]
ceiling = { records = 1000, share = 1.0 }
soft_delete = "archived_on"
identifies = { email = "email", phone = "phone", name = "name" }
references = [{ dataset = "contact", by = { chosen = "serial" }, when_gone = "clear" }]
columns.id = { class = "technical" }
columns.kind = { class = "technical" }
columns.name = { class = "export", label = "Naam" }
columns.email = { class = "export", label = "E-mail" }
columns.phone = { class = "export", label = "Telefoon" }
columns.last_contact_on = { class = "export", label = "Laatste contact" }
columns.chosen = { class = "technical" }
columns.archived_on = { class = "technical" }

[dataset.contact]
part_of = { dataset = "person", by = { person_id = "id" } }
key = ["person_id", "number"]
triggers = [{ column = "met_at", absent = "ignored" }]
references = [{ dataset = "contact", by = { person_id = "person_id", answers = "number" } }]
columns.person_id = { class = "technical" }
columns.number = { class = "technical" }
columns.serial = { class = "technical" }
columns.met_at = { class = "export", label = "Gesproken op" }
columns.answers = { class = "technical" }

[dataset.remark]
part_of = { dataset = "contact", by = { person_id = "person_id", contact = "number" } }
key = ["code"]
columns.code = { class = "technical" }
columns.person_id = { class = "technical" }
columns.contact = { class = "technical" }
columns.words = { class = "export", label = "Opmerking" }

[dataset.invoice]
activity = "invoices"
key = ["id"]
triggers = ["paid_on"]
ceiling = { records = 1000, share = 1.0 }
references = [{ dataset = "person", by = { person_id = "id" } }]
columns.id = { class = "technical" }
columns.person_id = { class = "technical" }
columns.paid_on = { class = "export", label = "Betaald op" }
"""

_TABLES = """
CREATE TABLE party (id INTEGER PRIMARY KEY, kind TEXT, name TEXT, email TEXT, phone TEXT, last_contact_on DATE,
                    chosen INTEGER, archived_on DATE);
CREATE TABLE contact (person_id INTEGER REFERENCES party (id), number INTEGER, serial INTEGER UNIQUE,
                      met_at DATETIME, answers INTEGER,
                      PRIMARY KEY (person_id, number),
                      FOREIGN KEY (person_id, answers) REFERENCES contact (person_id, number));
CREATE TABLE remark (code TEXT PRIMARY KEY, person_id INTEGER, contact INTEGER, words TEXT,
                     FOREIGN KEY (person_id, contact) REFERENCES contact (person_id, number) ON DELETE CASCADE);
CREATE TABLE invoice (id INTEGER PRIMARY KEY, person_id INTEGER, paid_on DATE);
"""

ACTIVITIES: Mapping[str, Activity] = {
    "prospects": Activity(id="prospects", **tomllib.loads(_ACTIVITY)),
    "invoices": Activity(id="invoices", **tomllib.loads(_ACTIVITY.replace("1 year", "7 years"))),
}
SYSTEM = System(id="crm", **tomllib.loads(_SYSTEM))
DUE = due_test(
    next(r for r in compile_rules(SYSTEM, ACTIVITIES, AS_OF) if r.dataset.name == "person"), ACTIVITIES, AS_OF
)

#: Days and moments that a real table has: on both sides of the cutoff, empty, sentinel, future, unreadable, zoned.
_DAYS = (
    "2024-02-29", "2025-11-21", "2025-11-22", "2025-11-23", "2025-11-24", "2026-11-23", "2026-11-24", "1899-12-31",
    None, "", "9999-12-31", "31-12-2020", "2020-02-30", "2020-05-05",
)  # fmt: skip
_MOMENTS = (
    "2025-11-21T23:30:00Z", "2025-11-22T22:59:59Z", "2025-11-22T23:30:00Z", "2025-11-22T23:30:00", None,
    "2020-01-01 09:00:00.000000", "2021-06-30T00:30:00+02:00", "9999-12-31T23:59:59-05:00", "yesterday", "2019-03-03",
)  # fmt: skip


@dataclass
class Clock:
    """A clock that only moves when somebody waits; it keeps how long each wait was."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.waits.append(seconds)
        self.now += seconds

    def manners(self, **settings: Any) -> Manners:
        """Manners on this clock, without chance."""
        given = {"sleep": self.sleep, "monotonic": lambda: self.now, "jitter": lambda: 1.0, "timeout": 5.0}
        return Manners(**{**given, **settings})


@dataclass
class Book:
    """The SQLite file behind the service, reached directly: what the test knows and the connector must find out."""

    path: Path

    def run(self, statement: str, *values: object) -> None:
        """Change the file behind the service's back."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement, values)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, in order of insertion."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]

    def dataset(self, name: str) -> list[dict[str, Any]]:
        """The rows of a dataset."""
        dataset = SYSTEM.datasets[name]
        kinds = dataset.only.get("kind")
        rows = self.rows(dataset.table)
        return rows if kinds is None else [r for r in rows if r["kind"] in kinds]  # type: ignore[operator]

    def keys(self, name: str) -> list[Key]:
        """The keys of a dataset, in order."""
        return sorted(tuple(r[c] for c in SYSTEM.datasets[name].key) for r in self.dataset(name))


def empty_book(path: Path) -> Book:
    """A CRM without records."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_TABLES)
    return Book(path)


def full_book(path: Path, *, people: int = 150, seed: int = 7) -> Book:
    """A CRM with every awkward date in it, one page and many, with and without parts."""
    book, rng = empty_book(path), random.Random(seed)
    with closing(sqlite3.connect(path)) as connection, connection:
        for i in range(1, people + 1):
            kind = rng.choice(["prospect", "lead", "customer"])
            day = rng.choice(_DAYS) if rng.random() < 0.5 else str(AS_OF - timedelta(days=rng.randint(300, 800)))
            connection.execute("INSERT INTO party VALUES (?,?,?,?,?,?,?,?)", (i, kind, "N", "e", "0", day, None, None))
            for n in range(1, rng.choice([0, 0, 1, 2, 3]) + 1):
                answers = rng.choice([None, n - 1]) if n > 1 else None
                connection.execute(
                    "INSERT INTO contact VALUES (?,?,?,?,?)", (i, n, 10 * i + n, rng.choice(_MOMENTS), answers)
                )
                for m in range(rng.choice([0, 0, 1, 2])):
                    connection.execute("INSERT INTO remark VALUES (?,?,?,?)", (f"{i}/{n}|{m} é?#%", i, n, "w"))
            if rng.random() < 0.1:
                connection.execute("INSERT INTO invoice VALUES (?,?,?)", (1000 + i, i, rng.choice(_DAYS)))
        connection.execute("INSERT INTO contact VALUES (9999, 1, NULL, '2026-11-01', NULL)")  # an orphan
    return book


def small_book(path: Path) -> Book:
    """Three people who are due (1 has a tree of parts, 2 one contact, 3 nothing) and one, 4, who is not."""
    book = empty_book(path)
    for i, day in ((1, "2020-01-01"), (2, "2021-01-01"), (3, "2022-01-01"), (4, "2026-10-01")):
        values = (i, "prospect", f"Naam{i}", f"mail{i}@example.org", f"06-1234567{i}", day, None, None)
        book.run("INSERT INTO party VALUES (?,?,?,?,?,?,?,?)", *values)
    for person, number, answers in ((1, 1, None), (1, 2, 1), (1, 3, 2), (2, 1, None), (4, 1, None)):
        book.run(
            "INSERT INTO contact VALUES (?,?,?,'2020-01-01T10:00:00',?)", person, number, 10 * person + number, answers
        )
    book.run("INSERT INTO remark VALUES ('a/b|c é?#%25\\', 1, 2, 'geheim')")
    book.run("INSERT INTO remark VALUES ('plain', 1, 3, 'geheim')")
    book.run("UPDATE party SET chosen = 12 WHERE id = 1")
    return book


def connect(url: str, clock: Clock | None = None, *, system: System = SYSTEM, **settings: Any) -> RestConnector:
    """The connector on this service, on a clock of its own."""
    return RestConnector(
        system, url=url, token=TOKEN, manners=(clock or Clock()).manners(**settings), vouch=lambda _: True
    )


def announce(connector: RestConnector, keys: Sequence[Key], test: DueTest = DUE) -> Announced:
    """What the ledger's receipt of these dossiers looks like."""
    return Announced("B1", test.rule.digest, connector.dossiers(test.rule.parts, keys))


def everything_allowed(keys: Sequence[Key]) -> Sequence[Key]:
    """No holds, no requests."""
    return keys


def brute_facts(book: Book, test: DueTest, root: Mapping[str, Any]) -> tuple[WatchFacts, ...]:
    """What each watch sees of one dossier, by comparing every row with every row."""
    facts = []
    for watch in test.watches:
        rows = list(_along(book, root, watch.path))
        if watch.column is None:
            facts.append(WatchFacts(len(rows)))
        else:
            zone = ZoneInfo(SYSTEM.zone)
            facts.append(observe(watch, [day_of(r[watch.column], zone) for r in rows], test.as_of))
    return tuple(facts)


def brute_standings(book: Book, test: DueTest) -> dict[Key, tuple[Standing, str | None]]:
    """Each dossier's standing and the activity that keeps it."""
    found: dict[Key, tuple[Standing, str | None]] = {}
    for root in book.dataset(test.rule.dataset.name):
        decided = stand(test, brute_facts(book, test, root))
        found[(root["id"],)] = (decided.standing, decided.by.activity if decided.by else None)
    return found


def brute_dossier(book: Book, test: DueTest, key: Key) -> dict[str, list[Key]]:
    """The keys of all rows in one dossier."""
    (root,) = [r for r in book.dataset(test.rule.dataset.name) if (r["id"],) == key]
    return {
        p.dataset: sorted(tuple(r[c] for c in SYSTEM.datasets[p.dataset].key) for r in _along(book, root, p.path))
        for p in test.rule.parts
    }


def _along(book: Book, row: Mapping[str, Any], path: tuple[Hop, ...]) -> Iterator[Mapping[str, Any]]:
    if not path:
        yield row
        return
    for other in book.dataset(path[0].dataset):
        if all(other[own] is not None and other[own] == row[owner] for own, owner in path[0].by):
            yield from _along(book, other, path[1:])
