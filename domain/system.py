"""How one real system maps onto the activities: its datasets, keys, references, triggers and every column.

One file `register/systems/<id>.toml` is one `System`: for an engineer to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.fhir import FhirMapping, wrong_columns, wrong_targets
from domain.moves import CaseKind
from domain.origin import Origin
from domain.treatment import Treatment

SecretName = Annotated[str, Field(pattern=r"^env:[A-Z][A-Z0-9_]*$")]
Scalar = str | int | bool
#: From an hour to another, perhaps past midnight; the two differ.
_WINDOW = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"


class ColumnClass(StrEnum):
    """What an export does with a column. Every column of every dataset has one."""

    EXPORT = "export"
    THIRD_PARTY = "third_party"
    TECHNICAL = "technical"
    SECRET = "secret"
    IGNORED = "ignored"


class Column(Entry):
    """One column: its label for a layman, its class, its Fideslang category, and why it is left out if so.

    `activity`: whose term it follows where that is not the dataset's. `at_expiry`: what becomes of its value when
    the row outlives it (default: emptied). `free_text`: whether what others are told in it is looked for; without it
    that is so for every longer text. `opinion`: a conclusion of a professional, which is not overwritten but gets the
    person's statement added (BW 7:454 lid 2). `origin`: how its data came to be, where that is not as the dataset says.
    `means`: what its codes say to a layman, or 'yes or no' for a column that holds 1 and 0; on paper only.
    `recipient`: it names who got the person's data, so that the letter names them (AVG 15(1)(c)). `document`: it holds
    a file (bytes, base64, or an attachment of FHIR), which goes into the package as one.
    """

    label: str = ""
    cls: Annotated[ColumnClass, Field(alias="class")]
    category: str | None = None
    because: Sentence | None = None
    activity: str | None = None
    at_expiry: Treatment | None = None
    free_text: bool | None = None
    opinion: bool = False
    origin: Origin | None = None
    recipient: bool = False
    means: Literal["yes or no"] | dict[str, Sentence] | None = None
    document: bool = False

    @model_validator(mode="after")
    def _is_explained(self) -> Self:
        if self.cls is ColumnClass.EXPORT and not self.label:
            raise ValueError("an exported column has a `label` that a layman understands")
        if self.document and self.cls is not ColumnClass.EXPORT:
            raise ValueError(f"a `document` becomes a file of the package; class {self.cls.value!r} is not exported")
        if self.cls in (ColumnClass.IGNORED, ColumnClass.THIRD_PARTY) and self.because is None:
            raise ValueError(f"a column of class {self.cls.value!r} says `because` why")
        if self.origin is not None and self.cls is not ColumnClass.EXPORT:
            raise ValueError(f"`origin` is of what a person gets, and class {self.cls.value!r} is not exported")
        if self.recipient and self.cls is not ColumnClass.EXPORT:
            raise ValueError(f"a `recipient` is told to the person, and class {self.cls.value!r} is not exported")
        if self.opinion and self.origin not in (None, Origin.DERIVED):
            raise ValueError("an `opinion` of a professional is 'derived': it was neither provided nor observed")
        return self


class Trigger(Entry):
    """A column whose date starts a term. A missing date blocks, unless the register says it is ignored.

    `same_day`: why many records share one day here (a payroll year ends on 31 December); without it that is refused.
    """

    column: str
    absent: Literal["blocks", "ignored"] = "blocks"
    same_day: Sentence | None = None


class Changed(Entry):
    """Which columns say by whom, and when, a row was last changed: a mass change of due rows is then refused."""

    by: str | None = None
    on: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.by is None and self.on is None:
            raise ValueError("`changed` names a column in `by` (who), in `on` (when), or in both")
        return self


class PartOf(Entry):
    """This dataset's rows belong to a dossier: `by` maps own columns onto the owner's columns.

    `when_shared`: what happens while a row also serves a record outside the dossier. `blocks`: the dossier stays.
    `stays`: the row stays and the dossier goes without it (the address of two people); only where the owner refers to
    this dataset, so that the row can do without its owner.
    """

    dataset: str
    by: Annotated[dict[str, str], Field(min_length=1)]
    when_shared: Literal["blocks", "stays"] = "blocks"


class Reference(Entry):
    """A reference to a dataset that is not the dossier's owner.

    `keeps`: a surviving row keeps the record it refers to. `clear`: the reference is emptied first. `shared`: the row
    belongs to the record it refers to as well (an appointment of two patients), so neither goes without the other.
    `person`: what the row is to the person whose record it refers to. `own`: theirs. `shared`: theirs and another's.
    `mentions`: it names them (a handler). `brings`: what the record it refers to is to the person whose row this is
    (the address of a customer): `own` or `shared`. `shows`: of a row that is reached by this reference only these
    columns are shown; without it all that are exported.
    """

    dataset: str
    by: Annotated[dict[str, str], Field(min_length=1)]
    when_gone: Literal["keeps", "clear", "shared"] = "keeps"
    person: Literal["own", "shared", "mentions"] | None = None
    brings: Literal["own", "shared"] | None = None
    shows: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _mentions_show_little(self) -> Self:
        if self.person == "mentions" and not self.shows:
            raise ValueError(
                "a row that only mentions the person is another's: `shows` names the columns that are told"
            )
        if self.shows and self.to_person is None and self.brings is None:
            raise ValueError("`shows` says what is told of a row that `person` or `brings` leads to; there is neither")
        return self

    @property
    def to_person(self) -> Literal["own", "shared", "mentions"] | None:
        """What the row is to the person whose record it refers to: said, or because it goes with both."""
        return "shared" if self.person is None and self.when_gone == "shared" else self.person


class OnRequest(Entry):
    """What only a request of one kind is answered with: `shows` these columns and no others.

    Any other answer says that it is there and how to ask for it. `article`: the right to it.
    """

    kind: CaseKind
    shows: Annotated[tuple[str, ...], Field(min_length=1)]
    article: Sentence


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


class PutAway(Entry):
    """A column that says that a row was put away and is still there: any value in it, or one of `values`."""

    column: str
    values: tuple[Scalar, ...] = ()

    def says_so(self, row: Mapping[str, Any]) -> bool:
        """Whether a row was put away."""
        value = row[self.column]
        if self.values:
            return (value.strip() if isinstance(value, str) else value) in self.values
        return any(value) if isinstance(value, bytes) else value not in (None, False, 0, "")


class Dataset(Entry):
    """One table or collection of a system, or the rows of it that `only` names.

    `soft_delete` and `archived`: which column says that a row counts as deleted, or as archived, and is still there.
    `ignored_rows`: why rows of the table that no dataset takes lie outside the register; without it they block.
    `called`: where each row is a tenant itself, the column with its name: so that a letter can say who it is.
    `origin`: how the data of its exported columns came to be, unless one says otherwise (what article 20 turns on).
    `fhir`: as which resource the rows stand in the package's FHIR Bundle. `on_request`: see `OnRequest`.
    """

    name: Annotated[str, Field(pattern=r"^[^#]+$")]  # `dataset#activity` names the columns of a dataset
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
    column_ceilings: dict[str, Ceiling] = {}
    approval: Literal["rule", "each plan"] = "rule"
    soft_delete: PutAway | None = None
    archived: PutAway | None = None
    changed: Changed | None = None
    side_effects: dict[str, Sentence] = {}
    ignored_rows: Sentence | None = None
    fhir: FhirMapping | None = None
    origin: Origin | None = None
    called: str | None = None
    on_request: OnRequest | None = None
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
            away = {n: given[n] for n in ("soft_delete", "archived") if isinstance(given.get(n), str)}
            given |= {name: {"column": column} for name, column in away.items()}
        return given

    @model_validator(mode="after")
    def _names_only_its_columns(self) -> Self:
        named: dict[str, tuple[str, ...]] = {
            "key": self.key,
            "tenant": (self.tenant,) if self.tenant else (),
            "only": tuple(self.only),
            "triggers": tuple(t.column for t in self.triggers),
            "soft_delete": (self.soft_delete.column,) if self.soft_delete else (),
            "archived": (self.archived.column,) if self.archived else (),
            "called": (self.called,) if self.called else (),
            "changed": tuple(c for c in (self.changed.by, self.changed.on) if c) if self.changed else (),
            "part_of.by": tuple(self.part_of.by) if self.part_of else (),
            "references.by": tuple(c for r in self.references for c in r.by),
            **{f"identifies.{k}": v for k, v in self.identifies.columns().items()},
        }
        unknown = [f"{at} names {c!r}" for at, cs in named.items() for c in cs if c not in self.columns]
        if unknown:
            raise ValueError("; ".join(unknown) + f", which is not in columns; known are {sorted(self.columns)}")
        if self.called is not None and self.key != (self.tenant,):
            raise ValueError("`called` names a tenant, and here the key is not the tenant; take it away")
        if self.activity is None and self.part_of is None:
            raise ValueError("a dataset has an `activity` (whose term it follows) or is `part_of` a dossier")
        if self.changed is not None and not self.triggers:
            raise ValueError("`changed` is looked at in rows whose own date is over; the dataset has no `triggers`")
        if self.activity is not None and self.ceiling is None:
            raise ValueError("a dataset with an activity has a `ceiling = { records = …, share = … }`")
        if hidden := sorted(set(self.on_request.shows if self.on_request else ()) - self.exported()):
            raise ValueError(f"on_request names {', '.join(hidden)}, which no export shows")
        if wrong_fhir := wrong_columns(self.fhir, self.exported()):
            raise ValueError(wrong_fhir)
        keeps = {c for at, cs in named.items() for c in cs if not at.startswith(("identifies", "called"))}
        if wrong := keeps & self.treated():
            raise ValueError(
                f"{', '.join(sorted(wrong))}: a key, reference, trigger, tenant or selecting column keeps its value;"
                " take away its `activity` and `at_expiry`"
            )
        treated = sorted(self.treated())
        if self.activity is None and treated:
            raise ValueError(f"{', '.join(treated)}: only a dataset with an `activity` of its own treats columns")
        idle = sorted(self.column_ceilings.keys() - {c.activity for c in self.columns.values()} - {self.activity})
        if idle:
            raise ValueError(f"column_ceilings names {', '.join(idle)}, which no column follows")
        return self

    def exported(self) -> frozenset[str]:
        """The columns that a person gets."""
        return frozenset(n for n, c in self.columns.items() if c.cls is ColumnClass.EXPORT)

    def treated(self) -> frozenset[str]:
        """The columns with a term or a treatment of their own."""
        return frozenset(n for n, c in self.columns.items() if c.activity is not None or c.at_expiry is not None)


class System(Entry):
    """One source system: how to reach it (names of secrets, never values) and what it holds.

    `window`: the hours in which it destroys, in Amsterdam ('22:00-06:00'); without it at any hour. `busy_above`: it
    waits while more sessions of others than this are at work in the source.
    """

    id: str
    title: Sentence
    connector: Literal["sql", "rest", "fhir", "memory", "own"]
    url: SecretName
    token: SecretName | None = None
    db_schema: Annotated[str | None, Field(alias="schema")] = None
    zone: str = "Europe/Amsterdam"
    backup_days: Annotated[int | None, Field(ge=0)] = None
    page_size: Annotated[int, Field(ge=1, le=10_000)] = 200
    backup_kept: Sentence | None = None
    window: Annotated[str, Field(pattern=_WINDOW)] | None = None
    busy_above: Annotated[int, Field(ge=0)] | None = None
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
        if self.window is not None and len(set(self.window.split("-"))) == 1:
            wrong.append("`window` opens and closes at the same moment; leave it out to destroy at any hour")
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
                fixed = sorted(set(link.by.values()) & target.treated())
                wrong += [
                    f"dataset.{link.dataset}.columns.{c} is what {name} refers to: it keeps its value" for c in fixed
                ]
                wrong += [f"dataset.{name}.{at}.by names {link.dataset}.{c}, which has no such column" for c in missing]
                if isinstance(link, Reference):
                    wrong += _shown_wrongly(name, dataset, link, target)
            wrong += self._circle(name)
            wrong += self._cannot_stay(name)
        wrong += wrong_targets({n: d.fhir for n, d in self.datasets.items()})
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

    def _cannot_stay(self, name: str) -> list[str]:
        """A row that stays when its dossier goes must not refer to that dossier."""
        link = self.datasets[name].part_of
        if link is None or link.when_shared == "blocks" or link.dataset not in self.datasets:
            return []
        back = {their: own for own, their in link.by.items()}
        if any(r.dataset == name and r.by == back for r in self.datasets[link.dataset].references):
            return []
        return [
            f"dataset.{name}.part_of.when_shared is 'stays', but {link.dataset!r} has no reference to {name!r} by"
            f" {back}; declare that reference, or write when_shared = 'blocks'"
        ]

    def parts_of(self, owner: str) -> tuple[Dataset, ...]:
        """The datasets whose rows hang directly under `owner`, self references left out."""
        return tuple(d for d in self.datasets.values() if d.part_of and d.part_of.dataset == owner)

    def divided_tables(self) -> dict[str, tuple[Dataset, ...]]:
        """The tables of which each dataset takes a part by `only`, and that may hold no row outside these."""
        shared: dict[str, list[Dataset]] = {}
        for dataset in self.datasets.values():
            shared.setdefault(dataset.table, []).append(dataset)
        return {t: tuple(ds) for t, ds in shared.items() if all(d.only and d.ignored_rows is None for d in ds)}

    def roots(self) -> tuple[Dataset, ...]:
        """The datasets that have a term of their own."""
        return tuple(d for d in self.datasets.values() if d.activity is not None)


def _shown_wrongly(name: str, dataset: Dataset, link: Reference, target: Dataset) -> list[str]:
    """What a reference may not say about persons: a stranger's record as theirs, a column that no export shows."""
    at = f"dataset.{name}.references to {link.dataset!r}"
    wrong: list[str] = []
    if link.dataset == name and (link.person == "own" or link.brings is not None):
        wrong.append(f"{at}: a record of the same dataset is somebody else's; write person = 'shared' or 'mentions'")
    if link.brings == "shared" and target.identifies.columns():
        wrong.append(f"{at}: {link.dataset!r} says itself whose it is; take away `brings`")
    shown = target if link.to_person is None else dataset
    no = [c for c in link.shows if c not in shown.columns or shown.columns[c].cls is not ColumnClass.EXPORT]
    wrong += [f"{at}: `shows` names {c!r}, which {shown.name!r} does not export" for c in no]
    return wrong
