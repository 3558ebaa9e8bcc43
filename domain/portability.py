"""Which of a person's data they may take along (AVG 20): column by column, each with a reason that can be printed.

Taken along is what the person gave or what was seen of them, where the activity rests on consent or on a contract. A
conclusion, a diagnosis or a plan that we or a professional made of it is not, and neither is a row that is another's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from domain.activity import Activity
from domain.origin import Origin
from domain.package import Outline, Part, Record, Records, Withheld, outline
from domain.system import Column, ColumnClass, Dataset, System


class Why(StrEnum):
    """Why a column goes along, or stays here."""

    PROVIDED = "provided"
    OBSERVED = "observed"
    OTHER_GROUND = "other ground"
    DERIVED = "derived"
    OF_ANOTHER = "of another"

    @property
    def goes(self) -> bool:
        """Whether the person takes it along."""
        return self in (Why.PROVIDED, Why.OBSERVED)

    def said(self, language: str) -> tuple[str, str]:
        """The reason as the person reads it, and the rule behind it."""
        return _SAID["en" if language == "en" else "nl"][self]


_SAID: Mapping[str, Mapping[Why, tuple[str, str]]] = {
    "nl": {
        Why.PROVIDED: ("dit gaf u zelf aan ons", "AVG 20 lid 1"),
        Why.OBSERVED: ("dit ontstond toen u onze dienst gebruikte, of is bij u gemeten", "AVG 20 lid 1"),
        Why.OTHER_GROUND: (
            "wij gebruiken dit niet door uw toestemming of een overeenkomst met u, maar om een andere reden die de wet"
            " noemt",
            "AVG 20 lid 1 onder a",
        ),
        Why.DERIVED: ("dit gaf u niet zelf: het is door een ander opgeschreven of berekend", "AVG 20 lid 1"),
        Why.OF_ANOTHER: ("dit is een gegeven van een ander, waarin u alleen wordt genoemd", "AVG 20 lid 4"),
    },
    "en": {
        Why.PROVIDED: ("you gave this to us yourself", "GDPR 20(1)"),
        Why.OBSERVED: ("this came about when you used our service, or was measured of you", "GDPR 20(1)"),
        Why.OTHER_GROUND: (
            "we do not use this by your consent or a contract with you, but for another reason that the law names",
            "GDPR 20(1)(a)",
        ),
        Why.DERIVED: ("you did not give this: somebody else wrote it down or calculated it", "GDPR 20(1)"),
        Why.OF_ANOTHER: ("this is another person's data, which only mentions you", "GDPR 20(4)"),
    },
}
#: What article 20(1)(a) asks for, as the register writes it.
_GROUNDS = tuple(map(re.compile, (r"AVG 6\.1\.b\b", r"AVG 6\.1\.a\b", r"AVG 9\.2\.a\b")))


def ground_of(activity: Activity) -> str | None:
    """The ground that lets its data go along, in the register's words: a contract before a consent, else none."""
    for wanted in _GROUNDS:
        for ground in activity.legal_ground:
            if wanted.match(ground):
                return ground
    return None


def origin_of(dataset: Dataset, column: Column) -> Origin | None:
    """How a column's data came to be: its own word, else its dataset's. A professional's opinion is derived."""
    return Origin.DERIVED if column.opinion else column.origin or dataset.origin


def decide(column: Column, dataset: Dataset, activity: Activity, *, mentioned: bool = False) -> Why | None:
    """Whether one exported column goes along, and why; None where the register does not say how it came to be."""
    if mentioned:
        return Why.OF_ANOTHER
    if ground_of(activity) is None:
        return Why.OTHER_GROUND
    origin = origin_of(dataset, column)
    return None if origin is None else _BY_ORIGIN[origin]


_BY_ORIGIN = {Origin.PROVIDED: Why.PROVIDED, Origin.OBSERVED: Why.OBSERVED, Origin.DERIVED: Why.DERIVED}


@dataclass(frozen=True, slots=True)
class Taken:
    """What of one controller's answer goes along, what stays and why, and which columns the register leaves unsaid."""

    parts: tuple[Part, ...]
    withheld: tuple[Withheld, ...]
    unsaid: tuple[str, ...]


def take_along(
    parts: Iterable[Part],
    withheld: Iterable[Withheld],
    systems: Mapping[str, System],
    activities: Mapping[str, Activity],
    language: str,
) -> Taken:
    """Divide what was found for an answer to article 15 into what article 20 gives and what it does not."""
    taken, stays, unsaid, told = list[Part](), list[Withheld](), list[str](), set[tuple[str, str]]()
    for part in parts:
        dataset = systems[part.system].datasets[part.dataset]
        whys = {
            name: decide(column, dataset, _activity(column, part, activities), mentioned=part.belonging == "mentioned")
            for name, column in part.columns.items()
            if column.cls is ColumnClass.EXPORT
        }
        unsaid += [f"{part.system}.{part.dataset}.{name}" for name, why in whys.items() if why is None]
        goes = {name: part.columns[name] for name, why in whys.items() if why is not None and why.goes}
        if goes:
            taken.append(replace(part, columns=goes, records=Narrowed(part.records, frozenset(goes))))
            told.add((part.system, dataset.title or dataset.name))
        stays += _stays(part, whys, whole=not goes, language=language)
    kept = [w for w in withheld if (w.system, w.dataset) in told]  # of what stays whole no part is told apart
    return Taken(tuple(taken), (*stays, *kept), tuple(unsaid))


def _activity(column: Column, part: Part, activities: Mapping[str, Activity]) -> Activity:
    return activities[column.activity or part.activity]


def _stays(part: Part, whys: Mapping[str, Why | None], *, whole: bool, language: str) -> Iterator[Withheld]:
    """One line for each reason: the columns that stay by it, or the table by its name where nothing of it goes."""
    for why in Why:
        labels = [part.columns[name].label for name, found in whys.items() if found is why and not why.goes]
        if labels:
            only = whole and len(labels) == len(whys)
            what = part.title if only else ", ".join(labels)
            because, article = why.said(language)
            yield Withheld(part.system, part.title, what, len(part.records), because, article)


@dataclass
class Narrowed:
    """The records of a part with only some of their columns; nothing is copied, and nothing else is handed on."""

    records: Records = field(repr=False)
    columns: frozenset[str]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        for record in self.records:
            yield replace(record, values={n: v for n, v in record.values.items() if n in self.columns})

    @cached_property
    def outline(self) -> Outline:
        """What the narrowed records have in common: what was known of all of them, less the columns that went."""
        whole = outline(self.records)
        shown = {n: None for n in whole.columns if n in self.columns}
        return replace(whole, columns=shown, filled=whole.filled & self.columns)
