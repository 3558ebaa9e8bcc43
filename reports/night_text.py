"""A night as text: JSON for machines, Markdown for the DPO's screen in Prefect."""

from __future__ import annotations

import orjson

from domain.night import DONE, Guarded, Night, RuleNight


def purge_report_json(night: Night) -> bytes:
    """The whole night: two spaces, keys sorted, one newline at the end. `Night.model_validate_json` reads it back."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(night.model_dump(mode="json"), option=options)


def headline(night: Night) -> str:
    """One sentence that says how the night went."""
    due, gone = sum(r.due for r in night.rules), sum(r.destroyed for r in night.rules)
    changed = sum(r.changed for r in night.rules)
    frozen = sum(sum(r.frozen.values()) for r in night.rules)
    would = sum(r.would_go for r in night.rules)
    surviving = f" and {changed} emptied or made anonymous" if changed else ""
    what = f"{would} would go" if night.rehearsal else f"{gone} were destroyed{surviving} and confirmed"
    return f"{due} records were due, {what}, {frozen} are frozen by a hold or an open request."


def troubles(night: Night) -> list[Guarded]:
    """All that a person must look at: unreadable systems first, then what did not go, then refusals."""
    return [
        *night.unreadable,
        *(_still_there(r) for r in night.rules if r.not_confirmed),
        *(g for r in night.rules for g in r.refusals),
    ]


def _still_there(rule: RuleNight) -> Guarded:
    return Guarded(
        where=rule.rule,
        guard="not confirmed",
        reason=f"{rule.not_confirmed} records were said to be {rule.said}, and a second look still found them",
        do="ask the owner of the system why its deletes or updates do not hold; the next night tries again",
    )


def result(rule: RuleNight, *, rehearsal: bool) -> str:
    """What became of a rule, in a few words."""
    if rule.not_confirmed:
        return f"{rule.not_confirmed} NOT CONFIRMED"
    if rule.refusals:
        return f"refused: {rule.refusals[0].guard}"
    if rule.action not in DONE and not (rule.instructed or rule.destroyed):
        return "awaits the controller" if rule.due else "nothing due"
    if rehearsal:
        return f"{rule.would_go} would be {rule.said}" if rule.columns else f"{rule.would_go} would go"
    return f"{rule.done} {rule.said}" if rule.due else "nothing due"


def keeps_the_row(rule: RuleNight) -> list[str]:
    """What keeps a row that survives: the terms, and until when at the latest for the rows changed tonight."""
    dated = [f"{name}: the last of these rows until {until}" for name, until in rule.stays_until.items()]
    return dated or list(rule.stays_under)


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
        "| rule | total | due | frozen | kept | no date | odd date | done | result |",
        "|---|--:|--:|--:|--:|--:|--:|--:|---|",
    ]  # fmt: skip
    for r in night.rules:
        kept, frozen = r.kept + r.needed, sum(r.frozen.values())
        lines.append(
            f"| {r.rule} | {r.total} | {r.due} | {frozen} | {kept} | {r.missing} | {r.implausible} "
            f"| {r.done} | {_cell(result(r, rehearsal=night.rehearsal))} |"
        )
    lines += [f"\n{r.rule}, to know: {_cell(warning)}." for r in night.rules for warning in r.warnings]
    for r in night.rules:
        if r.changed:
            lines += ["", f"The rows of {_cell(r.rule)} stay. {_cell('; '.join(keeps_the_row(r)))}"]
    lines += ["", f"Plan `{night.plan_digest[:16]}`, register `{night.register_digest[:16]}`, "
              f"ledger event {night.chain_event} `{night.chain_hash[:16]}`."]  # fmt: skip
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
