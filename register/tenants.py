"""Whether the register tells controllers apart in one system only: a package knows its controller by a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.activity import Activity, Role
from domain.system import Dataset, System


def second_tenants(activities: Mapping[str, Activity], systems: Mapping[str, System]) -> Iterator[tuple[str, str, str]]:
    """(system, key, what is wrong) of every system after the first that holds data for others by a tenant column.

    Practice 3 of one system and practice 3 of another are two controllers: an export would put both into one package.
    """
    first = ""
    for name in sorted(systems):
        system = systems[name]
        columns = [d.name for d in system.datasets.values() if d.tenant is not None]
        if not columns or not any(_is_for_another(system, d, activities) for d in system.datasets.values()):
            continue
        if first:
            yield (
                name,
                f"dataset.{columns[0]}.tenant",
                f"systems/{first}.toml tells controllers apart by a tenant too; allowed is one such system, for one"
                " number would be two controllers in one package: describe this system in a register of its own",
            )
        first = first or name


def _is_for_another(system: System, dataset: Dataset, activities: Mapping[str, Activity]) -> bool:
    while dataset.activity is None and dataset.part_of is not None:
        dataset = system.datasets[dataset.part_of.dataset]
    activity = activities.get(dataset.activity or "")
    return activity is not None and activity.role is Role.PROCESSOR
