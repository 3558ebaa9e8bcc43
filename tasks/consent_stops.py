"""What a withdrawal stops: it is written into each record that rested on the consent, and read again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.port import Connector
from domain.consents import Statement, Stop, standings
from domain.keys import Key
from domain.rectification import fit, in_words
from domain.rules import Part
from domain.trouble import NotConfirmed, Refused
from tasks.clock import today
from tasks.find import Decisions, Sought, ask_system
from tasks.office import Office
from tasks.person import decisions_of, identifiers_from, in_its_system


def stop_at(office: Office, one: Statement, stop: Stop) -> int:
    """Write the withdrawal into the records that rested on it, and read each again; how many. Raises TermijnError."""
    person = identifiers_from(office.ledger.opt_ins.person_of(one.number))
    now = standings(office.ledger.opt_ins.of_person(person, follows=one.number), today()).get(one.purpose)
    if now is not None and now.stands:  # given again since: an old withdrawal takes nothing away (promise 10)
        raise Refused(
            "consent was given again since",
            where=stop.place,
            do=f"look there; then: termijn consent stopped {one.number} {stop.place}",
        )
    wanted = in_its_system(person, office.register.systems)
    decisions: Decisions = decisions_of(office, one.case) if one.case else {}
    with office.connected(stop.system) as connector:
        [answer] = ask_system(connector, [Sought(wanted, decisions)])
        mine = [c for c in answer.candidates if c.dataset == stop.dataset]
        unsure = sum(c.is_open for c in mine)
        keys = [c.key for c in mine if c.is_the_person]
        written = sum(_write(connector, stop, key, one.on) for key in keys)
    if unsure:
        raise Refused(
            f"{unsure} records may be this person's",
            where=stop.place,
            do=f"decide: termijn find {one.case} --include …" if one.case else "open a case, and withdraw with --case",
        )
    return written


def _write(connector: Connector, stop: Stop, key: Key, on: date) -> bool:
    """Write into one record and read it again; False where it says so already or is of another purpose."""
    row = _read(connector, stop.dataset, key)
    if row is None or any(not _says(row[c], value) for c, value in stop.only.items()):
        return False
    after = _values(connector, stop, on, row)
    if not after:
        return False
    connector.correct(stop.dataset, key, {c: row[c] for c in after}, after)
    again, dataset = _read(connector, stop.dataset, key), connector.system.datasets[stop.dataset]
    moved = again is None and not after.keys().isdisjoint(dataset.only)  # it is under the rule without consent now
    if moved or (again is not None and all(_says(again[c], value) for c, value in after.items())):
        return True
    raise NotConfirmed("a record did not take the withdrawal", where=stop.place, do="look there, then settle again")


def _values(connector: Connector, stop: Stop, on: date, row: Mapping[str, Any]) -> dict[str, Any]:
    """What must change in a row. A day that stands there already stays: the first withdrawal started the term."""
    columns = connector.look().tables[connector.system.datasets[stop.dataset].table].columns
    told: dict[str, Any] = {c: on for c in stop.day if row[c] is None}
    told |= {c: value for c, value in stop.sets.items() if not _says(row[c], value)}
    return {
        c: fit(columns[c].kind, columns[c].nullable, in_words(value), where=f"{stop.place}.{c}")
        for c, value in told.items()
    }


def _read(connector: Connector, dataset: str, key: Key) -> Mapping[str, Any] | None:
    return next(iter(connector.rows(Part(dataset, ()), [key])), None)


def _says(held: Any, value: Any) -> bool:
    """Whether a source holds a value; SQLite says true as 1, and days in words."""
    return bool(held == value) or in_words(held) == in_words(value)
