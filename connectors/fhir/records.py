"""How the resources of a FHIR server are read and destroyed: searched page by page, and asked for by id; strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from connectors.fhir.element import is_inside, reference_at, row_of
from connectors.port import Row
from connectors.rest.line import Answer
from connectors.rest.records import GONE, MOST_FILTERS, Records, Version, belongs
from connectors.rest.reference import linked, pick
from domain.keys import Key
from domain.system import Dataset, System
from domain.trouble import SourceUnreadable

_OK = frozenset({200})


class FhirRecords(Records):
    """The resources of one server as rows. An element that nobody classified stops the reading (promise 7)."""

    def stream(self, dataset: Dataset, where: Mapping[str, str] | None = None) -> Iterator[Row]:
        """All rows of a dataset (as far as the server can, equal to `where`), one page in memory at a time."""
        for item in self.items(dataset.table, where or {}):
            yield from self._rows(dataset, item)

    def get(self, dataset: Dataset, key: Key) -> Version | None:
        """One resource, read anew by its id; None where it is gone or no longer belongs to the dataset."""
        answer = self._line.ask("GET", self._path(dataset, key), about=dataset.table, expect=_OK | GONE)
        if answer.status in GONE:
            return None
        item = _read(answer)
        if item.get("resourceType") != dataset.table:
            raise self._unconventional(dataset.table, "asked for one resource, the server gave another")
        rows = list(self._rows(dataset, item))
        if rows and linked(pick(rows[0], dataset.key)) != linked(key):
            raise self._unconventional(dataset.table, "asked for one resource, the server gave another")
        return Version(rows[0], answer.etag) if rows else None

    def clear(self, dataset: Dataset, key: Key, columns: Sequence[str], etag: str) -> Answer:
        """Raises SourceUnreadable: emptying a reference is another request in each server."""
        del key, columns, etag
        raise SourceUnreadable(
            "a FHIR server is not asked to empty a reference",
            where=f"{self._system.id}.{dataset.table}",
            do="take `when_gone = 'clear'` out of the register, or reach this system by its database",
        )

    def describe(self) -> Any:
        """The server's CapabilityStatement; None where it has none."""
        answer = self._line.ask("GET", "/metadata", about="metadata", expect=_OK | GONE | {405, 501})
        return _read(answer) if answer.status == 200 else None

    def count(self, table: str) -> int:
        """How many resources of a type the server says it has."""
        found = self._bundle(table, f"/{quote(table, safe='')}?_summary=count")
        total = found.get("total")
        return total if isinstance(total, int) else len(found.get("entry", ()))

    def sample(self, table: str) -> list[dict[str, Any]]:
        """The first page of a type, to see what it looks like."""
        return self._entries(table, self._bundle(table, self._asked(table, {})))

    def items(self, table: str, where: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """All resources of a type, each once. Raises where the pages do not add up to what the server announced."""
        path: str | None = self._asked(table, where)
        seen, total, asked = set[str](), None, set[str]()
        while path is not None:
            asked.add(path)
            page = self._bundle(table, path)
            total = page.get("total") if total is None else total
            for item in self._entries(table, page):
                seen.add(str(item.get("id")))
                yield item
            links = page.get("link") or []
            link = next((k.get("url") for k in links if isinstance(k, dict) and k.get("relation") == "next"), None)
            path = self._line.inside(link, about=table) if isinstance(link, str) else None
            if path in asked or (path is None and isinstance(total, int) and len(seen) != total):
                raise SourceUnreadable(
                    f"the pages do not add up: {len(seen)} resources seen, {total} announced",
                    where=f"{self._system.id}.{table}",
                    do="resources came or went while we read, or the server pages wrongly; run again when it is quiet",
                )

    def _rows(self, dataset: Dataset, item: Mapping[str, Any]) -> Iterator[Row]:
        row = row_of(item, dataset.columns)
        for column, types in _links(self._system, dataset).items():
            row[column] = self._key_behind(reference_at(item, column), types)
        self._check(dataset, row)
        if belongs(dataset, row):
            yield row

    def _key_behind(self, reference: str | None, types: Set[str]) -> str | None:
        """The id of one of our own resources of these types; what leads elsewhere stays as it is, and equals no key.

        'Group/5' and another server's 'Patient/5' are not our patient 5.
        """
        if reference is None:
            return None
        kind, _, own = reference.split("/_history/")[0].removeprefix(f"{self._line.address}/").partition("/")
        return own if kind in types and own and "/" not in own else reference

    def _asked(self, table: str, where: Mapping[str, str]) -> str:
        query = {"_count": str(self._system.page_size), "_total": "accurate"}
        query |= {name: value for c, v in where.items() for name, value in self._filter(table, c, v)}
        return f"/{quote(table, safe='')}?{urlencode(query)}"

    def _filter(self, table: str, column: str, value: str) -> Iterator[tuple[str, str]]:
        """A search parameter where FHIR has one for sure; else nothing, and each row is compared here."""
        if column == "id":
            yield "_id", value
        for dataset in self._system.datasets.values():
            for link in (dataset.part_of, *dataset.references):
                if dataset.table == table and link is not None and column in link.by:
                    first, _, rest = column.partition(".")
                    if rest == "reference":
                        yield first, f"{self._system.datasets[link.dataset].table}/{value}"
                        return

    def _cheaper_to_filter(self, dataset: Dataset, columns: Sequence[str], values: int) -> bool:
        known = all(any(self._filter(dataset.table, c, "")) for c in columns)
        return known and values <= min(MOST_FILTERS, 2 * self._system.page_size)

    def _bundle(self, table: str, path: str) -> dict[str, Any]:
        page = _read(self._line.ask("GET", path, about=table, expect=_OK))
        if page.get("resourceType") != "Bundle" or not isinstance(page.get("entry", []), list):
            raise self._unconventional(table, "the answer to a search is no Bundle")
        return page

    def _entries(self, table: str, page: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = [e.get("resource") for e in page.get("entry", ()) if isinstance(e, dict)]
        if not all(isinstance(r, dict) and isinstance(r.get("resourceType"), str) for r in found):
            raise self._unconventional(table, "an entry of a Bundle holds no resource")
        return [r for r in found if r is not None and r["resourceType"] == table]


def _read(answer: Answer) -> dict[str, Any]:
    """The body, read; empty where it is no JSON object (its text is a record's, and stays out of the error)."""
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


__all__ = ["FhirRecords", "is_inside"]


def _links(system: System, dataset: Dataset) -> Mapping[str, Set[str]]:
    """Each column of a dataset that refers to others, with the types that the register lets it lead to."""
    found: dict[str, set[str]] = {}
    for link in (dataset.part_of, *dataset.references):
        for column in link.by if link is not None else ():
            if link is not None and column.endswith(".reference"):
                found.setdefault(column, set()).add(system.datasets[link.dataset].table)
    return found
