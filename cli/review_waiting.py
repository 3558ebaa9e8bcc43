"""Which passages of a review are still to be asked, and in which order; undoing puts back just what it undoes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.passages import Place
    from tasks.review import Group


@dataclass(slots=True)
class Waiting:
    """The passages still to be asked, by group: those in their turn, and those skipped."""

    groups: Sequence[Group]
    open: list[tuple[Place, ...]]
    turn: list[int]
    skipped: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, groups: Sequence[Group]) -> Waiting:
        """All of them, in their order."""
        return cls(groups, [g.places for g in groups], list(range(len(groups))))

    @property
    def left(self) -> int:
        """How many passages nobody decided yet."""
        return sum(map(len, self.open))

    def shown(self) -> Group:
        """The group whose turn it is, with what is open of it."""
        return self.groups[self.turn[0]].only(self.open[self.turn[0]])

    def skip(self) -> None:
        """Ask the group whose turn it is later."""
        self.skipped.append(self.turn.pop(0))

    def go_back(self) -> None:
        """Ask first what was skipped."""
        self.turn, self.skipped = [*self.skipped, *self.turn], []

    def take(self, number: int) -> tuple[int, tuple[Place, ...]]:
        """The first `number` places of the group whose turn it is: no longer open. Its index, and they."""
        n = self.turn[0]
        taken, self.open[n] = self.open[n][:number], self.open[n][number:]
        if not self.open[n]:
            self.turn.pop(0)
        return n, taken

    def put_back(self, n: int, places: tuple[Place, ...]) -> None:
        """These places of group `n` are open again, and it is its turn."""
        self.open[n] = (*places, *self.open[n])
        self.skipped = [other for other in self.skipped if other != n]
        self.turn = [n, *(other for other in self.turn if other != n)]
