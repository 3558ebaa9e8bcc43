"""Why one record goes or stays, asked of its source, of what freezes it, and of the ledger's evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from connectors.port import Connector
from connectors.stored_days import day_of
from domain.activity import AtExpiry
from domain.keys import Key, Keys, key_text
from domain.lists import OPEN
from domain.odd_dates import OddDates, odd_dates
from domain.rules import DueTest, Part, compile_rules, due_test
from domain.standing import WatchFacts
from domain.ties import settle
from domain.trouble import NotFound, SourceUnreadable, TermijnError
from domain.why import FrozenBy, Gone, State, Why, explain
from tasks.change import is_done
from tasks.find import dossier_places
from tasks.freezes import read_freeze, what_freezes
from tasks.instructions import approved_lists
from tasks.office import Office, open_office
from tasks.schema import check_schema_for_purge

_OPEN_REQUEST = "open request "
_NOT_FOUND = "write the key as `termijn plan --keys` prints it"


def trace(system: str, dataset: str, key: str, as_of: date, *, reasons: bool = False) -> list[Why]:
    """Why one record goes or stays: one trace per dossier that it is or hangs in, else one that says why none.

    `reasons`: tell the reasons of holds too. Raises NotFound where the record never was, SourceUnreadable where the
    source cannot be read and the ledger does not know the record either.
    """
    with open_office() as office:
        if dataset not in office.system(system).datasets:
            known = ", ".join(sorted(office.system(system).datasets))
            raise NotFound(f"{system} has no dataset {dataset!r}", do=f"choose one of: {known}")
        texts, living, trouble = {key}, list[Why](), None
        try:
            with office.connected(system) as connector:
                check_schema_for_purge(connector)
                own = connector.read_key(dataset, key)
                texts.add(key_text(own))
                living = list(_living(office, connector, dataset, own, as_of, reasons=reasons))
        except (NotFound, SourceUnreadable) as silent:
            trouble = silent
        gone = tuple(_evidence(office, system, dataset, texts))
        return _joined(office, system, dataset, texts, as_of, living=living, gone=gone, trouble=trouble)


def _joined(
    office: Office,
    system: str,
    dataset: str,
    texts: set[str],
    as_of: date,
    *,
    living: list[Why],
    gone: tuple[Gone, ...],
    trouble: TermijnError | None,
) -> list[Why]:
    """What the source says, with what the ledger knows."""
    name = f"{system}.{dataset}"
    if living and gone:
        back = "it was destroyed before and is back: look whether the source was restored from a copy"
        return [w.model_copy(update={"gone": gone, "next_step": back}) for w in living]
    if living:
        return living
    if gone:
        return [
            Why(
                rule=gone[-1].rule,
                as_of=as_of,
                standing=State.DESTROYED,
                because="the ledger holds the evidence of its destruction",
                next_step="nothing: it cannot be brought back",
                gone=gone,
            )
        ]
    for batch in office.ledger.batches.open_batches(system):
        if texts & set(batch.dossiers.get(dataset, Keys()).texts()):
            return [
                Why(
                    rule=batch.rule,
                    as_of=as_of,
                    standing=State.UNDER_WAY,
                    because=f"batch {batch.batch} announced it, and its evidence is not closed yet",
                    next_step="the running purge closes the batch; after a killed one the next run does",
                )
            ]
    if trouble is not None:
        raise trouble
    silent = len(office.ledger.batches.cannot_be_told(system))
    known = f"of {silent} batches nobody can tell any more what went" if silent else "the ledger saw none destroyed"
    raise NotFound(f"there is no such record in {name}, and {known}", do=_NOT_FOUND)


def _living(
    office: Office, connector: Connector, dataset: str, own: Key, as_of: date, *, reasons: bool
) -> Iterator[Why]:
    """The traces of a record that the source holds; none where it does not."""
    system, activities = connector.system, office.register.activities
    tests = [due_test(rule, activities, as_of) for rule in compile_rules(system, activities, as_of)]
    places = {root.name: _dossiers(connector, dataset, own, root.name) for root in system.roots()}
    found = False
    for test in tests:
        for root in places[test.rule.dataset.name]:
            facts = connector.facts(test, root)
            if facts is None:
                continue
            found = True
            frozen = tuple(_frozen(office, connector, test, root, as_of, reasons=reasons))
            instruction = _instruction(office, test, root)
            odd = _odd(connector, test, facts, root)
            done, waits = is_done(connector, test.rule, root), _waits(office, connector, test, root)
            yield explain(
                test, facts, activities, frozen=frozen, odd=odd, instruction=instruction, done=done, waits=waits
            )
    if found or not len(connector.still_there(dataset, Keys([own]))):
        return
    ruled = {test.rule.dataset.name for test in tests}
    without = [name for name, roots in places.items() if roots and name not in ruled]
    for name in without:
        activity = activities[str(system.datasets[name].activity)]
        comes = min((b.since for b in activity.term if b.since > as_of), default=None)
        yield Why(
            rule=f"{system.id}.{name}",
            as_of=as_of,
            standing=State.NO_RULE,
            because=f"{activity.title!r} has no term in force on {as_of}",
            next_step=f"its first term comes into force on {comes}" if comes else "the register has no term for it",
        )
    if not without:
        yield Why(
            rule=f"{system.id}.{dataset}",
            as_of=as_of,
            standing=State.OUTSIDE,
            because="it is in the table, but in no dossier of the register: its reference leads nowhere, or `only`"
            " leaves it out",
            next_step="no rule reaches it, so nothing takes it: mend its reference, or give it a term in the register",
        )


def _dossiers(connector: Connector, dataset: str, own: Key, root: str) -> list[Key]:
    """The dossiers of one kind that this record is, or hangs in."""
    found = [own] if dataset == root else []
    for place in dossier_places(connector.system, connector.system.datasets[root]):
        if place.dataset == dataset and place.path:
            found += connector.roots_of(place, root, Keys([own]))
    return list(dict.fromkeys(found))


def _odd(
    connector: Connector, test: DueTest, facts: Iterable[WatchFacts], root: Key
) -> Mapping[int, tuple[OddDates, ...]]:
    """Per watch with odd dates: their kinds. The values are read, judged, and forgotten."""
    zone, odd = ZoneInfo(connector.system.zone), {}
    for n, (watch, fact) in enumerate(zip(test.watches, facts, strict=True)):
        if watch.column is not None and (fact.missing or fact.implausible):
            rows = connector.rows(Part(watch.dataset, watch.path), [root])
            values = [row.get(watch.column) for row in rows]
            found = [(day_of(v, zone), v is None or v == "") for v in values]
            odd[n] = odd_dates(found, watch, test.as_of)
    return odd


def _waits(office: Office, connector: Connector, test: DueTest, root: Key) -> bool:
    """Whether a dossier that stays refers to this one. A scan, where its rule has ties."""
    if not test.rule.ties:
        return False
    due = Keys(k for page in connector.find_due(test) for k in page)
    freeze = read_freeze(office, connector, [test.rule], test.as_of)
    stays = {key for key in due if freeze.why(test.rule.dataset.name, key) is not None}
    return root in frozenset(settle(due, stays=stays, pairs=connector.ties(test)).waiting)


def _frozen(
    office: Office, connector: Connector, test: DueTest, root: Key, as_of: date, *, reasons: bool
) -> Iterator[FrozenBy]:
    """Every hold and open request that touches this dossier, not only the first."""
    holds = {f"{h.kind} {h.id}": h for h in office.ledger.holds.list_active(as_of)}
    touching = what_freezes(office, connector, [test.rule], as_of, within=[root])
    for reason in dict.fromkeys(reason for reason, _, key in touching if key is None or key == root):
        hold = holds.get(reason)
        if hold is not None:
            yield FrozenBy(
                kind=hold.kind,
                id=hold.id,
                owner=hold.owner,
                review_on=hold.review_on,
                until=hold.until,
                reason=hold.reason if reasons else None,
            )
        elif not reason.startswith(_OPEN_REQUEST):
            kind, _, number = reason.rpartition(" ")
            yield FrozenBy(kind=kind, id=number)
        else:
            case = office.ledger.cases.read_case(reason.removeprefix(_OPEN_REQUEST))
            yield FrozenBy(kind=f"open request ({case.kind.value})", id=case.number, owner=case.handler or "")


def _instruction(office: Office, test: DueTest, root: Key) -> str | None:
    """What the controller instructed about this dossier, or on which list it waits for an answer."""
    if test.rule.term.at_expiry is not AtExpiry.PROPOSE:
        return None
    for approved in approved_lists(office, test.rule):
        if root in approved.keys:
            return f"destroy it, by list {approved.list.number}, approved by {approved.approved_by}"
    for one in office.ledger.lists.list_lists():
        on_it = one.rule == test.rule.name and one.state in OPEN
        if on_it and any(line.key == root for line in office.ledger.lists.lines_of(one.number)):
            return f"it stands on list {one.number} ({one.state.value}), and nothing is approved yet"
    return None


def _evidence(office: Office, system: str, dataset: str, texts: Iterable[str]) -> Iterator[Gone]:
    """What the ledger can prove of this record's destruction."""
    for closed in office.ledger.batches.batches_with(system, dataset, texts):
        yield Gone(
            batch=closed.batch,
            rule=closed.rule,
            at=closed.at,
            event=closed.event,
            article=_article(office, closed.rule, closed.at.date()),
        )


def _article(office: Office, rule: str, on: date) -> str | None:
    """The article of a rule on the day it was carried out; None where the register no longer has the rule."""
    try:
        return office.register.rule(rule, on).term.article
    except NotFound:
        return None
