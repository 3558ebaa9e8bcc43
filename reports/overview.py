"""The front page of a demonstration: what happened, and a link to everything that was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from domain.night import Night
from reports.night_text import headline, result, troubles

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1.2rem;color:#16222b}
.cards{display:flex;flex-wrap:wrap;gap:1rem}
.card{flex:1 1 7rem;border:1px solid #d5dde2;border-radius:.5rem;padding:1rem}
.card b{display:block;font-size:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;
border-bottom:1px solid #e3e9ec}td.n,th.n{text-align:right}.red{color:#a3231f}.bar{display:inline-block;height:.7rem}
.scroll{overflow-x:auto}li{margin:.2rem 0}
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A file that was made, relative to the page."""

    href: str
    title: str


def overview_html(night: Night, links: Sequence[Link], *, packages: int, escalations: int) -> bytes:
    """The page: no script, nothing from outside."""
    cards = [
        ("due", sum(r.due for r in night.rules)), ("destroyed and confirmed", sum(r.destroyed for r in night.rules)),
        *([("emptied or made anonymous", n)] if (n := sum(r.changed for r in night.rules)) else []),
        ("held or asked for", sum(sum(r.frozen.values()) for r in night.rules)),
        ("rules refused", len(night.refused_rules)), ("packages sealed", packages), ("escalations", escalations),
    ]  # fmt: skip
    told = "".join(f"<div class=card><b>{n}</b>{escape(what)}</div>" for what, n in cards)
    rows = "".join(
        f"<tr><td>{escape(r.rule)}</td><td>{escape(r.article)}</td><td class=n>{r.total}</td><td class=n>{r.due}</td>"
        f"<td>{_bar(r.done, r.due, r.total)}</td>"
        f"<td{' class=red' if r.refusals else ''}>{escape(result(r, rehearsal=night.rehearsal))}</td></tr>"
        for r in night.rules
    )
    todo = "".join(
        f"<li><b>{escape(g.where)}</b> ({escape(g.guard)}): {escape(g.reason)}. <i>Do: {escape(g.do)}</i></li>"
        for g in troubles(night)
    )
    files = "".join(f'<li><a href="{escape(link.href)}">{escape(link.title)}</a></li>' for link in links)
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>Termijn: a night of 12Care</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>A night of 12Care, {night.as_of}</h1>"
        f"<p>{escape(headline(night))}</p><div class=cards>{told}</div><h2>What needs a person</h2>"
        f"<ul>{todo or '<li>nothing</li>'}</ul><h2>Rule by rule</h2><div class=scroll><table><thead><tr>"
        '<th scope="col">rule</th><th scope="col">article</th><th scope="col" class=n>records</th>'
        '<th scope="col" class=n>due</th><th scope="col">share</th><th scope="col">result</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div><h2>What was made</h2><ul>{files}</ul>"
        f"<p>Ledger: event {night.chain_event}, {escape(night.chain_hash[:16])}…</p></main></body></html>\n"
    )
    return page.encode()


def _bar(gone: int, due: int, total: int) -> str:
    """A small drawing: destroyed or changed (green), due and still there (amber), the rest (grey)."""
    whole = max(total, 1)
    a, b = 120 * gone / whole, 120 * max(due - gone, 0) / whole
    return (
        f'<svg width="120" height="10" role="img" aria-label="{gone} of {total} done, {due} due">'
        f'<rect width="120" height="10" fill="#dde4e7"/><rect width="{a:.1f}" height="10" fill="#1f6f50"/>'
        f'<rect x="{a:.1f}" width="{b:.1f}" height="10" fill="#c98a1b"/></svg>'
    )
