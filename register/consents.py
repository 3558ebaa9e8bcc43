"""Whether what is said of consents, or of a change of the policy, can be carried out in the register's systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from domain.activity import Activity
from domain.consents import Consents, Held, Objections, Stop
from domain.policy import PolicyChanges
from domain.system import System
from register.wording import did_you_mean, shown


def troubles_of(
    consents: Consents, activities: Mapping[str, Activity], systems: Mapping[str, System]
) -> Iterator[tuple[str, str]]:
    """(key, what is wrong) of every purpose that names an activity, system, dataset or column that is not there."""
    for name, purpose in consents.purpose.items():
        if purpose.activity not in activities:
            known = did_you_mean(purpose.activity, activities)
            yield f"purpose.{name}.activity", f"found {shown(purpose.activity)}, and there is no such file.{known}"
        for nth, stop in enumerate(purpose.stops, 1):
            columns = (*stop.day, *stop.sets, *stop.only)
            yield from _named(f"purpose.{name}.stops[#{nth}]", _trouble(stop, columns, systems))
        for nth, held in enumerate(purpose.held, 1):
            columns = (*held.only, *filter(None, (held.given, held.withdrawn, held.expires)))
            yield from _named(f"purpose.{name}.held[#{nth}]", _trouble(held, columns, systems))
    for nth, place in enumerate(consents.objections, 1):
        yield from _named(f"objections[#{nth}]", _trouble(place, (), systems))


def places_not_there(policy: PolicyChanges, systems: Mapping[str, System]) -> Iterator[tuple[str, str]]:
    """(key, what is wrong) of every place that is told, or left, and is not there or has no e-mail address."""
    for key, places in (("tell", policy.tell), ("leave", policy.leave)):
        for nth, place in enumerate(places, 1):
            system = systems.get(place.system)
            dataset = None if system is None else system.datasets.get(place.dataset)
            if dataset is None or dataset.identifies.email is None:
                yield f"{key}[#{nth}]", f"{shown(place.name)} is no dataset with an e-mail address in `identifies`"


def _named(key: str, what: str) -> Iterator[tuple[str, str]]:
    if what:
        yield key, what


def _trouble(stop: Stop | Held | Objections, columns: Sequence[str], systems: Mapping[str, System]) -> str:
    system = systems.get(stop.system)
    if system is None:
        return f"found system {shown(stop.system)}.{did_you_mean(stop.system, systems)}"
    dataset = system.datasets.get(stop.dataset)
    if dataset is None:
        return f"found dataset {shown(stop.dataset)}.{did_you_mean(stop.dataset, system.datasets)}"
    if not dataset.identifies.columns():
        return f"dataset {shown(stop.dataset)} does not say whose its rows are; give it `identifies`"
    missing = [c for c in columns if c not in dataset.columns]
    return f"found column {shown(missing[0])}.{did_you_mean(missing[0], dataset.columns)}" if missing else ""
