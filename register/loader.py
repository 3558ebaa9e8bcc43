"""How the register is read from its files: whole, or not at all, with every error of every file at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from domain.activity import Activity
from domain.asks import HolderLadder
from domain.breach_ladder import BreachLadder
from domain.chasing import ListLadder
from domain.consents import Consents
from domain.ladder import Ladder
from domain.policy import PolicyChanges
from domain.practices import PracticeBook
from domain.register import Organisation, Register, stale_terms
from domain.release import PackagesStay
from domain.rules import compile_rules
from domain.system import System
from domain.trouble import RegisterInvalid
from register.consents import places_not_there, troubles_of
from register.tenants import second_tenants
from register.wording import did_you_mean, dotted, explain, shown

#: The register that comes with the program: 12Care's own.
PACKAGED = Path(__file__).parent

_FILE_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*\Z")

_Model = TypeVar(
    "_Model",
    Activity,
    System,
    Organisation,
    Ladder,
    ListLadder,
    BreachLadder,
    HolderLadder,
    PackagesStay,
    Consents,
    PolicyChanges,
    PracticeBook,
)


@dataclass
class _Reading:
    """What one directory gave so far: tables by file, and the errors found in them."""

    directory: Path
    errors: list[str] = field(default_factory=list)
    instead: Path | None = None

    def wrong(self, file: str, key: str, what: str) -> None:
        line = f"{file}: {key}: {what}" if key else f"{file}: {what}"
        if line not in self.errors:
            self.errors.append(line)


def load_register(directory: Path | None = None, *, as_of: date | None = None, instead: Path | None = None) -> Register:
    """Read the register in `directory`; None is the packaged one of 12Care.

    `instead`: a file of an activity or a system that takes the place of the one with its name, or is added.

    A directory of its own holds `activities/*.toml` and `systems/*.toml`; `organisation.toml`, `ladder.toml`,
    `lists.toml`, `breaches.toml`, `holders.toml`, `packages.toml` and `practices.toml` fall back to the packaged ones;
    `consents.toml` and `policy.toml` do not, for they name systems.
    Every rule is compiled for the first day of each term and for `as_of` (by default the latest `last_checked`), so
    that a register that loads can be planned with. Raises RegisterInvalid with one line per error.
    """
    reading = _Reading(PACKAGED if directory is None else directory, instead=instead)
    if not reading.directory.is_dir():
        raise RegisterInvalid(
            "the register's directory does not exist",
            where=str(reading.directory),
            do="give a directory that holds activities/ and systems/, or none for the packaged register",
        )
    activity_tables = _read_folder(reading, "activities")
    system_tables = _read_folder(reading, "systems")
    activities = _build_all(reading, "activities", activity_tables, Activity)
    systems = _build_all(reading, "systems", system_tables, System)
    organisation = _build_all(reading, "", _read_own_or_packaged(reading, "organisation"), Organisation)
    ladder = _read_own_or_packaged(reading, "ladder", needed=False)
    _build_all(reading, "", ladder, Ladder)
    lists = _read_own_or_packaged(reading, "lists")
    _build_all(reading, "", lists, ListLadder)
    breaches = _read_own_or_packaged(reading, "breaches")
    _build_all(reading, "", breaches, BreachLadder)
    holders = _read_own_or_packaged(reading, "holders")
    _build_all(reading, "", holders, HolderLadder)
    packages = _read_own_or_packaged(reading, "packages")
    _build_all(reading, "", packages, PackagesStay)
    consents = _build_all(reading, "", _read_own(reading, "consents"), Consents).get("consents", Consents())
    policy = _build_all(reading, "", _read_own(reading, "policy"), PolicyChanges).get("policy")
    practices = _read_own_or_packaged(reading, "practices")
    _build_all(reading, "", practices, PracticeBook)
    _check_activities_exist(reading, system_tables, sorted(p.stem for p in _files(reading, "activities")))
    _check_nothing_is_there_twice(reading, activities, systems)
    whole = len(systems) == len(system_tables) and len(activities) == len(activity_tables)
    for key, what in troubles_of(consents, activities, systems) if whole else ():
        reading.wrong("consents.toml", key, what)
    for name, key, what in second_tenants(activities, systems) if whole else ():
        reading.wrong(f"systems/{name}.toml", key, what)
    for key, what in places_not_there(policy, systems) if whole and policy else ():
        reading.wrong("policy.toml", key, what)
    if not reading.errors:
        _check_rules_compile(reading, activities, systems, as_of)
    if reading.errors:
        raise RegisterInvalid(
            f"{len(reading.errors)} error{'s' if len(reading.errors) > 1 else ''} in the register, nothing is loaded:\n"
            + "\n".join(f"  {line}" for line in reading.errors),
            where=str(directory) if directory is not None else "the packaged register",
            do="mend every line above, then run `termijn register check`",
        )
    return Register(
        activities,
        systems,
        organisation["organisation"],
        ladder.get("ladder", {}),
        lists["lists"],
        breaches["breaches"],
        holders["holders"],
        packages["packages"],
        consents,
        policy,
        practices=practices["practices"],
    )


def load_activities(directory: Path | None = None) -> dict[str, Activity]:
    """Only the activities of a register: what a lawyer edits can be checked before any system is described."""
    reading = _Reading(PACKAGED if directory is None else directory)
    activities = _build_all(reading, "activities", _read_folder(reading, "activities"), Activity)
    if reading.errors:
        raise RegisterInvalid("\n" + "\n".join(f"  {e}" for e in reading.errors), do="mend every line above")
    return activities


# Reading files


def _files(reading: _Reading, folder: str) -> list[Path]:
    found = {path.name: path for path in (reading.directory / folder).glob("*.toml")}
    if reading.instead is not None and _folder_of(reading.instead) == folder:
        found[reading.instead.name] = reading.instead
    return [found[name] for name in sorted(found)]


def _folder_of(path: Path) -> str:
    """Where a file of the register belongs by what it says; what cannot be read is told as an activity's error."""
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return "systems" if path.parent.name == "systems" else "activities"
    return "systems" if {"connector", "dataset"} & table.keys() else "activities"


