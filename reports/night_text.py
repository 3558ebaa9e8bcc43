"""A night as text: JSON for machines, Markdown for the DPO's screen in Prefect."""

from __future__ import annotations

import orjson

from domain.night import Guarded, Night, RuleNight


def purge_report_json(night: Night) -> bytes:
    """The whole night: two spaces, keys sorted, one newline at the end. `Night.model_validate_json` reads it back."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(night.model_dump(mode="json"), option=options)


def headline(night: Night) -> str:
    """One sentence that says how the night went."""
    due, gone = sum(r.due for r in night.rules), sum(r.destroyed for r in night.rules)
    frozen = sum(sum(r.frozen.values()) for r in night.rules)
    would = sum(r.would_go for r in night.rules)
    what = f"{would} would go" if night.rehearsal else f"{gone} were destroyed and confirmed"
    return f"{due} records were due, {what}, {frozen} are frozen by a hold or an open request."


def troubles(night: Night) -> list[Guarded]:
    """All that a person must look at: unreadable systems first, then refusals."""
    return [*night.unreadable, *(g for r in night.rules for g in r.refusals)]


def result(rule: RuleNight, *, rehearsal: bool) -> str:
    """What became of a rule, in a few words."""
    if rule.not_confirmed:
        return f"{rule.not_confirmed} NOT CONFIRMED"
    if rule.refusals:
        return f"refused: {rule.refusals[0].guard}"
    if rule.action != "destroy":
        return "awaits the controller" if rule.due else "nothing due"
    if rehearsal:
        return f"{rule.would_go} would go"
    return f"{rule.destroyed} destroyed" if rule.due else "nothing due"


def purge_report_markdown(night: Night) -> str:
    """The page of a night: the story, what needs a person, and a table per rule. Counts only."""
    kind = "Rehearsal" if night.rehearsal else "Night"
    lines = [f"# {kind} of {night.as_of}", "", headline(night), ""]
    if todo := troubles(night):
        lines += ["## What needs a person", ""]
        lines += [f"- **{_cell(g.where)}** ({g.guard}): {_cell(g.reason)}. *{_cell(g.do)}*" for g in todo]
        lines.append("")
    lines += [
        "## Per rule", "",
        "| rule | total | due | frozen | kept | no date | odd date | destroyed | result |",
        "|---|--:|--:|--:|--:|--:|--:|--:|---|",
    ]  # fmt: skip
    for r in night.rules:
        kept, frozen = r.kept + r.needed, sum(r.frozen.values())
        lines.append(
            f"| {r.rule} | {r.total} | {r.due} | {frozen} | {kept} | {r.missing} | {r.implausible} "
            f"| {r.destroyed} | {_cell(result(r, rehearsal=night.rehearsal))} |"
        )
    lines += ["", f"Plan `{night.plan_digest[:16]}`, register `{night.register_digest[:16]}`, "
              f"ledger event {night.chain_event} `{night.chain_hash[:16]}`."]  # fmt: skip
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
