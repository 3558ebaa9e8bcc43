"""The page of a package stays small however much there is, and its dictionary explains every column of every table."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.package import PAGE_ROWS, Part, Record, Withheld
from domain.system import Column, ColumnClass
from domain.trouble import Refused
from register.loader import load_register
from reports.dictionary import meaning
from reports.dutch import shown
from reports.index_page import index_html, write_index_html
from reports.one_document import one_document
from reports.package import package_files
from tests.golden import contents as given


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))


def long(rows: int) -> Part:
    column = Column.model_validate({"class": "export", "label": "Waarde"})
    records = [Record(f"k{n}", {"v": f"regel {n} " * 10}, date(2030, 1, 1), "wet") for n in range(rows)]
    return Part("s", "S", "d", "Lange lijst", "medical-dossier", {"v": column}, records)


def test_a_table_too_long_for_the_page_is_summarised_there_and_whole_elsewhere() -> None:
    contents = replace(given.contents(rows=3), parts=(long(PAGE_ROWS + 1), *given.contents(rows=3).parts))
    files = package_files(contents, given.register())
    page = files["index.html"].decode()
    assert "Deze tabel heeft 1.001 regels. Hier ziet u de eerste 25. De hele tabel staat in de map csv" in page
    assert page.count("regel 24 ") == 10
    assert "regel 25 " not in page
    assert "Kromme Nieuwegracht" in page, "the short ones are whole"
    assert f"regel {PAGE_ROWS} ".encode() in files["data.json"]
    assert len(table(files["csv/s.d.csv"])) == PAGE_ROWS + 1
    at_the_limit = index_html(replace(contents, parts=(long(PAGE_ROWS),))).decode()
    assert f"regel {PAGE_ROWS - 1} " in at_the_limit


def test_the_page_says_from_which_table_each_thing_was_left_out_and_what_went_before() -> None:
    contents = given.contents()
    page = index_html(contents).decode()
    assert len(contents.withheld) > 1
    for one in contents.withheld:
        assert f"{one.dataset}: {one.what}" in page or one.dataset == one.what
    [gone] = contents.destroyed_before
    assert [said in page for said in (gone.what, "1 maart 2026", gone.article)] == [True] * 3


def test_the_page_takes_no_more_memory_for_many_tables() -> None:
    """Written in a stream: ten tables at the limit cost no more than one."""

    def peak(tables: int) -> int:
        parts = [long(PAGE_ROWS - 1)] * tables
        contents = replace(given.contents(rows=1), parts=parts)
        tracemalloc.start()
        write_index_html(contents, _Nowhere())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(5) < peak(1) + 2**19


class _Nowhere(io.BytesIO):
    def write(self, data: bytes) -> int:  # type: ignore[override]
        return len(data)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_dictionary_explains_every_column_of_every_table_once(language: str) -> None:
    files = package_files(given.contents(language=language, rows=30), given.register())
    name, head, kind = ("Bestand", "Kop", "Soort waarde") if language == "nl" else ("File", "Heading", "Kind of value")
    lines = table(files["csv/woordenboek.csv"])
    told = [(line[name], line[head]) for line in lines if line[name]]
    heads = {
        (file, column)
        for file, body in files.items()
        if file.startswith("csv/") and "woordenboek" not in file
        for column in next(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    }
    assert set(told) == heads
    assert len(told) == len(heads)
    assert all(line[kind] for line in lines if line[name])


def test_the_dictionary_tells_kind_unit_origin_and_what_was_left_out() -> None:
    columns = {
        "seen": {"label": "Gezien op", "category": "user.health", "origin": "observed"},
        "at": {"label": "Tijdstip"},
        "paid": {"label": "Bedrag (euro)", "category": "user.payment", "origin": "derived"},
        "born": {"label": "Aantal"},
        "ok": {"label": "Betaald"},
        "none": {"label": "Leeg"},
    }
    values = {"seen": date(2026, 1, 2), "at": datetime(2026, 1, 2, 3, 4), "paid": Decimal("1.50"), "born": 3,  # noqa: DTZ001
              "ok": True, "none": None}  # fmt: skip
    shown = {n: Column.model_validate({"class": "export", **c}) for n, c in columns.items()}
    part = Part("s", "S", "d", "Bezoeken", "medical-dossier", shown, [Record("1", values)])
    gone = Withheld("s", "Bezoeken", "Naam van de arts", 2, "gaat over een ander", "AVG 15(4)")
    files = package_files(replace(given.contents(rows=1), parts=(part,), withheld=(gone,)), given.register())
    lines = {line["Kop"]: line for line in table(files["csv/woordenboek.csv"])}
    kinds = {head: (line["Soort waarde"], line["Eenheid of vorm"]) for head, line in lines.items()}
    assert kinds["Gezien op"] == ("datum", "jaar-maand-dag")
    assert kinds["Tijdstip"][0] == "datum en tijd"
    assert kinds["Bedrag (euro)"] == ("getal", "euro")
    assert kinds["Aantal"] == ("geheel getal", "")
    assert kinds["Betaald"][0] == "ja of nee"
    assert kinds["Leeg"][0] == "altijd leeg"
    assert lines["Gezien op"]["Wat het is"] == "over uw gezondheid of zorg"
    assert lines["Gezien op"]["Hoe wij eraan komen"] == "ontstond door uw gebruik, of is gemeten"
    left = lines["Naam van de arts"]
    assert left["Bestand"] == "csv/s.d.csv"
    assert left["Meegestuurd"] == "nee: gaat over een ander (AVG 15(4)); aantal: 2"


def test_every_kind_of_data_of_our_register_has_a_meaning_of_its_own() -> None:
    without = {
        column.category
        for system in load_register().systems.values()
        for dataset in system.datasets.values()
        for column in dataset.columns.values()
        if column.cls is ColumnClass.EXPORT and meaning(column.category, "nl") in ("", "een gegeven over u")
    }
    assert without == set()


def test_one_document_holds_letter_and_data_the_same_to_the_byte_and_is_refused_where_it_would_not_be_whole() -> None:
    whole = one_document(given.contents(), given.register())
    assert whole == one_document(given.contents(), given.register())
    for too_much in (replace(given.contents(), parts=(replace(long(3), summarised=True),)), given.portable()):
        with pytest.raises(Refused, match=r"one document|computer"):
            one_document(too_much, given.register())


@pytest.mark.parametrize(
    ("value", "means", "said"),
    [
        (1, "yes or no", "ja"), (0, "yes or no", "nee"), (True, "yes or no", "ja"), ("false", "yes or no", "nee"),
        (7, "yes or no", "7"), ("v", {"v": "vrouw"}, "vrouw"), ("x", {"v": "vrouw"}, "x"),
    ],
)  # fmt: skip
def test_a_code_is_said_in_words_on_paper_and_stays_what_it_is_in_the_data(value: Any, means: Any, said: str) -> None:
    column = Column.model_validate({"class": "export", "label": "Code", "means": means})
    assert shown(value, column) == said
    part = Part("s", "S", "d", "Codes", "medical-dossier", {"c": column}, [Record("1", {"c": value})])
    files = package_files(replace(given.contents(rows=1), parts=(part,)), given.register())
    assert f"<dd>{said}</dd>" in files["index.html"].decode()
    [dataset] = json.loads(files["data.json"])["systems"]["s"]["datasets"]
    assert dataset["records"][0]["values"]["c"] == value
