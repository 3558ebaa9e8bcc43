"""What the sample CRM answers to each request, and how it can be told to misbehave."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypedDict
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from sample.crm_tables import CrmTable, Record, Refuses, begin_writing

_MOST_PER_PAGE = 1000


class Faults(TypedDict, total=False):
    """How a service misbehaves, for tests."""

    fail_every: int  # every nth request is answered with `fail_status` and not carried out
    fail_only: str  # of this method, where given
    fail_status: int  # 503 unless said otherwise
    retry_after: str  # what such an answer says in Retry-After: '1' unless said otherwise, '' for nothing
    lies: bool  # DELETE answers 204 and keeps the row
    extra_field: str  # every record has one more field than `GET /` tells of
    slow: float  # seconds before each answer
    cut_after_deletes: int  # after so many destroyed rows the service hangs up on every request
    loses_answers: bool  # the first attempt at each DELETE is carried out, and then hung up on
    most_per_page: int  # fewer records on a page than asked for
    silent_root: bool  # `GET /` is 404


class HangUp(Exception):
    """The connection is to be cut without an answer."""


class CrmServer(ThreadingHTTPServer):
    """The service on its port, with what it remembers between requests."""

    daemon_threads = True

    def __init__(self, port: int, engine: Engine, token: str, tables: Mapping[str, CrmTable], faults: Faults) -> None:
        self.engine, self.token, self.tables, self.faults = engine, token, tables, faults
        self.requests: list[str] = []
        self.deleted = 0
        self.attempted: set[str] = set()
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Request)

    def get_request(self) -> tuple[socket.socket, Any]:
        caller, address = super().get_request()
        self._open.add(caller)
        return caller, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for caller in list(self._open):  # kept alive, so they would be served on
            with suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""


class _Request(BaseHTTPRequestHandler):
    server: CrmServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the parent names it so
        """Say nothing: a request's path holds keys."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._send(*self._serve(body))
        except Refuses as refusal:
            self._send(refusal.status, {"error": refusal.why}, refusal.headers)
        except SQLAlchemyError:  # what it says may hold a record's values
            self._send(500, {"error": "the database failed"}, {})
        except HangUp:
            self.close_connection = True
            self.connection.close()

    def _serve(self, body: bytes) -> tuple[int, Any, dict[str, str]]:
        self._misbehave()
        given = self.headers.get("Authorization") or ""
        if not hmac.compare_digest(given.encode("latin-1"), f"Bearer {self.server.token}".encode()):
            raise Refuses(401, "no valid token", {"WWW-Authenticate": "Bearer"})
        address = urlsplit(self.path)
        steps = [unquote(step) for step in address.path.split("/")[1:]]
        with self.server.engine.connect() as connection:
            if steps == [""]:
                return self._tell(connection)
            table = self.server.tables.get(steps[0])
            if table is None or len(steps) > 2:
                raise Refuses(404, "no such table")
            if len(steps) == 1:
                return self._list(connection, table, dict(parse_qsl(address.query, keep_blank_values=True)))
            return self._one(connection, table, steps[1], body)

    def _tell(self, connection: Connection) -> tuple[int, Any, dict[str, str]]:
        if self.command != "GET" or self.server.faults.get("silent_root"):
            raise Refuses(404, "nothing here")
        told = {
            name: {
                "count": table.count(connection, {}),
                "fields": dict(table.fields),
                "key": list(table.key),
                "references": [asdict(reference) for reference in table.references],
            }
            for name, table in self.server.tables.items()
        }
        return 200, {"tables": told}, {}

    def _list(self, connection: Connection, table: CrmTable, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        if self.command != "GET":
            raise Refuses(405, "a whole table can only be read", {"Allow": "GET"})
        page, size = (_number(query.pop(word, default)) for word, default in (("page", "1"), ("page_size", "200")))
        size = min(size, self.server.faults.get("most_per_page", _MOST_PER_PAGE))
        connection.exec_driver_sql("BEGIN")  # total and page are of one moment
        total = table.count(connection, query)
        items = [self._shown(row) for row in table.page(connection, query, limit=size, offset=(page - 1) * size)]
        connection.exec_driver_sql("COMMIT")
        following = urlencode({"page": page + 1, "page_size": size, **query})
        more = page * size < total
        return 200, {"items": items, "total": total, "next": f"/{table.name}?{following}" if more else None}, {}

    def _one(self, connection: Connection, table: CrmTable, text: str, body: bytes) -> tuple[int, Any, dict[str, str]]:
        key = table.read_key(text)
        if self.command != "GET":
            begin_writing(connection)
        row = table.get(connection, key)
        if row is None:
            raise Refuses(404, "no such record")
        if self.command == "GET":
            return 200, self._shown(row), {"ETag": _etag(row)}
        if self.headers.get("If-Match") not in (None, "*", _etag(row)):
            raise Refuses(412, "the record has changed")
        if self.command == "DELETE":
            table.delete(connection, key, row, self.server.tables.values())
            return self._deleted(connection, f"{table.name}/{text}")
        table.change(connection, key, _fields(body))
        changed = table.get(connection, key) or row
        connection.exec_driver_sql("COMMIT")
        return 200, self._shown(changed), {"ETag": _etag(changed)}

    def _deleted(self, connection: Connection, record: str) -> tuple[int, Any, dict[str, str]]:
        connection.exec_driver_sql("ROLLBACK" if self.server.faults.get("lies") else "COMMIT")
        with self.server.lock:
            self.server.deleted += 1
            first = record not in self.server.attempted
            self.server.attempted.add(record)
        if first and self.server.faults.get("loses_answers"):
            raise HangUp
        return 204, None, {}

    def _misbehave(self) -> None:
        faults = self.server.faults
        with self.server.lock:
            self.server.requests.append(f"{self.command} {self.path}")
            turn, deleted = len(self.server.requests), self.server.deleted
        time.sleep(faults.get("slow", 0.0))
        if deleted >= faults.get("cut_after_deletes", deleted + 1):
            raise HangUp
        every = faults.get("fail_every", 0)
        if every and turn % every == 0 and faults.get("fail_only", self.command) == self.command:
            after = faults.get("retry_after", "1")
            raise Refuses(faults.get("fail_status", 503), "come back later", {"Retry-After": after} if after else {})

    def _shown(self, row: Record) -> Record:
        extra = self.server.faults.get("extra_field")
        return {**row, extra: "new"} if extra else row

    def _send(self, status: int, content: Any, headers: Mapping[str, str]) -> None:
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _etag(row: Record) -> str:
    written = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(written.encode()).hexdigest()[:32]}"'


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise Refuses(400, "page and page_size are whole numbers from 1")
    return int(text)


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or not fields:
        raise Refuses(400, "give the fields to change as a JSON object")
    return fields
