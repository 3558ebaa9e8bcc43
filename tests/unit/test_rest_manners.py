"""How the REST connector behaves on the line: patience, pace, paging, and what it keeps to itself."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.rest import RestConnector
from domain.keys import Keys
from domain.trouble import Refused, SourceUnreadable
from sample.crm_service import RunningService, start_crm
from tests.contract.crm_book import DUE, SYSTEM, TOKEN, Clock, announce, connect, everything_allowed, small_book

ANNA = Keys([(1,)])
Answers = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    with start_crm(small_book(tmp_path / "crm.db").path, TOKEN) as running:
        yield running


def mocked(
    answer: Answers, clock: Clock | None = None, *, url: str = "http://localhost", **settings: Any
) -> RestConnector:
    manners = (clock or Clock()).manners(**settings)
    return RestConnector(SYSTEM, url, TOKEN, manners=manners, transport=httpx.MockTransport(answer))


def one_by_one(*answers: httpx.Response | type[httpx.TransportError]) -> tuple[Answers, list[httpx.Request]]:
    """A service that gives these answers in turn, and the last for ever."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        given = answers[min(len(asked), len(answers)) - 1]
        if isinstance(given, httpx.Response):
            return given
        raise given("no line to anna@example.org", request=request)

    return answer, asked


# Patience


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_service_is_asked_again_after_the_seconds_it_asks_for(service: RunningService, status: int) -> None:
    clock = Clock()
    service.misbehave(fail_every=2, fail_status=status, retry_after="7")
    crm = connect(service.url, clock)
    assert list(crm.still_there("person", Keys([(1,), (2,), (3,)]))) == [(1,), (2,), (3,)]
    assert clock.waits == [7.0, 7.0]


def test_a_date_in_retry_after_counts_from_the_services_own_date() -> None:
    clock = Clock()
    later = {"Retry-After": "Mon, 23 Nov 2026 10:00:42 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    answer, _ = one_by_one(httpx.Response(503, headers=later), httpx.Response(200))
    assert len(mocked(answer, clock).still_there("person", ANNA)) == 1
    assert clock.waits == [42.0]


@pytest.mark.parametrize("said", ["soon", "", "-5", "Mon, 23 Nov 2026 10:00:42 GMT", "²"])
def test_an_unreadable_retry_after_gives_way_to_our_own_back_off(said: str) -> None:
    clock = Clock()
    busy = httpx.Response(503, headers=[(b"Retry-After", said.encode())])
    answer, _ = one_by_one(busy, busy, busy, httpx.Response(200))
    mocked(answer, clock).still_there("person", ANNA)
    assert clock.waits == [0.5, 1.0, 2.0]


def test_jitter_shortens_a_wait_but_never_below_what_was_asked() -> None:
    clock = Clock()
    answer, _ = one_by_one(httpx.Response(503), httpx.Response(503, headers={"Retry-After": "3"}), httpx.Response(200))
    mocked(answer, clock, jitter=lambda: 0.0).still_there("person", ANNA)
    assert clock.waits == [0.25, 3.0]


def test_patience_has_an_end_in_seconds() -> None:
    clock = Clock()
    answer, asked = one_by_one(httpx.Response(429, headers={"Retry-After": "50"}))
    with pytest.raises(SourceUnreadable, match=r"answered 429 to GET, after waiting 100 s in all"):
        mocked(answer, clock, most_wait=120).still_there("person", ANNA)
    assert clock.waits == [50.0, 50.0]
    assert len(asked) == 3


def test_patience_has_an_end_in_tries_even_when_no_wait_is_asked() -> None:
    answer, asked = one_by_one(httpx.Response(503, headers={"Retry-After": "0"}))
    with pytest.raises(SourceUnreadable):
        mocked(answer, first_wait=0, most_tries=4).still_there("person", ANNA)
    assert len(asked) == 4


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_lost_connection_is_tried_again(failure: type[httpx.TransportError]) -> None:
    clock = Clock()
    answer, asked = one_by_one(failure, failure, httpx.Response(200))
    assert len(mocked(answer, clock).still_there("person", ANNA)) == 1
    assert len(asked) == 3
    assert clock.waits == [0.5, 1.0]


def test_a_service_that_is_not_there_is_unreadable_and_says_what_to_do() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    with pytest.raises(SourceUnreadable, match=r"no connection \(ConnectError\)[\s\S]*-> check that the service runs"):
        connect(f"http://127.0.0.1:{port}").look()


def test_a_slow_service_runs_into_the_time_out(service: RunningService) -> None:
    service.misbehave(slow=0.5)
    with pytest.raises(SourceUnreadable, match="ReadTimeout"):
        connect(service.url, timeout=0.05, most_tries=2).look()


@pytest.mark.parametrize("status", [400, 401, 403, 500, 301])
def test_what_is_not_a_matter_of_time_is_not_asked_twice(status: int) -> None:
    answer, asked = one_by_one(httpx.Response(status, headers={"Location": "https://elsewhere.example/"}))
    with pytest.raises(SourceUnreadable, match=str(status)):
        mocked(answer).still_there("person", ANNA)
    assert len(asked) == 1


def test_a_patch_is_never_repeated(service: RunningService) -> None:
    crm = connect(service.url)
    receipt = announce(crm, [(1,)])
    service.misbehave(fail_every=1, fail_only="PATCH")
    with pytest.raises(SourceUnreadable, match="answered 503 to PATCH"):
        crm.destroy(DUE, [(1,)], allowed=everything_allowed, announced=receipt)
    patches = [r for r in service.requests if r.startswith("PATCH")]
    assert patches == ["PATCH /party/1"]
    assert not [r for r in service.requests if r.startswith("DELETE")]


# Pace


def test_no_more_requests_a_second_than_allowed(service: RunningService) -> None:
    clock = Clock()
    crm = connect(service.url, clock, requests_per_second=4)
    crm.still_there("person", Keys([(1,), (2,), (3,), (4,)] * 2))
    assert clock.waits == [0.25] * 7
    clock.now += 100  # a rest does not save up for a burst
    crm.still_there("person", Keys([(1,), (2,), (3,)]))
    assert clock.waits == [0.25] * 9


def test_no_request_per_second_means_none(service: RunningService) -> None:
    with pytest.raises(Refused):
        connect(service.url, requests_per_second=0)
    assert service.requests == []


# Who we are


def test_the_wrong_token_is_unreadable(service: RunningService) -> None:
    crm = RestConnector(SYSTEM, service.url, "another-token", manners=Clock().manners())
    with pytest.raises(SourceUnreadable, match=r"answered 401[\s\S]*-> renew the token"):
        crm.tally(DUE)


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.org", "ftp://localhost", "crm.example.org", "", "https://user:secret@crm.example.org",
        "https://crm.example.org/?key=secret", "https://", "https://secret.example.org:port", "http://127.0.0.1.example.org",
    ],
)  # fmt: skip
def test_an_address_that_is_not_safe_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(Refused) as trouble:
        RestConnector(SYSTEM, url, TOKEN)
    assert "secret@" not in str(trouble.value)
    assert "example.org" not in str(trouble.value)


