"""What the person is told of an erasure, in plain values: made from the plan that was carried out and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from domain.erasure import ErasurePlan, Fate, Line
from domain.package import Addressee
from domain.register import Register


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One dataset: its title, what became of how many records, until when they stay, by which article, and for what."""

    system: str
    title: str
    fate: Fate
    records: int
    until: date | None = None
    article: str = ""
    activity: str = ""
    controller: str = ""


@dataclass(frozen=True, slots=True)
class ErasureTold:
    """The whole answer. The addressee is personal data."""

    case: str
    received_on: date
    as_of: date
    language: str
    medical: bool
    complete: bool
    addressee: Addressee = field(repr=False)
    lines: tuple[ToldLine, ...] = ()
    recipients: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()

    @property
    def gone(self) -> tuple[ToldLine, ...]:
        """What is gone, or no longer says anything about the person."""
        return tuple(one for one in self.lines if one.fate in (Fate.DESTROYED, Fate.STRIPPED, Fate.ANONYMISED))

    @property
    def stays(self) -> tuple[ToldLine, ...]:
        """What stays, with its reason."""
        return tuple(one for one in self.lines if one not in self.gone)


def tell_lines(plan: ErasurePlan, register: Register) -> tuple[ToldLine, ...]:
    """The lines of a plan in the words of the register; equal ones taken together."""
    found: dict[tuple[object, ...], ToldLine] = {}
    for line in plan.lines:
        one = _told(line, register)
        same = (one.system, one.title, one.fate, one.until, one.article, one.activity)
        before = found.get(same)
        found[same] = one if before is None else replace(before, records=before.records + one.records)
    return tuple(found.values())


def recipients_of(plan: ErasurePlan, register: Register) -> tuple[str, ...]:
    """Who got what is now gone and must be told (AVG 19): the recipients and processors that the register names."""
    names: dict[str, None] = {}
    for line in plan.going:
        activity = register.activities.get(line.verdict.activity)
        for party in () if activity is None else (*activity.recipients, *activity.processors):
            names.setdefault(party.name)
    return tuple(names)


def backups_of(plan: ErasurePlan, register: Register) -> tuple[str, ...]:
    """How long copies of what is gone stay in backups, in the register's words; one for each system."""
    systems = dict.fromkeys(line.system for line in plan.going)
    return tuple(
        f"{found.title}: {found.backup_kept}"
        for name in systems
        if (found := register.systems[name]).backup_kept is not None
    )


def _told(line: Line, register: Register) -> ToldLine:
    system = register.systems[line.system]
    dataset, activity = system.datasets[line.dataset], register.activities.get(line.verdict.activity)
    return ToldLine(
        system=system.title,
        title=dataset.title or system.title,
        fate=line.verdict.fate,
        records=len(line.keys),
        until=None if line.verdict.until == date.max else line.verdict.until,
        article=line.verdict.article,
        activity=activity.title if activity is not None else "",
        controller=(activity.on_behalf_of or "") if activity is not None else "",
    )
