"""The package as one page for a browser: no script, nothing from outside, fit for a telephone and a screen reader."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import chain
from typing import BinaryIO

from domain.package import PAGE_IN_ALL, PAGE_ROWS, PackageContents, fit_on_paper
from reports.document_pages import Gallery
from reports.dossier_text import TABLE_COLUMNS, Layout, by_activity, dossier_words, lay_out
from reports.dutch import count, day, rule, things
from reports.fhir_bundle import medical_parts
from reports.letter_text import outcome, request, words

STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{font:17px/1.55 system-ui,"Segoe UI","Noto Sans",Arial,sans-serif;max-width:62rem;margin:0 auto;padding:1rem;
color:#1b1f24;background:#fff}
a{color:#0b4f6c}a:focus,.scroll:focus{outline:3px solid #b35900;outline-offset:2px}
h1{font-size:1.7rem;line-height:1.25;color:#0b4f6c}h2{margin-top:2.4rem;color:#0b4f6c;border-bottom:2px solid #d0d7de}
h3{margin:1.8rem 0 .2rem}.soft{color:#57606a;font-size:.92rem;margin:.2rem 0 .6rem}
.note{background:#f3f6f8;border-left:5px solid #0b4f6c;padding:.6rem 1rem}nav li{margin:.25rem 0}
.scroll{overflow-x:auto;margin:.6rem 0}table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;color:#57606a;padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #d0d7de;
white-space:pre-line;overflow-wrap:break-word;min-width:5.5rem;font-weight:400}
thead th{font-weight:600;color:#0b4f6c;border-bottom:2px solid #0b4f6c}
dl{display:grid;grid-template-columns:minmax(9rem,15rem) 1fr;gap:.3rem 1rem;margin:.4rem 0 1.4rem}
dt{color:#57606a}dd{margin:0;white-space:pre-line;overflow-wrap:anywhere}
@media(max-width:34rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem;font-weight:600}}
ul.documents img{max-width:100%;height:auto;margin:.4rem 0 1rem;border:1px solid #d0d7de}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
@media(prefers-color-scheme:dark){:root{color-scheme:dark}body{color:#e6edf3;background:#0d1117}
a,h1,h2,thead th{color:#79c0ff}.soft,caption,dt{color:#b1bac4}.note{background:#161b22;border-color:#79c0ff}
h2,th,td{border-color:#3d444d}thead th{border-color:#79c0ff}a:focus,.scroll:focus{outline-color:#ffa657}}
@media print{nav,.skip{display:none}.scroll{overflow:visible}
body{max-width:none;font-size:11pt;color:#000;background:#fff}tr,dl{break-inside:avoid}h2,h3{break-after:avoid}}
"""
_SAY = {
    "nl": {
        "lead": "Dit is ons antwoord op uw {request} van {received}. Kenmerk: {case}. Gemaakt op {day}.",
        "letter": 'Lees eerst <a href="letter.pdf">de brief</a>. Daarin staat waarvoor wij uw gegevens gebruiken, met'
        " wie wij ze delen, wat u kunt vragen en waar u een klacht kunt indienen. In"
        ' <a href="dossier.pdf">dossier.pdf</a> staan dezelfde gegevens als hieronder, om te printen.',
        "portable": 'Lees eerst <a href="letter.pdf">de brief</a>. Daarin staat wat u kunt meenemen, wat niet, en'
        " waarom, en hoe u alles kunt inzien.",
        "menu": "Wat staat hier",
        "skip": "Ga naar uw gegevens",
        "files": "Wat er nog meer in dit pakket zit",
        "file_list": '<a href="data.json">data.json</a>: dezelfde gegevens voor een computer'
        '|<a href="csv/woordenboek.csv">de map csv</a>: dezelfde gegevens voor een rekenblad, met uitleg per kolom'
        '|<a href="manifest.json">manifest.json</a> en <a href="controle.txt">controle.txt</a>: hoe u nagaat dat er'
        " niets is veranderd",
        "bundle_file": '<a href="bundle.json">bundle.json</a>: uw medische gegevens voor het programma van een andere'
        " zorgverlener (HL7 FHIR R4)",
        "withheld_file": '<a href="withheld.pdf">withheld.pdf</a>: wat wij niet meesturen, en waarom',
        "wide": "{title}: {rows}. Is de tabel te breed, schuif hem dan opzij.",
    },
    "en": {
        "lead": "This is our answer to your {request} of {received}. Reference: {case}. Made on {day}.",
        "letter": 'First read <a href="letter.pdf">the letter</a>. It tells what we use your data for, with whom we'
        " share it, what you can ask and where you can complain."
        ' <a href="dossier.pdf">dossier.pdf</a> has the same data as below, to print.',
        "portable": 'First read <a href="letter.pdf">the letter</a>. It tells what you can take along, what not, and'
        " why, and how you can see everything.",
        "menu": "Contents",
        "skip": "Go to your data",
        "files": "What else is in this package",
        "file_list": '<a href="data.json">data.json</a>: the same data for a computer'
        '|<a href="csv/woordenboek.csv">the folder csv</a>: the same data for a spreadsheet, each column explained'
        '|<a href="manifest.json">manifest.json</a> and <a href="controle.txt">controle.txt</a>: how to check that'
        " nothing was changed",
        "bundle_file": '<a href="bundle.json">bundle.json</a>: your medical data for the program of another care'
        " provider (HL7 FHIR R4)",
        "withheld_file": '<a href="withheld.pdf">withheld.pdf</a>: what we do not send, and why',
        "wide": "{title}: {rows}. Is the table too wide? Scroll it sideways.",
    },
}


