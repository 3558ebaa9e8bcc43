"""Packages in the ledger: who releases one, who is told its passphrase, and that a case is answered by no other way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.release import PackageState
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.approvals import What
from ledger.officers import OfficerRole
from ledger.packages import Made
from tests.unit.ledger_desk import AS_OF, Desk

LAST = AS_OF + timedelta(days=30)
E = Entry("told", "fg")


def a_case(desk: Desk, *, to: State = State.IN_PROGRESS) -> str:
    case = desk.ledger.cases.open_case(
        CaseKind.ACCESS, received_on=AS_OF, channel="mail", subject={"name": "x"}, entry=Entry("case.received", "dev")
    )
    check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "dev", AS_OF)
    desk.ledger.cases.record_identity(case.number, check, entry=E)
    desk.ledger.cases.move(case.number, State.IN_PROGRESS, on=AS_OF, entry=E)
    if to is State.SEALED:
        desk.ledger.cases.move(case.number, State.SEALED, on=AS_OF, entry=E)
    return case.number


def made(case: str, *, special: bool = True, nth: int = 1, controller: str = "") -> Made:
    file = f"{case}-{nth:08x}.zip"
    return Made(
        file=file, controller=controller, sha256=f"{nth:064x}", special=special, records=3, passphrase="een-twee-drie"
    )


def seal(desk: Desk, case: str, *packages: Made, by: str = "maker") -> list[str]:
    given = packages or (made(case),)
    desk.ledger.packages.seal(case, given, expires_on=LAST, entry=Entry("package.sealed", by))
    return [p.file for p in given]


def ask(desk: Desk, file: str, by: str = "dev") -> None:
    entry = Entry("package.release asked", by)
    desk.ledger.packages.ask_release(file, code=desk.code(by), as_of=AS_OF, entry=entry)


def release(desk: Desk, file: str, by: str = "fg", as_of: date = AS_OF) -> None:
    entry = Entry("package.released", by)
    desk.ledger.packages.release(file, code=desk.code(by), as_of=as_of, entry=entry)


def phrase(desk: Desk, file: str, as_of: date = AS_OF) -> str:
    return desk.ledger.packages.passphrase_of(file, as_of=as_of, entry=Entry("passphrase.read", "dev"))


def answer(desk: Desk, case: str, on: date = AS_OF) -> None:
    desk.ledger.cases.move(case, State.ANSWERED, on=on, entry=Entry("case.moved", "dev"))


def state(desk: Desk, file: str) -> str:
    return desk.ledger.packages.read_package(file).state.value


def test_two_officers_release_what_is_special_and_then_the_case_is_answered(desk: Desk) -> None:
    desk.office()
    case = a_case(desk, to=State.SEALED)
    [file] = seal(desk, case)
    with pytest.raises(Refused, match="not released"):
        phrase(desk, file)
    with pytest.raises(Refused, match="did not go to the person"):
        answer(desk, case)
    ask(desk, file)
    before = desk.ledger.events.head().seq
    release(desk, file)
    (event,) = desk.ledger.events.events(after=before)
    assert (event.kind, event.by, event.subject) == ("package.released", "fg", case)
    found = desk.ledger.packages.read_package(file)
    assert (found.state, found.released_by, found.made_by) == (PackageState.RELEASED, "fg", "maker")
    assert phrase(desk, file) == "een-twee-drie"
    answer(desk, case)
    assert desk.ledger.cases.read_case(case).state is State.ANSWERED
    assert desk.ledger.verify().ok


def test_every_telling_is_an_event_and_no_event_tells(desk: Desk) -> None:
    desk.office()
    case = a_case(desk)
    [file] = seal(desk, case, made(case, special=False))
    release(desk, file)
    before = desk.ledger.events.head().seq
    phrase(desk, file)
    desk.ledger.packages.open_package(file, as_of=AS_OF, entry=Entry("package.opened", "dev"))
    desk.ledger.packages.review(file, code=desk.code("fg"), as_of=AS_OF, entry=Entry("package.reviewed", "fg"))
    told = list(desk.ledger.events.events(after=before))
    assert [(e.kind, e.by, e.subject) for e in told] == [
        ("passphrase.read", "dev", case), ("package.opened", "dev", case), ("package.reviewed", "fg", case),
    ]  # fmt: skip
    assert not any("een-twee" in e.body for e in desk.ledger.events.events())


def test_one_officer_releases_what_is_not_special(desk: Desk) -> None:
    desk.office()
    case = a_case(desk)
    [file] = seal(desk, case, made(case, special=False))
    with pytest.raises(Refused, match="engineer releases no package"):
        release(desk, file, by="dev")
    assert state(desk, file) == "sealed"
    release(desk, file)
    assert phrase(desk, file) == "een-twee-drie"


#: Who asked, who releases, and what stands in the way.
DOORS: list[tuple[str, str, str, str]] = [
    ("nobody asked", "", "fg", "nobody asked"),
    ("who asked releases it", "fg", "fg", "yourself"),
    ("who made it releases it", "dev", "maker", "made this package yourself"),
    ("who made it, spelled otherwise", "dev", "MAKER ", "made this package yourself"),
    ("an engineer releases it", "fg", "dev", "engineer does not approve"),
]


@pytest.mark.parametrize(("asked", "by", "why"), [d[1:] for d in DOORS], ids=[d[0] for d in DOORS])
def test_no_one_person_releases_what_is_special(paper: Desk, asked: str, by: str, why: str) -> None:
    paper.office()
    paper.enrol("maker")
    paper.secrets["MAKER "] = paper.secrets["maker"]
    case = a_case(paper, to=State.SEALED)
    [file] = seal(paper, case)
    if asked:
        ask(paper, file, asked)
    with pytest.raises(Refused, match=why):
        release(paper, file, by)
    assert state(paper, file) == "sealed"
    with pytest.raises(Refused):
        phrase(paper, file)
    with pytest.raises(Refused):
        answer(paper, case)
    refused = list(paper.ledger.events.events(kind="refused"))
    assert len(refused) >= 1, "the attempt itself is kept"


@pytest.mark.parametrize("code", ["", "000000", "used"])
def test_a_release_takes_a_code_of_now(paper: Desk, code: str) -> None:
    paper.office()
    case = a_case(paper)
    [file] = seal(paper, case)
    ask(paper, file)
    given = paper.secrets["dev"].at(paper.now) if code == "used" else code
    with pytest.raises(Refused):
        paper.ledger.packages.release(file, code=given, as_of=AS_OF, entry=Entry("package.released", "fg"))
    assert state(paper, file) == "sealed"


def test_an_approval_by_the_general_door_releases_nothing(paper: Desk) -> None:
    paper.office()
    case = a_case(paper, to=State.SEALED)
    [file] = seal(paper, case)
    paper.approve(f"{1:064x}", What.RELEASE)
    assert state(paper, file) == "sealed"
    with pytest.raises(Refused):
        phrase(paper, file)
    with pytest.raises(Refused):
        answer(paper, case)


def test_made_again_it_is_another_package_and_the_first_is_over(paper: Desk) -> None:
    paper.office()
    case = a_case(paper, to=State.SEALED)
    [first] = seal(paper, case)
    ask(paper, first)
    release(paper, first)
    [again] = seal(paper, case, made(case, nth=2))
    assert (state(paper, first), state(paper, again)) == ("superseded", "sealed")
    with pytest.raises(Refused, match="withdrawn or expired"):
        phrase(paper, first)
    with pytest.raises(Refused, match="nobody asked"):
        release(paper, again)
    with pytest.raises(Refused, match="did not go to the person"):
        answer(paper, case)
    assert [p.file for p in paper.ledger.packages.to_be_gone(AS_OF)] == [first]


def test_a_case_is_answered_when_each_of_its_packages_was_released(paper: Desk) -> None:
    paper.office()
    case = a_case(paper, to=State.SEALED)
    two = seal(paper, case, made(case, special=False), made(case, nth=2, controller="7", special=False))
    release(paper, two[0])
    with pytest.raises(Refused, match=two[1]):
        answer(paper, case)
    release(paper, two[1])
    answer(paper, case)


def test_a_case_without_any_package_is_not_answered(paper: Desk) -> None:
    paper.office()
    with pytest.raises(Refused, match="no package was sealed"):
        answer(paper, a_case(paper, to=State.SEALED))


def test_a_case_taken_in_hand_again_is_not_answered_with_what_was_made_before(paper: Desk) -> None:
    paper.office()
    case = a_case(paper, to=State.SEALED)
    [file] = seal(paper, case, made(case, special=False))
    release(paper, file)
    for to in (State.IN_PROGRESS, State.SEALED):
        paper.ledger.cases.move(case, to, on=AS_OF, entry=E)
    with pytest.raises(Refused, match="since it was last taken in hand"):
        answer(paper, case)
    [again] = seal(paper, case, made(case, nth=2, special=False))
    release(paper, again)
    answer(paper, case)


@pytest.mark.parametrize("end", ["withdrawn", "expired", "revoked"])
def test_a_released_package_that_ended_answers_no_case_and_opens_no_more(paper: Desk, end: str) -> None:
    paper.office()
    case = a_case(paper, to=State.SEALED)
    [file] = seal(paper, case)
    ask(paper, file)
    release(paper, file)
    on = AS_OF
    if end == "withdrawn":
        paper.ledger.packages.withdraw(file, as_of=AS_OF, entry=E)
    elif end == "revoked":
        paper.ledger.approvals.revoke(What.RELEASE, f"{1:064x}", entry=E)
    else:
        phrase(paper, file, LAST)
        on = LAST + timedelta(days=1)
        with pytest.raises(Refused, match="stays until"):
            paper.ledger.packages.expire(file, as_of=LAST, entry=E)
        paper.ledger.packages.expire(file, as_of=on, entry=E)
    with pytest.raises(Refused):
        phrase(paper, file, on)
    with pytest.raises(Refused):
        answer(paper, case, on)


def test_after_its_last_day_a_package_is_neither_told_nor_released_even_before_the_night_came(paper: Desk) -> None:
    paper.office()
    case = a_case(paper)
    two = seal(paper, case, made(case, special=False), made(case, nth=2, special=False))
    release(paper, two[0])
    late = LAST + timedelta(days=1)
    with pytest.raises(Refused, match="expired"):
        phrase(paper, two[0], late)
    with pytest.raises(Refused, match="expired"):
        release(paper, two[1], as_of=late)
    assert len(paper.ledger.packages.to_be_gone(LAST)) == 0
    assert len(paper.ledger.packages.to_be_gone(late)) == 2


def test_only_an_officer_with_a_code_looks_before_the_release(paper: Desk) -> None:
    paper.office()
    case = a_case(paper)
    [file] = seal(paper, case)
    look = paper.ledger.packages.review
    with pytest.raises(Refused, match="right code"):
        look(file, code="123", as_of=AS_OF, entry=E)
    with pytest.raises(Refused, match="no enrolled officer"):
        look(file, code="123", as_of=AS_OF, entry=Entry("looked", "somebody"))
    with pytest.raises(Refused, match="your role"):
        look(file, code=paper.code("dev"), as_of=AS_OF, entry=Entry("looked", "dev"))
    assert look(file, code=paper.code("fg"), as_of=AS_OF, entry=E) == "een-twee-drie"
    assert state(paper, file) == "sealed"
    paper.ledger.packages.withdraw(file, as_of=AS_OF, entry=E)
    with pytest.raises(Refused, match="withdrawn"):
        look(file, code=paper.code("fg"), as_of=AS_OF, entry=E)


#: What somebody with the database's password could try, once the triggers are dropped.
BY_HAND = [
    "UPDATE packages SET state = 'released'",
    "UPDATE packages SET state = 'released', released_by = 'fg', released_at = sealed_at",
    "UPDATE packages SET special = NULL",
    "UPDATE packages SET made_by = 'somebody'",
    "UPDATE packages SET expires_on = '2099-01-01'",
    "UPDATE packages SET sha256 = 'f'",
    "UPDATE packages SET seal = NULL, state = 'released'",
    "DELETE FROM packages",
]


@pytest.mark.parametrize("statement", BY_HAND)
def test_a_package_changed_by_hand_opens_no_door(paper: Desk, statement: str) -> None:
    paper.office()
    case = a_case(paper, to=State.SEALED)
    [file] = seal(paper, case)
    ask(paper, file)
    paper.by_hand(statement)
    for door in (lambda: phrase(paper, file), lambda: answer(paper, case), lambda: release(paper, file)):
        with pytest.raises((LedgerBroken, NotFound)):
            door()


def test_one_of_two_packages_taken_out_by_hand_is_missed(paper: Desk) -> None:
    paper.office()
    case = a_case(paper, to=State.SEALED)
    two = seal(paper, case, made(case, special=False), made(case, nth=2, special=False))
    release(paper, two[0])
    paper.by_hand(f"DELETE FROM packages WHERE file = '{two[1]}'")
    with pytest.raises(LedgerBroken, match="missing"):
        answer(paper, case)


def test_the_database_itself_keeps_packages(desk: Desk) -> None:
    desk.office()
    seal(desk, a_case(desk))
    from sqlalchemy import delete
    from sqlalchemy.exc import DBAPIError

    from ledger.schema import packages

    with desk.ledger.events.engine.connect().execution_options(termijn_writes=True) as connection:
        with pytest.raises(DBAPIError):
            connection.execute(delete(packages))
        connection.rollback()


def test_gone_is_kept_only_of_what_is_over(paper: Desk) -> None:
    paper.office()
    [file] = seal(paper, a_case(paper))
    with pytest.raises(Refused, match="not over"):
        paper.ledger.packages.saw_gone(file, entry=E)
    paper.ledger.packages.withdraw(file, as_of=AS_OF, entry=E)
    paper.ledger.packages.saw_gone(file, entry=E)
    assert paper.ledger.packages.to_be_gone(AS_OF) == ()
    assert paper.ledger.packages.read_package(file).gone_at == paper.now


@pytest.mark.parametrize("file", ["jansen.zip", "2027-0002.zip", "2026-0001 jan.zip", "../2026-0001.zip", "é.zip"])
def test_a_package_is_named_after_its_case(paper: Desk, file: str) -> None:
    case = a_case(paper)
    one = Made(file=file, controller="", sha256="0" * 64, special=True, records=1, passphrase="x")
    with pytest.raises(Refused, match="named after"):
        seal(paper, case, one)


def test_nothing_but_a_sealing_seals(paper: Desk) -> None:
    case = a_case(paper)
    with pytest.raises(Refused):
        paper.ledger.packages.seal(case, [made(case)], expires_on=LAST, entry=Entry("case.moved", "fg"))
    with pytest.raises(Refused):
        paper.ledger.packages.seal(case, [], expires_on=LAST, entry=Entry("package.sealed", "fg"))
    with pytest.raises(NotFound):
        seal(paper, "2026-0404", made("2026-0404"))


def test_a_package_of_before_there_were_releases_waits_for_two_persons(paper: Desk) -> None:
    paper.office()
    case = a_case(paper)
    [file] = seal(paper, case, made(case, special=False))
    paper.by_hand("UPDATE packages SET controller = NULL, special = NULL, made_by = NULL, seal = NULL")
    from ledger.package_rows import seal_older

    chain = paper.ledger.events
    with chain.engine.connect().execution_options(termijn_writes=True) as connection:
        seal_older(connection, chain.keyring)
        connection.commit()
    found = paper.ledger.packages.read_package(file)
    assert (found.special, found.state, found.made_by) == (True, PackageState.SEALED, "termijn")
    with pytest.raises(Refused, match="nobody asked"):
        release(paper, file)


def test_the_office_makes_its_seal_once_and_its_key_is_in_no_row_in_clear(desk: Desk) -> None:
    made: Callable[[], object] = lambda: desk.ledger.seals.in_use(  # noqa: E731
        "Praktijk De Brug", entry=Entry("office seal made", "fg")
    )
    key, certificate = desk.ledger.seals.in_use("Praktijk De Brug", entry=Entry("office seal made", "fg"))
    desk.close()
    again, same = desk.ledger.seals.in_use("Een Ander", entry=Entry("office seal made", "fg"))
    assert (again.private_numbers(), same) == (key.private_numbers(), certificate)
    assert "Praktijk De Brug" in certificate.subject.rfc4514_string()
    assert certificate.not_valid_before_utc == desk.now.replace(microsecond=0)
    assert len(list(desk.ledger.events.events(kind="office seal made"))) == 1
    desk.by_hand("UPDATE office_seals SET certificate = 'x'")
    with pytest.raises(LedgerBroken):
        made()


def test_an_officer_of_privacy_may_release(paper: Desk) -> None:
    paper.office()
    paper.enrol("privacy", OfficerRole.PRIVACY_OFFICER)
    case = a_case(paper)
    [file] = seal(paper, case)
    ask(paper, file)
    release(paper, file, by="privacy")
    assert state(paper, file) == "released"
