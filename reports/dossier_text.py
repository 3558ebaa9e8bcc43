"""What the dossier says of each part: its words, its columns with their labels, and its rows as a layman reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from domain.package import PackageContents, Part, Record
from domain.system import Column
from reports.csv_tables import headings
from reports.dutch import day, shown, things
from reports.export_data import exported
from reports.letter import kept_span
from reports.letter_text import words

#: So many rows of a table that is too long for paper are shown, as an example.
SHOWN = 25
#: More columns than this, and each record becomes a card of its own.
TABLE_COLUMNS = 8
_SAY: dict[str, dict[str, str]] = {
    "nl": {
        "title": "Uw gegevens",
        "lead": "Dit zijn alle gegevens die wij op {day} van u vonden, in {systems}. Een streepje (–) betekent dat er"
        " niets is ingevuld.",
        "contents": "Inhoud",
        "volume": "deel {n} van {of}",
        "volumes": "Uw gegevens zijn te veel voor één document. Dit is deel {n} van {of}.",
        "goes_on": "vervolg",
        "rows": "{rows}",
        "row_rows": "regel|regels",
        "too_long": "Deze tabel heeft {rows}. Hier ziet u de eerste {shown}. De hele tabel staat in de map csv en in"
        " data.json.",
        "for": "In opdracht van {who}",
        "kept": "Bewaard tot en met: {until}",
        "because": "Reden: {why}",
        "gone": "Verwijderd",
        "gone_note": "{rows} in het systeem al als verwijderd gemerkt. De gegevens zijn er nog, en staan daarom hier.",
        "away": "Gearchiveerd",
        "away_note": "{rows} in het systeem gearchiveerd. De gegevens zijn er nog, en staan daarom hier.",
        "is": "is",
        "are": "zijn",
        "yes": "ja",
        "until": "Bewaard tot en met",
        "empty": "Bij alle gegevens leeg: {columns}.",
        "number": "Nummer {n}",
        "none": "Wij hebben geen gegevens van u gevonden.",
        "end": "Einde van uw gegevens",
        "end_here": "Wat wij niet meesturen, en waarom, staat in de brief voor in dit document.",
        "end_text": "Wat wij niet meesturen, en waarom, staat in de brief (letter.pdf). Dezelfde gegevens staan voor"
        " een computer in data.json en in de map csv.",
    },
    "en": {
        "title": "Your data",
        "lead": "This is all data that we found about you on {day}, in {systems}. A dash (–) means that nothing"
        " was filled in.",
        "contents": "Contents",
        "volume": "volume {n} of {of}",
        "volumes": "Your data is too much for one document. This is volume {n} of {of}.",
        "goes_on": "continued",
        "rows": "{rows}",
        "row_rows": "row|rows",
        "too_long": "This table has {rows}. You see the first {shown} here. The whole table is in the folder csv and in"
        " data.json.",
        "for": "On behalf of {who}",
        "kept": "Kept until: {until}",
        "because": "Reason: {why}",
        "gone": "Deleted",
        "gone_note": "{rows} already marked as deleted in the system. The data is still there, so you see it here.",
        "away": "Archived",
        "away_note": "{rows} archived in the system. The data is still there, so you see it here.",
        "is": "is",
        "are": "are",
        "yes": "yes",
        "until": "Kept until",
        "empty": "Empty everywhere: {columns}.",
        "number": "Number {n}",
        "none": "We found no data about you.",
        "end": "End of your data",
        "end_here": "What we do not send, and why, is in the letter at the start of this document.",
        "end_text": "What we do not send, and why, is in the letter (letter.pdf). The same data is in data.json and in"
        " the folder csv, for a computer.",
    },
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How one part is laid out: the heads, the columns that hold something, and which never do."""

    part: Part
    language: str
    heads: tuple[str, ...]
    columns: Mapping[str, Column]
    empty: tuple[str, ...]
    own_days: bool
    deleted: int
    archived: int

    def rows(self) -> Iterator[list[str]]:
        """Every record as the heads name it, in the order of the package; of a part too long for paper the first."""
        for record in islice(self.part.records, SHOWN) if self.part.summarised else self.part.records:
            yield _row(record, self)

    def about(self) -> list[str]:
        """Where the part comes from, how much it is, and until when it is kept."""
        return _about(self.part, self.language)

    def notes(self) -> Iterator[str]:
        """The remarks that only the first rows stand here, and that rows which were put away are still there."""
        say, fixed = _SAY[self.language], words(self.language)
        if self.part.summarised:
            one, several = say["row_rows"].split("|")
            rows = things(len(self.part.records), one, several, self.language)
            yield say["too_long"].format(rows=rows, shown=SHOWN)
        for many, note in ((self.deleted, "gone_note"), (self.archived, "away_note")):
            if many:
                rows = things(many, fixed["datum"], fixed["data"], self.language)
                yield say[note].format(rows=f"{rows} {say['is' if many == 1 else 'are']}")


def lay_out(part: Part, language: str) -> Layout:
    """The layout of a part. Raises Refused where a value has no classified column."""
    say, columns, (used, empty) = _SAY[language], exported(part), filled(part)
    own_days = len(part.outline.days) > 1
    deleted, archived = part.outline.soft_deleted, part.outline.archived
    labels = headings(columns)
    away = [say["gone"]] * bool(deleted) + [say["away"]] * bool(archived)
    heads = (*(labels[n] for n in used), *([say["until"]] * own_days), *away)
    return Layout(part, language, heads, used, tuple(empty), own_days, deleted, archived)


def dossier_words(language: str) -> Mapping[str, str]:
    """The fixed texts of the dossier in one language."""
    return _SAY[language]


def by_activity(contents: PackageContents) -> Iterator[tuple[str, list[tuple[int, Part]]]]:
    """The parts that hold something, by the title of their activity, in the order of the package."""
    grouped: dict[str, list[tuple[int, Part]]] = {}
    for n, part in enumerate(contents.parts):
        if len(part.records):
            activity = contents.activities.get(part.activity)
            grouped.setdefault(activity.title if activity else part.system_title, []).append((n, part))
    yield from grouped.items()


def filled(part: Part) -> tuple[dict[str, Column], list[str]]:
    """The columns that hold something in at least one record, and the labels of those that never do."""
    columns = exported(part)
    heads = headings(columns)
    used = part.outline.filled
    return {n: c for n, c in columns.items() if n in used}, [heads[n] for n in columns if n not in used]


def _about(part: Part, nl: str) -> list[str]:
    say, fixed = _SAY[nl], words(nl)
    until, why = kept_span(part, nl)
    lines = [part.system_title, things(len(part.records), fixed["datum"], fixed["data"], nl)]
    if part.controller:
        lines.append(say["for"].format(who=part.controller))
    lines.append(say["kept"].format(until=until))
    return [*lines, say["because"].format(why=why)] if why else lines


def _row(record: Record, layout: Layout) -> list[str]:
    nl, yes = layout.language, _SAY[layout.language]["yes"]
    cells = [shown(record.values.get(name), column, nl) for name, column in layout.columns.items()]
    if layout.own_days:
        cells.append(day(record.kept_until, nl) if record.kept_until else words(nl)["until_unknown"])
    if layout.deleted:
        cells.append(yes if record.soft_deleted else "")
    if layout.archived:
        cells.append(yes if record.archived else "")
    return cells
