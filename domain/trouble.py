"""Everything that can go wrong, in words that say what to do and never name a person.

Expected trouble is a value (`Refusal`, `Unreadable`) that reaches the report. Trouble that makes going on
pointless is a `TermijnError`. The docstring of each error is its exit code's explanation in `termijn --help`.
"""

from __future__ import annotations

from dataclasses import dataclass


class TermijnError(Exception):
    """The program could not do what was asked; nothing was destroyed and nothing was lost."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", do: str) -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(f"{where + ': ' if where else ''}{what}\n  -> {do}")


class RegisterInvalid(TermijnError):
    """The register does not load: every error of every file is listed."""

    exit_code = 3


class Refused(TermijnError):
    """A guard, a rule or a missing approval forbids this; the message says which."""

    exit_code = 4


class SourceUnreadable(TermijnError):
    """A source system does not answer, or no longer looks like the register says."""

    exit_code = 5


class NotFound(TermijnError):
    """The case, hold, plan, system, dataset or record asked for does not exist."""

    exit_code = 6


class LedgerBroken(TermijnError):
    """The ledger's chain, a leaf or an encrypted column does not verify."""

    exit_code = 7


class NotConfirmed(TermijnError):
    """A source said it destroyed records, and a second look still found them."""

    exit_code = 8


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that destroys nothing tonight: by which guard, why, and what mends it."""

    rule: str
    guard: str
    reason: str
    do: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A system that did not answer, or that drifted from its register; its rules destroy nothing."""

    system: str
    reason: str
    do: str
