"""A shop needs a manager and a manager needs a shop, and neither reference may be empty: real tables, NOT NULL both."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from connectors.port import Announced
from connectors.sql import SqlConnector
from tests.contract import conftest as office

_COLUMNS = {"shop": ("id", "manager", "closed_on"), "clerk": ("id", "shop")}
_CREATE = (
    "CREATE TABLE shop (id integer PRIMARY KEY, manager integer NOT NULL{shop}, closed_on date NOT NULL)",
    "CREATE TABLE clerk (id integer PRIMARY KEY, shop integer NOT NULL{clerk})",
)
_ROWS = (
    "INSERT INTO shop VALUES (1, 10, '2000-05-01'), (2, 20, '2024-05-01'), (3, 30, '2000-05-01')",
    "INSERT INTO clerk VALUES (10, 1), (11, 1), (20, 2), (30, 3)",
)
_REFERENCES = (
    "ALTER TABLE shop ADD FOREIGN KEY (manager) REFERENCES clerk (id)",
    "ALTER TABLE clerk ADD FOREIGN KEY (shop) REFERENCES shop (id)",
)
#: A table that the register ignores, and that a database keeps from pointing nowhere.
_STRANGER = (
    "CREATE TABLE badge (id integer PRIMARY KEY, clerk integer NOT NULL, FOREIGN KEY (clerk) REFERENCES clerk (id))"
)


def _sqlite(path):
    with closing(sqlite3.connect(path)) as db, db:
        for made in _CREATE:
            db.execute(made.format(shop=" REFERENCES clerk (id)", clerk=" REFERENCES shop (id)"))
        for rows in (*_ROWS, _STRANGER):
            db.execute(rows)
    return f"sqlite:///{path}"


def _server(url):
    driver = url.replace("postgresql://", "postgresql+psycopg://").replace("mariadb://", "mariadb+pymysql://")
    engine = sa.create_engine(driver)
    with engine.begin() as db:
        for words in (*(m.format(shop="", clerk="") for m in _CREATE), *_ROWS, *_REFERENCES, _STRANGER):
            db.exec_driver_sql(words)
    return url, engine


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def source(request, tmp_path):
    """The address of a source, and how to ask it something."""
    if request.param == "sqlite":
        url = _sqlite(tmp_path / "shops.db")
        engine = sa.create_engine(url)
    else:
        url, engine = _server(request.getfixturevalue(f"{request.param}_url"))

    def ask(words):
        with engine.begin() as db:
            found = db.exec_driver_sql(words)
            return {row[0] for row in found} if found.returns_rows else set()

    yield url, ask
    engine.dispose()


def _shops():
    def columns(table):
        return {c: {"class": "technical"} for c in _COLUMNS[table]}

    return office.System.model_validate(
        {
            "id": "shops", "title": "Shops", "connector": "sql", "url": "env:SHOPS",
            "ignored_tables": {"badge": "no personal data"},
            "dataset": {
                "shop": {
                    "key": ["id"], "activity": "dossier", "triggers": ["closed_on"], "columns": columns("shop"),
                    "ceiling": {"records": 9, "share": 1},
                    "references": [{"dataset": "clerk", "by": {"manager": "id"}}],
                },
                "clerk": {
                    "key": ["id"], "part_of": {"dataset": "shop", "by": {"shop": "id"}}, "columns": columns("clerk"),
                },
            },
        }
    )  # fmt: skip


def _destroyed(url, system):
    connector = SqlConnector(system, url, vouch=lambda _: True)
    try:
        test = office.rule_test(system, {"dossier": office.activity("dossier", maximum="20 years")}, root="shop")
        due = [k for page in connector.find_due(test) for k in page]
        receipt = Announced("b", test.rule.digest, connector.dossiers(test.rule.parts, due))
        return connector.destroy(test, due, allowed=lambda k: k, announced=receipt)
    finally:
        connector.close()


def test_a_circle_that_may_not_be_empty_goes_whole(source):
    url, ask = source
    done = _destroyed(url, _shops())
    assert (set(done.rows["shop"]), set(done.rows["clerk"])) == ({(1,), (3,)}, {(10,), (11,), (30,)})
    assert (ask("SELECT id FROM shop"), ask("SELECT id FROM clerk")) == ({2}, {20})


def test_a_table_that_the_register_ignores_is_never_left_pointing_nowhere(source):
    url, ask = source
    ask("INSERT INTO badge VALUES (1, 11)")
    done = _destroyed(url, _shops())
    assert (done.rows, set(done.stayed)) == ({}, {"still referred to"})
    assert (ask("SELECT id FROM shop"), ask("SELECT id FROM clerk")) == ({1, 2, 3}, {10, 11, 20, 30})
