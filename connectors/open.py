"""Which connector opens which system; each is imported only when a system needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from connectors.port import Connector
from connectors.receipt import Vouch, nobody
from domain.system import System
from domain.trouble import SourceUnreadable

if TYPE_CHECKING:
    from connectors.own import Keeper


def open_connector(
    system: System,
    *,
    secret: Callable[[str], str],
    vouch: Vouch = nobody,
    keepers: Mapping[str, Keeper] | None = None,
) -> Connector:
    """Open a system. `secret` turns a name of the register (`env:HR_URL`) into its value, which nobody prints.

    `keepers`: who keeps the tables of our own administration.
    `vouch` asks the ledger whether it announced a batch; a connection without it can only read.
    """
    if system.connector == "own":
        from connectors.own import OwnConnector

        return OwnConnector(system, keepers or {}, vouch=vouch)
    url = secret(system.url)
    if system.connector == "sql":
        from connectors.sql import SqlConnector

        return SqlConnector(system, url, vouch=vouch)
    if system.connector == "rest":
        from connectors.rest import RestConnector

        return RestConnector(system, url, "" if system.token is None else secret(system.token), vouch=vouch)
    if system.connector == "fhir":
        from connectors.fhir import FhirConnector

        return FhirConnector(system, url, "" if system.token is None else secret(system.token), vouch=vouch)
    if url:
        raise SourceUnreadable(
            "a system in memory has no address",
            where=system.id,
            do=f"leave {system.url} empty, or name the real connector in the register",
        )
    from connectors.in_memory import InMemoryConnector

    return InMemoryConnector(system, {}, vouch=vouch)
