"""What became of the marks by hand when all records were read: held, to be looked at again, or of no use.

A mark that was never met is no mark that was honoured: its words may go out under another column or record. So it stops
the seal, unless the source has that record no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from domain.rules import Part
from domain.trouble import TermijnError
from ledger.marked import Mark
from tasks.office import Office
from tasks.withhold import Cleaner


class MarkState(StrEnum):
    """What became of one mark. The words are those on the officer's screen; where it holds there are none."""

    HOLDS = ""
    CHANGED = "what stood there changed: mark it again, and take this one away with --unmark"
    UNMET = "nothing of this place goes out any more: mark what took its place, and take this one away with --unmark"
    OF_NO_USE = "the source has this record no more: this mark is of no use, take it away with --unmark"

    @property
    def waits(self) -> bool:
        """Whether nothing is sealed before an officer looked again."""
        return self in (MarkState.CHANGED, MarkState.UNMET)


def states_of(office: Office, marks: Iterable[Mark], cleaner: Cleaner) -> Mapping[int, MarkState]:
    """Number of each mark → what became of it, when `cleaner` has seen every record of the person."""
    found = {}
    for mark in marks:
        if mark.serial in cleaner.stale:
            found[mark.serial] = MarkState.CHANGED
        elif mark.serial in cleaner.met:
            found[mark.serial] = MarkState.HOLDS
        else:
            found[mark.serial] = MarkState.OF_NO_USE if _is_gone(office, mark) else MarkState.UNMET
    return found


def _is_gone(office: Office, mark: Mark) -> bool:
    """Whether the source says that it has the record no more; what cannot be asked is not gone."""
    spot = mark.spot
    system = office.register.systems.get(spot.system)
    if system is None or spot.dataset not in system.datasets:
        return False
    try:
        with office.connected(spot.system) as connector:
            key = connector.read_key(spot.dataset, spot.key)
            return not list(connector.rows(Part(spot.dataset, ()), [key]))
    except (TermijnError, ValueError):  # it cannot be read, or its keys are of another kind now
        return False
