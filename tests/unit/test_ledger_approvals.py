"""Promise 8: two persons, each with a code of their own, at every door."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest

from domain.evidence import Entry
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.approvals import What
from ledger.officers import CLOSED_FOR, WRONG_CODES, OfficerRole
from tests.unit.ledger_desk import AS_OF, RULE, Desk


def ask(desk: Desk, by: str = "dev", *, what: What = What.RULE, code: str | None = None) -> None:
    given = desk.code(by.strip().lower()) if code is None else code
    desk.ledger.approvals.request(what, [RULE], code=given, entry=Entry("approval asked", by))


def allow(desk: Desk, by: str = "fg", *, what: What = What.RULE, code: str | None = None) -> None:
    given = desk.code(by.strip().lower()) if code is None else code
    desk.ledger.approvals.approve(what, [RULE], code=given, entry=Entry("approval given", by))


def standing(desk: Desk, as_of: date = AS_OF) -> bool:
    return desk.ledger.approvals.standing_approval(What.RULE, RULE, as_of) is not None


def test_two_officers_approve_what_one_asks_and_the_other_allows(desk: Desk) -> None:
    desk.office()
    assert not standing(desk)
    ask(desk)
    assert not standing(desk)
    assert [(r.digest, r.requested_by) for r in desk.ledger.approvals.waiting()] == [(RULE, "dev")]
    allow(desk)
    found = desk.ledger.approvals.standing_approval(What.RULE, RULE, AS_OF)
    assert found is not None
    assert (found.requested_by, found.approved_by) == ("dev", "fg")
    assert desk.ledger.approvals.waiting() == ()
    assert desk.ledger.approvals.standing_approval(What.RULE, RULE[:-1] + "b", AS_OF) is None
    assert desk.ledger.approvals.standing_approval(What.PLAN, RULE, AS_OF) is None
    assert list(desk.ledger.approvals.standing(What.RULE, AS_OF)) == [RULE]


@pytest.mark.parametrize("as_written", ["fg", "FG", " fg ", "f g", "ｆｇ", "f\u200bg", "fg\n"])
@pytest.mark.parametrize("what", list(What))
def test_who_asks_does_not_approve_however_the_name_is_written(paper: Desk, as_written: str, what: What) -> None:
    paper.office()
    ask(paper, "fg", what=what)
    with pytest.raises(Refused, match="two persons"):
        allow(paper, as_written, what=what, code=paper.code("fg"))
    assert paper.ledger.approvals.standing_approval(what, RULE, AS_OF) is None


def test_nobody_asks_in_the_name_of_another(paper: Desk) -> None:
    """A sole officer could else ask as 'dev' and approve as themself."""
    paper.office()
    with pytest.raises(Refused, match="not the right code"):
        ask(paper, "dev", code=paper.code("fg"))
    with pytest.raises(Refused, match="nobody asked"):
        allow(paper)


def test_a_sole_officer_can_do_nothing_that_takes_two(paper: Desk) -> None:
    paper.enrol("fg")
    ask(paper, "fg")
    with pytest.raises(Refused, match="two persons"):
        allow(paper)
    with pytest.raises(Refused, match="vouches for themselves"):
        paper.enrol("fg", by="fg")
    with pytest.raises(Refused, match="no enrolled officer"):
        paper.ledger.officers.enrol("tool", OfficerRole.DPO, entry=Entry("officer enrolled", "tool"))


def test_an_approval_needs_a_request(paper: Desk) -> None:
    paper.office()
    with pytest.raises(Refused, match="nobody asked"):
        allow(paper)


def test_a_request_is_answered_once(paper: Desk) -> None:
    paper.office()
    paper.approve()
    with pytest.raises(Refused, match="nobody asked"):
        allow(paper)


@pytest.mark.parametrize(
    ("role", "what", "may"),
    [
        (OfficerRole.DPO, What.RULE, True),
        (OfficerRole.PRIVACY_OFFICER, What.RULE, False),
        (OfficerRole.MANAGEMENT, What.PLAN, True),
        (OfficerRole.MANAGEMENT, What.RELEASE, False),
        (OfficerRole.ENGINEER, What.PLAN, False),
        (OfficerRole.HANDLER, What.RELEASE, False),
    ],
)
def test_an_approval_is_given_by_a_role_that_may(paper: Desk, role: OfficerRole, what: What, may: bool) -> None:
    paper.enrol("fg")
    paper.enrol("other", role)
    ask(paper, "fg", what=what)
    if may:
        allow(paper, "other", what=what)
        return
    with pytest.raises(Refused, match="does not approve"):
        allow(paper, "other", what=what)


def test_a_code_is_accepted_once(desk: Desk) -> None:
    desk.office()
    code = desk.code("dev")
    ask(desk, code=code)
    with pytest.raises(Refused, match="used before"):
        ask(desk, code=code)
    desk.tick(seconds=30)
    with pytest.raises(Refused, match="used before"):
        ask(desk, code=code)


def test_a_code_older_than_the_last_accepted_one_is_refused(paper: Desk) -> None:
    paper.office()
    paper.tick(minutes=5)
    before = paper.secrets["dev"].at(paper.now - timedelta(seconds=30))
    ask(paper, code=paper.secrets["dev"].at(paper.now))
    with pytest.raises(Refused, match="used before"):
        ask(paper, code=before)


@pytest.mark.parametrize(("away", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_counts_half_a_minute_to_either_side(paper: Desk, away: int, accepted: bool) -> None:
    paper.office()
    paper.tick(minutes=5)
    code = paper.secrets["dev"].at(paper.now + timedelta(seconds=away))
    if accepted:
        ask(paper, code=code)
        return
    with pytest.raises(Refused, match="not the right code"):
        ask(paper, code=code)


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "12345", "1234567", "٠٠٠٠٠٠", "é"])
def test_what_is_no_code_is_refused(paper: Desk, code: str) -> None:
    paper.office()
    with pytest.raises(Refused, match="not the right code"):
        ask(paper, code=code)


def test_wrong_codes_close_the_door_also_to_the_right_one_for_a_while(desk: Desk) -> None:
    desk.office()
    for _ in range(WRONG_CODES):
        with pytest.raises(Refused, match="not the right code"):
            ask(desk, code="nonono")
    with pytest.raises(Refused, match="wrong codes until"):
        ask(desk)
    desk.close()  # another process knows it too
    with pytest.raises(Refused, match="wrong codes until"):
        ask(desk)
    desk.tick(seconds=CLOSED_FOR.total_seconds())
    ask(desk)


def test_after_the_door_opens_again_it_takes_as_many_wrong_codes_to_close_it(paper: Desk) -> None:
    paper.office()
    for _ in range(WRONG_CODES):
        with pytest.raises(Refused):
            ask(paper, code="nonono")
    paper.tick(seconds=CLOSED_FOR.total_seconds() + 1)
    for _ in range(WRONG_CODES - 1):
        with pytest.raises(Refused, match="not the right code"):
            ask(paper, code="nonono")
    ask(paper)


def test_a_right_code_forgives_the_wrong_ones_before_it(paper: Desk) -> None:
    paper.office()
    for _ in range(3):
        for _ in range(WRONG_CODES - 1):
            with pytest.raises(Refused, match="not the right code"):
                ask(paper, code="nonono")
        ask(paper)


def test_a_refusal_is_an_event_too(paper: Desk) -> None:
    paper.office()
    with pytest.raises(Refused):
        ask(paper, code="nonono")
    event = list(paper.ledger.events.events(kind="refused"))[-1]
    assert event.by == "dev"
    assert "not the right code" in event.body
    assert "nonono" not in event.body
    assert paper.ledger.verify().ok


def test_an_approval_ends_after_its_last_day_and_when_it_is_revoked(desk: Desk) -> None:
    desk.office()
    desk.approve(expires_on=AS_OF)
    assert standing(desk)
    assert not standing(desk, AS_OF + timedelta(days=1))
    desk.ledger.approvals.revoke(What.RULE, RULE, entry=Entry("approval revoked", "fg"))
    assert not standing(desk)
    with pytest.raises(NotFound):
        desk.ledger.approvals.revoke(What.RULE, RULE, entry=Entry("approval revoked", "fg"))
    desk.approve()
    assert standing(desk, AS_OF + timedelta(days=1))


def test_one_code_allows_several_digests_or_none(paper: Desk) -> None:
    paper.office()
    one, two = "1" * 64, "2" * 64
    entry = Entry("approval asked", "dev")
    paper.ledger.approvals.request(What.RULE, [one], code=paper.code("dev"), entry=entry)
    with pytest.raises(Refused, match="nobody asked"):
        paper.ledger.approvals.approve(What.RULE, [one, two], code=paper.code("fg"), entry=Entry("given", "fg"))
    assert paper.ledger.approvals.standing(What.RULE, AS_OF) == {}
    paper.ledger.approvals.request(What.RULE, [two], code=paper.code("dev"), entry=entry)
    paper.ledger.approvals.approve(What.RULE, [one, two], code=paper.code("fg"), entry=Entry("given", "fg"))
    assert set(paper.ledger.approvals.standing(What.RULE, AS_OF)) == {one, two}
    for nothing in ([], RULE):
        with pytest.raises(Refused, match="no digest"):
            paper.ledger.approvals.approve(What.RULE, nothing, code=paper.code("fg"), entry=Entry("given", "fg"))


@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE approvals SET digest = '{other}'",
        "UPDATE approvals SET approved_by = 'dev'",
        "UPDATE approvals SET what = 'plan', digest = '{other}'",
        "INSERT INTO approvals SELECT 9, what, '{other}', requested_by, approved_by, at, NULL, NULL, seal"
        " FROM approvals",
    ],
)
def test_an_approval_written_by_hand_allows_nothing(paper: Desk, by_hand: str) -> None:
    paper.office()
    paper.approve()
    other = "b" * 64
    paper.by_hand(by_hand.format(other=other))
    assert not paper.ledger.verify().ok
    found = [(what, digest) for what in What for digest in (other, RULE)]
    allowed = []
    for what, digest in found:
        with suppress(LedgerBroken):
            allowed += [paper.ledger.approvals.standing_approval(what, digest, AS_OF)]
    assert {a.digest for a in allowed if a is not None} <= ({RULE} if "INSERT" in by_hand else set())
    assert len(allowed) < len(found)


def test_a_revocation_or_a_last_day_undone_by_hand_is_found(paper: Desk) -> None:
    paper.office()
    paper.approve(expires_on=AS_OF)
    paper.ledger.approvals.revoke(What.RULE, RULE, entry=Entry("approval revoked", "fg"))
    paper.by_hand("UPDATE approvals SET revoked_at = NULL")
    with pytest.raises(LedgerBroken, match="by hand"):
        standing(paper)


def test_a_request_whose_asker_was_changed_by_hand_is_found(paper: Desk) -> None:
    paper.office()
    ask(paper, "fg")
    paper.by_hand("UPDATE requests SET requested_by = 'dev'")
    with pytest.raises(LedgerBroken, match="by hand"):
        allow(paper)


@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE officers SET role = 'dpo' WHERE name = 'dev'",
        "UPDATE officers SET secret = (SELECT secret FROM officers WHERE name = 'fg') WHERE name = 'dev'",
    ],
)
def test_an_officer_changed_by_hand_signs_nothing(paper: Desk, by_hand: str) -> None:
    paper.office()
    paper.by_hand(by_hand)
    with pytest.raises(LedgerBroken, match="not put"):
        ask(paper)


def test_a_retired_officer_signs_nothing_and_comes_back_only_through_another(paper: Desk) -> None:
    ledger = paper.office()
    with pytest.raises(Refused, match="themselves"):
        ledger.officers.retire("fg", entry=Entry("officer retired", "fg"), code=paper.code("fg"))
    ledger.officers.retire("dev", entry=Entry("officer retired", "fg"), code=paper.code("fg"))
    with pytest.raises(Refused, match="no enrolled officer"):
        ask(paper)
    paper.enrol("dev", OfficerRole.ENGINEER)
    ask(paper)
    assert [(o.name, o.retired) for o in ledger.officers.list_officers()] == [("dev", False), ("fg", False)]


def test_a_new_authenticator_replaces_the_old_one(paper: Desk) -> None:
    paper.office()
    old = paper.secrets["dev"]
    paper.enrol("dev", OfficerRole.ENGINEER)
    paper.tick(seconds=30)
    with pytest.raises(Refused, match="not the right code"):
        ask(paper, code=old.at(paper.now))
    ask(paper)


@pytest.mark.parametrize("name", ["", "x", "fg@example.org", "jan jansen de vries van der berg tot den dolder", "0a"])
def test_an_officer_is_enrolled_by_an_id_of_the_office(paper: Desk, name: str) -> None:
    with pytest.raises(Refused, match="officer's id"):
        paper.ledger.officers.enrol(name, OfficerRole.DPO, entry=Entry("officer enrolled", "fg"))


def test_the_secret_is_shown_once_and_stands_nowhere_in_clear(paper: Desk) -> None:
    paper.office()
    secret = paper.secrets["fg"].secret
    events = "".join(event.body for event in paper.ledger.events.events())
    assert secret not in events


def test_what_changed_since_is_not_approved(paper: Desk) -> None:
    paper.office()
    paper.approve()
    changed = RULE[:-1] + "b"
    assert paper.ledger.approvals.standing_approval(What.RULE, changed, AS_OF) is None
    with pytest.raises(Refused, match="no approval"):
        paper.announce({}, digest=changed)
