"""Whether a system still looks the way the register says."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.port import Connector
from domain.drift import Drift, compare
from domain.trouble import SourceUnreadable
from tasks.office import open_office


def drifts_of(system: str) -> tuple[Drift, ...]:
    """Every difference between a system's live schema and the register. Raises SourceUnreadable."""
    with open_office() as office, office.connected(system) as connector:
        return compare(connector.system, connector.look())


def check_schema(connector: Connector) -> None:
    """Raise SourceUnreadable, naming each difference, where the live schema is not what the register says.

    A column that nobody classified would be missing from an export; a table that nobody classified would outlive
    its term (promise 7).
    """
    _refuse(connector, [d for d in compare(connector.system, connector.look()) if d.blocks])


def check_schema_for_purge(connector: Connector) -> tuple[Drift, ...]:
    """As `check_schema`, for a night: what only some tables must fear comes back instead of stopping the system.

    An undeclared reference or database trigger refuses the rules that change rows of its table; the others go on.
    """
    blocking = [d for d in compare(connector.system, connector.look()) if d.blocks]
    _refuse(connector, [d for d in blocking if d.only_for is None])
    return tuple(blocking)


def _refuse(connector: Connector, blocking: Sequence[Drift]) -> None:
    if blocking:
        told = "; ".join(f"{d.where}: {d.what}" for d in blocking[:5])
        more = f"; and {len(blocking) - 5} more" if len(blocking) > 5 else ""
        raise SourceUnreadable(
            f"the live schema is not what the register says: {told}{more}",
            where=connector.system.id,
            do=f"{blocking[0].do} (all of it: termijn register check --live)",
        )
