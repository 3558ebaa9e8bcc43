"""Whom a data breach must be told to and by when, in tables that a DPO can read aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.activity import Role
from domain.breach_ladder import BreachLadder, rung_at
from domain.breaches import (
    DOCUMENTED,
    Breach,
    BreachState,
    DutyState,
    Exemption,
    Harm,
    Phase,
    Risk,
    Told,
    Whom,
    check_may_close,
    check_may_tell,
    duties,
)
from domain.trouble import Refused
from register.loader import load_register

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LADDER = BreachLadder.model_validate(load_register().breaches)
#: A Friday afternoon: the 72 hours run through the weekend.
AWARE = datetime(2026, 11, 20, 16, 30, tzinfo=AMSTERDAM)


def rows(table: str) -> list[list[str]]:
    """The lines of an ASCII table under its heading, as lists of cells."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    return [[cell.strip() for cell in line.split("|")] for line in lines[1:]]


def breach(**given: object) -> Breach:
    told = {"number": "B2026-0001", "role": Role.CONTROLLER, "aware_at": AWARE, "harms": (Harm.CONFIDENTIALITY,)}
    return Breach(**{**told, **given})  # type: ignore[arg-type]


DUTIES = """
our role   | risk       | exempt | tell       | stands     | article
controller | not judged |        | authority  | owed       | AVG 33(1): not judged counts as a risk
controller | not judged |        | persons    | undecided  | AVG 34(1): judge it first
controller | unlikely   |        | authority  | not needed | AVG 33(1): unless a risk is unlikely
controller | unlikely   |        | persons    | not needed | AVG 34(1): only where the risk is high
controller | risk       |        | authority  | owed       | AVG 33(1)
controller | risk       |        | persons    | not needed | AVG 34(1): a risk, but not a high one
controller | high       |        | authority  | owed       | AVG 33(1)
controller | high       |        | persons    | owed       | AVG 34(1)
controller | high       | a      | persons    | not needed | AVG 34(3)(a): nobody can read it
controller | high       | b      | persons    | not needed | AVG 34(3)(b): the risk was taken away
controller | high       | c      | persons    | not needed | AVG 34(3)(c): a public notice instead
controller | high       | a      | authority  | owed       | AVG 33(1): the exemption is for persons only
processor  | not judged |        | controller | owed       | AVG 33(2): whatever the risk, the practice judges
processor  | unlikely   |        | controller | owed       | AVG 33(2)
processor  | high       |        | controller | owed       | AVG 33(2)
"""


@pytest.mark.parametrize(("role", "risk", "exempt", "whom", "stands", "article"), rows(DUTIES))
def test_who_must_be_told(role: str, risk: str, exempt: str, whom: str, stands: str, article: str) -> None:
    one = breach(role=Role(role), risk=Risk(risk), exemption=Exemption(exempt) if exempt else None)
    found = {d.whom: d for d in duties(one, LADDER.norms)}
    assert found[Whom(whom)].state is DutyState(stands)
    assert article.startswith(found[Whom(whom)].article) or "34(3)" in article
    assert (Whom.CONTROLLER in found) == (role == "processor"), "a processor tells its controller and nobody else"


LIMITS = """
aware since      | zone             | tell the authority by | why
2026-11-20T16:30 | Europe/Amsterdam | 2026-11-23T16:30      | through the weekend: hours, no working days
2026-12-24T23:59 | Europe/Amsterdam | 2026-12-27T23:59      | through Christmas
2026-03-28T12:00 | Europe/Amsterdam | 2026-03-31T13:00      | 72 elapsed hours: summer time began on the 29th
2026-10-24T12:00 | Europe/Amsterdam | 2026-10-27T11:00      | summer time ended on the 25th
2028-02-27T08:00 | Europe/Amsterdam | 2028-03-01T08:00      | a leap year
2026-12-30T10:00 | Europe/Amsterdam | 2027-01-02T10:00      | over New Year
2026-11-20T15:30 | UTC              | 2026-11-23T15:30      | the zone that was given stays
"""


@pytest.mark.parametrize(("aware", "zone", "limit", "why"), rows(LIMITS))
def test_seventy_two_hours(aware: str, zone: str, limit: str, why: str) -> None:
    at = datetime.fromisoformat(aware).replace(tzinfo=ZoneInfo(zone))
    authority = duties(breach(aware_at=at), LADDER.norms)[0]
    assert authority.limit == datetime.fromisoformat(limit).replace(tzinfo=ZoneInfo(zone)), why


RUNGS = """
hours since aware | rung climbed       | covers                                  | why
1                 |                    |                                         | the first day asks nothing yet
24                | authority-48       |                                         | 48 hours left
47                | authority-48       |                                         | not yet 24 left
48                | authority-24       | authority-48                            | late: the lower is covered
60                | authority-12       | authority-48 authority-24               |
68                | authority-4        | authority-48 authority-24 authority-12  |
72                | authority-4        | authority-48 authority-24 authority-12  | on the limit itself it is not late
73                | authority-over-0   | authority-48 authority-24 authority-12 authority-4 | then every four hours
"""


