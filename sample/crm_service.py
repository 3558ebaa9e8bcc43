"""A CRM's REST service over a SQLite file, on this machine only, that can be told to misbehave.

It keeps the convention written in `connectors.rest`. Tables and keys are discovered; the primary key is the key.
"""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from sample.crm_answers import CrmServer, Faults
from sample.crm_tables import discover, open_file

__all__ = ["Faults", "RunningService", "start_crm"]


class RunningService:
    """A service that runs in threads of this process until `stop`; a context manager."""

    def __init__(self, server: CrmServer) -> None:
        self._server = server
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def requests(self) -> list[str]:
        """`METHOD /path` of each request so far, in order. For tests; holds keys, so never print it."""
        return self._server.requests

    def misbehave(self, **faults: Unpack[Faults]) -> None:
        """From now on, misbehave in this way (without arguments: no more)."""
        self._server.faults = faults

    def stop(self) -> None:
        """Stop serving and hang up on everybody. May be called twice."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def start_crm(db: Path, token: str, port: int = 0, **faults: Unpack[Faults]) -> RunningService:
    """Serve the tables of `db` on 127.0.0.1 (port 0: any free one). Raises ValueError where a table has no key."""
    if not db.is_file():
        raise FileNotFoundError("the CRM's SQLite file is not there; make it first")
    engine = open_file(db)
    return RunningService(CrmServer(port, engine, token, discover(engine), faults))
