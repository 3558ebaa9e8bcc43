"""The package as one page for a browser: no script, nothing from outside, fit for a telephone and a screen reader."""

from __future__ import annotations

from html import escape

from domain.package import PackageContents, Part
from reports.dutch import day, shown

STYLE = """
:root{color-scheme:light}
body{font:17px/1.55 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem;color:#16222b}
h1{font-size:1.7rem}h2{margin-top:2.2rem;border-bottom:2px solid #1f6f6b}h3{margin-top:1.6rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}caption{text-align:left;color:#55636d}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #d5dde2;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.3rem 1rem}dt{color:#55636d}dd{margin:0}
.gone{background:#fff3d6}a{color:#14576b}nav li{margin:.2rem 0}
"""


def index_html(contents: PackageContents) -> bytes:
    """The page; the same contents give the same bytes."""
    nl = contents.language != "en"
    title = f"{'Uw gegevens' if nl else 'Your data'} ({contents.case})"
    links = "".join(
        f'<li><a href="#d{n}">{escape(p.title)}</a> ({len(p.records)})</li>' for n, p in enumerate(contents.parts)
    )
    body = "".join(_part(n, p, contents.language) for n, p in enumerate(contents.parts))
    withheld = "".join(
        f"<li>{escape(w.dataset)}: {escape(w.what)}: {escape(w.because)} ({escape(w.article)})</li>"
        for w in contents.withheld
    )
    searched = "".join(f"<li>{escape(s.title)}: {s.rows}</li>" for s in contents.searched)
    says = (
        ("Wat staat hier", "Waar wij zochten", "Wat wij weglieten en waarom", "Lees eerst", "de brief", "op")
        if nl
        else ("Contents", "Where we searched", "What we left out and why", "Read first", "the letter", "on")
    )
    page = (
        f'<!doctype html><html lang="{"nl" if nl else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        f"<p>12Care, {says[5]} {day(contents.as_of, contents.language)}. "
        f'{says[3]} <a href="letter.pdf">{says[4]}</a>.</p>'
        f"<nav><h2>{says[0]}</h2><ul>{links}</ul></nav>{body}"
        f"<h2>{says[1]}</h2><ul>{searched}</ul>"
        + (f"<h2>{says[2]}</h2><ul>{withheld}</ul>" if withheld else "")
        + "</main></body></html>\n"
    )
    return page.encode()


def _part(nth: int, part: Part, language: str) -> str:
    head = f'<section><h2 id="d{nth}">{escape(part.title)}</h2><p>{escape(part.system_title)}</p>'
    if len(part.records) == 1:
        record = part.records[0]
        pairs = "".join(
            f"<dt>{escape(c.label)}</dt><dd>{escape(shown(record.values.get(name), c, language))}</dd>"
            for name, c in part.columns.items()
        )
        gone = "<p class=gone>Verwijderd in het systeem, nog bewaard.</p>" if record.soft_deleted else ""
        return f"{head}{gone}<dl>{pairs}</dl></section>"
    heads = "".join(f'<th scope="col">{escape(c.label)}</th>' for c in part.columns.values())
    rows = "".join(
        f"<tr{' class=gone' if r.soft_deleted else ''}>"
        + "".join(f"<td>{escape(shown(r.values.get(n), c, language))}</td>" for n, c in part.columns.items())
        + "</tr>"
        for r in part.records
    )
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f"{head}<div class=scroll>{table}</div></section>"
