"""The whole register of processing as one value: activities, systems, the ladder, and the organisation that answers.

`register.loader.load_register` is the only place that makes one from files; tests may build one by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from domain.activity import Activity, Entry, Sentence
from domain.consents import Consents
from domain.policy import PolicyChanges
from domain.release import PackagesStay
from domain.rules import RetentionRule, compile_rules
from domain.system import System
from domain.terms import Term
from domain.trouble import NotFound

_MailAddress = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]

#: A term that nobody held against the law for longer than this is named in every check.
CHECKED_EVERY = Term(years=1)


class Officer(Entry):
    """How to reach the data protection officer (functionaris voor de gegevensbescherming, art. 37(7))."""

    title: Sentence
    email: _MailAddress
    address: Sentence


class Supervisor(Entry):
    """The supervisory authority where a person complains (art. 13(2)(d), 15(1)(f) and 77)."""

    name: Sentence
    address: Sentence
    phone: Sentence
    website: Sentence


class Organisation(Entry):
    """Who answers for the register (art. 30(1)(a) and 30(2)(a))."""

    name: Sentence
    trading_as: Sentence
    street: Sentence
    postcode: Annotated[str, Field(pattern=r"^\d{4} [A-Z]{2}$")]
    city: Sentence
    country: Sentence
    email: _MailAddress
    website: Sentence
    officer: Officer
    supervisor: Supervisor
    court: Sentence


@dataclass(frozen=True)
class Register:
    """The declared register of processing. Two registers with the same content have the same digest."""

    activities: Mapping[str, Activity]
    systems: Mapping[str, System]
    organisation: Organisation
    ladder: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Any] = field(default_factory=dict)
    breaches: Mapping[str, Any] = field(default_factory=dict)
    holders: Mapping[str, Any] = field(default_factory=dict)
    packages: Mapping[str, Any] = field(default_factory=dict)
    consents: Consents = field(default_factory=Consents)
    policy: PolicyChanges | None = None
    practices: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that the files say, whatever their layout, order or comments."""
        content = {
            "activities": {k: a.model_dump(mode="json") for k, a in self.activities.items()},
            "systems": {k: s.model_dump(mode="json", by_alias=True) for k, s in self.systems.items()},
            "organisation": self.organisation.model_dump(mode="json"),
            "ladder": dict(self.ladder),
            "lists": dict(self.lists),
            "breaches": dict(self.breaches),
            "holders": dict(self.holders),
            "packages": dict(self.packages),
            "consents": self.consents.model_dump(mode="json"),
            "policy": None if self.policy is None else self.policy.model_dump(mode="json"),
            "practices": dict(self.practices),
        }
        written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
        return hashlib.sha256(written.encode()).hexdigest()

    @property
    def policy_changes(self) -> PolicyChanges:
        """The versions of our privacy policy, and whom a change touches. Raises NotFound where no file says so."""
        if self.policy is None:
            raise NotFound("the register names no version of the policy", where="policy.toml", do="write that file")
        return self.policy

    @cached_property
    def packages_stay(self) -> PackagesStay:
        """How long a sealed package lies in the store. Raises ValidationError where no file of the register says so."""
        return PackagesStay.model_validate(dict(self.packages))

    def rules_on(self, as_of: date) -> list[RetentionRule]:
        """Every retention rule of every system, by the terms in force on `as_of`, in order of system."""
        systems = (self.systems[name] for name in sorted(self.systems))
        return [rule for system in systems for rule in compile_rules(system, self.activities, as_of)]

    def rule(self, name: str, as_of: date) -> RetentionRule:
        """The rule called `system.dataset`, by the terms in force on `as_of`. Raises NotFound naming those known."""
        rules = {rule.name: rule for rule in self.rules_on(as_of)}
        if name not in rules:
            raise NotFound(
                f"the register has no retention rule {name!r} in force on {as_of}",
                do=f"use one of: {', '.join(sorted(rules)) or 'none (no rule is in force then)'}",
            )
        return rules[name]

    def held_in(self, activity: str) -> tuple[tuple[str, str], ...]:
        """The (system, dataset) pairs that follow this activity's term, whole or in columns: where its data is."""
        return tuple(
            (system, name)
            for system in sorted(self.systems)
            for name, dataset in self.systems[system].datasets.items()
            if activity in (dataset.activity, *(c.activity for c in dataset.columns.values()))
        )

    def held_with_parts(self, activity: str) -> tuple[tuple[str, str], ...]:
        """The same with every dataset that is part of one of these and has no activity of its own."""
        held = list(self.held_in(activity))
        for system, name in held:
            if self.systems[system].datasets[name].activity in (None, activity):
                held += [(system, d.name) for d in self.systems[system].parts_of(name) if d.activity is None]
        return tuple(held)

    def policy_served(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Section of the privacy policy → item → ids of the activities that serve it, in alphabetical order."""
        served: dict[str, dict[str, list[str]]] = {}
        for name in sorted(self.activities):
            for line in self.activities[name].policy:
                section, _, item = line.partition(": ")
                served.setdefault(section, {}).setdefault(item, []).append(name)
        return {s: {i: tuple(served[s][i]) for i in sorted(served[s], key=str.casefold)} for s in sorted(served)}


@dataclass(frozen=True, slots=True)
class StaleTerm:
    """A term in force, or still to come, that nobody held against the law in the past year."""

    activity: str
    since: date
    last_checked: date

    def __str__(self) -> str:
        return (
            f"activities/{self.activity}.toml: the term since {self.since} was last checked on {self.last_checked},"
            " over a year ago; hold it against its article, then set last_checked"
        )


def stale_terms(register: Register, as_of: date) -> tuple[StaleTerm, ...]:
    """The terms to check again. What a newer block has replaced by `as_of` no longer needs checking."""
    stale = []
    for name in sorted(register.activities):
        activity = register.activities[name]
        in_force = activity.term_on(as_of)
        for block in activity.term:
            replaced = in_force is not None and block.since < in_force.since
            if not replaced and CHECKED_EVERY.after(block.last_checked) < as_of:
                stale.append(StaleTerm(name, block.since, block.last_checked))
    return tuple(stale)
