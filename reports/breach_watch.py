"""What the office reads of a breach under way: a number, hours and what is asked; never what happened."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from domain.breach_ladder import HourClimb
from domain.breach_morning import BreachWatch, OwedNotice
from reports.dutch import moment

_WHOM = {"authority": "de Autoriteit Persoonsgegevens", "controller": "de praktijk", "persons": "de betrokkenen"}


def breach_alarm(notice: OwedNotice, climb: HourClimb, *, sender: str, to: Sequence[str]) -> EmailMessage:
    """One message; its Message-ID follows from breach and rung, so that a message sent twice is one message."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"Datalek {notice.breach}: {_hours(climb.hours_left)}"
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{notice.breach}.{climb.key}@termijn.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    proposed = (
        "\nHet is een voorstel: bevestig het of wijs het af. De klok loopt al." if notice.state == "proposed" else ""
    )
    limit = moment(notice.limit) if notice.limit else "zonder vertraging"
    message.set_content(
        f"Datalek {notice.breach}: melding aan {_WHOM[notice.whom]} ({notice.article}).{proposed}\n\n"
        f"Uiterlijk: {limit}\n"
        f"Stand:     {_DUTY[notice.duty]}\n\n"
        f"Wat nu: {climb.asks}\n\n"
        f"Bekijk het met: termijn breach show {notice.breach}\n",
        cte="8bit",
    )
    return message


_DUTY = {
    "owed": "nog niet gemeld",
    "begun": "eerste deel gemeld, de rest volgt",
    "undecided": "nog niet beslist",
    "told": "gemeld",
    "not needed": "niet nodig",
}


def breaches_markdown(watch: BreachWatch) -> str:
    """The open breaches as a page for the DPO's screen."""
    lines = ["# Data breaches under way", ""]
    if not watch.notices:
        return "\n".join([*lines, "None.", ""])
    lines += [f"- **{n.breach} {n.whom}: the message did not leave** ({n.trouble})" for n in watch.climbed if n.trouble]
    lines += ["", "| breach | state | tell | by | hours left | stands | told today |", "|---|---|---|---|--:|---|---|"]
    for n in watch.notices:
        limit = f"{n.limit:%Y-%m-%d %H:%M %z}" if n.limit else "–"
        left = "–" if n.hours_left is None else f"**{n.hours_left}**" if n.hours_left < 0 else n.hours_left
        lines.append(
            f"| {n.breach} | {n.state} | {n.whom} ({n.article}) | {limit} | {left} | {n.duty} | {n.rung or ''} |"
        )
    return "\n".join(lines) + "\n"


def _hours(left: int) -> str:
    if left < 0:
        return f"{-left} uur te laat"
    return f"nog {left} uur"