@pytest.mark.parametrize(("hours", "key", "covers", "why"), rows(RUNGS))
def test_the_ladder_of_hours(hours: str, key: str, covers: str, why: str) -> None:
    now = AWARE.astimezone(UTC) + timedelta(hours=int(hours))
    climb = rung_at(LADDER, duties(breach(), LADDER.norms)[0], now, set())
    assert (climb.key if climb else "") == key, why
    assert climb is None or climb.covers == tuple(covers.split())


def test_each_rung_is_climbed_once_and_none_is_missed_whenever_one_looks() -> None:
    """Looking each hour for five days: every rung once, in order, and every four hours after the limit."""
    duty, already = duties(breach(), LADDER.norms)[0], list[str]()
    for hour in range(24 * 5):
        climb = rung_at(LADDER, duty, AWARE.astimezone(UTC) + timedelta(hours=hour), set(already))
        already += [climb.key] if climb else []
    assert len(already) == len(set(already))
    assert already[:4] == ["authority-48", "authority-24", "authority-12", "authority-4"]
    overs = [int(k.rsplit("-", 1)[1]) for k in already[4:]]
    assert overs == list(range(0, 48, 4))
    assert all(b - a == 4 for a, b in pairwise(overs))


def test_nobody_is_told_any_more_once_it_was_told_or_needs_no_notice() -> None:
    late = AWARE + timedelta(hours=100)
    told = breach(told=(Told(Whom.AUTHORITY, AWARE + timedelta(hours=2), Phase.FIRST),))
    assert rung_at(LADDER, duties(told, LADDER.norms)[0], late, set()) is None
    assert rung_at(LADDER, duties(breach(risk=Risk.UNLIKELY), LADDER.norms)[0], late, set()) is None


WHOLE = {
    "risk": Risk.RISK, "filled": DOCUMENTED, "told": (Told(Whom.AUTHORITY, AWARE + timedelta(hours=5), Phase.COMPLETE),)
}  # fmt: skip

CLOSING = """
lacks                       | said
risk                        | nobody judged the risk
facts                       | must hold its facts
effects                     | must hold its effects
remedy                      | must hold its remedy
notice                      | the notice to the authority is owed
last part                   | the notice to the authority is begun
persons                     | the notice to the persons is owed
reasons of a late notice    | the reasons are not on file
"""


@pytest.mark.parametrize(("lacks", "said"), rows(CLOSING))
def test_a_file_closes_only_when_it_is_whole(lacks: str, said: str) -> None:
    whole = breach(**WHOLE)
    check_may_close(whole, LADDER.norms)
    [notice] = whole.told
    short = {
        "risk": {"risk": Risk.NOT_JUDGED},
        "notice": {"told": ()},
        "last part": {"told": (replace(notice, phase=Phase.FIRST),)},
        "persons": {"risk": Risk.HIGH},
        "reasons of a late notice": {"told": (replace(notice, at=AWARE + timedelta(hours=73)),)},
    }.get(lacks, {"filled": tuple(n for n in DOCUMENTED if n != lacks)})
    with pytest.raises(Refused, match=said):
        check_may_close(replace(whole, **short), LADDER.norms)  # type: ignore[arg-type]


def test_a_late_notice_with_its_reasons_may_be_closed() -> None:
    late = replace(breach(**WHOLE), told=(Told(Whom.AUTHORITY, AWARE + timedelta(hours=90), Phase.COMPLETE),))
    check_may_close(replace(late, late_because=True), LADDER.norms)


@pytest.mark.parametrize("state", [BreachState.PROPOSED, BreachState.CLOSED, BreachState.DISMISSED])
def test_only_an_open_breach_is_told_to_anybody(state: BreachState) -> None:
    closed = AWARE + timedelta(days=1) if state is not BreachState.PROPOSED else None
    with pytest.raises(Refused, match="told to nobody"):
        check_may_tell(breach(state=state, closed_at=closed), Whom.AUTHORITY)


def test_a_processor_tells_its_controller_and_not_the_authority() -> None:
    with pytest.raises(Refused, match="as processor"):
        check_may_tell(breach(role=Role.PROCESSOR), Whom.AUTHORITY)
    check_may_tell(breach(role=Role.PROCESSOR), Whom.CONTROLLER)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aware_at": datetime(2026, 11, 20, 16, 30)},  # noqa: DTZ001 - the point
        {"persons": (10, 3)},
        {"role": Role.PROCESSOR, "exemption": Exemption.UNINTELLIGIBLE},
        {"state": BreachState.CLOSED},
        {"told": (Told(Whom.AUTHORITY, AWARE - timedelta(hours=1), Phase.FIRST),)},
    ],
)
def test_a_breach_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        breach(**wrong)
