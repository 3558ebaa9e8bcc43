"""What systems of before the opt-in register say of who agreed and who objected, read for a list that is sieved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from connectors.stored_days import day_of
from domain.consents import Act, Held, Objections, Statement
from domain.identity import identifiers_of
from domain.rectification import in_words
from domain.rules import Part
from tasks.office import Office


def held_statements(office: Office, purpose: str) -> dict[str, list[Statement]]:
    """Mark of an address → what the systems say that its bearer stated for this purpose. Raises SourceUnreadable."""
    found: dict[str, list[Statement]] = {}
    for held in office.register.consents.get(purpose).held:
        zone = ZoneInfo(office.system(held.system).zone)
        for marks, row in _rows(office, held):
            if all(row[c] == value or in_words(row[c]) == in_words(value) for c, value in held.only.items()):
                for mark in marks:
                    found.setdefault(mark, []).extend(_stated(purpose, held, row, zone))
    return found


def held_objections(office: Office) -> frozenset[str]:
    """The marks of everybody whom a system keeps as not to be approached. Raises SourceUnreadable."""
    places = office.register.consents.objections
    return frozenset(mark for place in places for marks, _ in _rows(office, place) for mark in marks)


def _stated(purpose: str, held: Held, row: Mapping[str, Any], zone: ZoneInfo) -> Iterator[Statement]:
    """A row as statements. What cannot be read as a day speaks for no: it ended, or was withdrawn as it was given."""
    given = day_of(row[held.given], zone)
    expires = day_of(row[held.expires], zone) if held.expires else None
    if given is None or (held.expires and expires is None and row[held.expires] is not None):
        return
    yield Statement(number="", purpose=purpose, act=Act.GIVEN, on=given, channel=held.system, expires_on=expires)
    if held.withdrawn and row[held.withdrawn] is not None:
        withdrawn = day_of(row[held.withdrawn], zone) or given
        yield Statement(number="", purpose=purpose, act=Act.WITHDRAWN, on=withdrawn, channel=held.system)


def _rows(office: Office, place: Held | Objections) -> Iterator[tuple[list[str], Mapping[str, Any]]]:
    """Every row of a dataset with the marks of its addresses."""
    marker = office.ledger.opt_ins.marker()
    with office.connected(place.system) as connector:
        declared = connector.system.datasets[place.dataset].identifies
        for keys in connector.all_keys(place.dataset):
            for row in connector.rows(Part(place.dataset, ()), keys):
                yield [marker.mark(i.kind, i.value) for i in identifiers_of(row, declared) if i.kind == "email"], row
