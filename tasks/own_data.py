"""Who keeps what our own administration holds of persons: the ledger, and the workflow engine's server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from domain.identity import Identifier
from domain.trouble import NotFound
from ledger.own_consents import OptInRows, PolicyNotices, SuppressionRows
from ledger.own_copies import KeptCopies
from ledger.own_data import Messages, Requesters, Requests
from ledger.own_letters import OurLetters
from ledger.own_representatives import Representatives
from tasks.clock import today
from tasks.flow_runs import FlowRuns
from tasks.person import open_requests

if TYPE_CHECKING:
    from connectors.own import Keeper
    from tasks.office import Office


def own_keepers(office: Office) -> Mapping[str, Keeper]:
    """Table of `register/systems/termijn.toml` → who keeps it."""
    chain, asking = office.ledger.events, tuple(_asking(office))

    def words(purpose: str, version: str) -> str:
        try:
            return office.register.consents.get(purpose).text_of(version).text.strip()
        except NotFound:
            return ""

    return {
        "requests": Requests(chain),
        "requesters": Requesters(chain, office.ledger.cases.subjects),
        "representatives": Representatives(chain),
        "messages": Messages(chain),
        "opt_ins": OptInRows(chain, today(), words),
        "suppressions": SuppressionRows(chain, asking),
        "policy_notices": PolicyNotices(chain, asking),
        "letters": OurLetters(office.ledger.letters),
        "id_copies": KeptCopies(chain),
        "flow_runs": FlowRuns.of_this_process(),
    }


def _asking(office: Office) -> Iterator[Identifier]:
    """The addresses of whoever asks something now, or is held: only they are known again by the mark of an address."""
    for request in open_requests(office):
        yield from request.wanted
    for hold in office.ledger.holds.list_active(today()):
        yield from hold.identifiers