@pytest.mark.parametrize("token", ["two\nlines", " in-front", "één", "\x00"])
def test_a_token_that_cannot_be_one_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(Refused) as trouble:
        RestConnector(SYSTEM, "https://crm.example.org", token)
    assert token not in str(trouble.value)


def test_neither_logs_nor_reprs_hold_a_key_or_the_token(
    service: RunningService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    crm = connect(service.url)
    crm.still_there("remark", Keys([("mark-of-a-person",)]))
    list(crm.rows(DUE.rule.parts[0], [(1,)]))
    assert "HTTP Request" in caplog.text, "httpx still logs; otherwise this proves nothing"
    written = caplog.text + repr(crm)
    assert not [word for word in ("mark-of-a-person", "person_id", TOKEN, "geheim") if word in written]


def test_hanging_up_twice_is_no_trouble(service: RunningService) -> None:
    crm = connect(service.url)
    crm.look()
    crm.close()
    crm.close()


# Paging


def row(i: int) -> dict[str, Any]:
    return dict.fromkeys(SYSTEM.datasets["remark"].columns) | {"code": f"r{i}"}


def pages(*given: dict[str, Any]) -> Answers:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=given[int(request.url.params.get("page", "1")) - 1])

    return answer


REMARK = next(p for p in DUE.rule.parts if p.dataset == "remark")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([{"items": [row(1)], "total": 2, "next": None}], "do not add up"),
        ([{"items": [row(1), row(2)], "total": 1, "next": None}], "do not add up"),
        ([{"items": [row(1)], "total": 2, "next": "/remark?page=2"}, {"items": [row(2)], "total": 3, "next": None}],
         "do not add up"),
        ([{"items": [], "total": 2, "next": "/remark?page=1"}], "do not add up"),
        ([{"items": [row(1)], "total": 2, "next": "/remark?page=1"}], "do not add up"),
        ([{"items": [row(1)], "total": 2, "next": "https://elsewhere.example/remark?page=2"}], "another address"),
        ([{"items": [row(1)], "total": 2, "next": "//elsewhere.example/remark?page=2"}], "another address"),
        ([{"items": [row(1)], "total": 2, "next": "http://localhost:8080/remark?page=2"}], "another address"),
        ([{"items": "r1", "total": 1, "next": None}], "as agreed"),
        ([{"items": ["r1"], "total": 1, "next": None}], "not a JSON object"),
        ([{"items": [], "next": None}], "as agreed"),
        ([{"error": "no"}], "as agreed"),
        ([[1, 2]], "as agreed"),
    ],
)  # fmt: skip
def test_pages_that_cannot_be_trusted_are_not_believed(given: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        list(mocked(pages(*given)).search("remark", []))


def test_a_log_in_page_is_not_a_page_of_records() -> None:
    answer, _ = one_by_one(httpx.Response(200, text="<html>anna@example.org"))
    with pytest.raises(SourceUnreadable) as trouble:
        mocked(answer).tally(DUE)
    assert "anna" not in str(trouble.value)


@pytest.mark.parametrize("link", ["/remark?page=2", "/api/v2/remark?page=2", "http://localhost/api/v2/remark?page=2"])
def test_a_next_link_is_followed_below_the_services_address(link: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        last = request.url.params["page"] == "2"
        return httpx.Response(200, json={"items": [row(2 if last else 1)], "total": 2, "next": None if last else link})

    list(mocked(answer, url="http://localhost/api/v2/").search("remark", []))
    assert asked == ["/api/v2/remark", "/api/v2/remark"]


def test_a_service_that_ignores_filters_gives_no_strangers() -> None:
    blank = {d: dict.fromkeys(SYSTEM.datasets[d].columns) for d in ("person", "contact", "remark")}
    tables = {
        "/party": [blank["person"] | {"id": i, "kind": "lead"} for i in (1, 2)],
        "/contact": [blank["contact"] | {"person_id": p, "number": n} for p, n in (("1", 1), (2, 1), (1, None))],
        "/remark": [row(i) | {"person_id": i, "contact": 1} for i in (1, 2)] + [row(3) | {"person_id": 1}],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        items = tables[request.url.path]
        return httpx.Response(200, json={"items": items, "total": len(items), "next": None})

    found = list(mocked(answer).rows(REMARK, [(1,)]))
    assert [r["code"] for r in found] == ["r1"], (
        "1 and '1' are the same reference, 1 and 2 are not, empty leads nowhere"
    )


def test_a_service_that_gives_another_record_than_asked_is_not_believed() -> None:
    other = dict.fromkeys(SYSTEM.datasets["person"].columns) | {"id": 2, "kind": "lead"}
    answer, _ = one_by_one(httpx.Response(200, json=other, headers={"ETag": '"2"'}))
    with pytest.raises(SourceUnreadable, match="another record"):
        mocked(answer).facts(DUE, (1,))


# The sample service itself


def test_the_sample_is_only_on_this_machine_and_quiet(
    service: RunningService, capfd: pytest.CaptureFixture[str]
) -> None:
    assert service.url.startswith("http://127.0.0.1:")
    connect(service.url).look()
    httpx.get(f"{service.url}/party", trust_env=False)
    service.stop()
    service.stop()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/party/1", {"Authorization": "Bearer no"}, 401),
        ("GET", "/party/1", {"Authorization": ""}, 401),
        ("GET", "/sqlite_schema", {}, 404),
        ("GET", '/party"; DROP TABLE party; --', {}, 404),
        ("GET", "/party?nonsense=1", {}, 400),
        ("GET", "/party?page=0", {}, 400),
        ("GET", "/party?page_size=-1", {}, 400),
        ("GET", "/party/1|2", {}, 404),
        ("DELETE", "/party", {}, 405),
        ("DELETE", "/party/1", {"If-Match": '"old"'}, 412),
        ("DELETE", "/party/1", {}, 409),
        ("DELETE", "/party/77", {}, 404),
        ("PATCH", "/party/1", {"If-Match": '"old"'}, 412),
        ("PATCH", "/party/1", {}, 400),
        ("DELETE", "/party/3", {}, 204),
    ],
)
def test_the_sample_keeps_the_convention(
    service: RunningService, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    sent = {"Authorization": f"Bearer {TOKEN}", **headers}
    got = httpx.request(method, service.url + path, headers=sent, trust_env=False)
    assert got.status_code == status


def test_the_sample_hangs_up_on_kept_connections_when_it_stops(service: RunningService) -> None:
    crm = connect(service.url, most_tries=1)
    crm.look()
    service.stop()
    with pytest.raises(SourceUnreadable, match="no connection"):
        crm.look()
