"""How a timestamp service (RFC 3161) is asked when a hash existed; its signature is the auditor's to check."""

from __future__ import annotations

import secrets
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

from domain.trouble import SourceUnreadable

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_SIGNED = x509.ObjectIdentifier("1.2.840.113549.1.7.2")
_GRANTED = (0, 1)  # granted; granted with modifications
_ASKED, _GIVEN = "application/timestamp-query", "application/timestamp-reply"
_MOST = 1 << 18  # bytes of an answer: a token with its certificates takes some thousands

# What RFC 3161 and RFC 5652 call these, in their order. A list with a tag of its own reads whatever stands in there.
_Any = list[asn1.TLV] | None


@asn1.sequence
class _Algorithm:
    name: x509.ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Imprint:
    algorithm: _Algorithm
    digest: bytes


@asn1.sequence
class _Request:
    version: int
    imprint: _Imprint
    nonce: int
    certificate: Annotated[bool, asn1.Default(False)]


@asn1.sequence
class _Status:
    status: int
    told: list[str] | None
    failure: asn1.BitString | None


@asn1.sequence
class _Content:
    kind: x509.ObjectIdentifier
    content: Annotated[asn1.TLV, asn1.Explicit(0)]


@asn1.sequence
class _Response:
    status: _Status
    token: _Content | None


@asn1.sequence
class _Inner:
    kind: x509.ObjectIdentifier
    content: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class _Signed:
    version: int
    digests: asn1.TLV
    inner: _Inner
    certificates: Annotated[_Any, asn1.Implicit(0)]
    revoked: Annotated[_Any, asn1.Implicit(1)]
    signers: asn1.TLV


@asn1.sequence
class _Stamp:
    version: int
    policy: x509.ObjectIdentifier
    imprint: _Imprint
    serial: int
    at: asn1.TLV
    accuracy: _Any
    ordering: Annotated[bool, asn1.Default(False)]
    nonce: int | None
    service: Annotated[_Any, asn1.Implicit(0)]
    extensions: Annotated[_Any, asn1.Implicit(1)]


def ask_timestamp(url: str, digest: bytes) -> bytes:
    """The service's answer (DER) over this SHA-256 digest; `openssl ts -verify -digest` reads it as it is.

    It is held against what was asked: granted, over this digest, with our nonce. Raises SourceUnreadable.
    """
    import httpx

    nonce = secrets.randbits(63)
    imprint = _Imprint(algorithm=_Algorithm(name=_SHA256, parameters=asn1.Null()), digest=digest)
    asked = asn1.encode_der(_Request(version=1, imprint=imprint, nonce=nonce, certificate=True))
    try:
        given = httpx.post(url, content=asked, headers={"Content-Type": _ASKED, "Accept": _GIVEN}, timeout=30)
        given.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise _unreadable(f"it does not answer ({type(failure).__name__})") from None
    if len(given.content) > _MOST:
        raise _unreadable("its answer is too long for a timestamp")
    try:
        answer = asn1.decode_der(_Response, given.content)
        stamp = _stamp_in(answer)
    except ValueError:
        raise _unreadable("its answer is no timestamp") from None
    if stamp is None or (stamp.imprint.digest, stamp.imprint.algorithm.name, stamp.nonce) != (digest, _SHA256, nonce):
        raise _unreadable("it did not grant a timestamp of what was asked")
    return given.content


def _stamp_in(answer: _Response) -> _Stamp | None:
    if answer.status.status not in _GRANTED or answer.token is None or answer.token.kind != _SIGNED:
        return None
    signed = answer.token.content.parse(_Signed)
    return asn1.decode_der(_Stamp, signed.inner.content)


def _unreadable(why: str) -> SourceUnreadable:
    return SourceUnreadable(f"the timestamp service gives nothing: {why}", do="look at the address; or use --mail")
