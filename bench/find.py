"""Finding one person: search and walk against the sum of the server's own times, over thirty tables and in one.

`python -m bench.find [--table-rows 20000] [--own 21,500,50000,1000000] [--rounds 5] [--people 100] [--database URL]` on
PostgreSQL. The floor of a run is what EXPLAIN ANALYZE says of each question that the run sent, one per table: planning
and execution, summed.
On a machine that others use too, our own CPU time beside that floor says more than the clock on the wall. The schema is
looked at before; identifiers stand in no index, then in the indexes that `termijn find` names.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Any

import sqlalchemy as sa

from bench.memory import peak_megabytes
from connectors.sql import SqlConnector
from domain.identity import Identifier
from domain.system import System
from tasks.find import Sought, ask_system
from tasks.walk import walk

TABLES = 29
#: What somebody says of who they are: three kinds, of which a system knows two or three.
KINDS = ("bsn", "email", "name")


def system() -> System:
    """A root with its person's identifiers, twenty-nine tables under it, and one with very many rows."""
    shown, plain = {"class": "export", "label": "x"}, {"class": "technical"}
    under = {
        f"find_t{n:02}": {
            "key": ["id"], "part_of": {"dataset": "find_person", "by": {"person_id": "id"}},
            "columns": {"id": plain, "person_id": plain, "told": shown},
        }
        for n in range(TABLES)
    }  # fmt: skip
    root = {
        "key": ["id"], "activity": "a", "ceiling": {"records": 1, "share": 1}, "triggers": ["seen_on"],
        "identifies": {"bsn": "bsn", "email": "email", "name": "name"},
        "columns": {"id": plain, "bsn": shown, "email": shown, "name": shown, "seen_on": shown},
    }  # fmt: skip
    return System.model_validate({
        "id": "bench", "title": "Bench", "connector": "sql", "url": "env:BENCH",
        "dataset": {"find_person": root, **under},
    })  # fmt: skip


def fill(connection: sa.Connection, rows: int, own: Sequence[int]) -> None:
    """Tables of so many rows, ten of each person; then persons 1, 2, … get as many rows more in the last as `own`."""
    names = ["find_person", *(f"find_t{n:02}" for n in range(TABLES))]
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {', '.join(names)}")
    connection.exec_driver_sql(
        f"CREATE TABLE find_person AS SELECT i AS id, lpad((111222333 + i)::text, 9, '0') AS bsn,"
        f" 'Person' || i || '@Example.org' AS email, 'Anna ' || i || ' de Vries' || i AS name,"
        f" DATE '2020-01-01' AS seen_on"
        f" FROM generate_series(1, {rows}) i"
    )
    for name in names[1:]:
        connection.exec_driver_sql(
            f"CREATE TABLE {name} AS SELECT i AS id, 1 + mod(i, {max(rows // 10, 1)}) AS person_id, 'told ' || i told"
            f" FROM generate_series(1, {rows}) i"
        )
    for n, many in enumerate(own, 1):
        connection.exec_driver_sql(
            f"INSERT INTO {names[-1]} SELECT {rows} + {sum(own[: n - 1])} + i, {rows // 2 + n}, 'more ' || i"
            f" FROM generate_series(1, {many}) i"
        )
    for name in names:
        connection.exec_driver_sql(f"ALTER TABLE {name} ADD PRIMARY KEY (id)")
        if name != "find_person":
            connection.exec_driver_sql(f"CREATE INDEX ON {name} (person_id)")


def person(n: int) -> Sought:
    """Somebody as their case knows them."""
    told = {"bsn": f"{111222333 + n:09}", "email": f"person{n}@example.org", "name": f"{n} anna vries{n}"}
    return Sought(tuple(Identifier(kind, told[kind]) for kind in KINDS), {})


@contextmanager
def heard(engine: sa.Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that read, as they are sent."""
    sent: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            sent.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", hear)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", hear)


def apart(sent: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The steps that were sent together as questions of their own: a server plans and answers each by itself."""
    return [(one, parameters) for statement, parameters in sent for one in statement.split(" UNION ALL ")]


def floor_of(engine: sa.Engine, sent: Sequence[tuple[str, Any]]) -> float:
    """The server's own seconds for these statements."""
    total = 0.0
    with engine.connect() as connection:
        for statement, parameters in sent:
            explained = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
            [(plan,)] = connection.exec_driver_sql(explained, parameters).all()
            total += plan[0]["Planning Time"] + plan[0]["Execution Time"]
    return total / 1000


def measure(name: str, engine: sa.Engine, rounds: int, run: Callable[[], int]) -> None:
    """The median of some rounds, against the median floor of the same statements."""
    run()
    with heard(engine) as sent:
        found = run()
    times, ours = [], []
    for _ in range(rounds):
        begun, worked = perf_counter(), process_time()
        run()
        times.append(perf_counter() - begun)
        ours.append(process_time() - worked)
    floor = statistics.median(floor_of(engine, apart(sent)) for _ in range(5))
    took, worked = statistics.median(times), statistics.median(ours)
    print(
        f"{name:44} {found:>9,} rows {len(sent):>3} statements {1000 * took:9.1f} ms"
        f"  our CPU {1000 * worked:7.1f} ms  floor {1000 * floor:7.1f} ms  {took / floor:6.2f} x"
        f"  with CPU alone {(worked + floor) / floor:5.2f} x  peak {peak_megabytes():.0f} MB",
        flush=True,
    )


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--database", default="postgresql://postgres@127.0.0.1:5432/postgres")
    told.add_argument("--table-rows", type=int, default=20_000)
    told.add_argument("--own", default="21,500,50000,1000000")
    told.add_argument("--rounds", type=int, default=5)
    told.add_argument("--people", type=int, default=100)
    asked = told.parse_args()
    own = [int(n) for n in asked.own.split(",") if n]
    owner = sa.create_engine(asked.database.replace("postgresql://", "postgresql+psycopg://"), hide_parameters=True)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        fill(connection, asked.table_rows, own)
        connection.exec_driver_sql("VACUUM ANALYZE")
    connector = SqlConnector(system(), asked.database)
    connector.look()

    def find(n: int) -> Callable[[], int]:
        def run() -> int:
            [answer] = ask_system(connector, [person(n)])
            found = walk(connector, answer)
            return sum(len(keys) for keys in found.rows.values())

        return run

    def search(many: int) -> Callable[[], int]:
        def run() -> int:
            return sum(len(a.candidates) for a in ask_system(connector, [person(n) for n in range(1, many + 1)]))

        return run

    for indexed in (False, True):
        how = "indexed" if indexed else "no index"
        measure(f"one person in {TABLES + 1} tables, {how}", connector._engine, asked.rounds, find(7))
        measure(f"searching for {asked.people} people in one pass, {how}", connector._engine, 3, search(asked.people))
        if not indexed:
            with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for one in connector.scans(KINDS):
                    connection.exec_driver_sql(one.mend)
                connection.exec_driver_sql("VACUUM ANALYZE find_person")
    for n, many in enumerate(own, 1):
        measure(f"one person with {many:,} rows more", connector._engine, 3, find(asked.table_rows // 2 + n))
    connector.close()


if __name__ == "__main__":
    main()
