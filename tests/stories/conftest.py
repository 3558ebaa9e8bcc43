"""The house of somebody who asks to be erased or corrected, in both kinds of database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.stories.erasing_house import ErasingHouse


@pytest.fixture(params=["sqlite", "postgresql"])
def erasing_house(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ErasingHouse]:
    if request.param == "sqlite":
        yield ErasingHouse(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)
        return
    server, name = request.getfixturevalue("postgres_server"), f"termijn_erase_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    address, _, options = server.partition("?")
    url = f"{address.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")
    house = ErasingHouse(tmp_path, url, monkeypatch)
    yield house
    house.engine.dispose()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
