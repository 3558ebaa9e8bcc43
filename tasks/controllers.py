"""Which controller answers for which of a person's rows: 12Care itself, or the tenant that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.port import Connector, Row
from domain.activity import Role
from domain.keys import Key, Keys, key_text
from domain.person import PersonRows
from domain.register import Register
from domain.rules import Part as Place
from domain.system import Dataset, System
from tasks.find import SystemAnswer, activity_of
from tasks.walk import walk_from


def walks_of(connector: Connector, answer: SystemAnswer) -> dict[str, PersonRows]:
    """The person's rows as each tenant has them: what is found from one controller's record never meets another's."""
    roots: dict[str, dict[str, Keys]] = {}
    for name in connector.system.datasets:
        for tenant, keys in by_tenant(connector, name, list(answer.keys_of(name))).items():
            roots.setdefault(tenant, {})[name] = Keys(keys)
    return {tenant: walk_from(connector, records, every=False) for tenant, records in roots.items()}


def with_entered(
    connector: Connector,
    name: str,
    groups: dict[str, list[Key]],
    walks: Mapping[str, PersonRows],
    seen: set[tuple[str, Key]],
) -> dict[str, list[Key]]:
    """The groups with those of the person's own that were reached over a reference, each in its own tenant's."""
    known = {k for keys in groups.values() for k in keys} if any(name in w.entered for w in walks.values()) else set()
    for tenant, person in walks.items():
        keys = [k for k in person.entered.get(name, ()) if k not in known and (name, k) not in seen]
        own = connector.system.datasets[name].tenant is not None
        for held, some in (by_tenant(connector, name, keys) if own else {tenant: keys}).items():
            if some:
                groups.setdefault(held, []).extend(some)
        known.update(keys)
    return groups


def controller_of(system: System, register: Register, dataset: Dataset, row: Row, tenant: str) -> str:
    """Who answers for a row: the tenant that it names, or else that of the record it was reached from."""
    if not is_for_another(system, register, dataset):
        return ""
    return tenant if dataset.tenant is None else str(row[dataset.tenant])


def by_tenant(connector: Connector, name: str, keys: Sequence[Key]) -> dict[str, list[Key]]:
    """The keys of a dataset grouped by the tenant that holds them; '' where the dataset has none."""
    dataset = connector.system.datasets[name]
    if not keys or dataset.tenant is None:
        return {"": list(keys)} if keys else {}
    groups: dict[str, list[Key]] = {}
    for row in connector.rows(Place(name, ()), keys):
        groups.setdefault(str(row[dataset.tenant]), []).append(tuple(row[c] for c in dataset.key))
    return groups


def names_of(connector: Connector, tenants: Iterable[str]) -> dict[str, str]:
    """What the tenants are called, where a dataset of the system says so."""
    named = [d for d in connector.system.datasets.values() if d.called is not None]
    return {
        tenant: str(row[dataset.called])
        for dataset in named
        for tenant in tenants
        if tenant
        for row in connector.rows(Place(dataset.name, ()), [connector.read_key(dataset.name, key_text((tenant,)))])
        if dataset.called is not None and row[dataset.called]
    }


def is_for_another(system: System, register: Register, dataset: Dataset) -> bool:
    return register.activities[activity_of(system, dataset)].role is Role.PROCESSOR
