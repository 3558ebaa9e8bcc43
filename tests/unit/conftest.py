"""A ledger to test with, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.secrets import Keyring
from tests.unit.ledger_desk import Desk


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Desk]:
    """A ledger on SQLite."""
    desk = Desk(f"sqlite:///{tmp_path}/ledger.db", Keyring.fresh(tmp_path / "ledger.db.keys"))
    desk.keyring.save(new=True)
    yield desk
    desk.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A ledger on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("paper")
        return
    desk = Desk(request.getfixturevalue("postgres_url"), Keyring.fresh(tmp_path / "ledger.keys"))
    desk.keyring.save(new=True)
    yield desk
    desk.close()
