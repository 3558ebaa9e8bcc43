"""How we speak to a service: who we are, which answers we take, and what we say when there is none.

Nothing that a service says, and no address we ask, ever reaches an error or a log: both hold record values.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import httpx

from connectors.rest.manners import Manners, Pace, asked_to_wait
from domain.trouble import Refused, SourceUnreadable

#: The service is busy or away for a moment; the same question may be asked again.
_BUSY = frozenset({429, 502, 503, 504})
#: Asked twice these do no more than asked once. A PATCH is never repeated.
_REPEATABLE = frozenset({"GET", "DELETE"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_DO = {
    401: "renew the token that the system's `token` secret names",
    403: "give the token's account the right to read and delete this table",
    404: "check the service's address, and the table's name in the register",
    405: "the service does not offer this; ask its supplier for the convention in connectors/rest",
    413: "lower the system's `page_size`",
    429: "lower the connector's requests per second, or run when the service is quieter",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered. The body holds records: never log it, never put it in an error."""

    status: int
    body: bytes = field(default=b"", repr=False)
    etag: str | None = field(default=None, repr=False)
    retry_after: float | None = None


class Line:
    """One open line to one service. Raises SourceUnreadable when the service cannot answer."""

    def __init__(
        self,
        system: str,
        *,
        url: str,
        token: str,
        manners: Manners,
        transport: httpx.BaseTransport | None,
        accept: str = "application/json",
    ) -> None:
        self._system, self._manners = system, manners
        self._base = _checked(system, url)
        if manners.requests_per_second is not None and manners.requests_per_second <= 0:
            raise Refused(
                "no request per second is allowed, so nothing may be asked",
                where=system,
                do="give the connector a positive number of requests per second",
            )
        if not (token.isascii() and token.isprintable() and token.strip() == token):
            raise Refused(
                "the token holds signs that no token has",
                where=system,
                do="set the secret anew, without spaces or line ends around it",
            )
        self._client = httpx.Client(
            headers={"Accept": accept, "Cache-Control": "no-cache"}
            | ({"Authorization": f"Bearer {token}"} if token else {}),
            timeout=manners.timeout,
            follow_redirects=False,  # a redirect could carry the token to another house
            trust_env=self._base.host not in _LOOPBACK,  # no proxy between us and ourselves
            transport=transport,
        )
        self._pace = Pace(manners)

    def ask(
        self,
        method: str,
        path: str,
        *,
        about: str,
        expect: frozenset[int],
        body: bytes | None = None,
        if_match: str | None = None,
    ) -> Answer:
        """Ask, wait and ask again; the answer has a status of `expect`. `about`: the table, for errors.

        `path` starts with `/`, is percent-encoded and counts from the service's address.
        """
        headers = {"If-Match": if_match} if if_match is not None else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        waited, tries = 0.0, 0
        while True:
            answer, tries = self._once(method, path, headers=headers, body=body, about=about), tries + 1
            if isinstance(answer, Answer) and answer.status in expect:
                return answer
            again = method in _REPEATABLE and (not isinstance(answer, Answer) or answer.status in _BUSY)
            asked_for = answer.retry_after if isinstance(answer, Answer) else None
            wait = self._manners.pause(tries, waited=waited, asked_for=asked_for) if again else None
            if wait is None:
                raise self._unreadable(answer, about=about, method=method, waited=waited)
            self._manners.sleep(wait)
            waited += wait

    def inside(self, link: str, *, about: str) -> str:
        """The path of a `next` link, counted from the service's address. Raises where it leads to another house."""
        try:
            target = self._base.join(link)
        except httpx.InvalidURL:
            target = None
        if target is None or (target.scheme, target.host, target.port) != self._origin:
            raise SourceUnreadable(
                "the service's `next` link leads to another address; it was not followed",
                where=f"{self._system}.{about}",
                do="ask the service's supplier why; the token is only ever shown to the registered address",
            )
        path = target.raw_path.decode("ascii")
        below = self._base_path
        return path.removeprefix(below) if path.startswith(f"{below}/") else path

    def close(self) -> None:
        """Hang up. May be called twice."""
        self._client.close()

    @property
    def _origin(self) -> tuple[str, str, int | None]:
        return self._base.scheme, self._base.host, self._base.port

    @property
    def address(self) -> str:
        """Where the service is, without a slash at its end."""
        return str(self._base).rstrip("/")

    @property
    def _base_path(self) -> str:
        return self._base.raw_path.decode("ascii").rstrip("/")

    def _once(self, method: str, path: str, *, headers: dict[str, str], body: bytes | None, about: str) -> Answer | str:
        """One attempt: the answer, or in one word why there was none."""
        self._pace.keep()
        try:
            url = self._base.copy_with(raw_path=(self._base_path + path).encode("ascii"))
            got = self._client.request(method, url, headers=headers, content=body)
        except httpx.TransportError as error:
            return type(error).__name__
        except (httpx.HTTPError, httpx.InvalidURL):
            got = None
        if got is None:  # raised out here so that the error, which knows the address, does not come along
            raise SourceUnreadable(
                "the service gave an answer that cannot be read",
                where=f"{self._system}.{about}",
                do="check that the address is the service's, and not a log-in page or proxy",
            )
        return Answer(got.status_code, got.content, got.headers.get("ETag"), asked_to_wait(got.headers))

    def _unreadable(self, answer: Answer | str, *, about: str, method: str, waited: float) -> SourceUnreadable:
        patience = f", after waiting {waited:.0f} s in all" if waited else ""
        if isinstance(answer, str):
            what, do = f"no connection ({answer})", "check that the service runs and can be reached from here"
        else:
            what = f"the service answered {answer.status}"
            do = _DO.get(answer.status, "look in the service's own log, and run again when it is well")
        return SourceUnreadable(f"{what} to {method}{patience}", where=f"{self._system}.{about}", do=do)


def _checked(system: str, url: str) -> httpx.URL:
    """The service's address; it is a secret, so no error shows it."""
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL:
        base = httpx.URL("")
    if base.scheme not in ("http", "https") or not base.host or base.query or base.userinfo:
        raise Refused(
            "the address is not one of a service",
            where=system,
            do="write the secret as https://host or https://host/path, without name, password or question mark",
        )
    if base.scheme == "http" and base.host not in _LOOPBACK:
        raise Refused(
            "the address is not encrypted, so the token and personal data would travel in clear",
            where=system,
            do="use https://; plain http:// is only for a service on this machine",
        )
    return base


def _only_the_house(record: logging.LogRecord) -> bool:
    """Take the path out of what httpx logs: it holds keys, and a key may be an e-mail address."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            f"{a.scheme}://{a.netloc.decode()}/…" if isinstance(a, httpx.URL) else a for a in record.args
        )
    return True


logging.getLogger("httpx").addFilter(_only_the_house)