def index_html(contents: PackageContents) -> bytes:
    """The page as one piece, where the package is known to be small."""
    out = io.BytesIO()
    write_index_html(contents, out)
    return out.getvalue()


def write_index_html(contents: PackageContents, out: BinaryIO) -> None:
    """The page; the same contents give the same bytes. Only exported columns, as in every other file.

    A table of more than `PAGE_ROWS` rows is summarised here, and the page says where it is whole.
    """
    parts = fit_on_paper(contents.parts, each=PAGE_ROWS, in_all=PAGE_IN_ALL)
    for piece in _page(replace(contents, parts=parts)):
        out.write(piece.encode("utf-8", "replace"))


def _page(contents: PackageContents) -> Iterator[str]:
    nl = contents.language
    say, fixed, title = _SAY[nl], words(nl), f"{dossier_words(nl)['title']} ({contents.case})"
    layouts = [(n, activity, lay_out(p, nl)) for activity, parts in by_activity(contents) for n, p in parts]
    menu = [(f"d{n}", _title(layout), _many(layout)) for n, _, layout in layouts]
    menu += [("searched", fixed["searched"], ""), ("withheld", fixed["withheld"], "")]
    lead = say["lead"].format(
        request=request(contents.kind, nl),
        received=day(contents.received_on, nl),
        case=contents.case,
        day=day(contents.as_of, nl),
    )
    first = "portable" if contents.kind == "portability" else "letter"
    body = chain(
        [
            f'<a class="skip" href="#data">{say["skip"]}</a>',
            f"<header><h1>{_clean(title)}</h1><p>{_clean(lead)}</p><p>{say[first]}</p></header>",
            f'<nav aria-label="{say["menu"]}"><h2>{say["menu"]}</h2><ul>',
        ],
        (f'<li><a href="#{at}">{_clean(name)}</a>{f" ({many})" if many else ""}</li>' for at, name, many in menu),
        ['</ul></nav><main id="data" tabindex="-1">'],
        _data(layouts, nl, Gallery(nl)),
        _searched(contents),
        _withheld(contents),
        _files(contents),
        [f'</main><footer><p class="soft">{_clean(fixed["safe"])}</p></footer>'],
    )
    head = (
        f'<!doctype html>\n<html lang="{nl}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
        " form-action 'none'\">"
        f"<title>{_clean(title)}</title><style>{STYLE}</style></head><body>\n"
    )
    yield head
    for line in body:
        yield f"{line}\n"
    yield "</body></html>\n"


