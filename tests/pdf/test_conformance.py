"""Every PDF is what it says of itself: PDF/A-3a and PDF/UA-1, by veraPDF, also signed; and the check can fail."""

from __future__ import annotations

import inspect
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
import pytest
from asn1crypto import x509 as asn1x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from domain.package import Part, Record
from reports.dossier import draw_volume
from reports.package import write_package
from reports.pdf_signature import encrypted_copy, sign_pdf
from reports.signing import Signing
from reports.volumes import plan_volumes
from tests.pdf import templates
from tests.pdf.templates import CONTENTS, FILED, REGISTER, TEMPLATES
from tests.pdf.verapdf import broken_rules

#: One Java machine for all of it: a worker that runs one of these tests runs them all.
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@cache
def made(name: str) -> bytes:
    return TEMPLATES[name]()


@cache
def office() -> Signing:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "12Care")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(AT - timedelta(days=9)).not_valid_after(AT + timedelta(days=99))
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return Signing(key, builder.add_extension(usage, critical=True).sign(key, SHA256()))


def trusted() -> ValidationContext:
    """Who knows our office's certificate, and nobody else's."""
    known = asn1x509.Certificate.load(office().certificate.public_bytes(Encoding.DER))
    return ValidationContext(trust_roots=[known], allow_fetching=False)


