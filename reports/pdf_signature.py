"""How the office signs a PDF so that anybody's reader can check it (PAdES B-B, ETSI EN 319 142-1), and encrypts a copy.

The same file, key and moment give the same bytes: a package stays reproducible. The seal is invisible; what the page
says of it is ordinary text.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import datetime
from typing import Any

import pikepdf
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from reports.signing import Signing, sign

FIELD = "Termijn"
_READABLE = {"nl": "Handtekening van de organisatie", "en": "Signature of the organisation"}


def sign_pdf(pdf: bytes, signing: Signing, *, at: datetime, language: str = "nl") -> bytes:
    """The PDF with the office's signature appended; what was there stays byte for byte. `at` is an aware moment."""
    if at.tzinfo is None:
        raise ValueError("a signature is made at a moment with a zone")
    writer = _Writer(io.BytesIO(pdf))
    field = SigFieldSpec(
        FIELD,
        on_page=0,
        readable_field_name=_READABLE.get(language, FIELD),
        invis_sig_settings=InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True),
    )
    settings = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, embed_validation_info=False
    )
    signer = _Seal(settings, _Office(signing), field, at)
    out = io.BytesIO()
    asyncio.run(signer.async_sign_pdf(writer, output=out))
    return out.getvalue()


def encrypted_copy(pdf: bytes, *, password: str) -> bytes:
    """A copy for delivery that opens with a password (AES-256, revision 6). It no longer claims to be PDF/A, which
    forbids encryption; it stays PDF/UA, and a screen reader may read it."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        with opened.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as told:
            for name in ("pdfaid:part", "pdfaid:conformance"):
                if name in told:
                    del told[name]
        out = io.BytesIO()
        allowed = pikepdf.Permissions(accessibility=True, extract=True, modify_other=False)
        opened.save(out, encryption=pikepdf.Encryption(owner=password, user=password, R=6, allow=allowed))
    return out.getvalue()


class _Writer(IncrementalPdfFileWriter):
    """Appends to a file; the new half of its identifier follows from the file itself and not from chance."""

    @classmethod
    def _handle_id(cls, prev: Any) -> Any:
        first, _ = prev.trailer["/ID"]
        prev.stream.seek(0)
        second = hashlib.sha256(prev.stream.read()).digest()[:16]
        return generic.ArrayObject([first, generic.ByteStringObject(second)])

    def _update_meta(self) -> None:
        """What the document says of itself stays: pyHanko would write the clock's time into it."""


class _Seal(signers.PdfSigner):
    """Signs as at a given moment, not at that of the clock."""

    def __init__(self, settings: Any, office: _Office, field: SigFieldSpec, at: datetime) -> None:
        super().__init__(settings, signer=office, new_field_spec=field)
        self._at = at

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
        session.system_time = self._at
        return session


class _Office(signers.Signer):
    """The office's key, in the words of pyHanko; deterministic (RFC 6979)."""

    def __init__(self, signing: Signing) -> None:
        certificate = x509.Certificate.load(signing.certificate.public_bytes(Encoding.DER))
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register(certificate)
        super().__init__(signing_cert=certificate, cert_registry=store)
        self._signing = signing

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != "sha256":
            raise ValueError("the office signs with SHA-256")
        return bytes(self._signing.key.key_size // 4 + 16) if dry_run else sign(self._signing, data)


__all__ = ["FIELD", "encrypted_copy", "sign_pdf"]
