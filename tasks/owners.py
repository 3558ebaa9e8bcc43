"""Which other records a row belongs to or refers to, as far as its package tells them as FHIR resources."""

from __future__ import annotations

from connectors.port import Row
from domain.keys import key_text
from domain.system import Dataset, System


def owners_in(system: System, dataset: Dataset, row: Row) -> tuple[tuple[str, str], ...]:
    """(dataset, key) of each record that the row leads to: its owner first. Empty where nobody tells them."""
    if dataset.fhir is None or dataset.fhir.whole:
        return ()
    found: list[tuple[str, str]] = []
    for link in (dataset.part_of, *dataset.references):
        if link is None or system.datasets[link.dataset].fhir is None:
            continue
        own = {their: mine for mine, their in link.by.items()}
        wanted = system.datasets[link.dataset].key
        if set(wanted) <= own.keys() and all(row[own[c]] is not None for c in wanted):
            found.append((link.dataset, key_text(tuple(row[own[c]] for c in wanted))))
    return tuple(found)
