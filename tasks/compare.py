"""The rehearsal of a rule change: what is due under the register as it is, beside what would be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from connectors.port import Connector
from domain.comparison import Mark, OutOfOrder, RuleChange, match, merge, over_ceiling, same_question
from domain.keys import Key, key_text
from domain.plan import Freeze
from domain.register import Register
from domain.rules import DueTest, compile_rules, due_test
from domain.trouble import NotFound
from domain.why import words
from register.loader import load_register
from tasks.clock import today
from tasks.facts import signatures
from tasks.freezes import read_freeze
from tasks.office import Office, open_office
from tasks.schema import check_schema_for_purge

#: Called with (dataset, mark, written key) for every dossier that is due under either register.
Telling = Callable[[str, Mark, str], None]


def compare_plans(as_of: date, system: str, file: Path, *, tell_key: Telling | None = None) -> list[RuleChange]:
    """What changes if `file` (an activity or a system) takes its place in the register. Destroys nothing.

    Without `system`: every system in which a rule changes; rules that read the same are not scanned. Raises
    RegisterInvalid with every error of the register as it would be, NotFound, SourceUnreadable.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {file}", do="name the .toml file of an activity or of a system")
    with open_office() as office:
        then = load_register(office.settings.register_dir, instead=file)
        proposed = Office(office.settings, then, office.ledger)
        if system:
            (office if system in office.register.systems else proposed).system(system)
        names = [system] if system else sorted(office.register.systems.keys() | then.systems.keys())
        return [change for name in names for change in _compare_system(office, proposed, name, as_of, tell_key)]


def _compare_system(
    office: Office, proposed: Office, name: str, as_of: date, tell_key: Telling | None
) -> Iterator[RuleChange]:
    """The rules of one system that read otherwise; where there are none, the system is not opened."""
    old, new = _tests(office.register, name, as_of), _tests(proposed.register, name, as_of)
    changed = [r for r in {**old, **new} if r not in old or r not in new or old[r].rule.digest != new[r].rule.digest]
    if not changed:
        return
    signed, destroyed = signatures(office, today()), office.ledger.batches.destroyed_totals()
    with ExitStack() as stack:
        here = _door(stack, office, name)
        same = office.register.systems.get(name) == proposed.register.systems.get(name)
        there = here if same else _door(stack, proposed, name)
        rules = [new[r].rule for r in changed if r in new]
        freeze = read_freeze(proposed, there, rules, as_of) if there is not None and rules else Freeze()
        for rule in changed:
            test = new.get(rule)
            now, then = _Side(here, old.get(rule)), _Side(there, test)
            counted = _count(now, then, freeze, keys=tell_key is not None)
            for mark, key in counted.keys:
                if tell_key is not None:
                    tell_key(rule.removeprefix(f"{name}."), mark, key)
            yield RuleChange(
                rule=rule,
                term=now.term,
                new_term=then.term,
                no_longer=counted.marks[Mark.NO_LONGER],
                still=counted.marks[Mark.STILL],
                newly=counted.marks[Mark.NEWLY],
                frozen=counted.newly_frozen,
                destroyed=destroyed.get((name, rule), 0),
                to_countersign=test is not None and test.rule.digest not in signed,
                over_ceiling=_over(then, counted),
            )


@dataclass(frozen=True, slots=True)
class _Side:
    """One rule under one register; without a test or a door nothing is due under it."""

    door: Connector | None
    test: DueTest | None

    @property
    def term(self) -> str | None:
        return None if self.test is None else words(self.test.rule.term)

    def due(self) -> Iterator[Key]:
        if self.door is not None and self.test is not None:
            for page in self.door.find_due(self.test):
                yield from page


@dataclass(slots=True)
class _Counted:
    marks: Counter[Mark] = field(default_factory=Counter)
    newly_frozen: int = 0
    free: int = 0
    keys: list[tuple[Mark, str]] = field(default_factory=list, repr=False)


def _count(now: _Side, then: _Side, freeze: Freeze, *, keys: bool) -> _Counted:
    """Compare both streams of keys: merged as they come; kept and matched where the source has its own order."""
    if now.test is not None and then.test is not None and now.door is then.door and same_question(now.test, then.test):
        return _sum(((Mark.STILL, key) for key in then.due()), then, freeze, keys=keys)
    try:
        return _sum(merge(now.due(), then.due()), then, freeze, keys=keys)
    except OutOfOrder:
        return _sum(match(now.due(), then.due()), then, freeze, keys=keys)


def _sum(marked: Iterable[tuple[Mark, Key]], then: _Side, freeze: Freeze, *, keys: bool) -> _Counted:
    counted = _Counted()
    dataset = then.test.rule.dataset.name if then.test is not None else ""
    for mark, key in marked:
        counted.marks[mark] += 1
        if mark is not Mark.NO_LONGER:
            frozen = freeze.why(dataset, key) is not None
            counted.free += not frozen
            counted.newly_frozen += frozen and mark is Mark.NEWLY
        if keys:
            counted.keys.append((mark, key_text(key)))
    return counted


def _over(then: _Side, counted: _Counted) -> str | None:
    """What the ceiling would say; the source is counted only where something would go."""
    if then.door is None or then.test is None or not counted.free:
        return None
    return over_ceiling(then.test.rule, counted.free, then.door.tally(then.test).total)


def _tests(register: Register, name: str, as_of: date) -> dict[str, DueTest]:
    if name not in register.systems:
        return {}
    rules = compile_rules(register.systems[name], register.activities, as_of)
    return {rule.name: due_test(rule, register.activities, as_of) for rule in rules}


def _door(stack: ExitStack, office: Office, name: str) -> Connector | None:
    """The system as one register describes it, held against that register; None where it has no such system."""
    if name not in office.register.systems:
        return None
    connector = stack.enter_context(office.connected(name))
    check_schema_for_purge(connector)
    return connector
