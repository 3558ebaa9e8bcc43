"""The volume that the destruction is measured on: roots of which a fifth is expired, with two tables below them.

Per expired root three rows of `visit` and one of `line` hang below; every other root has one visit. So of R roots
R rows are destroyed: R/5 roots, 3R/5 visits, R/5 lines (shared/SPEED.md).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import sqlalchemy as sa

AS_OF = date(2026, 11, 23)
CUTOFF = "2016-11-22"  # the term is ten years

ACTIVITY = """
title = "Meting"
purpose = "meten"
role = "controller"
legal_ground = ["AVG 6.1.f"]
subjects = ["patient"]
source = "gemaakt"
security = ["slot op de deur"]
data = [{ item = "naam", category = "user.name" }]
[[term]]
since = 2020-01-01
maximum = "10 years"
counts_from = "het bezoek"
article = "AVG 5 lid 1 onder e"
source = "richtlijn"
certainty = "likely"
last_checked = 2026-11-23
at_expiry = "destroy"
"""
SYSTEM = """
title = "Meting"
connector = "sql"
url = "env:BENCH_URL"
[dataset.patient]
activity = "measure"
key = ["id"]
triggers = ["seen_on"]
ceiling = { records = 100000000, share = 1.0 }
columns.id = { class = "technical" }
columns.name = { class = "export", label = "Naam" }
columns.street = { class = "export", label = "Straat" }
columns.city = { class = "export", label = "Woonplaats" }
columns.email = { class = "export", label = "E-mailadres" }
columns.phone = { class = "export", label = "Telefoon" }
columns.seen_on = { class = "export", label = "Gezien" }
[dataset.visit]
key = ["id"]
part_of = { dataset = "patient", by = { patient_id = "id" } }
triggers = ["visited_on"]
columns.id = { class = "technical" }
columns.patient_id = { class = "technical" }
columns.visited_on = { class = "export", label = "Bezoek" }
columns.note = { class = "export", label = "Notitie" }
[dataset.line]
key = ["id"]
part_of = { dataset = "patient", by = { patient_id = "id" } }
columns.id = { class = "technical" }
columns.patient_id = { class = "technical" }
columns.amount = { class = "export", label = "Bedrag" }
"""
TABLES = ("line", "visit", "patient")  # children first
_CREATE = (
    "CREATE TABLE patient (id {big} PRIMARY KEY, name varchar(40), street varchar(60), city varchar(40),"
    " email varchar(60), phone varchar(20), seen_on date)",
    "CREATE TABLE visit (id {big} PRIMARY KEY, patient_id {big} NOT NULL REFERENCES patient(id), visited_on date,"
    " note varchar(400){fk_visit})",
    "CREATE TABLE line (id {big} PRIMARY KEY, patient_id {big} NOT NULL REFERENCES patient(id), amount numeric(9,2)"
    "{fk_line})",
)
_INDEX = (
    "CREATE INDEX visit_patient ON visit (patient_id)",
    "CREATE INDEX line_patient ON line (patient_id)",
    "CREATE INDEX patient_seen ON patient (seen_on)",
)
_PERSON = (
    "concat('Achternaam ', n), concat('Lange Voorbeeldstraat ', n), 'Wijk bij Duurstede',"
    " concat('achternaam.', n, '@example.org'), concat('06', 10000000 + n)"
)
_EXPIRED = "(n % 5) = 0"
_DAY = "CASE WHEN (n % 5) = 0 THEN {old} ELSE {new} END"
#: About as long as what a physician writes of one contact: 240 characters.
_NOTE = (
    "concat('Bezoek ', n, repeat(': klachten van de onderrug sinds drie weken, geen uitstraling, advies bewegen', 3))"
)


def write_register(folder: Path) -> Path:
    """The register of the measurement."""
    for place, text in (("activities/measure.toml", ACTIVITY), ("systems/volume.toml", SYSTEM)):
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def fill(url: str, roots: int) -> None:
    """Make the three tables anew with so many roots."""
    dialect = sa.make_url(url).get_backend_name()
    if dialect == "sqlite":
        _fill_sqlite(Path(sa.make_url(url).database or ""), roots)
        return
    engine = sa.create_engine(driver(url))
    maria = dialect != "postgresql"
    # Days are spread, so that no guard sees a mass of records on one day.
    old = "date('2010-01-01') + interval (n % 2000) day" if maria else "date '2010-01-01' + (n % 2000)::int"
    new = "date('2020-01-01') + interval (n % 2000) day" if maria else "date '2020-01-01' + (n % 2000)::int"
    day = _DAY.format(old=old, new=new)
    numbers = "(SELECT seq AS n FROM seq_1_to_{0}) g" if maria else "generate_series(1, {0}) AS g(n)"
    of_roots = numbers.format(roots)
    threes = numbers.format(3)
    with engine.begin() as db:
        for table in TABLES:
            db.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
        for made in _CREATE:
            fk = {
                f"fk_{t}": ", FOREIGN KEY (patient_id) REFERENCES patient(id)" if maria else ""
                for t in ("visit", "line")
            }
            db.execute(
                sa.text(made.format(big="bigint", **fk).replace(" REFERENCES patient(id)," if maria else "\0", ",", 1))
            )
        db.execute(sa.text(f"INSERT INTO patient SELECT n, {_PERSON}, {day} FROM {of_roots}"))
        db.execute(
            sa.text(
                f"INSERT INTO visit SELECT n * 4 + m, n, {day}, {_NOTE} FROM {of_roots}"
                f" CROSS JOIN {threes.replace('AS n', 'AS m').replace('g(n)', 'h(m)').replace(') g', ') h')}"
                f" WHERE {_EXPIRED} OR m = 1"
            )
        )
        db.execute(sa.text(f"INSERT INTO line SELECT n, n, 12.5 FROM {of_roots} WHERE {_EXPIRED}"))
        for index in _INDEX:
            db.execute(sa.text(index))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        for table in TABLES:
            db.execute(sa.text(f"ANALYZE TABLE {table}" if maria else f"VACUUM ANALYZE {table}"))
        if not maria:
            db.execute(sa.text("CHECKPOINT"))
    engine.dispose()


def _fill_sqlite(path: Path, roots: int) -> None:
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-journal")):
        if file.exists():
            os.unlink(file)
    many = f"WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < {roots})"
    day = _DAY.format(
        old="date('2010-01-01', '+' || (n % 2000) || ' days')", new="date('2020-01-01', '+' || (n % 2000) || ' days')"
    )
    with closing(sqlite3.connect(path)) as db, db:
        db.create_function("concat", -1, lambda *parts: "".join(map(str, parts)), deterministic=True)
        db.create_function("repeat", 2, lambda text, times: text * times, deterministic=True)
        db.execute("PRAGMA journal_mode=WAL")
        for made in _CREATE:
            db.execute(made.format(big="integer", fk_visit="", fk_line=""))
        db.execute(f"INSERT INTO patient {many} SELECT n, {_PERSON}, {day} FROM g")
        db.execute(
            f"INSERT INTO visit {many} SELECT n * 4 + m.m, n, {day}, {_NOTE} FROM g"
            f" CROSS JOIN (SELECT 1 AS m UNION SELECT 2 UNION SELECT 3) m WHERE {_EXPIRED} OR m.m = 1"
        )
        db.execute(f"INSERT INTO line {many} SELECT n, n, 12.5 FROM g WHERE {_EXPIRED}")
        for index in _INDEX:
            db.execute(index)
        db.execute("ANALYZE")


def driver(url: str) -> str:
    """The same address with the driver we install."""
    for plain, ours in (
        ("postgresql://", "postgresql+psycopg://"),
        ("mysql://", "mysql+pymysql://"),
        ("mariadb://", "mariadb+pymysql://"),
    ):
        if url.startswith(plain):
            return url.replace(plain, ours, 1)
    return url


def left(url: str) -> dict[str, int]:
    """How many rows each table holds."""
    engine = sa.create_engine(driver(url))
    with engine.connect() as db:
        found = {t: int(db.scalar(sa.text(f"SELECT count(*) FROM {t}")) or 0) for t in TABLES}
    engine.dispose()
    return found
