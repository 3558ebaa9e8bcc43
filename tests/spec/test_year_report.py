"""What a year of requests comes to, counted from their own histories: nothing twice, nothing left out, nobody named."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from domain.activity import Role
from domain.breaches import Breach, BreachState, Harm, Norms, Phase, Risk, Told, Whom
from domain.cases import Case, CaseKind, State
from domain.grounds import UNWRITTEN
from domain.year_report import Audience, Way, YearReport, shown, sum_up
from reports import year_report_json

NORMS = Norms(72, 24, 72)
AS_OF = date(2026, 12, 31)


def way(
    number: int,
    kind: str,
    received: str,
    ended: str = "",
    state: str = "answered",
    whole: str = "",
    part: str = "",
    **more: object,
) -> Way:
    day = date.fromisoformat(received)
    case = Case(number=f"{day.year}-{number:04d}", kind=CaseKind(kind), received_on=day, channel="mail", **more)  # type: ignore[arg-type]
    entered = {State.RECEIVED: day} | ({State(state): date.fromisoformat(ended)} if ended else {})
    return Way(case, entered, frozenset(filter(None, [whole])), frozenset(filter(None, [part])))


WAYS = [
    way(1, "access", "2026-01-05", "2026-01-20"),
    way(2, "access", "2026-01-06", "2026-02-20"),  # 45 days: late
    way(3, "access", "2026-03-01", "2026-03-11", "refused", whole="AVG 12 lid 5"),
    way(4, "access", "2026-03-02", "2026-03-04", "forwarded"),
    way(5, "access", "2026-12-20"),  # open, in time
    way(6, "access", "2026-10-01"),  # open, late
    way(7, "access", "2026-02-01", "2026-04-20", extended_on=date(2026, 2, 20)),  # in three months: in time
    way(8, "erasure", "2026-05-01", "2026-05-08"),
    way(11, "rectification", "2026-05-02", "2026-05-08", part="BW 7:454 lid 2"),
    way(12, "restriction", "2026-05-03", "2026-05-09", "refused", whole="AVG 12 lid 5"),
    way(13, "erasure", "2026-05-04", "2026-05-09", "refused"),  # by telephone, and nobody wrote down why
    way(9, "access", "2025-12-31", "2026-01-10"),  # of the year before
    way(10, "objection", "2026-06-01", "2026-06-02", "withdrawn"),
]


def breach(nth: int, **given: object) -> Breach:
    aware = datetime(2026, 5, nth, 9, 0, tzinfo=UTC)
    told = {"number": f"B2026-{nth:04d}", "role": Role.CONTROLLER, "aware_at": aware, "harms": (Harm.CONFIDENTIALITY,)}
    return Breach(**{**told, **given})  # type: ignore[arg-type]


def noticed(nth: int, hours: int, whom: Whom = Whom.AUTHORITY) -> tuple[Told, ...]:
    return (Told(whom, datetime(2026, 5, nth, 9, 0, tzinfo=UTC) + timedelta(hours=hours), Phase.COMPLETE),)


BREACHES = [
    breach(1, risk=Risk.RISK, told=noticed(1, 20)),
    breach(2, risk=Risk.HIGH, told=(*noticed(2, 80), *noticed(2, 81, Whom.PERSONS)), late_because=True),
    breach(3, role=Role.PROCESSOR, told=noticed(3, 5, Whom.CONTROLLER)),
    breach(4, state=BreachState.DISMISSED, closed_at=datetime(2026, 5, 5, tzinfo=UTC)),
]


def report() -> YearReport:
    return sum_up(WAYS, BREACHES, year=2026, as_of=AS_OF, destroyed={"hr": 12, "crm": 3}, erased=1, norms=NORMS)


def test_every_request_of_the_year_is_counted_once_by_how_it_ended() -> None:
    kinds = {k.kind: k for k in report().kinds}
    access = kinds["access"]
    assert (access.received, access.answered, access.refused, access.forwarded, access.open) == (7, 3, 1, 1, 2)
    assert access.answered + access.refused + access.forwarded + access.withdrawn + access.open == access.received
    assert (access.late, access.extended) == (2, 1), "answered after 45 days, and open since October"
    assert access.usual_days == 15, "half of 2, 10, 15, 45 and 78 days"
    assert kinds["objection"].withdrawn == 1
    assert report().received == sum(report().months) == 12
    assert report().months[:3] == (2, 1, 2)


def test_every_refusal_is_counted_by_its_ground() -> None:
    told = {r.ground: (r.whole, r.part) for r in report().refusals}
    assert told == {"AVG 12 lid 5": (2, 0), "BW 7:454 lid 2": (0, 1), UNWRITTEN: (1, 0)}
    assert sum(r.whole for r in report().refusals) == sum(k.refused for k in report().kinds)
    regulator = json.loads(year_report_json(report(), Audience.REGULATOR))["refusals"]
    assert {"ground": "AVG 12 lid 5", "whole": "minder dan 5", "part": 0} in regulator


def test_breaches_are_counted_by_what_was_told_and_when() -> None:
    found = report().breaches
    assert (found.known, found.dismissed) == (3, 1)
    assert (found.authority_told, found.authority_late, found.persons_told, found.practices_told) == (2, 1, 1, 1)


def test_the_regulator_gets_no_count_under_five_and_the_board_does() -> None:
    assert shown(3, Audience.REGULATOR) == "minder dan 5"
    assert shown(0, Audience.REGULATOR) == "0"
    assert shown(5, Audience.REGULATOR) == "5"
    assert shown(3, Audience.BOARD) == "3"
    told = json.loads(year_report_json(report(), Audience.REGULATOR))
    assert told["erased"] == "minder dan 5"
    assert told["year"] == 2026
    assert told["kinds"][0]["received"] == 7
    assert told["kinds"][0]["refused"] == "minder dan 5"
    assert json.loads(year_report_json(report(), Audience.BOARD))["erased"] == 1


def test_no_case_is_named() -> None:
    for audience in Audience:
        body = year_report_json(report(), audience).decode()
        assert not any(w.case.number in body for w in WAYS)
