"""Where the persons of some cases are: every registered system asked at once, over one connection each."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

from domain.cases import HANDS_OVER, Case
from domain.identity import Identifier
from domain.package import Outcome
from domain.trouble import Refused, SourceUnreadable, TermijnError
from tasks.askers import check_may_go_on
from tasks.careful import careful, tell
from tasks.clock import today
from tasks.find import Sought, SystemAnswer, ask_system, not_searched
from tasks.office import Office, open_office
from tasks.person import decisions_of, identifiers_from, in_its_system
from tasks.schema import check_schema

#: So many systems are asked at once.
_SIDE_BY_SIDE = 8


class Search:
    """One case with what every system answered. Holds personal data; no workflow engine looks inside."""

    def __init__(self, case: Case, as_of: date, answers: Sequence[SystemAnswer]) -> None:
        self.case, self.as_of, self.answers = case, as_of, tuple(answers)


@careful
def search_everywhere(case_number: str) -> Search:
    """Ask every registered system for the person of a case. Raises NotFound and Refused."""
    with open_office() as office:
        check_may_export(office, office.ledger.cases.read_case(case_number))
        return search_case(office, case_number)


def search_case(office: Office, case_number: str) -> Search:
    """The same for `termijn find`, which may look before identity is verified: nothing leaves the house."""
    [found] = search_cases(office, [case_number])
    return found


def search_cases(office: Office, numbers: Sequence[str], *, advise: bool = False) -> list[Search]:
    """Ask every system for the persons of these cases in one pass; the answers in the order of cases and systems.

    A system that fails is an answer too: not searched because, which blocks the seal of each of them. `advise`: also
    what each system reads whole for want of an index.
    """
    cases = [office.ledger.cases.read_case(number) for number in dict.fromkeys(numbers)]
    sought = [Sought(tuple(wanted_of(office, c.number)), decisions_of(office, c.number)) for c in cases]
    names = sorted(office.register.systems)
    told = ", ".join(case.number for case in cases)
    found: list[tuple[SystemAnswer, ...]] = []
    with ThreadPoolExecutor(min(len(names), _SIDE_BY_SIDE) or 1, thread_name_prefix="search") as side_by_side:
        for name, answers in zip(
            names, side_by_side.map(lambda n: _ask(office, n, sought, advise), names), strict=True
        ):
            found.append(answers)
            tell(f"{told}: {name}: {', '.join(a.outcome.value for a in answers)}")
    as_of = today()
    return [Search(case, as_of, answers) for case, *answers in zip(cases, *found, strict=True)]


def _ask(office: Office, name: str, sought: Sequence[Sought], advise: bool) -> tuple[SystemAnswer, ...]:
    """What one system answers, over a connection of its own."""
    try:
        with office.connected(name) as connector:
            check_schema(connector)
            answers = ask_system(connector, sought)
            read = tuple(connector.scans({i.kind for one in sought for i in one.wanted})) if advise else ()
            return tuple(replace(answer, read_whole=read) for answer in answers)
    except TermijnError as trouble:
        return not_searched(office.system(name), sought, trouble)


@careful
def check_whole(search: Search) -> Search:
    """Refuse unless every system answered and no candidate awaits a person's decision."""
    return insist_on_whole(search)


def insist_on_whole(search: Search) -> Search:
    """The same outside a flow."""
    where = f"case {search.case.number}"
    unread = [f"{a.system}: {a.unreadable}" for a in search.answers if a.outcome is Outcome.NOT_SEARCHED]
    if unread:
        raise SourceUnreadable(
            f"not searched, so the answer would not be whole: {'; '.join(unread)}",
            where=where,
            do="mend the system or its register, then export again; the case stays open and its clock runs",
        )
    undecided = sum(c.is_open for a in search.answers for c in a.candidates)
    if undecided:
        raise Refused(
            f"{undecided} records may or may not be this person's",
            where=where,
            do=f"look at them with `termijn find {search.case.number}` and decide each with --include or --exclude",
        )
    return search


def check_may_export(office: Office, case: Case) -> None:
    if case.kind not in HANDS_OVER:
        raise Refused(
            f"a case of kind {case.kind.value} hands no data over",
            where=f"case {case.number}",
            do="open an access case",
        )
    check_may_go_on(office, case, today())


def wanted_of(office: Office, case: str) -> Sequence[Identifier]:
    """The identifiers of a case's person, as its systems write them."""
    return in_its_system(identifiers_from(office.ledger.cases.subject_of(case)), office.register.systems)
