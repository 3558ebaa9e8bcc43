"""A FHIR R4 server over ndjson, on this machine only: search with paging by link, read, and delete by version."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

Resource = dict[str, Any]


class FhirService:
    """Serves resources from memory until it is closed. `extra`: types that the server knows and has nothing of."""

    def __init__(self, resources: Iterable[Resource], token: str, *, extra: Iterable[str] = ("Basic",)) -> None:
        self.token, self.requests = token, list[str]()
        self.held: dict[str, dict[str, Resource]] = {name: {} for name in extra}
        self.versions: dict[tuple[str, str], int] = {}
        for resource in resources:
            self.put(resource)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
        self._server.service = self  # type: ignore[attr-defined]
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/fhir"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def put(self, resource: Resource) -> None:
        """Lay a resource in, as a new version where there was one."""
        place = resource["resourceType"], resource["id"]
        self.held.setdefault(place[0], {})[place[1]] = resource
        self.versions[place] = self.versions.get(place, 0) + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Answering(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: addresses hold ids of persons."""

    @property
    def _service(self) -> FhirService:
        found: FhirService = self.server.service  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        parts, service = split.path.removeprefix("/fhir/").split("/"), self._service
        service.requests.append(f"GET {self.path}")
        if self.headers["Authorization"] != f"Bearer {service.token}":
            self._say(401, {"resourceType": "OperationOutcome"})
        elif parts == ["metadata"]:
            known = [{"type": name} for name in service.held]
            self._say(200, {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": known}]})
        elif parts[0] not in service.held:
            self._say(404, {"resourceType": "OperationOutcome"})
        elif len(parts) == 2:
            found = service.held[parts[0]].get(parts[1])
            version = service.versions.get((parts[0], parts[1]))
            self._say(410, {}) if found is None else self._say(200, found, ETag=f'W/"{version}"')
        else:
            self._say(200, self._searched(parts[0], dict(parse_qsl(split.query))))

    def do_DELETE(self) -> None:
        service, (kind, own) = self._service, urlsplit(self.path).path.removeprefix("/fhir/").split("/")
        service.requests.append(f"DELETE {self.path}")
        version = service.versions.get((kind, own))
        if own not in service.held.get(kind, {}):
            self._say(410, {})
        elif self.headers["If-Match"] != f'W/"{version}"':
            self._say(412, {})
        else:
            del service.held[kind][own]
            self._say(204, None)

    def _searched(self, kind: str, query: dict[str, str]) -> Resource:
        found = [r for _, r in sorted(self._service.held[kind].items()) if _fits(r, query)]
        if query.get("_summary") == "count":
            return {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
        count, start = min(int(query.get("_count", 50)), 100), int(query.get("_offset", 0))
        links = [{"relation": "self", "url": f"{self._service.url}/{kind}"}]
        if start + count < len(found):
            on = urlencode({**query, "_offset": start + count})
            links.append({"relation": "next", "url": f"{self._service.url}/{kind}?{on}"})
        entries = [{"resource": r, "search": {"mode": "match"}} for r in found[start : start + count]]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links, "entry": entries}

    def _say(self, status: int, body: Resource | None, **headers: str) -> None:
        told = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/fhir+json", "Content-Length": len(told), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(told)


def _fits(resource: Resource, query: dict[str, str]) -> bool:
    """Whether the resource is asked for; a parameter that this server does not know is passed over."""
    if "_id" in query and resource["id"] != query["_id"]:
        return False
    asked = ((resource.get(name), query[name]) for name in ("subject", "patient") if name in query)
    return all(held is not None and held["reference"].split("/_history")[0] == wanted for held, wanted in asked)
