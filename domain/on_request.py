"""What is told only to who asks for just that: in the register, and in the answer to each kind of request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from domain.moves import CaseKind
from domain.package import Outline, Part, Record, Records, Withheld, outline
from domain.system import Dataset, System


class Shown:
    """Records with only some of their columns, nothing is copied."""

    def __init__(self, records: Records, columns: Sequence[str]) -> None:
        self._records, self._columns = records, columns

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            told = {c: record.values[c] for c in self._columns if c in record.values}
            yield replace(record, values=told)

    def __repr__(self) -> str:
        return f"Shown({len(self)} records)"

    @cached_property
    def outline(self) -> Outline:
        """What they have in common: of all columns, less those that are not shown."""
        whole = outline(self._records)
        kept = [c for c in self._columns if c in whole.columns]
        return replace(whole, columns=dict.fromkeys(kept), filled=whole.filled & set(kept))


def is_wanted(kind: CaseKind, dataset: Dataset) -> bool:
    """Whether a request of this kind is answered from this dataset at all; of an overview only with that overview."""
    return kind is not CaseKind.ACCESS_LOG or (dataset.on_request is not None and dataset.on_request.kind is kind)


def as_asked(
    kind: CaseKind, system: System, parts: Sequence[Part], withheld: Sequence[Withheld], language: str
) -> tuple[list[Part], list[Withheld]]:
    """The parts of one system that answer this kind of request; what must be asked for by itself is told, not sent."""
    sent, told = list[Part](), list(withheld)
    for part in parts:
        only = system.datasets[part.dataset].on_request
        if only is None:
            sent.append(part)
        elif only.kind is kind:
            columns = {c: part.columns[c] for c in only.shows if c in part.columns}
            sent.append(replace(part, columns=columns, records=Shown(part.records, list(columns))))
        elif len(part.records):
            title = system.datasets[part.dataset].title or part.dataset
            told = [w for w in told if w.dataset != title]
            told.append(Withheld(system.id, title, title, len(part.records), _ASK[language], only.article))
    return sent, told


_ASK = {
    "nl": "dit overzicht krijgt u als u erom vraagt; dat is gratis",
    "en": "you get this overview when you ask for it; it is free",
}
