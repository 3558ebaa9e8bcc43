"""What the DPO sees each morning: every open request by what presses most. Case numbers only."""

from __future__ import annotations

from datetime import date

from domain.activity import Entry


class OpenCase(Entry):
    """One open request. `steer_on` is the day to plan on; days left are counted to it and may be negative."""

    case: str
    kind: str
    state: str
    handler: str
    received: date
    promise: date
    law: date
    law_shifted: date
    extended: date | None
    unpaused: date
    paused: bool
    steer_on: date
    days_left: int
    rung: str | None = None


class Escalation(Entry):
    """One rung climbed this morning: which case, which roles were told, and whether the message left."""

    case: str
    rung: str
    roles: tuple[str, ...]
    sent: bool
    trouble: str | None = None


class OpenDraft(Entry):
    """One message that nobody took up yet: its clock runs since it came. `notes`: what a person should look at."""

    mail: str
    asks: tuple[str, ...]
    notes: str
    received: date
    steer_on: date
    law: date
    days_left: int
    rung: str | None = None
    sent: bool = False
    trouble: str | None = None


class HolderLine(Entry):
    """What one holder of data still owes one case, or should be asked now: days only, ids only.

    `usually`, `mostly`: how many days it takes, by our own past; `left`: how many there are to the day we steer on.
    """

    case: str
    holder: str
    advice: str
    asked_on: date | None = None
    days_waiting: int | None = None
    usually: int | None = None
    mostly: int | None = None
    left: int | None = None
    rung: str | None = None
    sent: bool = False
    trouble: str | None = None


class LetterLine(Entry):
    """A letter to a person that is owed and not on its way: which one, and how it stands."""

    case: str
    letter: str
    stands: str


class ForwardLine(Entry):
    """A request that may be a practice's to answer, so many days after it came. `found`: a practice decides over it."""

    case: str
    days: int
    found: bool


class MorningList(Entry):
    """The list of one morning, most pressing first. `set_aside`: messages of the last week that a rule set aside.

    `mailbox`: why the privacy mailbox cannot be read, where it cannot: requests may be lying there.
    """

    as_of: date
    cases: tuple[OpenCase, ...]
    escalations: tuple[Escalation, ...] = ()
    holders: tuple[HolderLine, ...] = ()
    letters: tuple[LetterLine, ...] = ()
    drafts: tuple[OpenDraft, ...] = ()
    to_forward: tuple[ForwardLine, ...] = ()
    set_aside: int = 0
    mailbox: str = ""

    @property
    def overdue(self) -> tuple[OpenCase, ...]:
        """The cases whose steering day has passed."""
        return tuple(c for c in self.cases if c.days_left < 0)
