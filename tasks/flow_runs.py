"""The runs that the workflow engine's server remembers: case numbers and moments, which have their term as well."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from domain.keys import Key, Keys
from domain.live import Kind
from domain.trouble import SourceUnreadable

_PAGE = 200
_ENDED = ["COMPLETED", "FAILED", "CANCELLED", "CRASHED"]


class FlowRuns:
    """The ended runs of a server, asked over its API. Without a server there are none: nothing was remembered."""

    def __init__(self, address: str | None, *, auth: tuple[str, str] | None = None) -> None:
        self._address, self._auth = address, auth

    @classmethod
    def of_this_process(cls) -> FlowRuns:
        """The server that this process reports to, if any (PREFECT_API_URL, PREFECT_API_AUTH_STRING)."""
        return cls(os.environ.get("PREFECT_API_URL"), auth=_basic(os.environ.get("PREFECT_API_AUTH_STRING")))

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        return {"id": Kind.TEXT, "ended_at": Kind.ZONED}

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Id and end of each run that ended. Raises SourceUnreadable."""
        begun = 0
        while self._address is not None:
            asked = {"flow_runs": {"state": {"type": {"any_": _ENDED}}}, "sort": "ID_DESC"}
            page = _list_in(self._ask("POST", "/flow_runs/filter", json=asked | {"limit": _PAGE, "offset": begun}))
            for run in page:
                ended = run["end_time"]
                yield {"id": run["id"], "ended_at": None if ended is None else datetime.fromisoformat(ended)}
            begun += _PAGE
            if len(page) < _PAGE:
                return

    def forget(self, keys: Sequence[Key]) -> None:
        """Delete these runs with their logs. Raises SourceUnreadable; what is gone already is gone."""
        for (run,) in keys:
            self._ask("DELETE", f"/flow_runs/{run}")

    def still_there(self, keys: Keys) -> Keys:
        """Which of these runs the server still knows."""
        return Keys(
            key for key in keys if self._ask("GET", f"/flow_runs/{key[0]}").status_code != httpx.codes.NOT_FOUND
        )

    def _ask(self, verb: str, path: str, **more: Any) -> httpx.Response:
        # Prefect's own client asks again when a busy server says so (503 while SQLite is locked), as flows do.
        from prefect.client.base import PrefectHttpxSyncClient

        try:
            with PrefectHttpxSyncClient(timeout=30, auth=self._auth, raise_on_all_errors=False) as client:
                answer = client.request(verb, f"{self._address}{path}", **more)
        except httpx.HTTPError as failure:
            raise _unreadable(type(failure).__name__) from None
        gone = answer.status_code == httpx.codes.NOT_FOUND and verb != "POST"  # a run that is gone, not a wrong address
        if answer.is_error and not gone:
            raise _unreadable(f"status {answer.status_code}")
        return answer


def _list_in(answer: httpx.Response) -> list[dict[str, Any]]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise _unreadable("no list of runs came back")
    return found


def _unreadable(why: str) -> SourceUnreadable:
    return SourceUnreadable(
        f"the server with the flow runs does not answer as it should ({why})",
        where="termijn",
        do="look whether it runs at PREFECT_API_URL; the rest of our own administration waits for it",
    )


def _basic(told: str | None) -> tuple[str, str] | None:
    if not told:
        return None
    name, _, word = told.partition(":")
    return name, word
