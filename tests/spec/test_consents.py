"""How a consent stands, from all that somebody stated: in tables that a DPO can read aloud (AVG 7)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.activity import Role
from domain.consents import Act, Consents, Statement, check_statement, standings
from domain.erasure import Ground, ends_at_once, keeps_by_law
from domain.register import Register
from domain.trouble import NotFound, Refused
from register.consents import troubles_of
from register.loader import load_register
from tasks.find import activity_of

TODAY = date(2026, 11, 23)


def rows(table: str) -> list[list[str]]:
    """The lines of an ASCII table under its heading, as lists of cells."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    return [[cell.strip() for cell in line.split("|")] for line in lines[1:]]


def said(number: int, words: str) -> Statement:
    """`given 1 Nov` or `given 1 Nov until 20 Nov`; all of November 2026."""
    act, day, _, *until = words.split()
    return Statement(
        number=f"C{number:06}", purpose="newsletter", act=Act(act), on=date(2026, 11, int(day)), channel="website",
        version="" if act == "withdrawn" else "2026-1", digest="" if act == "withdrawn" else "d" * 64,
        expires_on=date(2026, 11, int(until[1])) if until else None,
    )  # fmt: skip


STANDS = """
what was written down, in this order               | stands | since  | why
given 1 Nov                                        | yes    | 1 Nov  | nothing was said after it
given 1 Nov, withdrawn 5 Nov                       | no     | 5 Nov  | taken back
withdrawn 5 Nov                                    | no     | 5 Nov  | it counts, also where nothing was given here
given 1 Nov, withdrawn 5 Nov, given 9 Nov          | yes    | 9 Nov  | given anew
withdrawn 5 Nov, given 1 Nov                       | no     | 5 Nov  | the form of the 1st came in late
given 5 Nov, withdrawn 5 Nov                       | no     | 5 Nov  | on one day the no outweighs the yes
withdrawn 5 Nov, given 5 Nov                       | no     | 5 Nov  | in whatever order it was written down
given 1 Nov, changed 8 Nov                         | yes    | 8 Nov  | changed, and it stands
given 1 Nov until 20 Nov                           | no     | 20 Nov | its time was over
given 1 Nov until 23 Nov                           | yes    | 1 Nov  | the last day counts
given 1 Nov, withdrawn 30 Nov                      | yes    | 1 Nov  | that day has yet to come
"""


@pytest.mark.parametrize(("written", "stands", "since", "why"), rows(STANDS))
def test_how_a_consent_stands(written: str, stands: str, since: str, why: str) -> None:
    lines = [said(n, words) for n, words in enumerate(written.split(", "), 1)]
    one = standings(lines, TODAY)["newsletter"]
    assert one.stands is (stands == "yes"), why
    assert (one.ended_on or one.last.on) == date(2026, 11, int(since.split(maxsplit=1)[0])), why


REFUSED = """
what is written down       | after        | refused because
given 30 Nov               |              | yet to come
withdrawn 30 Nov           |              | yet to come
given 5 Nov until 5 Nov    |              | ended before it began
changed 5 Nov              |              | nothing was given
changed 5 Nov              | withdrawn 1  | nothing was given
"""


@pytest.mark.parametrize(("written", "after", "because"), rows(REFUSED))
def test_what_cannot_be_right_is_not_written_down(written: str, after: str, because: str) -> None:
    before = [said(1, f"{after} Nov")] if after else []
    with pytest.raises(Refused, match=r"yet to come|before it began|nothing was given") as why:
        check_statement(said(2, written), before, TODAY)
    assert because.rsplit(maxsplit=1)[-1] in str(why.value)


def test_a_withdrawal_is_never_refused_whatever_was_said_before() -> None:
    for before in ([], [said(1, "withdrawn 1 Nov")], [said(1, "given 9 Nov")]):
        check_statement(said(2, "withdrawn 5 Nov"), before, TODAY)


def test_the_text_of_a_day_is_the_newest_that_was_in_force_in_that_language() -> None:
    newsletter = load_register().consents.get("newsletter")
    assert newsletter.text_on(date(2025, 6, 1)).version == "2024-2"
    assert newsletter.text_on(TODAY).version == "2026-1"
    assert newsletter.text_on(TODAY, "en").version == "2026-1-en"
    with pytest.raises(NotFound, match="no text was in force"):
        newsletter.text_on(date(2024, 1, 31))


def test_who_agreed_in_2024_agreed_to_these_words() -> None:
    """No text of the register may be edited afterwards: each stands by its digest. A new text takes a new line."""
    known = {(n, t.version): t.digest[:12] for n, p in load_register().consents.purpose.items() for t in p.text}
    assert known == {
        ("newsletter", "2024-2"): "373d8316f819",
        ("newsletter", "2026-1"): "367b8d5afbb7",
        ("newsletter", "2026-1-en"): "1b31e0a0fc1e",
        ("applicant-pool", "2024-1"): "15ee57b9556e",
    }


def test_a_purpose_that_names_what_is_not_there_does_not_load() -> None:
    register = load_register()
    text = [{"version": "1", "since": TODAY - timedelta(1), "text": "Ja, dat mag u van mij weten."}]
    stops = [
        {"system": "crn", "dataset": "opt_ins", "day": ["ended_on"]},
        {"system": "crm", "dataset": "optins", "day": ["ended_on"]},
        {"system": "crm", "dataset": "opt_ins", "sets": {"stand": "ingetrokken"}},
        {"system": "crm", "dataset": "prospect_notes", "day": ["noted_on"]},
    ]
    wrong = Consents.model_validate(
        {"purpose": {"x": {"title": "Iets", "activity": "prospect", "text": text, "stops": stops}}}
    )
    found = [what for _, what in troubles_of(wrong, register.activities, register.systems)]
    assert [what.split()[1] for what in found] == ["'prospect',", "system", "dataset", "column", "'prospect_notes'"]


def test_every_list_of_addresses_is_told_of_a_change_of_the_policy_or_says_why_not() -> None:
    register = load_register()
    changes = register.policy_changes
    told = {p.name for p in (*changes.tell, *changes.leave)}
    every = [(s.id, d) for s in register.systems.values() for d in s.datasets.values()]
    addressed = {f"{system}.{d.name}" for system, d in every if d.identifies.email}
    assert addressed == told, "put it in register/policy.toml: [[tell]], or [[leave]] with `because`"
    processed = [p for p in changes.tell if _role(register, p.system, p.dataset) is Role.PROCESSOR]
    assert processed == [], "a practice tells its own patients"


def test_who_asks_to_be_erased_stays_on_the_list_of_whom_not_to_approach() -> None:
    """Else whoever objected, and then had everything erased, would be written to again."""
    known = load_register().activities
    for name in ("suppression-list", "opt-in-register", "policy-changes"):
        assert keeps_by_law(known[name], known[name].term_on(TODAY), Ground.CONSENT), name
        assert not ends_at_once(known[name], Ground.OBJECTION), name


def _role(register: Register, system: str, dataset: str) -> Role:
    found = register.systems[system]
    return register.activities[activity_of(found, found.datasets[dataset])].role
