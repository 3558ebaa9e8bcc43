"""A machine, and the offices that stand on it: source and ledger in SQLite or PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.faults.office import FaultyOffice, Machine, own_database

#: Source and ledger.
SQLITE, POSTGRES, ALL_POSTGRES = ("sqlite", "sqlite"), ("postgres", "sqlite"), ("postgres", "postgres")
Opens = Callable[..., FaultyOffice]


@contextmanager
def quick_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory where that can be: a killed process loses nothing that it gave the kernel, so no disk is needed."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK):
        with tempfile.TemporaryDirectory(dir=memory, prefix="termijn_faults_") as folder:
            yield Path(folder)
    else:
        yield tmp_path_factory.mktemp("office")


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    machine = Machine()
    yield machine
    machine.close()


@pytest.fixture(scope="module")
def office_in(
    machine: Machine, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Opens]:
    """Opens the office of a pair (source, ledger), once per file of tests. Without PostgreSQL it skips, and says so."""
    stood: dict[tuple[str, str], FaultyOffice] = {}
    with ExitStack() as undo:

        def open_office(pair: tuple[str, str]) -> FaultyOffice:
            if pair not in stood:
                places = []
                for kind in pair:
                    if kind == "postgres":
                        places.append(undo.enter_context(own_database(request.getfixturevalue("postgres_server"))))
                    else:
                        places.append(kind)
                folder = undo.enter_context(quick_folder(tmp_path_factory))
                stood[pair] = FaultyOffice(folder, machine, source=places[0], ledger=places[1])
                stood[pair].set_up()
            return stood[pair]

        yield open_office
