"""One FHIR server, as the office asks things of it (`connectors.port.Connector`)."""

from __future__ import annotations

import httpx

from connectors.fhir.records import FhirRecords
from connectors.fhir.schema import live_schema
from connectors.receipt import Vouch, nobody
from connectors.rest.connector import RestConnector
from connectors.rest.line import Line
from connectors.rest.manners import Manners
from domain.live import LiveSchema
from domain.system import System

_ACCEPT = "application/fhir+json, application/json;q=0.9"


class FhirConnector(RestConnector):
    """A server as `connectors.fhir` says. It decides as the other REST services do; only the resources are read anew.

    No search for a person is left to the server: its filters know one spelling (a name with a diacritic is not found
    without it), so every Patient is looked through, and what hangs under one is asked for by the reference.
    """

    def __init__(
        self,
        system: System,
        url: str,
        token: str = "",
        *,
        manners: Manners | None = None,
        transport: httpx.BaseTransport | None = None,
        vouch: Vouch = nobody,
    ) -> None:
        super().__init__(system, url, token, manners=manners, transport=transport, vouch=vouch)
        self._line.close()
        self._line = Line(
            system.id, url=url, token=token, manners=manners or Manners(), transport=transport, accept=_ACCEPT
        )
        self._resources = FhirRecords(system, self._line)
        self._records = self._resources

    def look(self) -> LiveSchema:
        """The registered types as a page shows them, and what else the server holds."""
        self._looked = live_schema(self.system, self._resources)
        return self._looked
