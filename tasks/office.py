"""What one task needs at hand: the register, the ledger, and a door to each system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from domain.register import Register
from domain.system import System
from domain.trouble import NotFound
from register.loader import PACKAGED, load_register
from tasks.clock import now
from tasks.settings import Settings, read_settings, secret

if TYPE_CHECKING:
    from connectors.port import Announced, Connector
    from ledger.open import Ledger

SQLITE_FILE = "sqlite:///"


def open_register() -> Register:
    """The register that this process works by. Raises RegisterInvalid with every error at once."""
    directory = read_settings().register_dir
    files = sorted((directory or PACKAGED).rglob("*.toml"))
    return _load_once(directory, tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=2)
def _load_once(directory: Path | None, stamp: tuple[tuple[Path, int], ...]) -> Register:  # noqa: ARG001 - a changed file is another stamp
    return load_register(directory)


class Office:
    """An open office: close it after use. It is handed to tasks whole, and no workflow engine looks inside."""

    def __init__(self, settings: Settings, register: Register, ledger: Ledger) -> None:
        self.settings, self.register, self.ledger = settings, register, ledger

    def system(self, name: str) -> System:
        """A system of the register by its id. Raises NotFound with the known ones."""
        found = self.register.systems.get(name)
        if found is None:
            known = ", ".join(sorted(self.register.systems))
            raise NotFound(f"the register knows no system {name!r}", do=f"choose one of: {known}")
        return found

    @contextmanager
    def connected(self, name: str, *, at: str | None = None) -> Iterator[Connector]:
        """An open connection to a system, given back at the end. Raises SourceUnreadable.

        `at`: the address of a copy of it, instead of the living one.

        It destroys what this office's ledger announced and nothing else, whoever hands it a receipt.
        """
        from connectors.open import open_connector
        from tasks.own_data import own_keepers

        told = secret if at is None else (lambda _: at)
        system = self.system(name)
        keepers = own_keepers(self) if system.connector == "own" else None
        connector = open_connector(system, secret=told, vouch=self._vouches_for, keepers=keepers)
        try:
            yield connector
        finally:
            connector.close()

    def _vouches_for(self, announced: Announced) -> bool:
        return self.ledger.batches.is_announced(announced.batch, announced.rule, announced.dossiers)


@contextmanager
def open_office() -> Iterator[Office]:
    """Open the office by this process's settings, and close it again."""
    from ledger.open import open_ledger

    settings = read_settings()
    if settings.ledger.startswith(SQLITE_FILE):
        Path(settings.ledger.removeprefix(SQLITE_FILE)).parent.mkdir(parents=True, exist_ok=True)
    ledger = open_ledger(settings.ledger, clock=now)
    try:
        yield Office(settings, open_register(), ledger)
    finally:
        ledger.close()
