"""The calendar as text: JSON for machines, Markdown for the DPO's screen, and the sentences that every form shares."""

from __future__ import annotations

from datetime import date

import orjson
from babel.dates import format_date

from domain.calendar import Calendar
from reports.dutch import count, day

#: What a reader must know before counting on these numbers.
NOTES = (
    "Elke maand telt de dossiers waarvan de termijn in die maand voorbijgaat, naar de stand van vandaag in de systemen "
    "en volgens de termijnen die op de laatste dag van die maand gelden.",
    "Bevriezingen (bewaarverboden, open verzoeken) en de grenzen per nacht tellen niet mee: die kent niemand vooraf. "
    "Een dossier zonder bruikbare datum telt nergens mee.",
)
_TAKEN_BACK = "Een min betekent: dan gaat een langere termijn in, en zijn deze dossiers niet meer aan de beurt."


def calendar_json(calendar: Calendar) -> bytes:
    """The calendar: per rule what is due now and what falls due in each month; two spaces, keys sorted."""
    body = {
        "as_of": calendar.as_of,
        "systems": calendar.systems,
        "months": [f"{end:%Y-%m}" for end in calendar.month_ends],
        "rules": [
            {
                "rule": f.rule,
                "activity": f.activity,
                "action": f.action,
                "due_now": f.due_now,
                "falls_due": f.falls_due,
            }
            for f in calendar.rules
        ],
        "total": {"due_now": calendar.total.due_now, "falls_due": calendar.total.falls_due},
        "unreadable": [u.model_dump() for u in calendar.unreadable],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def calendar_markdown(calendar: Calendar) -> str:
    """The page of a calendar, per activity, without a person in it."""
    heads = ["nu al", *(month(end) for end in calendar.month_ends), "samen"]
    lines = [f"# {title(calendar)}", "", *notes(calendar), ""]
    lines += [f"**{u.where} is niet gelezen**: {u.reason}" for u in calendar.unreadable]
    lines += ["", f"| activiteit | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads)]
    for row in (*calendar.by_activity, calendar.total):
        counts = [count(n) for n in (row.due_now, *row.falls_due, row.total)]
        lines.append(f"| {row.title or '**samen**'} | {' | '.join(counts)} |")
    return "\n".join(lines) + "\n"


def title(calendar: Calendar) -> str:
    """'Kalender vanaf 23 november 2026'."""
    return f"Kalender vanaf {day(calendar.as_of)}"


def notes(calendar: Calendar) -> list[str]:
    """What a reader must know; the meaning of a minus only where there is one."""
    minus = any(n < 0 for f in calendar.rules for n in f.falls_due)
    return [*NOTES, *([_TAKEN_BACK] if minus else [])]


def month(end: date) -> str:
    """'nov 26'."""
    return format_date(end, "MMM yy", locale="nl_NL").replace(".", "")
