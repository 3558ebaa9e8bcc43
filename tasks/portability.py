"""What of a gathered answer a person may take along (AVG 20): narrowed before anything of it becomes paper."""

from __future__ import annotations

from collections.abc import Mapping

from domain.cases import Case, CaseKind
from domain.portability import decide, take_along
from domain.system import Dataset, System
from domain.trouble import Refused
from tasks.find import activity_of
from tasks.heaps import Gathered
from tasks.office import Office
from tasks.withhold import HandsOver


def narrowed(office: Office, case: Case, gathered: Mapping[str, Gathered]) -> Mapping[str, Gathered]:
    """What each controller hands over: all of it, or in a case of portability only what article 20 gives.

    Raises Refused where the register does not say how the data of a column came to be.
    """
    if case.kind is not CaseKind.PORTABILITY:
        return gathered
    handed, unsaid = dict[str, Gathered](), list[str]()
    for controller, found in gathered.items():
        taken = take_along(
            found.parts, found.withheld, office.register.systems, office.register.activities, case.language
        )
        unsaid += taken.unsaid
        handed[controller] = Gathered(list(taken.parts), found.named, found.destroyed, list(taken.withheld))
    if unsaid:
        raise Refused(
            f"the register does not say how these came to be: {', '.join(sorted(unsaid))}",
            where=f"case {case.number}",
            do="write origin = 'provided', 'observed' or 'derived' at each, or at its dataset; then export again",
        )
    return handed


def handed_over(office: Office, case: Case) -> HandsOver:
    """Whether a column can be in the package at all: in a text that stays here, nobody has to look for others."""

    def goes(system: System, dataset: Dataset, column: str) -> bool:
        if case.kind is not CaseKind.PORTABILITY:
            return True
        told = dataset.columns[column]
        why = decide(told, dataset, office.register.activities[told.activity or activity_of(system, dataset)])
        return why is None or why.goes

    return goes
