"""The verbs of a correction: decide on each wish, let a second person allow it, write it back, read it again."""

from __future__ import annotations

import secrets
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.port import Connector
from domain.activity import Entry as Model
from domain.cases import Case, CaseKind
from domain.evidence import Entry
from domain.keys import Key, Keys
from domain.rectification import (
    Line,
    Outcome,
    Rectification,
    Wish,
    fit,
    in_words,
    judge,
    read_rectification,
    write_rectification,
)
from domain.rules import Part
from domain.system import Dataset
from domain.trouble import LedgerBroken, NotConfirmed, NotFound, Refused
from ledger.approvals import What
from ledger.corrections import CorrectionState
from tasks.askers import check_may_go_on
from tasks.clock import today
from tasks.find import SystemAnswer, activity_of, dossier_places
from tasks.office import Office
from tasks.search import insist_on_whole, search_case


class _Wish(Model):
    system: str
    dataset: str
    key: str
    column: str = ""
    value: str | int | float | bool | None = None
    statement: str = ""


class _File(Model):
    correction: tuple[_Wish, ...]


@dataclass(slots=True)
class Written:
    """What an armed run came to: lines per outcome, and places that changed since they were decided about."""

    case: str
    counts: Counter[str] = field(default_factory=Counter)
    stopped: list[str] = field(default_factory=list)


