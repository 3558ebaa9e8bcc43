"""What was destroyed of a person before they asked: which records the rest still names, and the ledger's evidence.

A destroyed record's key is known to nobody any more. So the question is turned round: which keys do surviving rows,
the case's client numbers and earlier decisions name, that no source holds, and has the ledger evidence of them?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from connectors.port import Connector, Row
from domain.activity import Activity, Role
from domain.identity import Identifier, ways_to_write
from domain.keys import Key, Keys, key_text
from domain.package import DestroyedBefore
from domain.system import Dataset, PartOf, Reference, System
from domain.trouble import TermijnError
from tasks.clock import AMSTERDAM
from tasks.find import Decisions, activity_of
from tasks.office import Office

#: A record that something names: (dataset, key).
Named = tuple[str, Key]


def links_to_persons(system: System, dataset: Dataset, *, owner: bool) -> list[tuple[str, tuple[str, ...]]]:
    """The datasets whose key a row names, with the columns that name it: where the register says a person leads.

    `owner`: also the record it is part of; who came from there knows that it is still there.
    """
    links: list[PartOf | Reference] = [
        r for r in dataset.references if r.to_person in ("own", "shared") or r.brings is not None
    ]
    found = []
    if dataset.part_of is not None and owner:
        links.append(dataset.part_of)
    for link in links:
        own = {their: column for column, their in link.by.items()}
        if own.keys() == set(system.datasets[link.dataset].key):
            found.append((link.dataset, tuple(own[c] for c in system.datasets[link.dataset].key)))
    return found


def named_by(row: Row, links: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[Named]:
    """The records of persons that a row names; an empty reference names none."""
    for name, columns in links:
        key = tuple(row[c] for c in columns)
        if None not in key:
            yield name, key


def named_by_case(
    connector: Connector, activities: Mapping[str, Activity], wanted: Iterable[Identifier], decisions: Decisions
) -> Iterator[Named]:
    """The records that the case itself names: by a client number that is a key, or by an earlier decision.

    Only datasets for which 12Care answers itself: whose package it would be in is no longer known of the others.
    """
    system = connector.system
    texts = [
        (d, k)
        for (s, d, k), include in decisions.items()
        if s == system.id and include and d in system.datasets
        if activities[activity_of(system, system.datasets[d])].role is not Role.PROCESSOR
    ]
    for name, dataset in system.datasets.items():
        if activities[activity_of(system, dataset)].role is Role.PROCESSOR:
            continue
        column = dataset.identifies.client_number
        if column is not None and dataset.key == (column,):
            numbers = {w for i in wanted if i.kind == "client_number" for w in ways_to_write(i.value)}
            texts += [(name, key_text((number,))) for number in sorted(numbers)]
    for name, text in texts:
        try:
            yield name, connector.read_key(name, text)
        except TermijnError:  # a way to write the number that this key cannot have
            continue


def destroyed_of(office: Office, connector: Connector, named: Iterable[Named]) -> tuple[DestroyedBefore, ...]:
    """What of these records was destroyed: what kind, how many, when and under which article; each once."""
    system, by_dataset = connector.system, dict[str, dict[Key, None]]()
    for name, key in named:
        by_dataset.setdefault(name, {})[key] = None
    found: Counter[tuple[str, date, str]] = Counter()
    for name, keys in sorted(by_dataset.items()):
        dataset, asked = system.datasets[name], Keys(keys)
        gone = asked.without(connector.still_there(name, asked, firmly=False))
        for key in office.ledger.batches.destroyed_among(system.id, name, gone) if len(gone) else ():
            closed = office.ledger.batches.batches_with(system.id, name, [key_text(key)])[-1]
            day = closed.at.astimezone(AMSTERDAM).date()
            try:
                article = office.register.rule(closed.rule, day).term.article
            except TermijnError:  # the register no longer has the rule
                article = ""
            found[dataset.title or name, day, article] += 1
    return tuple(DestroyedBefore(what, n, when, article) for (what, when, article), n in sorted(found.items()))