def _data(layouts: Sequence[tuple[int, str, Layout]], nl: str, gallery: Gallery) -> Iterator[str]:
    if not layouts:
        yield f'<p class="note">{dossier_words(nl)["none"]}</p>'
    before = None
    for n, activity, layout in layouts:
        if activity != before:
            yield f"<h2>{_clean(activity)}</h2>"
        before = activity
        yield f'<h3 id="d{n}">{_clean(_title(layout))}</h3><p class="soft">{_clean(" · ".join(layout.about()))}</p>'
        yield from (f'<p class="note">{_clean(note)}</p>' for note in layout.notes())
        if len(layout.part.records) == 1 or len(layout.heads) > TABLE_COLUMNS:
            yield from (_card(layout.heads, row) for row in layout.rows())
        else:
            caption = _SAY[nl]["wide"].format(title=_title(layout), rows=_many(layout))
            yield from _table(caption, layout.heads, layout.rows())
        if layout.empty:
            yield f'<p class="soft">{_clean(dossier_words(nl)["empty"].format(columns=", ".join(layout.empty)))}</p>'
        if not layout.part.summarised:
            yield from gallery.of(layout.part)


def _searched(contents: PackageContents) -> Iterator[str]:
    fixed, nl = words(contents.language), contents.language
    yield f'<h2 id="searched">{fixed["searched"]}</h2>'
    rows = [[s.title, outcome(s, nl), count(s.rows, nl)] for s in contents.searched]
    yield from _table(fixed["searched"], fixed["searched_heads"].split("|"), rows)


def _withheld(contents: PackageContents) -> Iterator[str]:
    fixed, nl = words(contents.language), contents.language
    yield f'<h2 id="withheld">{fixed["withheld"]}</h2>'
    if contents.withheld:
        rows = [[w.told, count(w.values, nl), w.because, rule(w.article, nl)] for w in contents.withheld]
        yield from _table(fixed["withheld_lead"], fixed["withheld_heads"].split("|"), rows)
    else:
        yield f"<p>{fixed['withheld_none']}</p>"
    if contents.destroyed_before:
        gone = [[d.what, count(d.records, nl), day(d.when, nl), rule(d.article, nl)] for d in contents.destroyed_before]
        yield f"<h2>{fixed['destroyed']}</h2>"
        yield from _table(fixed["destroyed_lead"], fixed["destroyed_heads"].split("|"), gone)


def _files(contents: PackageContents) -> Iterator[str]:
    say = _SAY[contents.language]
    yield f'<h2 id="files">{say["files"]}</h2><ul>'
    files = say["file_list"].split("|") + ([say["bundle_file"]] if medical_parts(contents) else [])
    files += [say["withheld_file"]] if contents.withheld else []
    yield from (f"<li>{one}</li>" for one in files)
    yield "</ul>"


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table whose first cell names its row; it scrolls by itself, by keyboard too, so that the page does not."""
    yield f'<div class="scroll" role="region" tabindex="0" aria-label="{_clean(caption)}"><table>'
    yield f"<caption>{_clean(caption)}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{_clean(h)}</th>' for h in heads) + "</tr></thead><tbody>"
    for first, *rest in rows:
        yield f'<tr><th scope="row">{_clean(first)}</th>' + "".join(f"<td>{_clean(c)}</td>" for c in rest) + "</tr>"
    yield "</tbody></table></div>"


def _card(heads: Sequence[str], row: Sequence[str]) -> str:
    pairs = "".join(f"<dt>{_clean(h)}</dt><dd>{_clean(v)}</dd>" for h, v in zip(heads, row, strict=True))
    return f"<dl>{pairs}</dl>"


def _title(layout: Layout) -> str:
    return layout.part.title or layout.part.system_title


def _many(layout: Layout) -> str:
    fixed = words(layout.language)
    return things(len(layout.part.records), fixed["datum"], fixed["data"], layout.language)


def _clean(text: str) -> str:
    """Text safe in HTML; control and direction characters, which a browser obeys unseen, go."""
    return escape(text if text.isprintable() else "".join(c for c in text if c.isprintable() or c in "\n\u00a0"))