def read_wishes(file: Path) -> tuple[Wish, ...]:
    """The wishes of a TOML file: [[correction]] with system, dataset, key, and column and value, or a statement.

    Raises NotFound; Refused, without any value, where it is not such a file.
    """
    try:
        told = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        raise NotFound("there is no such file of corrections", do="give the path of a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Refused("this is not a TOML file", where="corrections", do="write [[correction]] blocks") from None
    except ValidationError as wrong:
        places = sorted({".".join(map(str, e["loc"])) for e in wrong.errors()})
        raise Refused(
            f"not understood: {', '.join(places)}",
            where="corrections",
            do="a [[correction]] has system, dataset, key, and column with value, or a statement",
        ) from None
    return tuple(
        Wish(w.system, w.dataset, w.key, w.column, in_words(w.value), w.statement.strip()) for w in told.correction
    )


def draw_up_rectification(office: Office, number: str, wishes: Sequence[Wish], *, by: str) -> Rectification:
    """Decide on each wish and keep the plan; writes nothing. Raises Refused, NotFound, SourceUnreadable."""
    case = office.ledger.cases.read_case(number)
    _check_kind(case)
    check_may_go_on(office, case, today())
    found = {a.system: a for a in insist_on_whole(search_case(office, number)).answers}
    lines = list[Line]()
    for system, some in groupby(sorted(wishes, key=lambda w: w.system), key=lambda w: w.system):
        office.system(system)
        with office.connected(system) as connector:
            lines += [_decide(office, connector, found[system], wish) for wish in some]
    plan = Rectification(number, today(), tuple(lines), secrets.token_hex(16))
    counts = Counter(line.outcome.value for line in lines)
    entry = Entry("correction.kept", by, case=number, facts=dict(counts))
    body = write_rectification(plan)
    # First what may be refused: a plan, with what it holds of a person, is kept only where it decides something.
    office.ledger.corrections.draw_up(number, digest=plan.digest, entry=Entry("correction.drawn-up", by, case=number))
    office.ledger.plans.keep_plan(
        plan.digest, system="rectification", as_of=plan.as_of, drawn_by=by, body=body, entry=entry
    )
    return plan


def read_plan(office: Office, digest: str) -> Rectification:
    """A kept plan. Raises NotFound, LedgerBroken."""
    plan = read_rectification(office.ledger.plans.read_plan(digest).body)
    if plan.digest != digest:
        raise LedgerBroken("this plan is not what its digest says", where=f"plan {digest[:12]}", do="draw up a new one")
    return plan


def write_back(office: Office, number: str, *, by: str) -> Written:
    """Carry out the approved plan of a case and read every value again. What is done already is found done.

    Raises Refused without an approval; NotConfirmed where a record was changed meanwhile: the rest is written, and
    the case needs a new plan.
    """
    case, kept = office.ledger.cases.read_case(number), office.ledger.corrections.of_case(number)
    plan, done = read_plan(office, kept.digest), Written(number)
    if kept.state is CorrectionState.WRITTEN:
        _settle(office, plan, by)
        return done
    _check_may_write(office, case, plan)
    office.ledger.corrections.begin(plan.digest, entry=Entry("correction.begun", by, case=number))
    for system, lines in groupby(sorted(plan.lines, key=lambda x: x.wish.system), key=lambda x: x.wish.system):
        with office.connected(system) as connector:
            _serve(office, connector, number, list(lines), done, by)
    if done.stopped:
        office.ledger.corrections.give_up(plan.digest, entry=Entry("correction.given-up", by, case=number))
        raise NotConfirmed(
            f"changed since the plan, so not written: {', '.join(done.stopped)}",
            where=f"case {number}",
            do=f"look at it, and draw up the plan anew: termijn rectify plan {number} FILE",
        )
    entry = Entry("correction.written", by, case=number)
    office.ledger.corrections.written(plan.digest, counts=dict(done.counts), entry=entry)
    _settle(office, plan, by)
    return done


def touched(plan: Rectification, office: Office) -> Iterator[str]:
    """The activities of which something is corrected or stated."""
    for line in (*plan.of(Outcome.WRITTEN), *plan.of(Outcome.STATED)):
        system = office.register.systems[line.wish.system]
        yield activity_of(system, system.datasets[line.wish.dataset])


def _settle(office: Office, plan: Rectification, by: str) -> None:
    """The plan is carried out, so its term begins; also where a crash came between the two."""
    if office.ledger.plans.read_plan(plan.digest).state == "kept":
        entry = Entry("plan.settled", by, case=plan.case)
        office.ledger.plans.settle(plan.digest, "carried out", entry=entry)


def _check_kind(case: Case) -> None:
    if case.kind is not CaseKind.RECTIFICATION:
        raise Refused(
            f"a case of kind {case.kind.value} corrects nothing",
            where=f"case {case.number}",
            do="open a rectification case",
        )


def _decide(office: Office, connector: Connector, answer: SystemAnswer, wish: Wish) -> Line:
    system = connector.system
    dataset = system.datasets.get(wish.dataset)
    if dataset is None:
        raise NotFound(f"{system.id} has no such dataset", do=f"choose one of: {', '.join(sorted(system.datasets))}")
    key = connector.read_key(dataset.name, wish.key)
    row = _read(connector, dataset.name, key)
    if row is None or key not in _theirs(connector, answer, dataset):
        raise Refused(
            "a record to correct is not this person's",
            where=f"{system.id}.{dataset.name}",
            do="look it up with `termijn find`; decide on it with --include if it is",
        )
    before = in_words(row.get(wish.column)) if wish.column else None
    outcome, why = judge(dataset, office.register.activities[activity_of(system, dataset)].role, wish, before)
    line = Line(wish, outcome, why, before)
    if outcome is Outcome.STATED and not wish.statement:
        raise Refused(why, where=line.place, do="write the person's `statement` in the file")
    if outcome is Outcome.WRITTEN:
        _value(connector, dataset, line)  # refused here, before anybody approves it
    return line


def _theirs(connector: Connector, answer: SystemAnswer, dataset: Dataset) -> frozenset[Key]:
    """The keys of a dataset that are the person's: found there, or in a dossier that is theirs."""
    system, found = connector.system, set[Key]()
    for name in system.datasets:
        keys = answer.keys_of(name)
        for place in dossier_places(system, system.datasets[name]) if len(keys) else ():
            if place.dataset == dataset.name:
                found.update(keys if not place.path else connector.dossiers([place], keys).get(place.dataset, Keys()))
    return frozenset(found)


def _read(connector: Connector, dataset: str, key: Key) -> Mapping[str, Any] | None:
    return next(iter(connector.rows(Part(dataset, ()), [key])), None)


def _value(connector: Connector, dataset: Dataset, line: Line) -> Any:
    live = connector.look().tables[dataset.table].columns[line.wish.column]
    return fit(live.kind, live.nullable, line.wish.value, where=line.place)


def _check_may_write(office: Office, case: Case, plan: Rectification) -> None:
    check_may_go_on(office, case, today())
    if office.ledger.approvals.standing_approval(What.CORRECTION, plan.digest, today()) is None:
        raise Refused(
            "nobody else allowed these corrections yet",
            where=f"case {case.number}",
            do=f"ask with `rectify plan … --ask`; another officer says: termijn rectify approve {case.number}",
        )


def _serve(office: Office, connector: Connector, number: str, lines: Sequence[Line], done: Written, by: str) -> None:
    for line in lines:
        if line.outcome is Outcome.STATED:
            wish = line.wish
            office.ledger.statements.add(
                number,
                wish.system,
                wish.dataset,
                wish.key,
                wish.statement,
                entry=Entry("statement.added", by, case=number),
            )
        if line.outcome is Outcome.WRITTEN and not _write(connector, line):
            done.stopped.append(line.place)
        else:
            done.counts[line.outcome.value] += 1


def _write(connector: Connector, line: Line) -> bool:
    """Write one value and read it again. False where the record is gone, or says something else than was decided on."""
    dataset = connector.system.datasets[line.wish.dataset]
    key, column = connector.read_key(dataset.name, line.wish.key), line.wish.column
    value = _value(connector, dataset, line)
    row = _read(connector, dataset.name, key)
    if row is None:
        return False
    if not _says(row, column, value):
        if in_words(row[column]) != line.before:
            return False
        connector.correct(dataset.name, key, {column: row[column]}, {column: value})
    again = _read(connector, dataset.name, key)
    return again is not None and _says(again, column, value)


def _says(row: Mapping[str, Any], column: str, value: Any) -> bool:
    """Whether the source holds the value; one that stores days or numbers as text (SQLite) says the same in words."""
    return bool(row[column] == value) or in_words(row[column]) == in_words(value)
