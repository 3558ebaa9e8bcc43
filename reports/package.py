"""Which files a package holds: one table of names and what writes them, each streamed, and the signed list of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, time
from functools import partial
from typing import BinaryIO, cast

from domain.documents import with_documents
from domain.package import Outcome, PackageContents
from domain.register import Register
from domain.trouble import Refused
from reports.csv_tables import csv_files
from reports.document_pages import document_files
from reports.dossier import dossier_volumes
from reports.export_data import write_data_json
from reports.fhir_bundle import medical_parts, write_bundle_json
from reports.index_page import write_index_html
from reports.letter import letter_pdf
from reports.manifest import Listed, how_to_check, manifest_json
from reports.pdf_signature import sign_pdf
from reports.schema import schema_json
from reports.signing import Signing, certificate_pem, sign
from reports.tagged_file import Attachment
from reports.withheld import withheld_pdf

#: The letter carries data.json up to so many records; beyond that the file beside it is the only one.
EMBEDDED_RECORDS = 5_000

#: Writes one file of a package into what it is given.
Writer = Callable[[BinaryIO], None]
#: Opens a file of the package under this name, to be written from the first byte to the last.
Opens = Callable[[str], AbstractContextManager[BinaryIO]]


def files_of(
    contents: PackageContents, register: Register, signing: Signing | None = None
) -> Iterator[tuple[str, Writer]]:
    """Every file but those about the list itself, in the order in which they are written; PDFs signed where we can."""
    letter = partial(letter_pdf, contents, register, carries=embedded(contents))
    yield "letter.pdf", _whole(_signed(letter, contents, signing))
    if contents.withheld:
        yield "withheld.pdf", _whole(_signed(partial(withheld_pdf, contents, register), contents, signing))
    for name, draw in dossier_volumes(contents, register) if contents.kind != "portability" else ():
        yield name, _whole(_signed(draw, contents, signing))
    yield "data.json", partial(write_data_json, contents)
    yield "schema.json", _whole(partial(schema_json, contents))
    yield from csv_files(contents)
    if medical_parts(contents):
        yield "bundle.json", partial(write_bundle_json, contents)
    for document in document_files(contents):
        yield document.name, _whole(partial(bytes, document.body))
    yield "index.html", partial(write_index_html, contents)


def embedded(contents: PackageContents) -> list[Attachment]:
    """What travels inside the letter: the data for a machine and its form, unless that would make it unwieldy."""
    if contents.records > EMBEDDED_RECORDS:
        return []
    data, nl = io.BytesIO(), contents.language == "nl"
    write_data_json(contents, data)
    about = "Uw gegevens, voor een computer" if nl else "Your data, for a computer"
    form = "De vorm van data.json" if nl else "The form of data.json"
    return [
        Attachment("data.json", "application/json", about, data.getvalue()),
        Attachment("schema.json", "application/json", form, schema_json(contents), "Schema"),
    ]


def _signed(make: Callable[[], bytes], contents: PackageContents, signing: Signing | None) -> Callable[[], bytes]:
    """The same PDF with the office's signature, as on the day of the package: no clock, so the bytes stay the same."""
    if signing is None:
        return make
    at = datetime.combine(contents.as_of, time(12), tzinfo=UTC)
    return lambda: sign_pdf(make(), signing, at=at, language=contents.language)


def write_package(
    contents: PackageContents,
    register: Register,
    signing: Signing,
    opens: Opens,
    *,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Write every file of the package, the list of them (`manifest.json`) and the office's signature on that list.

    The same contents and the same key give the same bytes. `told` hears each name when its file is written. Raises
    Refused where a system was not searched (an answer is whole or it is not sent, promise 7) or a column has no class.
    """
    listed = _write_files(contents, register, opens, told, signing)
    for name, body in (
        ("controle.txt", how_to_check(contents.language)),
        ("signer.pem", certificate_pem(signing)),
    ):
        listed.append(_write(name, _whole(partial(bytes, body)), opens))
    manifest = manifest_json(contents, register, listed)
    _write("manifest.json", _whole(partial(bytes, manifest)), opens)
    _write("manifest.json.sig", _whole(partial(sign, signing, manifest)), opens)


def package_files(contents: PackageContents, register: Register) -> dict[str, bytes]:
    """Every file by its name, in memory and unsigned: to look at. What leaves the house comes from `write_package`."""
    found: dict[str, io.BytesIO] = {}

    @contextmanager
    def opens(name: str) -> Iterator[BinaryIO]:
        found[name] = io.BytesIO()
        yield found[name]

    listed = _write_files(contents, register, opens, lambda _: None)
    files = {name: body.getvalue() for name, body in found.items()}
    return {**files, "manifest.json": manifest_json(contents, register, listed)}


def _write_files(
    contents: PackageContents,
    register: Register,
    opens: Opens,
    told: Callable[[str], None],
    signing: Signing | None = None,
) -> list[Listed]:
    missing = [s.system for s in contents.searched if s.outcome is Outcome.NOT_SEARCHED]
    if missing:
        raise Refused(
            f"not searched, so the answer would not be whole: {', '.join(missing)}",
            where=f"case {contents.case}",
            do="mend the system or its register, then export again; the case stays open and its clock runs",
        )
    listed = []
    contents = with_documents(contents)
    for name, write in files_of(contents, register, signing):
        listed.append(_write(name, write, opens))
        told(name)
    return listed


def _write(name: str, write: Writer, opens: Opens) -> Listed:
    with opens(name) as out:
        counted = _Counted(out)
        write(cast("BinaryIO", counted))
    return Listed(name, counted.bytes, counted.hash.hexdigest())


def _whole(make: Callable[[], bytes]) -> Writer:
    """A writer of a file that is made in one piece."""

    def write(out: BinaryIO) -> None:
        out.write(make())

    return write


class _Counted(io.RawIOBase):
    """Passes every byte on, counts them and hashes them."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self.bytes, self.hash = out, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = memoryview(cast("bytes", data))
        self._out.write(piece)
        self.hash.update(piece)
        self.bytes += piece.nbytes
        return piece.nbytes


__all__ = ["Opens", "Writer", "files_of", "package_files", "write_package"]
