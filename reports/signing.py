"""With which key and certificate the office signs what it hands over: the manifest of a package, and its PDFs."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Signing:
    """The office's private key and its certificate (`tasks/office_seal.py: signer_of`). Its `repr` shows no key."""

    key: EllipticCurvePrivateKey | RSAPrivateKey = field(repr=False)
    certificate: Certificate


def sign(signing: Signing, data: bytes) -> bytes:
    """A detached signature over `data` with SHA-256, as `openssl dgst -sha256 -verify` reads it.

    The same data and key give the same signature (RFC 6979 for an elliptic curve), so that a package is reproducible.
    """
    if isinstance(signing.key, RSAPrivateKey):
        return signing.key.sign(data, PKCS1v15(), SHA256())
    return signing.key.sign(data, ECDSA(SHA256(), deterministic_signing=True))


def certificate_pem(signing: Signing) -> bytes:
    """The signer's certificate as text: what a signature is checked with."""
    return signing.certificate.public_bytes(Encoding.PEM)


def fingerprint(signing: Signing) -> str:
    """SHA-256 of the certificate: what is compared over another channel, and kept in the ledger."""
    return signing.certificate.fingerprint(SHA256()).hex()
