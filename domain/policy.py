"""Which versions of our privacy policy there are, and who is told personally when it changes (AVG 12 to 14)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.activity import Entry, Sentence
from domain.trouble import NotFound


class PolicyVersion(Entry):
    """One version: since when, and what a person is told of what changed, in plain words."""

    version: Annotated[str, Field(pattern=r"^[a-z0-9]+([-.][a-z0-9]+)*$")]
    since: date
    subject: Annotated[str, Field(min_length=10, max_length=100)]
    told: Annotated[str, Field(min_length=80)]
    told_in_english: Annotated[str, Field(min_length=80)]


class Place(Entry):
    """A dataset of the register."""

    system: str
    dataset: str

    @property
    def name(self) -> str:
        """As a rule writes it."""
        return f"{self.system}.{self.dataset}"


class NotTold(Place):
    """A dataset with e-mail addresses whose people are not told by us, and why."""

    because: Sentence


class PolicyChanges(Entry):
    """The versions of the policy, and whom a change touches (register/policy.toml)."""

    version: Annotated[tuple[PolicyVersion, ...], Field(min_length=1)]
    tell: Annotated[tuple[Place, ...], Field(min_length=1)]
    leave: tuple[NotTold, ...] = ()

    @model_validator(mode="after")
    def _each_is_there_once(self) -> Self:
        versions, places = [v.version for v in self.version], [p.name for p in (*self.tell, *self.leave)]
        for what, names in (("version", versions), ("dataset", places)):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"a {what} stands here twice: {', '.join(twice)}")
        return self

    def get(self, version: str) -> PolicyVersion:
        """A version by its name. Raises NotFound with the known ones."""
        for one in self.version:
            if one.version == version:
                return one
        known = ", ".join(v.version for v in self.version)
        raise NotFound("there is no such version of the policy", where="policy.toml", do=f"choose one of: {known}")

    def digest(self, version: str) -> str:
        """What two officers approve: every word that is sent, and to whom. Another word is another digest."""
        said = {"version": self.get(version).model_dump(mode="json"), "tell": [p.name for p in self.tell]}
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Told:
    """How far the telling is: counts per fate of an address, and the places that could not be read.

    `doubtful`: written down before it was sent, and cut off there: it may or may not have arrived.
    """

    version: str
    digest: str
    rehearsal: bool
    sent: int = 0
    before: int = 0
    failed: int = 0
    doubtful: int = 0
    unreadable: tuple[str, ...] = ()
    stopped: str = ""

    @property
    def whole(self) -> bool:
        """Whether everybody who can be told was told."""
        return not (self.failed or self.doubtful or self.unreadable or self.stopped)

    def words(self) -> str:
        """One line, without anybody."""
        verb = "would be told" if self.rehearsal else "told now"
        parts = [f"{self.sent} {verb}", f"{self.before} told before"]
        parts += [f"{n} {what}" for n, what in ((self.failed, "FAILED"), (self.doubtful, "IN DOUBT")) if n]
        parts += [f"not read: {', '.join(self.unreadable)}"] if self.unreadable else []
        return "; ".join([*parts, *([self.stopped] if self.stopped else [])])
