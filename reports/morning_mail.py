"""The morning's list as a message: what is late, what presses, what waits, whom to ask now; case numbers only."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP

from domain.asks import Advice
from domain.morning import HolderLine, MorningList, OpenCase
from reports.deadline_list import deadline_list_pdf
from reports.deadlines import leaks
from reports.dutch import day
from reports.escalation import days_said, kind_said

#: So many days before the day we steer on a request stands in the message; the others stand in the list.
PRESSES = 7
_ADVICE = {
    Advice.ASK_NOW: "vraag het nu",
    Advice.ASK_LATE: "vraag het nu; het komt naar verwachting te laat",
    Advice.WILL_BE_LATE: "het antwoord komt naar verwachting te laat: bel",
}


def morning_message(morning: MorningList, *, sender: str, to: str) -> EmailMessage:
    """One message a day; its Message-ID follows from the day, so that sent twice it is one message."""
    message = EmailMessage(policy=SMTP)
    late = len(morning.overdue) + sum(d.days_left < 0 for d in morning.drafts)
    message["Subject"] = f"Ochtendlijst {day(morning.as_of)}: {late} te laat, {_open(morning)}"
    message["From"], message["To"] = sender, to
    message["Message-ID"] = f"<morning.{morning.as_of}@termijn.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(_lines(morning)) + "\n", cte="8bit")
    name = f"deadlines-{morning.as_of}.pdf"
    message.add_attachment(deadline_list_pdf(morning), maintype="application", subtype="pdf", filename=name)
    return message


def _open(morning: MorningList) -> str:
    waiting = f", {_count(len(morning.drafts), 'bericht wacht', 'berichten wachten')}" if morning.drafts else ""
    return f"{_count(len(morning.cases), 'open verzoek', 'open verzoeken')}{waiting}"


def _lines(morning: MorningList) -> Iterable[str]:
    if morning.mailbox:
        yield f"DE PRIVACYMAILBOX IS NIET TE LEZEN: {morning.mailbox}. Daar kunnen verzoeken liggen.\n"
    leaked = [f"{mail} (termijn mail show {mail})" for mail in leaks(morning)]
    yield from _of("Misschien een datalek: kijk vandaag, de 72 uur kunnen lopen (termijn breach new)", leaked)
    yield from _of("Te laat", [_said(c) for c in morning.overdue])
    yield from _of("Binnen een week", [_said(c) for c in morning.cases if 0 <= c.days_left <= PRESSES])
    drafts = [f"{d.mail}: {days_said(d.days_left)}{f' ({d.notes})' if d.notes else ''}" for d in morning.drafts]
    yield from _of("Berichten die niemand heeft opgepakt (termijn mail take-up)", drafts)
    asks = [
        f"{h.case}: {h.holder}, {_ADVICE[Advice(h.advice)]}{_takes(h)}"
        for h in morning.holders
        if h.advice in _ADVICE
    ]  # fmt: skip
    yield from _of("Vraag of bel", asks)
    do = {True: "stuur het door", False: "kijk van wie het is"}
    theirs = [f"{one.case}: {_count(one.days, 'dag', 'dagen')} hier, {do[one.found]}" for one in morning.to_forward]
    yield from _of("Misschien van een praktijk (termijn case practices, forward)", theirs)
    owed = [f"{one.case}: {one.letter} ({one.stands})" for one in morning.letters]
    yield from _of("Brieven die nog weg moeten", owed)
    lost = [e.case for e in morning.escalations if not e.sent] + [d.mail for d in morning.drafts if d.trouble]
    lost += [h.case for h in morning.holders if h.trouble]
    yield from _of("Een bericht van ons ging niet weg", lost)
    if morning.set_aside:
        yield f"Een regel legde deze week {_count(morning.set_aside, 'bericht', 'berichten')} weg: kijk ze door.\n"
    yield "De hele lijst, met een grafiek, zit bij dit bericht."


def _of(title: str, lines: list[str]) -> Iterable[str]:
    if lines:
        yield from (f"{title}:", *(f"  {line}" for line in lines), "")


def _said(case: OpenCase) -> str:
    paused = ", de klok staat stil" if case.paused else ""
    if case.unpaused != case.promise:
        paused += f"; zonder onderbreking {day(case.unpaused)}"
    return f"{case.case} ({kind_said(case.kind)}, {case.state}): {days_said(case.days_left)}{paused}"


def _takes(line: HolderLine) -> str:
    """How long it usually takes, and how long there is."""
    if not line.usually:
        return ""
    there_is = "" if line.left is None else f", u heeft er {max(line.left, 0)}"
    return f" (duurt meestal {line.usually} dagen{there_is})"


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
