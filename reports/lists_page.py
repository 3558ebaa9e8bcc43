"""The open destruction lists as a page on the DPO's screen; numbers of lists and practices only."""

from __future__ import annotations

from domain.list_papers import ListsMorning


def lists_markdown(morning: ListsMorning) -> str:
    """Every open list: whose turn it is, since when, and who was told today."""
    told = [one for one in morning.lists if one.rung]
    lines = [f"# Destruction lists on {morning.as_of}", ""]
    lines.append(
        f"{len(morning.lists)} open, {len(told)} chased today, {len(morning.statements)} statements filed. "
        "Without a practice's instruction nothing of its lists is destroyed."
    )
    for failed in (one for one in told if not one.sent):
        lines.append(f"- **{failed.number} {failed.rung}: the message did not leave** ({failed.trouble})")
    lines += ["", "| list | rule | practice | state | answer | records | waits since | told today |",
              "|---|---|---|---|---|--:|---|---|"]  # fmt: skip
    lines += [
        f"| {one.number} | {one.rule} | {one.controller} | {one.state} | {one.answer} | {one.records} "
        f"| {one.since or ''} | {one.rung or ''} |"
        for one in morning.lists
    ]
    return "\n".join(lines) + "\n"
