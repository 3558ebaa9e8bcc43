"""A server of flow runs that is busy is asked again; one that is something else is named, never taken for empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from domain.keys import Keys
from domain.trouble import SourceUnreadable
from tasks.flow_runs import FlowRuns

Answer = tuple[int, str]


@contextmanager
def serving(*answers: Answer) -> Iterator[str]:
    """A server on this machine that gives these answers in turn, and the last one from then on."""
    told = list(answers)

    class Told(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = told.pop(0) if len(told) > 1 else told[0]
            self.send_response(status)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

        def log_message(self, *args: object) -> None:
            """Said nowhere."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()


BUSY = (503, "")
ONE = '[{"id": "a", "end_time": "2026-11-25T12:00:00Z"}]'


def test_a_busy_server_is_asked_again() -> None:
    with serving(BUSY, BUSY, (200, ONE)) as address:
        (run,) = FlowRuns(address).rows()
    assert run["id"] == "a"
    with serving(BUSY, (204, "")) as address:
        FlowRuns(address).forget([("a",)])


def test_a_server_that_stays_busy_is_named() -> None:
    with (
        serving(BUSY) as address,
        temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 2}),
        pytest.raises(SourceUnreadable, match="status 503"),
    ):
        FlowRuns(address).forget([("a",)])


def test_a_run_that_is_gone_is_gone() -> None:
    with serving((404, '{"detail": "Flow run not found"}')) as address:
        FlowRuns(address).forget([("a",)])
        assert FlowRuns(address).still_there(Keys([("a",)])) == Keys()


@pytest.mark.parametrize("answer", [(404, "{}"), (200, "<html>"), (200, "{}"), (500, "")])
def test_an_address_of_something_else_is_never_an_empty_list(answer: Answer) -> None:
    with serving(answer) as address, pytest.raises(SourceUnreadable, match="does not answer as it should"):
        list(FlowRuns(address).rows())
