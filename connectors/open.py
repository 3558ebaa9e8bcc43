"""Which connector opens which system; each is imported only when a system needs it."""

from __future__ import annotations

from collections.abc import Callable

from connectors.port import Connector
from domain.system import System
from domain.trouble import SourceUnreadable


def open_connector(system: System, *, secret: Callable[[str], str]) -> Connector:
    """Open a system. `secret` turns a name of the register (`env:HR_URL`) into its value, which nobody prints."""
    url = secret(system.url)
    if system.connector == "sql":
        from connectors.sql import SqlConnector

        return SqlConnector(system, url)
    if system.connector == "rest":
        from connectors.rest import RestConnector

        return RestConnector(system, url, "" if system.token is None else secret(system.token))
    if url:
        raise SourceUnreadable(
            "a system in memory has no address",
            where=system.id,
            do=f"leave {system.url} empty, or name the real connector in the register",
        )
    from connectors.in_memory import InMemoryConnector

    return InMemoryConnector(system, {})