def _read_folder(reading: _Reading, folder: str) -> dict[str, dict[str, Any]]:
    """The tables of `folder`, by file name; a file that cannot be read is an error and left out."""
    paths = _files(reading, folder)
    if not paths:
        reading.wrong(f"{folder}/", "", f"no .toml file found; a register has at least one in {folder}/")
    tables = {path.stem: _read(reading, path, f"{folder}/{path.name}") for path in paths}
    for name in tables:
        if _FILE_NAME.match(name) is None:
            reading.wrong(
                f"{folder}/{name}.toml", "", "the file's name is its id: lower case letters, digits, - and _ only"
            )
    return {name: table for name, table in tables.items() if table is not None}


def _read_own_or_packaged(reading: _Reading, name: str, *, needed: bool = True) -> dict[str, dict[str, Any]]:
    own = reading.directory / f"{name}.toml"
    path = own if own.exists() else PACKAGED / f"{name}.toml"
    if not path.exists():
        if needed:
            reading.wrong(f"{name}.toml", "", "the file is missing, and there is no packaged one")
        return {}
    table = _read(reading, path, f"{name}.toml")
    return {} if table is None else {name: table}


def _read_own(reading: _Reading, name: str) -> dict[str, dict[str, Any]]:
    """What names systems of one register is never borrowed from another; without the file there is nothing."""
    path = reading.directory / f"{name}.toml"
    table = _read(reading, path, f"{name}.toml") if path.exists() else None
    return {} if table is None else {name: table}


def _read(reading: _Reading, path: Path, file: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        reading.wrong(file, "", f"this is not TOML: {error}")
    except UnicodeDecodeError as error:
        reading.wrong(file, "", f"byte {error.start} is not UTF-8; save the file as UTF-8")
    except OSError as error:
        reading.wrong(file, "", f"the file cannot be read ({error.strerror}); check its rights")
    return None


# Building values from tables


def _build_all(
    reading: _Reading, folder: str, tables: Mapping[str, dict[str, Any]], model: type[_Model]
) -> dict[str, _Model]:
    built: dict[str, _Model] = {}
    for name, table in tables.items():
        file = f"{folder}/{name}.toml" if folder else f"{name}.toml"
        given = table
        if "id" in model.model_fields:
            given = {"id": name, **table}
            if given["id"] != name:
                reading.wrong(file, "id", f"the file is called {name}.toml; leave `id` out, or make it {name!r}")
        try:
            built[name] = model.model_validate(given)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_context=True):
                reading.wrong(file, dotted(detail["loc"], given), explain(model, detail))
    return built


# Holding the files against each other


def _check_activities_exist(
    reading: _Reading, systems: Mapping[str, dict[str, Any]], activities: Sequence[str]
) -> None:
    """Asked of the raw tables, so that one broken file hides no error of another."""
    for file, key, activity in _named_activities(systems):
        if activity not in activities:
            reading.wrong(
                file,
                key,
                f"found {shown(activity)}, and activities/ has no such file.{did_you_mean(activity, activities)}",
            )


def _named_activities(systems: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for system, table in systems.items():
        datasets = table.get("dataset")
        for name, dataset in datasets.items() if isinstance(datasets, dict) else ():
            if not isinstance(dataset, dict):
                continue
            columns = dataset.get("columns")
            inside = {f"columns.{c}.": d for c, d in columns.items()} if isinstance(columns, dict) else {}
            for place, entry in {"": dataset, **inside}.items():
                if isinstance(entry, dict) and isinstance(entry.get("activity"), str):
                    yield f"systems/{system}.toml", f"dataset.{name}.{place}activity", entry["activity"]


def _check_nothing_is_there_twice(
    reading: _Reading, activities: Mapping[str, Activity], systems: Mapping[str, System]
) -> None:
    """Two activities under one title confuse a person; two datasets over the same rows destroy twice."""
    titles: dict[str, str] = {}
    for name, activity in activities.items():
        first = titles.setdefault(activity.title, name)
        if first != name:
            reading.wrong(f"activities/{name}.toml", "title", f"activities/{first}.toml has the same title")
    for system in systems.values():
        rows: dict[str, str] = {}
        for dataset in system.datasets.values():
            same = repr((dataset.table, sorted(dataset.only.items()), dataset.part_of))
            first = rows.setdefault(same, dataset.name)
            if first != dataset.name:
                reading.wrong(
                    f"systems/{system.id}.toml",
                    f"dataset.{dataset.name}",
                    f"these are the same rows as dataset.{first}: same table, same `only`; tell them apart with `only`",
                )


def _check_rules_compile(
    reading: _Reading, activities: Mapping[str, Activity], systems: Mapping[str, System], as_of: date | None
) -> None:
    blocks = [block for activity in activities.values() for block in activity.term]
    days = {block.since for block in blocks} | {as_of or max(block.last_checked for block in blocks)}
    for system in systems.values():
        for day in sorted(days):
            try:
                compile_rules(system, activities, day)
            except RegisterInvalid as error:
                file, _, key = error.where.partition(" ")
                reading.wrong(f"systems/{file}", key, f"{error.what}; {error.do}")


__all__ = ["PACKAGED", "load_activities", "load_register", "stale_terms"]
