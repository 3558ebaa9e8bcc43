"""How a service's records are read: page by page, by key, or by the value of a reference; strictly."""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from connectors.port import Row
from connectors.rest.line import Answer, Line
from connectors.rest.reference import Linked, in_order, linked, pick
from domain.keys import Key, key_text
from domain.system import Dataset, System
from domain.trouble import SourceUnreadable

#: Above this many values one pass over the table costs less memory than asking for each.
MOST_FILTERS = 500
GONE = frozenset({404, 410})
_OK = frozenset({200})
#: Query words of the convention: a field of this name cannot be asked for.
_TAKEN = frozenset({"page", "page_size"})


@dataclass(frozen=True, slots=True)
class Version:
    """One record as it was read by its key, with the mark that only this version of it has."""

    row: Row = field(repr=False)
    etag: str | None = field(repr=False)


class Records:
    """The records of one service. Every row has exactly the registered columns, else SourceUnreadable."""

    def __init__(self, system: System, line: Line) -> None:
        self._system, self._line = system, line

    def stream(self, dataset: Dataset, where: Mapping[str, str] | None = None) -> Iterator[Row]:
        """All rows of a dataset (equal to `where`), ordered by key, one page in memory at a time."""
        for item in self.items(dataset.table, where or {}):
            self._check(dataset, item)
            if belongs(dataset, item):
                yield item

    def unclaimed(self, table: str, datasets: Collection[Dataset]) -> int:
        """How many rows of a table belong to none of these datasets: one pass over all of it."""
        return sum(
            not any(d.only.keys() <= item.keys() and belongs(d, item) for d in datasets)
            for item in self.items(table, {})
        )

    def matching(self, dataset: Dataset, columns: Sequence[str], wanted: Collection[Linked]) -> Iterator[Row]:
        """Rows whose `columns` hold one of `wanted`, ordered by key, by whichever way asks the service least.

        The service's filter may find more than we mean, never less: each row is compared here again.
        """
        if not wanted:
            return
        if self._cheaper_to_filter(dataset, columns, len(wanted)):
            each = [self.stream(dataset, dict(zip(columns, values, strict=True))) for values in sorted(wanted)]
            rows = heapq.merge(*each, key=lambda row: in_order(row, dataset.key)) if len(each) > 1 else each[0]
        else:
            rows = self.stream(dataset)
        for row in rows:
            if linked(pick(row, columns)) in wanted:
                yield row

    def get(self, dataset: Dataset, key: Key) -> Version | None:
        """One record, read anew by its key; None where it is gone or no longer belongs to the dataset."""
        answer = self._line.ask("GET", self._path(dataset, key), about=dataset.table, expect=_OK | GONE)
        if answer.status in GONE:
            return None
        row = _json(answer)
        if not isinstance(row, dict):
            raise self._unconventional(dataset.table, "a record is not a JSON object")
        self._check(dataset, row)
        if linked(pick(row, dataset.key)) != linked(key):
            raise self._unconventional(dataset.table, "asked for one key, the service gave another record")
        return Version(row, answer.etag) if belongs(dataset, row) else None

    def exists(self, dataset: Dataset, key: Key) -> bool:
        """Whether the service still holds the record of this key, whatever is in it.

        Gone is gone from its address and from the list; a service in which the two differ is not believed.
        """
        answer = self._line.ask("GET", self._path(dataset, key), about=dataset.table, expect=_OK | GONE)
        if answer.status not in GONE:
            return True
        texts = linked(key) or ()
        asked = dict(zip(dataset.key, texts, strict=True))
        where = asked if not _TAKEN & asked.keys() else {}
        listed = sum(linked([row.get(c) for c in dataset.key]) == texts for row in self.items(dataset.table, where))
        if listed:
            what = "several records share one key" if listed > 1 else "a record is in the list and not at its address"
            raise SourceUnreadable(
                f"{what}, so no one can say that it is gone",
                where=f"{self._system.id}.{dataset.table}",
                do=f"write as `key` of dataset.{dataset.name} the key that the service itself uses",
            )
        return False

    def delete(self, dataset: Dataset, key: Key, etag: str) -> int:
        """Ask to destroy this version of a record: 204, 404 (gone), 409 (referred to) or 412 (changed)."""
        expect = frozenset({200, 202, 204, 409, 412}) | GONE
        return self._line.ask(
            "DELETE", self._path(dataset, key), about=dataset.table, expect=expect, if_match=etag
        ).status

    def clear(self, dataset: Dataset, key: Key, columns: Sequence[str], etag: str) -> Answer:
        """Ask to empty these columns of this version of a record: 200 or 204, 404, 409 or 412."""
        return self._line.ask(
            "PATCH",
            self._path(dataset, key),
            about=dataset.table,
            expect=frozenset({200, 204, 409, 412}) | GONE,
            body=orjson.dumps(dict.fromkeys(columns)),
            if_match=etag,
        )

    def describe(self) -> Any:
        """What the service says of itself at `/`; None where it does not."""
        answer = self._line.ask("GET", "/", about="/", expect=_OK | GONE | {405, 501})
        return _json(answer) if answer.status == 200 else None

    def sample(self, table: str) -> list[dict[str, Any]]:
        """The first page of a table, to see what it looks like."""
        path = f"/{quote(table, safe='')}?{urlencode({'page': '1', 'page_size': str(self._system.page_size)})}"
        return self._page(table, path)[0]

    def items(self, table: str, where: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """All items of a table as the service gives them. Raises where the pages do not add up to their total."""
        query = {"page": "1", "page_size": str(self._system.page_size), **where}
        path: str | None = f"/{quote(table, safe='')}?{urlencode(query)}"
        seen, total = 0, None
        while path is not None:
            found, of, link = self._page(table, path)
            total = of if total is None else total
            seen += len(found)
            if of != total or seen > total or (link is not None and not found) or (link is None and seen != total):
                raise SourceUnreadable(
                    f"the pages do not add up: {seen} records seen, {total} announced first, {of} last",
                    where=f"{self._system.id}.{table}",
                    do="records came or went while we read, or the service pages wrongly; run again when it is quiet",
                )
            yield from found
            path = self._line.inside(link, about=table) if link is not None else None

    def _page(self, table: str, path: str) -> tuple[list[dict[str, Any]], int, str | None]:
        page = _json(self._line.ask("GET", path, about=table, expect=_OK))
        page = page if isinstance(page, dict) else {}
        found, total, link = page.get("items"), page.get("total"), page.get("next")
        if not (isinstance(found, list) and isinstance(total, int) and (link is None or isinstance(link, str))):
            raise self._unconventional(table, "a page has no `items`, `total` and `next` as agreed")
        if not all(isinstance(item, dict) for item in found):
            raise self._unconventional(table, "a record is not a JSON object")
        return found, total, link

    def _cheaper_to_filter(self, dataset: Dataset, columns: Sequence[str], values: int) -> bool:
        if values > MOST_FILTERS or _TAKEN & set(columns):
            return False
        if values <= 2:
            return True
        path = f"/{quote(dataset.table, safe='')}?{urlencode({'page': '1', 'page_size': '1'})}"
        _, total, _ = self._page(dataset.table, path)
        return values <= math.ceil(total / self._system.page_size)

    def _path(self, dataset: Dataset, key: Key) -> str:
        """`/table/key`. A key that would address something else than one record is never asked for."""
        try:
            text = "" if any(part is None for part in key) or len(key) != len(dataset.key) else key_text(key)
        except TypeError:
            text = ""
        if text in ("", ".", ".."):
            raise SourceUnreadable(
                "a record has a key that cannot be written in an address",
                where=f"{self._system.id}.{dataset.table}",
                do=f"check `key` of dataset.{dataset.name} in the register; each record needs a text or number key",
            )
        return f"/{quote(dataset.table, safe='')}/{quote(text, safe='')}"

    def _check(self, dataset: Dataset, row: Mapping[str, Any]) -> None:
        """A column that nobody classified, or that went missing, stops the reading (promise 7)."""
        if row.keys() == dataset.columns.keys():
            return
        extra, lost = row.keys() - dataset.columns.keys(), dataset.columns.keys() - row.keys()
        said = [f"{_names(extra)} not in the register"] if extra else []
        said += [f"{_names(lost)} not in a record"] if lost else []
        raise SourceUnreadable(
            "records do not look as registered: " + "; ".join(said),
            where=f"{self._system.id}.{dataset.table}",
            do=f"classify each column under [dataset.{dataset.name}.columns], or have the service put it back",
        )

    def _unconventional(self, table: str, what: str) -> SourceUnreadable:
        return SourceUnreadable(
            what,
            where=f"{self._system.id}.{table}",
            do="this service does not follow the agreed convention; ask its supplier, nothing was destroyed by guess",
        )


def belongs(dataset: Dataset, row: Row) -> bool:
    """Whether a row of the table is one of the dataset (`only`)."""
    return all(row[c] in v if isinstance(v, tuple) else row[c] == v for c, v in dataset.only.items())


def _names(columns: Collection[str]) -> str:
    """Column names for an error; a name that is no name (it could be a value) is counted, not shown."""
    plain = sorted(c for c in columns if c.isidentifier())
    odd = [f"{len(columns) - len(plain)} with a name that is no name"] if len(plain) < len(columns) else []
    return ", ".join([*(repr(c) for c in plain), *odd])


def _json(answer: Answer) -> Any:
    """The body, read; None where it is no JSON (its text is a record's, and stays out of the error)."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
