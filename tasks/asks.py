"""The verbs for those who hold data we cannot search: ask, remind, and say how long they usually take."""

from __future__ import annotations

from collections.abc import Mapping

from domain.asks import Ask, HolderLadder, Usual, advise, usual_days
from domain.climbing import Chase, climb_silence
from domain.evidence import Entry, Fact
from domain.morning import HolderLine, MorningList, OpenCase
from domain.practices import ASKED_AS
from domain.trouble import NotFound
from ledger.rungs import Delivery
from tasks.careful import careful
from tasks.destroy import BY
from tasks.office import Office, open_office
from tasks.post import addresses, send


def holder_ladder(office: Office) -> HolderLadder:
    """The holders of the register, and how a silent one is reminded."""
    return HolderLadder.model_validate(office.register.holders)


def check_holder(office: Office, holder: str) -> None:
    """Raise NotFound unless the register knows this holder."""
    known = [h.id for h in holder_ladder(office).holder]
    if holder not in known:
        raise NotFound(f"the register has no holder {holder!r}", do=f"choose one of: {', '.join(known)}")


@careful
def chase_holders(morning: MorningList) -> MorningList:
    """Remind silent holders by `register/holders.toml`: record, then send. Say which to ask now. Closes nothing."""
    with open_office() as office:
        ladder = holder_ladder(office)
        asks = office.ledger.asks.list_asks()
        usual, open_cases = usual_days(asks), {c.case: c for c in morning.cases}
        waiting = [a for a in asks if _waits(a, open_cases, morning)]
        lines = [_chase(office, ladder, a, open_cases[a.case], usual.get(a.holder), morning) for a in waiting]
        asked = {(a.case, a.holder) for a in asks}
        lines += [
            line
            for case in morning.cases
            for holder in ladder.holder
            if (case.case, holder.id) not in asked
            and (line := _not_asked(case, holder.id, usual.get(holder.id), morning)) is not None
        ]
    return morning.model_copy(update={"holders": tuple(lines)})


def _waits(ask: Ask, open_cases: Mapping[str, OpenCase], morning: MorningList) -> bool:
    """Practices have a ladder of their own: see `tasks.forwarding`."""
    here = ask.case in open_cases and ask.asked_on <= morning.as_of
    return here and ask.answered_on is None and not ask.holder.startswith(ASKED_AS)


def _not_asked(case: OpenCase, holder: str, usual: Usual | None, morning: MorningList) -> HolderLine | None:
    if usual is None:
        return None
    advice = advise(usual, None, steer_on=case.steer_on, as_of=morning.as_of)
    if advice is None:
        return None
    return HolderLine(
        case=case.case, holder=holder, advice=advice.value, usually=usual.half, mostly=usual.most, left=case.days_left
    )


def _chase(
    office: Office, ladder: HolderLadder, ask: Ask, case: OpenCase, usual: Usual | None, morning: MorningList
) -> HolderLine:
    advice = advise(usual, ask.asked_on, steer_on=case.steer_on, as_of=morning.as_of)
    shown = HolderLine(
        case=ask.case,
        holder=ask.holder,
        advice="" if advice is None else advice.value,
        asked_on=ask.asked_on,
        days_waiting=(morning.as_of - ask.asked_on).days,
        usually=usual.half if usual else None,
        mostly=usual.most if usual else None,
        left=case.days_left,
    )
    already = office.ledger.asks.rungs_of(ask.case, ask.holder)
    chase = climb_silence(ladder, ask.asked_on, morning.as_of, already)
    if chase is None:
        return shown
    trouble = climb_rung(office, shown, chase)
    return shown.model_copy(update={"rung": chase.key, "sent": trouble is None, "trouble": trouble})


def climb_rung(office: Office, shown: HolderLine, chase: Chase) -> str | None:
    """Record a rung, then send it; what went wrong, if anything. Once per rung, whoever runs beside us."""
    from reports import holder_reminder

    book, told = office.ledger.asks, list[Fact](role.value for role in chase.told)
    for covered in chase.covers:
        book.climb(shown.case, shown.holder, rung=covered, entry=Entry("ask.covered", BY, case=shown.case))
    entry = Entry("ask.escalated", BY, case=shown.case, facts={"told": told})
    if not book.climb(shown.case, shown.holder, rung=chase.key, entry=entry):
        return None  # another run climbed it meanwhile
    to = addresses(office, chase.told)
    mail = holder_reminder(shown, chase, sender=office.settings.mail_from, to=to)
    trouble = send(office, mail, f"{shown.case}-{shown.holder}-{chase.key}")
    state = Delivery.SENT if trouble is None else Delivery.FAILED
    done = Entry("ask.settled", BY, case=shown.case, facts={"sent": trouble is None})
    book.settle(shown.case, shown.holder, rung=chase.key, state=state, entry=done)
    return trouble
