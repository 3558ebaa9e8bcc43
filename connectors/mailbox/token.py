"""How a token for the mailbox is asked: the secret of the client for a token of an hour (RFC 6749 §4.4)."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from domain.trouble import SourceUnreadable

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def fetch_token(url: str, client: str, secret: str, *, scope: str, ca: Path | None = None) -> str:
    """A token by which this client may read the mailbox now. Raises SourceUnreadable; it never says the secret."""
    asked = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": scope}
    if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in _HERE:
        raise _trouble("the address for tokens is not https", "correct TERMIJN_MAILBOX_TOKEN_URL")
    try:
        answer = httpx.post(url, data=asked, timeout=30, verify=ssl.create_default_context(cafile=ca))
        token = answer.json().get("access_token") if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError, AttributeError) as failure:
        raise _trouble(f"no token came ({type(failure).__name__})", "look at TERMIJN_MAILBOX_TOKEN_URL") from None
    if not isinstance(token, str) or not token:
        raise _trouble(
            f"the identity server gave no token (HTTP {answer.status_code})",
            "renew the client's secret; look at TERMIJN_MAILBOX_CLIENT and _SCOPE",
        )
    return token


def _trouble(what: str, do: str) -> SourceUnreadable:
    return SourceUnreadable(what, where="mailbox", do=f"{do}; every message is still there")
