"""A document that a source holds: what kind it is by its own bytes, and the file of the package that it becomes.

Whatever a document claims to be, it is a PDF, a JPEG, a PNG or plain text by how it begins, or else unknown. Its file's
name says nothing of the person: the dataset and a number.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from domain.package import Outline, PackageContents, Part, Record, Records, outline

#: How a file of a kind begins, its media type, and how its name ends.
_KINDS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)
_TEXT, _UNKNOWN = ("text/plain", "txt"), ("application/octet-stream", "bin")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a package. As text it is its own name, which is how every other file tells of it."""

    name: str
    media_type: str
    body: bytes = field(repr=False)

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        """Whether it can be shown as a picture."""
        return self.media_type.startswith("image/")

    @property
    def is_known(self) -> bool:
        """Whether we can say what kind of file it is."""
        return self.media_type != _UNKNOWN[0]


def kind_of(body: bytes) -> tuple[str, str]:
    """(media type, ending) of a file by its own bytes; what is none of the known kinds is unknown."""
    for begins, media_type, ending in _KINDS:
        if body.startswith(begins):
            return media_type, ending
    if body and _CONTROL.search(body) is None:
        try:
            body.decode()
        except UnicodeDecodeError:
            return _UNKNOWN
        return _TEXT
    return _UNKNOWN


def holds_documents(part: Part) -> bool:
    """Whether the register says that a column of the part holds documents."""
    return any(c.document for c in part.columns.values())


def with_documents(contents: PackageContents) -> PackageContents:
    """The same contents, each document in it a file of the package by a name of its own. Nothing is read yet."""
    parts = [
        replace(p, records=Filed(p.records, f"documenten/{_plain(p.dataset)}-{n}", _columns(p)))
        if holds_documents(p) and not isinstance(p.records, Filed)
        else p
        for n, p in enumerate(contents.parts, 1)
    ]
    return replace(contents, parts=tuple(parts))


def documents_of(part: Part) -> Iterator[tuple[int, str, Document]]:
    """(number of the record, column, document) for all of a part, in its order; one in memory at a time."""
    for number, record in enumerate(part.records if isinstance(part.records, Filed) else (), 1):
        for column in _columns(part):
            for document in _inside(record.values.get(column)):
                yield number, column, document


class Filed:
    """The records of a part, their documents turned into files with a name; nothing is kept."""

    def __init__(self, records: Records, stem: str, columns: Sequence[str]) -> None:
        self._records, self._stem, self._columns = records, stem, columns

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        count = 0
        for record in self._records:
            told = dict(record.values)
            for column in self._columns:
                if told.get(column) is not None:
                    told[column], count = self._filed(told[column], count)
            yield replace(record, values=told)

    def __repr__(self) -> str:
        return f"Filed({len(self)} records)"

    @cached_property
    def outline(self) -> Outline:
        """What the records have in common; of a column with documents also that it holds these."""
        whole = outline(self._records)
        return replace(whole, types={*whole.types, Document})

    def _filed(self, value: Any, count: int) -> tuple[Any, int]:
        if isinstance(value, list | tuple):
            made = []
            for one in value:
                told, count = self._filed(one, count)
                made.append(told)
            return made, count
        if isinstance(value, Mapping):
            return self._attachment(value, count)
        body = _bytes_of(value)
        return (value, count) if not body else (self._document(body, count + 1), count + 1)

    def _attachment(self, value: Mapping[str, Any], count: int) -> tuple[Any, int]:
        """An object that may hold an attachment of FHIR, whose `data` becomes a file that its `url` names."""
        told: dict[str, Any] = {}
        for name, inner in value.items():
            body = _decoded(inner) if name == "data" and isinstance(inner, str) else b""
            if body:
                count += 1
                told["url"] = self._document(body, count)
            elif isinstance(inner, list | tuple | Mapping):
                told[name], count = self._filed(inner, count)
            elif not (name == "url" and "data" in value):
                told[name] = inner
        return told, count

    def _document(self, body: bytes, number: int) -> Document:
        media_type, ending = kind_of(body)
        return Document(f"{self._stem}-{number:04d}.{ending}", media_type, body)


def _bytes_of(value: Any) -> bytes:
    """The file that a value holds: bytes, a file of a known kind in base64, or a text; empty where it holds none.

    'Geen' and 'Goed' are base64 as well: what decodes to no kind of file that is known stays the words it is.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if not isinstance(value, str):
        return b""
    decoded = _decoded(value)
    return decoded if kind_of(decoded) != _UNKNOWN else value.encode("utf-8", "replace")


def _decoded(value: str) -> bytes:
    """Base64 as FHIR writes it by definition; a text that is none stays a text."""
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return value.encode("utf-8", "replace")


def _inside(value: Any) -> Iterator[Document]:
    if isinstance(value, Document):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ():
        yield from _inside(inner)


def _columns(part: Part) -> tuple[str, ...]:
    return tuple(n for n, c in part.columns.items() if c.document)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)
