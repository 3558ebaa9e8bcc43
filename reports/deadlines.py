"""The morning's list as text: JSON for machines, Markdown for the DPO's screen in Prefect."""

from __future__ import annotations

import orjson

from domain.intake import Ask
from domain.morning import ForwardLine, HolderLine, MorningList, OpenCase, OpenDraft


def deadline_list_json(morning: MorningList) -> bytes:
    """The list: two spaces, keys sorted, one newline at the end."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(morning.model_dump(mode="json"), option=options)


def left(one: OpenCase | OpenDraft) -> str:
    """Days left, or how long it is overdue, in words."""
    if one.days_left < 0:
        return f"{-one.days_left} OVERDUE"
    return "today" if one.days_left == 0 else str(one.days_left)


def unread(morning: MorningList) -> str:
    """That the privacy mailbox cannot be read, and why; empty where it can."""
    return (
        f"The privacy mailbox cannot be read: {morning.mailbox}. Requests may be lying there."
        if morning.mailbox
        else ""
    )


def leaks(morning: MorningList) -> tuple[str, ...]:
    """The messages that may tell of a data breach: AVG 33 counts hours from when somebody knows."""
    return tuple(d.mail for d in morning.drafts if Ask.BREACH in d.asks)


def leak_said(mail: str) -> str:
    """That a message may be about a breach, and what to do."""
    return f"{mail} may be about a data breach: look today, the 72 hours may run (termijn mail show, breach new)."


def waiting(morning: MorningList) -> str:
    """How many messages wait for somebody, and how many a rule set aside; empty where there are none of either."""
    said = f"{len(morning.drafts)} messages wait for somebody to take them up." if morning.drafts else ""
    aside = f"{morning.set_aside} messages of the last week were set aside by a rule: glance at them."
    return " ".join(filter(None, (said, aside if morning.set_aside else "")))


def forecast(line: HolderLine) -> str:
    """What our own past says of a holder: 'usually 9 days, mostly within 12; you have 7'."""
    if line.usually is None:
        return "too few answers to tell"
    said = f"usually {line.usually} days, mostly within {line.mostly}"
    return said if line.left is None else f"{said}; you have {max(line.left, 0)}"


def to_do(line: ForwardLine) -> str:
    """What somebody does about a request that may be a practice's."""
    if line.found:
        return f"forward it without delay: termijn case forward {line.case}"
    return f"look whose it is: termijn case practices {line.case}"


def deadline_list_markdown(morning: MorningList) -> str:
    """The page of a morning, most pressing first."""
    lines = [f"# Open requests on {morning.as_of}", ""]
    lines.append(f"{len(morning.cases)} open, {len(morning.overdue)} overdue, {len(morning.escalations)} told today.")
    lines += [f"**{unread(morning)}**"] if unread(morning) else []
    lines += [f"**{leak_said(mail)}**" for mail in leaks(morning)]
    lines += [waiting(morning)] if waiting(morning) else []
    for failed in (e for e in morning.escalations if not e.sent):
        lines.append(f"- **{failed.case} {failed.rung}: the message did not leave** ({failed.trouble})")
    lines += ["", "| case | kind | state | left | steer on | promise | law | unpaused | handler | told today |",
              "|---|---|---|--:|---|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {c.case} | {c.kind} | {c.state}{' (paused)' if c.paused else ''} | {left(c)} | {c.steer_on} | {c.promise} "
        f"| {c.law} | {c.unpaused} | {c.handler} | {c.rung or ''} |"
        for c in morning.cases
    ]
    if morning.drafts:
        lines += ["", "## Messages that nobody took up", "",
                  "| message | asks | left | steer on | law | notes | told today |",
                  "|---|---|--:|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {d.mail} | {', '.join(d.asks)} | {left(d)} | {d.steer_on} | {d.law} | {d.notes} "
        f"| {d.rung or ''}{'' if d.trouble is None else ' **did not leave**'} |"
        for d in morning.drafts
    ]
    if morning.holders:
        lines += ["", "## Asked of others", "", "| case | holder | asked | waiting | forecast | advice | told today |",
                  "|---|---|---|--:|---|---|---|"]  # fmt: skip
    lines += [
        f"| {h.case} | {h.holder} | {h.asked_on or 'not yet'} | {'' if h.days_waiting is None else h.days_waiting} "
        f"| {forecast(h)} | {h.advice} | {h.rung or ''}{'' if h.trouble is None else ' **did not leave**'} |"
        for h in morning.holders
    ]
    if morning.to_forward:
        lines += ["", "## A practice's, perhaps", "", "| case | days here | do |", "|---|--:|---|"]
    lines += [f"| {one.case} | {one.days} | {to_do(one)} |" for one in morning.to_forward]
    if morning.letters:
        lines += ["", "## Letters that are owed", "", "| case | letter | stands |", "|---|---|---|"]
    lines += [f"| {one.case} | {one.letter} | {one.stands} |" for one in morning.letters]
    return "\n".join(lines) + "\n"
