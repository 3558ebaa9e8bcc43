"""The verbs of an export: open the case, ask every system, gather, and seal; whole or not at all (promise 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.cases import HANDS_OVER, Case, State, check_may_answer
from domain.evidence import Entry, Fact
from domain.package import Addressee, Outcome, PackageContents, Searched
from domain.trouble import Refused, SourceUnreadable
from tasks.careful import careful, tell
from tasks.clock import today
from tasks.destroy import BY
from tasks.find import SystemAnswer, ask_system
from tasks.gather import Gathered, gather
from tasks.office import Office, open_office
from tasks.person import decisions_of, identifiers_from
from tasks.report import lay_down
from tasks.schema import check_schema

#: How long a package may lie in the store before it expires.
PACKAGE_STAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed package: its file, for which controller, and its counts. No personal data."""

    file: str
    controller: str
    records: int
    sha256: str


class Search:
    """One case with what every system answered. Holds personal data; no workflow engine looks inside."""

    def __init__(self, case: Case, as_of: date, answers: Sequence[SystemAnswer]) -> None:
        self.case, self.as_of, self.answers = case, as_of, tuple(answers)


@careful
def search_everywhere(case_number: str) -> Search:
    """Ask every registered system for the person of a case. Raises NotFound and Refused."""
    with open_office() as office:
        case = office.ledger.cases.read_case(case_number)
        _check_may_export(case)
        return _search(office, case)


def search_case(office: Office, case_number: str) -> Search:
    """The same for `termijn find`, which may look before identity is verified: nothing leaves the house."""
    return _search(office, office.ledger.cases.read_case(case_number))


@careful
def check_whole(search: Search) -> Search:
    """Refuse unless every system answered and no candidate awaits a person's decision."""
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


@careful
def seal_packages(search: Search) -> list[Sealed]:
    """Gather, render and seal: one package for 12Care and one for each tenant, never merged."""
    with open_office() as office:
        gathered: dict[str, Gathered] = {"": Gathered()}  # who is known nowhere gets that as an answer
        for answer in search.answers:
            for controller, part in _gather_from(office, answer, search.as_of).items():
                whole = gathered.setdefault(controller, Gathered())
                whole.parts += part.parts
                whole.withheld += part.withheld
        packages = [_seal(office, search, controller, gathered[controller]) for controller in sorted(gathered)]
        case = search.case
        if case.state is State.IN_PROGRESS:
            facts = {"packages": len(packages), "records": sum(p.records for p in packages)}
            office.ledger.cases.move(
                case.number,
                State.SEALED,
                on=today(),
                entry=Entry(kind="case.sealed", by=BY, case=case.number, facts=facts),
            )
    return packages


def _check_may_export(case: Case) -> None:
    if case.kind not in HANDS_OVER:
        raise Refused(
            f"a case of kind {case.kind.value} hands no data over",
            where=f"case {case.number}",
            do="open an access case",
        )
    check_may_answer(case, secrecy_flag=False)


def _search(office: Office, case: Case) -> Search:
    wanted = identifiers_from(office.ledger.cases.subject_of(case.number))
    decisions = decisions_of(office, case.number)
    answers = []
    for name, system in sorted(office.register.systems.items()):
        try:
            with office.connected(name) as connector:
                check_schema(connector)
                answers.append(ask_system(connector, wanted, decisions))
        except SourceUnreadable as trouble:
            answers.append(SystemAnswer(name, system.title, unreadable=trouble.what))
        tell(f"{case.number}: {name}: {answers[-1].outcome.value}")
    return Search(case, today(), answers)


def _gather_from(office: Office, answer: SystemAnswer, as_of: date) -> Mapping[str, Gathered]:
    if answer.outcome is not Outcome.ANSWERED:
        return {}
    with office.connected(answer.system) as connector:
        return gather(connector, office.register, answer, as_of)


def _seal(office: Office, search: Search, controller: str, gathered: Gathered) -> Sealed:
    from reports import make_passphrase, package_files, seal

    case = search.case
    contents = _contents(office, search, gathered)
    passphrase, _ = make_passphrase()
    sealed = seal(package_files(contents, office.register), passphrase=passphrase)
    file = f"{case.number}{'-tenant-' + controller if controller else ''}.zip"
    lay_down(office.settings.out / "packages" / file, sealed)
    sha256 = hashlib.sha256(sealed).hexdigest()
    facts: dict[str, Fact] = {"file": file, "records": contents.records, "sha256": sha256}
    office.ledger.packages.seal(
        case.number,
        file=file,
        sha256=sha256,
        expires_on=search.as_of + PACKAGE_STAYS,
        passphrase=passphrase,
        entry=Entry(kind="package.sealed", by=BY, case=case.number, facts=facts),
    )
    return Sealed(file, controller, contents.records, sha256)


def _contents(office: Office, search: Search, gathered: Gathered) -> PackageContents:
    case, head = search.case, office.ledger.events.head()
    subject = office.ledger.cases.subject_of(case.number)
    concerned = {p.activity for p in gathered.parts}
    rows = {a.system: 0 for a in search.answers}
    for part in gathered.parts:
        rows[part.system] += len(part.records)
    return PackageContents(
        case=case.number,
        kind=case.kind.value,
        received_on=case.received_on,
        as_of=search.as_of,
        language=case.language,
        addressee=Addressee(str(subject["name"]), tuple(subject.get("address") or ())),
        organisation=office.register.organisation.model_dump(mode="json"),
        activities={k: v for k, v in office.register.activities.items() if k in concerned},
        parts=gathered.parts,
        withheld=gathered.withheld,
        searched=[_searched(a, rows[a.system]) for a in search.answers],
        register_digest=office.register.digest,
        chain_event=head.seq,
        chain_hash=head.hash,
    )


def _searched(answer: SystemAnswer, rows: int) -> Searched:
    """A system as this package's letter tells it: what lies with another controller is told in that package."""
    outcome = answer.outcome if rows or answer.outcome is not Outcome.ANSWERED else Outcome.NOTHING_FOUND
    return Searched(answer.system, answer.title, outcome, rows, answer.unreadable or "")
