"""What the opt-in register says: for which purposes consent is asked, and how one person's consent stands (AVG 7).

The register is append-only; how a consent stands follows from all that was stated. On one day a withdrawal outweighs a
giving: where nobody knows which came first, we act as if the person said no.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.system import Scalar
from domain.trouble import NotFound, Refused

_Version = Annotated[str, Field(pattern=r"^[a-z0-9]+([-.][a-z0-9]+)*$")]


class ConsentText(Entry):
    """The words that somebody said yes to. A new wording is a new block; what was shown then can be shown for ever."""

    version: _Version
    since: date
    language: str = "nl"
    text: Annotated[str, Field(min_length=20)]

    @property
    def digest(self) -> str:
        """SHA-256 of the words: what a giving names, so that no later edit passes for what was shown."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Stop(Entry):
    """Records that rested on the consent: on withdrawal `day` gets the day of it, `sets` gets these values.

    `only`: of a table of many purposes, the rows of this one.
    """

    system: str
    dataset: str
    only: dict[str, Scalar] = {}
    day: tuple[str, ...] = ()
    sets: dict[str, Scalar] = {}

    @property
    def place(self) -> str:
        """Where these records are."""
        return f"{self.system}.{self.dataset}"

    @model_validator(mode="after")
    def _writes_something(self) -> Self:
        if not self.day and not self.sets:
            raise ValueError("a stop says what is written: columns in `day`, or values in `sets`")
        return self


class Held(Entry):
    """Where a system of before this register says who agreed: the day of giving, of withdrawal and of its end."""

    system: str
    dataset: str
    only: dict[str, Scalar] = {}
    given: str
    withdrawn: str | None = None
    expires: str | None = None


class Objections(Entry):
    """Where a system keeps whom not to approach; everybody in it objected."""

    system: str
    dataset: str


class Purpose(Entry):
    """One thing that consent is asked for (register/consents.toml)."""

    title: Sentence
    activity: str
    marketing: bool = False
    recipients: tuple[Sentence, ...] = ()
    stops: tuple[Stop, ...] = ()
    held: tuple[Held, ...] = ()
    text: Annotated[tuple[ConsentText, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_version_is_one_text(self) -> Self:
        versions = [t.version for t in self.text]
        if len(set(versions)) < len(versions):
            raise ValueError("two texts have one version; give a changed text a version of its own")
        return self

    def text_on(self, day: date, language: str = "nl") -> ConsentText:
        """The words that were shown on a day. Raises NotFound where none was in force yet."""
        known = [t for t in self.text if t.since <= day and t.language == language]
        if not known:
            raise NotFound("no text was in force on that day", where=self.title, do="look: termijn consent texts")
        return max(known, key=lambda t: t.since)

    def text_of(self, version: str) -> ConsentText:
        """The words of one version. Raises NotFound with the known ones."""
        for one in self.text:
            if one.version == version:
                return one
        known = ", ".join(t.version for t in self.text)
        raise NotFound("there is no text of that version", where=self.title, do=f"choose one of: {known}")


class Consents(Entry):
    """Every purpose, by its name, and where systems keep who objected."""

    purpose: dict[str, Purpose] = {}
    objections: tuple[Objections, ...] = ()

    def get(self, name: str) -> Purpose:
        """A purpose by its name. Raises NotFound with the known ones."""
        if name not in self.purpose:
            known = ", ".join(sorted(self.purpose)) or "none; write register/consents.toml"
            raise NotFound("the register asks no consent for that", where="purpose", do=f"choose one of: {known}")
        return self.purpose[name]


class Act(StrEnum):
    """What a person stated."""

    GIVEN = "given"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class Capacity(StrEnum):
    """As whom they stated it."""

    SELF = "self"
    PARENT = "parent"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One line of the opt-in register, without the person: it stands in the ledger as a number and a day."""

    number: str
    purpose: str
    act: Act
    on: date
    channel: str
    capacity: Capacity = Capacity.SELF
    version: str = ""
    digest: str = ""
    recipients: tuple[str, ...] = ()
    expires_on: date | None = None
    case: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a consent stands on a day. `ended_on`: from which day nothing rests on it any more."""

    purpose: str
    stands: bool
    last: Statement
    ended_on: date | None


def check_said(on: date, channel: str, today: date, *, where: str) -> None:
    """Raise Refused where it was said on a day to come, or the channel says more than how: it is kept in clear."""
    if on > today:
        raise Refused("that day has yet to come", where=where, do="give the day on which it was said")
    if not channel.strip() or len(channel) > 60 or "@" in channel:
        told = "it says not how it was stated, or more than that"
        raise Refused(told, where=where, do="say: website, mail M2026-0001, letter")


def check_statement(one: Statement, before: Iterable[Statement], today: date) -> None:
    """Raise Refused where the statement cannot be right. A withdrawal is never refused: whoever says no is heard."""
    check_said(one.on, one.channel, today, where=f"consent for {one.purpose}")
    wrong = do = ""
    if one.act is not Act.WITHDRAWN and not (one.version and one.digest):
        wrong, do = "who agrees, agrees to words", "name the version of the text that was shown"
    elif one.expires_on is not None and one.expires_on <= one.on:
        wrong, do = "it would end before it began", "correct the last day"
    elif one.act is Act.CHANGED and not any(s.act is not Act.WITHDRAWN for s in before):
        wrong, do = "nothing was given that can be changed", "record it as given"
    if wrong:
        raise Refused(wrong, where=f"consent for {one.purpose}", do=do)


def standings(statements: Iterable[Statement], as_of: date) -> Mapping[str, Standing]:
    """How each purpose stands on a day, from all that one person stated, in whatever order it was written down."""
    by_purpose: dict[str, list[Statement]] = {}
    for one in statements:
        if one.on <= as_of:
            by_purpose.setdefault(one.purpose, []).append(one)
    return {purpose: _standing(purpose, said, as_of) for purpose, said in sorted(by_purpose.items())}


def _standing(purpose: str, said: list[Statement], as_of: date) -> Standing:
    last = max(said, key=lambda s: (s.on, s.act is Act.WITHDRAWN, s.number))
    if last.act is Act.WITHDRAWN:
        return Standing(purpose, False, last, last.on)
    over = last.expires_on is not None and last.expires_on < as_of
    return Standing(purpose, not over, last, last.expires_on if over else None)
