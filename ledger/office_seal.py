"""The office's own seal: a key and a certificate that it made itself, with which it signs what it hands over.

For who has no certificate of a trust service. It proves that two packages come from the same office, and that nothing
was changed since; who the office is, the person learns by comparing its fingerprint over another channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection, Row, insert, select

from domain.evidence import Entry
from domain.trouble import LedgerBroken
from ledger.chain import Chain, Writing
from ledger.schema import office_seals
from ledger.seals import check_seals, seal_of

#: How long a certificate of our own making says that it holds.
_HOLDS = timedelta(days=3653)


class OfficeSeals:
    """The seals of the office, the newest in use. The private key is encrypted with the keyring, never in a file."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def in_use(self, organisation: str, *, entry: Entry) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """The newest seal; made on the first asking, which is an event. Raises LedgerBroken."""
        with self._chain.read() as connection:
            rows = self._rows(connection)
        if not rows:
            rows = [self._made(organisation, entry)]
        row = rows[-1]
        certificate = x509.load_pem_x509_certificate(row.certificate.encode())
        der = self._chain.keyring.decrypt(row.key, of=_place(row.id, certificate))
        key = load_der_private_key(der, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise LedgerBroken("the office's seal does not fit its certificate", do="restore the ledger from a backup")
        return key, certificate

    def _made(self, organisation: str, entry: Entry) -> Row[Any]:
        with self._chain.write(entry) as writing:
            rows = self._rows(writing.connection)
            if rows:
                writing.nothing_to_do()  # another process made it a moment ago: that one counts
                return rows[-1]
            self._insert(writing, organisation)
            return self._rows(writing.connection)[-1]

    def _insert(self, writing: Writing, organisation: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(key, organisation, writing)
        values: dict[str, Any] = {"id": 1, "at": writing.at}
        values["certificate"] = certificate.public_bytes(Encoding.PEM).decode()
        values["seal"] = seal_of(self._chain.keyring, office_seals, values)
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        values["key"] = self._chain.keyring.encrypt(der, of=_place(1, certificate))
        writing.connection.execute(insert(office_seals).values(values))
        writing.subject = "office seal"
        writing.record |= {"fingerprint": certificate.fingerprint(SHA256()).hex()}

    def _rows(self, connection: Connection) -> Sequence[Row[Any]]:
        rows = connection.execute(select(office_seals).order_by(office_seals.c.id))
        return check_seals(self._chain.keyring, office_seals, rows)


def _certificate(key: ec.EllipticCurvePrivateKey, organisation: str, writing: Writing) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organisation[:54]} (Termijn)"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(writing.at)
        .not_valid_after(writing.at + _HOLDS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _place(number: int, certificate: x509.Certificate) -> str:
    return f"office_seals.key:{number}:{certificate.fingerprint(SHA256()).hex()}"
