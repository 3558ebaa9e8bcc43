"""The contract suite's world behind REST: a SQLite world, served by the sample service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from connectors.port import Connector
from connectors.rest import Manners, RestConnector
from domain.live import LiveSchema
from domain.system import System
from sample.crm_service import RunningService, start_crm

_TOKEN = "a-token-for-tests"


class _File(Protocol):
    """The part of the SQLite world that is used here."""

    def build(self, system: System, schema: LiveSchema) -> None: ...
    def load(self, table: str, *rows: Mapping[str, Any]) -> None: ...
    def change(self, table: str, where: Mapping[str, Any], **values: Any) -> None: ...
    def rows(self, table: str) -> list[dict[str, Any]]: ...
    def lie(self, table: str) -> None: ...
    def drop(self, table: str) -> None: ...
    def empty(self) -> None: ...


class RestWorld:
    """A service on the file of a SQLite world; it starts when it is first opened."""

    name = "rest"

    def __init__(self, file: _File, path: Path) -> None:
        self._file, self._path = file, path
        self._system: System | None = None
        self._running: list[RunningService] = []
        self._open: list[Connector] = []
        self.load, self.change, self.rows = file.load, file.change, file.rows
        self.lie, self.drop, self.empty = file.lie, file.drop, file.empty

    def build(self, system: System, schema: LiveSchema) -> None:
        """Make the tables, with the references that the schema declares."""
        self._system = system
        self._file.build(system, schema)

    def open(self) -> Connector:
        """A connector to this source."""
        if self._system is None:
            raise RuntimeError("build the world first")
        self._running = self._running or [start_crm(self._path, _TOKEN)]
        manners = Manners(most_tries=1, timeout=5)
        connector = RestConnector(self._system, self._running[0].url, _TOKEN, manners=manners, vouch=lambda _: True)
        self._open.append(connector)
        return connector

    def close(self) -> None:
        """End of the test."""
        for connector in self._open:
            connector.close()
        for service in self._running:
            service.stop()
