"""The morning's list as text: JSON for machines, Markdown for the DPO's screen in Prefect."""

from __future__ import annotations

import orjson

from domain.morning import MorningList, OpenCase


def deadline_list_json(morning: MorningList) -> bytes:
    """The list: two spaces, keys sorted, one newline at the end."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(morning.model_dump(mode="json"), option=options)


def left(case: OpenCase) -> str:
    """Days left, or how long it is overdue, in words."""
    if case.days_left < 0:
        return f"{-case.days_left} OVERDUE"
    return "today" if case.days_left == 0 else str(case.days_left)


def deadline_list_markdown(morning: MorningList) -> str:
    """The page of a morning, most pressing first."""
    lines = [f"# Open requests on {morning.as_of}", ""]
    lines.append(f"{len(morning.cases)} open, {len(morning.overdue)} overdue, {len(morning.escalations)} told today.")
    for failed in (e for e in morning.escalations if not e.sent):
        lines.append(f"- **{failed.case} {failed.rung}: the message did not leave** ({failed.trouble})")
    lines += ["", "| case | kind | state | left | steer on | promise | law | handler | told today |",
              "|---|---|---|--:|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {c.case} | {c.kind} | {c.state}{' (paused)' if c.paused else ''} | {left(c)} | {c.steer_on} | {c.promise} "
        f"| {c.law} | {c.handler} | {c.rung or ''} |"
        for c in morning.cases
    ]
    return "\n".join(lines) + "\n"