@pytest.mark.parametrize("flavour", ["3a", "ua1"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_conforms(name: str, flavour: str) -> None:
    assert broken_rules(made(name), flavour) == set()


def test_no_pdf_of_this_house_is_left_out() -> None:
    """A new `*_pdf` function takes its place among the templates, or this test names it."""
    makers = {
        f"{path.stem}.{name}"
        for path in Path(templates.__file__).parents[2].glob("reports/*.py")
        for name, found in inspect.getmembers(import_module(f"reports.{path.stem}"), inspect.isfunction)
        if name.endswith("_pdf") and found.__module__ == f"reports.{path.stem}"
    }
    source = Path(templates.__file__).read_text("utf-8")
    assert {m for m in makers if f"{m.partition('.')[2]}(" not in source} == {
        "pdf_signature.sign_pdf",
        "portable_letter.portable_letter_pdf",  # what letter_pdf gives for a case of portability
    }


@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_a_signed_letter_still_conforms_and_its_signature_covers_the_whole_file(flavour: str) -> None:
    plain = made("letter, with the data inside")
    signed = sign_pdf(plain, office(), at=AT)
    assert signed.startswith(plain), "what was there stays byte for byte"
    assert signed == sign_pdf(plain, office(), at=AT), "no clock and no chance"
    assert broken_rules(signed, flavour) == set()
    [signature] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    status = validate_pdf_signature(signature, trusted())
    assert status.intact
    assert status.valid
    assert str(status.coverage).endswith("ENTIRE_FILE")
    at = signed.index(b"endstream")
    assert not _valid(signed[: at - 20] + bytes([signed[at - 20] ^ 1]) + signed[at - 19 :])


@cache
def package() -> dict[str, bytes]:
    """The files of a package as it is sealed, with documents and a letter that carries its data."""
    found: dict[str, io.BytesIO] = {}

    @contextmanager
    def opens(name: str) -> Iterator[BinaryIO]:
        found[name] = io.BytesIO()
        yield found[name]

    write_package(FILED, REGISTER, office(), opens)
    return {name: body.getvalue() for name, body in found.items()}


@pytest.mark.parametrize("name", ["letter.pdf", "dossier.pdf", "withheld.pdf"])
def test_every_pdf_that_leaves_the_house_is_signed_as_a_whole_and_conforms(name: str) -> None:
    ours = {n for n in package() if n.endswith(".pdf") and not n.startswith("documenten/")}
    assert ours == {"letter.pdf", "dossier.pdf", "withheld.pdf"}
    body = package()[name]
    assert broken_rules(body, "3a") | broken_rules(body, "ua1") == set()
    assert _valid(body)
    [signature] = PdfFileReader(io.BytesIO(body)).embedded_signatures
    assert str(validate_pdf_signature(signature, trusted()).coverage).endswith("ENTIRE_FILE")
    if name == "letter.pdf":
        with pikepdf.open(io.BytesIO(body)) as opened:
            assert opened.attachments["data.json"].get_file().read_bytes() == package()["data.json"]


def _valid(signed: bytes) -> bool:
    [signature] = PdfFileReader(io.BytesIO(signed), strict=False).embedded_signatures
    status = validate_pdf_signature(signature, trusted())
    return bool(status.intact and status.valid)


def test_a_copy_with_a_password_stays_readable_aloud_and_no_longer_claims_the_archive() -> None:
    copy = encrypted_copy(made("letter, Dutch"), password="zes woorden")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(copy))
    with pikepdf.open(io.BytesIO(copy), password="zes woorden") as opened:
        told = opened.open_metadata()
        assert "pdfaid:part" not in told
        assert told["pdfuaid:part"] == "1"
        assert opened.encryption.R == 6
        assert opened.allow.accessibility


def test_the_letter_carries_its_data() -> None:
    with pikepdf.open(io.BytesIO(made("letter, with the data inside"))) as opened:
        assert set(opened.attachments) == {"data.json", "schema.json"}
        data = opened.attachments["data.json"].get_file().read_bytes()
        assert b'"case"' in data
        assert {str(f.AFRelationship) for f in opened.Root.AF} == {"/Data", "/Schema"}


def long_part(rows: int) -> Part:
    """A part with so many rows, each with a long text."""
    [first] = [p for p in CONTENTS.parts if len(p.records) > 1][:1]
    [record, *_] = first.records
    many: list[Record] = [replace(record, key=str(n)) for n in range(rows)]
    return replace(first, records=many)


def test_a_long_dossier_comes_in_volumes_that_conform_and_say_which_they_are(tmp_path: Path) -> None:
    contents = replace(CONTENTS, parts=[long_part(400)])
    volumes = plan_volumes(contents, pages=4)
    assert len(volumes) > 2
    assert [v.file for v in volumes][:2] == ["dossier.pdf", "dossier-2.pdf"]
    rows = sum((p.stop or 400) - p.start for v in volumes for _, pieces in v.pieces for p in pieces)
    assert rows == 400, "every row stands in one volume"
    second = draw_volume(contents, REGISTER, volumes[1])
    assert broken_rules(second, "ua1") | broken_rules(second, "3a") == set()
    assert f"deel 2 van {len(volumes)}" in _text(second, tmp_path)


# -- the check bites ------------------------------------------------------------------------------------------------


def _elements(pdf: pikepdf.Pdf, kind: str) -> list[Any]:
    found, todo = [], [pdf.Root.StructTreeRoot.K]
    while todo:
        one = todo.pop()
        if isinstance(one, pikepdf.Array):
            todo.extend(one)
        elif isinstance(one, pikepdf.Dictionary) and "/S" in one:
            found += [one] if f"/{kind}" == one.S else []
            todo += [one.K] if "/K" in one else []
    return found


def _without(path: str) -> Callable[[pikepdf.Pdf], None]:
    def harm(pdf: pikepdf.Pdf) -> None:
        *way, last = path.split(".")
        place: Any = pdf.Root
        for name in way:
            place = place[f"/{name}"]
        del place[f"/{last}"]

    return harm


def _each_page_without(name: str) -> Callable[[pikepdf.Pdf], None]:
    def harm(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            del page.obj[f"/{name}"]

    return harm


def _retyped(kind: str, other: str) -> Callable[[pikepdf.Pdf], None]:
    def harm(pdf: pikepdf.Pdf) -> None:
        for element in _elements(pdf, kind)[:1]:
            element.S = pikepdf.Name(f"/{other}")

    return harm


def _stripped(kind: str, key: str) -> Callable[[pikepdf.Pdf], None]:
    def harm(pdf: pikepdf.Pdf) -> None:
        for element in _elements(pdf, kind):
            del element[f"/{key}"]

    return harm


def _links_without_words(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        for annotation in page.obj.get("/Annots", []):
            del annotation["/Contents"]


def _a_cell_less(pdf: pikepdf.Pdf) -> None:
    row = _elements(pdf, "TR")[1]
    del row.K[-1]


def _data_without_relationship(pdf: pikepdf.Pdf) -> None:
    for spec in pdf.Root.AF:
        del spec["/AFRelationship"]


HARMS: dict[str, tuple[str, Callable[[pikepdf.Pdf], None]]] = {
    "no language": ("letter, Dutch", _without("Lang")),
    "no title in the window": ("letter, Dutch", _without("ViewerPreferences.DisplayDocTitle")),
    "no structure": ("letter, Dutch", _without("StructTreeRoot")),
    "not marked": ("letter, Dutch", _without("MarkInfo")),
    "no output intent": ("letter, Dutch", _without("OutputIntents")),
    "no metadata": ("letter, Dutch", _without("Metadata")),
    "no figure's words": ("calendar", _stripped("Figure", "Alt")),
    "no scope of a head": ("letter, Dutch", _stripped("TH", "A")),
    "a heading skips": ("letter, Dutch", _retyped("H1", "H4")),
    "pages without parents": ("letter, Dutch", _each_page_without("StructParents")),
    "links without order": ("dossier, Dutch", _each_page_without("Tabs")),
    "links without words": ("dossier, Dutch", _links_without_words),
    "a row is no row": ("letter, Dutch", _retyped("TR", "P")),
    "a cell less": ("dossier, Dutch", _a_cell_less),
    "data without relationship": ("letter, with the data inside", _data_without_relationship),
    "data not announced": ("letter, with the data inside", _without("AF")),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_file_that_is_harmed_no_longer_conforms(harm: str) -> None:
    name, do = HARMS[harm]
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made(name))) as opened:
        do(opened)
        opened.save(out)
    assert broken_rules(out.getvalue(), "3a") | broken_rules(out.getvalue(), "ua1")


# -- what a reader aloud hears --------------------------------------------------------------------------------------


def _text(pdf: bytes, tmp_path: Path, *how: str) -> str:
    if shutil.which("pdfinfo") is None:
        pytest.skip("left out: poppler-utils is not here")
    file = tmp_path / "file.pdf"
    file.write_bytes(pdf)
    command = ["pdfinfo", *how, str(file)] if how else ["pdftotext", "-layout", str(file), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_letter_is_heard_in_the_order_in_which_it_is_read(tmp_path: Path) -> None:
    heard = _text(made("letter, Dutch"), tmp_path, "-struct-text")
    kinds = [line.split(" (")[0].strip(" :") for line in heard.splitlines() if line.strip()]
    assert kinds[0] == "Document"
    assert kinds.count("TH") >= 6
    assert kinds.count("LI") >= 6
    words = " ".join(heard.split())
    order = ["Geachte", "In het kort", "Waar wij hebben gezocht", "Wat u kunt vragen", "niet eens met ons antwoord"]
    places = [words.index(said) for said in order]
    assert places == sorted(places)


def test_words_at_the_end_of_a_line_are_not_glued_to_the_next(tmp_path: Path) -> None:
    heard = _text(made("letter, Dutch"), tmp_path, "-struct-text")
    assert "uw gegevens" in " ".join(heard.split())
    assert "uwgegevens" not in heard
    assert "wijuw" not in heard
