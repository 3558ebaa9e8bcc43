"""What a row is to a person: theirs alone, theirs and another's, or another's that mentions them; and what leads where.

From a row of the person's own, references lead on; from a shared row only to what hangs under it and does not say
itself whose it is; from a row that mentions the person nowhere. So no chain of shared rows ends at a stranger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.keys import Keys
from domain.rules import Hop
from domain.system import Reference, System


class Belonging(StrEnum):
    """What a row is to the person, the strongest first: a row that is several of these is the first of them."""

    OWN = "own"
    SHARED = "shared"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True)
class PersonRows:
    """All rows of one person in one system: (dataset, belonging) → keys.

    `entered`: those of their own that were reached over a reference and not by identity or `part_of`; under these
    too hangs what is part of them. `shown`: of shared and mentioned rows the columns that may be told, where the
    register limits them.
    """

    system: str
    rows: Mapping[tuple[str, Belonging], Keys] = field(repr=False)
    entered: Mapping[str, Keys] = field(default_factory=dict, repr=False)
    shown: Mapping[tuple[str, Belonging], frozenset[str]] = field(default_factory=dict)

    def keys_of(self, dataset: str, belonging: Belonging) -> Keys:
        """The keys of a dataset's rows that are this to the person."""
        return self.rows.get((dataset, belonging), Keys())


@dataclass(frozen=True, slots=True)
class Way:
    """One step of the walk: from rows of `start` by `hop` to rows that are `to` the person.

    `shows`: the columns of those rows that may be told; None: all that an export shows. `under`: a step to what
    is part of a row; the only kind that is taken from a shared one.
    """

    start: str
    hop: Hop
    to: Belonging
    shows: frozenset[str] | None = None
    under: bool = False


def ways_of(system: System) -> tuple[Way, ...]:
    """Every step that the register of a system allows, in its order."""
    return tuple(_ways(system))


def _ways(system: System) -> Iterator[Way]:
    for dataset in system.datasets.values():
        link = dataset.part_of
        if link is not None:
            to = Belonging.SHARED if link.when_shared == "stays" else Belonging.OWN
            yield Way(link.dataset, Hop.down(dataset, link), to, under=True)
        for reference in dataset.references:
            shows = frozenset(reference.shows) or None
            if reference.to_person is not None:
                hop = Hop.down(dataset, reference)
                yield Way(reference.dataset, hop, _BELONGING[reference.to_person], shows or _others_out(system, hop))
            if reference.brings is not None:
                to = Belonging(reference.brings)
                yield Way(dataset.name, up(reference), to, shows if reference.to_person is None else None)


_BELONGING = {"own": Belonging.OWN, "shared": Belonging.SHARED, "mentions": Belonging.MENTIONED}


def up(reference: Reference) -> Hop:
    """The step against a reference: from the rows that refer to the records they refer to."""
    return Hop(reference.dataset, tuple(sorted((their, own) for own, their in reference.by.items())))


def _others_out(system: System, hop: Hop) -> frozenset[str] | None:
    """The columns of a shared row less those that point at the other person; None where none is lost."""
    dataset = system.datasets[hop.dataset]
    pointing = set() if dataset.part_of is None else set(dataset.part_of.by)
    pointing |= {c for r in dataset.references if r.to_person is not None for c in r.by}
    return frozenset(dataset.columns) - pointing


def leads_on(system: System, way: Way, belonging: Belonging) -> Belonging | None:
    """What a row reached by `way` from a row that is `belonging` is to the person; None: the step is not taken."""
    if belonging is Belonging.OWN:
        return way.to
    if belonging is Belonging.SHARED and way.under and not system.datasets[way.hop.dataset].identifies.columns():
        return Belonging.SHARED
    return None
