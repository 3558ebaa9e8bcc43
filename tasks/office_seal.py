"""With which key the office signs: a certificate that a setting names, else a seal of its own making in the ledger."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING

from domain.evidence import Entry
from domain.trouble import Refused
from tasks.destroy import BY
from tasks.office import Office
from tasks.settings import secret

if TYPE_CHECKING:
    from reports.signing import Signing


def signer_of(office: Office) -> Signing:
    """The key and certificate with which this office signs packages and PDFs. Raises Refused, LedgerBroken.

    TERMIJN_SEAL names a secret (`env:NAME`) that is a PKCS#12 in base64, or the path of its file; its password is the
    secret that TERMIJN_SEAL_PASSWORD names. Without a seal in the settings the office's own is used, made once.
    """
    from reports.signing import Signing

    settings = office.settings
    if settings.seal is not None:
        return _from_pkcs12(_bytes_of(secret(settings.seal)), secret(settings.seal_password or ""))
    entry = Entry(kind="office seal made", by=BY)
    key, certificate = office.ledger.seals.in_use(office.register.organisation.name, entry=entry)
    return Signing(key, certificate)


def _bytes_of(told: str) -> bytes:
    file = Path(told)
    try:
        if file.is_file():
            return file.read_bytes()
    except OSError:
        pass  # the contents themselves, longer than any path may be; or a file that may not be read
    try:
        return base64.b64decode(told, validate=True)
    except binascii.Error:
        raise _unusable("the secret that TERMIJN_SEAL names is neither a readable file nor base64") from None


def _from_pkcs12(blob: bytes, password: str) -> Signing:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    from reports.signing import Signing

    try:
        key, certificate, _ = load_key_and_certificates(blob, password.encode() or None)
    except ValueError:
        raise _unusable("the seal of the office does not open with its password, or is no PKCS#12") from None
    if certificate is None or not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey):
        raise _unusable("the seal of the office holds no certificate with an RSA or elliptic-curve key")
    return Signing(key, certificate)


def _unusable(what: str) -> Refused:
    return Refused(what, where="TERMIJN_SEAL", do="correct the secrets named in TERMIJN_SEAL and TERMIJN_SEAL_PASSWORD")
