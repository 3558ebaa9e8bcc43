"""How one real system maps onto the activities: its datasets, keys, references, triggers and every column.

One file `register/systems/<id>.toml` is one `System`: for an engineer to read.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence

SecretName = Annotated[str, Field(pattern=r"^env:[A-Z][A-Z0-9_]*$")]
Scalar = str | int | bool


class ColumnClass(StrEnum):
    """What an export does with a column. Every column of every dataset has one."""

    EXPORT = "export"
    THIRD_PARTY = "third_party"
    TECHNICAL = "technical"
    SECRET = "secret"
    IGNORED = "ignored"


class Column(Entry):
    """One column: its label for a layman, its class, its Fideslang category, and why it is left out if so."""

    label: str = ""
    cls: Annotated[ColumnClass, Field(alias="class")]
    category: str | None = None
    because: Sentence | None = None

    @model_validator(mode="after")
    def _is_explained(self) -> Self:
        if self.cls is ColumnClass.EXPORT and not self.label:
            raise ValueError("an exported column has a `label` that a layman understands")
        if self.cls in (ColumnClass.IGNORED, ColumnClass.THIRD_PARTY) and self.because is None:
            raise ValueError(f"a column of class {self.cls.value!r} says `because` why")
        return self


class Trigger(Entry):
    """A column whose date starts a term. A missing date blocks, unless the register says it is ignored."""

    column: str
    absent: Literal["blocks", "ignored"] = "blocks"


class PartOf(Entry):
    """This dataset's rows belong to a dossier: `by` maps own columns onto the owner's columns."""

    dataset: str
    by: Annotated[dict[str, str], Field(min_length=1)]


class Reference(Entry):
    """A reference to a dataset that is not the dossier's owner.

    `keeps`: a surviving row keeps the record it refers to. `clear`: the reference is emptied first.
    """

    dataset: str
    by: Annotated[dict[str, str], Field(min_length=1)]
    when_gone: Literal["keeps", "clear"] = "keeps"


class Ceiling(Entry):
    """The most that one night may destroy by one rule, in dossiers and as a share. Zero means zero."""

    records: Annotated[int, Field(ge=0)]
    share: Annotated[float, Field(ge=0, le=1)]


class Identifies(Entry):
    """Which columns say who a person is, and as what."""

    bsn: str | None = None
    email: str | None = None
    phone: str | None = None
    client_number: str | None = None
    iban: str | None = None
    name_born: tuple[str, str] | None = None
    name: str | None = None

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Kind of identifier → its columns, for those this dataset has."""
        found: dict[str, tuple[str, ...]] = {}
        for kind in type(self).model_fields:
            value = getattr(self, kind)
            if value is not None:
                found[kind] = value if isinstance(value, tuple) else (value,)
        return found


class Dataset(Entry):
    """One table or collection of a system."""

    name: str
    table: str
    activity: str | None = None
    title: str = ""
    key: Annotated[tuple[str, ...], Field(min_length=1)]
    tenant: str | None = None
    only: dict[str, Scalar | tuple[Scalar, ...]] = {}
    part_of: PartOf | None = None
    references: tuple[Reference, ...] = ()
    identifies: Identifies = Identifies()
    triggers: tuple[Trigger, ...] = ()
    not_dates: tuple[date, ...] = (date(9999, 1, 1), date(9999, 12, 31))
    ceiling: Ceiling | None = None
    approval: Literal["rule", "each plan"] = "rule"
    soft_delete: str | None = None
    side_effects: dict[str, Sentence] = {}
    columns: Annotated[dict[str, Column], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, given: Any) -> Any:
        if isinstance(given, dict):
            given = dict(given)
            given.setdefault("table", given.get("name"))
            triggers = given.get("triggers")
            if isinstance(triggers, list | tuple):
                given["triggers"] = tuple({"column": t} if isinstance(t, str) else t for t in triggers)
        return given

    @model_validator(mode="after")
    def _names_only_its_columns(self) -> Self:
        named: dict[str, tuple[str, ...]] = {
            "key": self.key,
            "tenant": (self.tenant,) if self.tenant else (),
            "only": tuple(self.only),
            "triggers": tuple(t.column for t in self.triggers),
            "soft_delete": (self.soft_delete,) if self.soft_delete else (),
            "part_of.by": tuple(self.part_of.by) if self.part_of else (),
            "references.by": tuple(c for r in self.references for c in r.by),
            **{f"identifies.{k}": v for k, v in self.identifies.columns().items()},
        }
        unknown = [f"{at} names {c!r}" for at, cs in named.items() for c in cs if c not in self.columns]
        if unknown:
            raise ValueError("; ".join(unknown) + f", which is not in columns; known are {sorted(self.columns)}")
        if self.activity is None and self.part_of is None:
            raise ValueError("a dataset has an `activity` (whose term it follows) or is `part_of` a dossier")
        if self.activity is not None and self.ceiling is None:
            raise ValueError("a dataset with an activity has a `ceiling = { records = …, share = … }`")
        return self


class System(Entry):
    """One source system: how to reach it (names of secrets, never values) and what it holds."""

    id: str
    title: Sentence
    connector: Literal["sql", "rest", "memory"]
    url: SecretName
    token: SecretName | None = None
    db_schema: Annotated[str | None, Field(alias="schema")] = None
    zone: str = "Europe/Amsterdam"
    page_size: Annotated[int, Field(ge=1, le=10_000)] = 200
    backup_kept: Sentence | None = None
    ignored_tables: dict[str, Sentence] = {}
    datasets: Annotated[dict[str, Dataset], Field(min_length=1, alias="dataset")]

    @model_validator(mode="before")
    @classmethod
    def _datasets_know_their_name(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("dataset"), dict):
            named = {n: {"name": n, **d} if isinstance(d, dict) else d for n, d in given["dataset"].items()}
            given = {**given, "dataset": named}
        return given

    @model_validator(mode="after")
    def _references_lead_somewhere(self) -> Self:
        wrong: list[str] = []
        for name, dataset in self.datasets.items():
            links: list[tuple[str, PartOf | Reference]] = [("references", r) for r in dataset.references]
            if dataset.part_of:
                links.append(("part_of", dataset.part_of))
            for at, link in links:
                target = self.datasets.get(link.dataset)
                if target is None:
                    wrong.append(f"dataset.{name}.{at} names {link.dataset!r}; known are {sorted(self.datasets)}")
                    continue
                missing = [c for c in link.by.values() if c not in target.columns]
                wrong += [f"dataset.{name}.{at}.by names {link.dataset}.{c}, which has no such column" for c in missing]
            wrong += self._circle(name)
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _circle(self, name: str) -> list[str]:
        """A dossier has one root: `part_of` never leads back to where it began."""
        seen, here = {name}, self.datasets[name].part_of
        while here is not None and here.dataset in self.datasets:
            if here.dataset in seen:
                return [f"dataset.{name}.part_of leads back to {here.dataset!r}; a dossier has one root"]
            seen.add(here.dataset)
            here = self.datasets[here.dataset].part_of
        return []

    def parts_of(self, owner: str) -> tuple[Dataset, ...]:
        """The datasets whose rows hang directly under `owner`, self references left out."""
        return tuple(d for d in self.datasets.values() if d.part_of and d.part_of.dataset == owner)

    def roots(self) -> tuple[Dataset, ...]:
        """The datasets that have a term of their own."""
        return tuple(d for d in self.datasets.values() if d.activity is not None)
