"""Which rows hang in which dossiers: from roots down to their rows, and from rows back up to their roots."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from itertools import chain, groupby, islice
from operator import itemgetter, lt
from typing import Any

import sqlalchemy as sa

from connectors.sql.asking import Asker
from connectors.sql.keys import in_numbers_as_text, numbers_as_parameter
from connectors.sql.tables import Rows, Tables, refers
from domain.keys import Key, Keys
from domain.rules import Hop, Part
from domain.system import Dataset, Reference, System

#: So many steps go into one statement, and so many of its rows are in memory at once.
_STEPS, _PAGE = 50, 10_000


def root_of(system: System, part: Part) -> str:
    """The dataset whose dossiers this part is in."""
    if not part.path:
        return part.dataset
    first = system.datasets[part.path[0].dataset]
    return part.dataset if first.part_of is None else first.part_of.dataset


def rows_inside(tables: Tables, part: Part, root: str, keys: Collection[Key]) -> tuple[Rows, sa.Select[Any]]:
    """All rows of `part` in the dossiers of these roots, columns to be added, ordered by key."""
    rows = tables.rows(part.dataset)
    inside = tables.inside(rows, part.path, tables.rows(root), keys)
    return rows, sa.select(*rows.key).where(inside, *rows.only).order_by(*rows.ordered_key())


def collect(asker: Asker, tables: Tables, parts: Sequence[Part], root: str, keys: Collection[Key]) -> dict[str, Keys]:
    """The keys of all rows in the dossiers of these roots, per dataset, the root's own included.

    A row that stays for others (`Part.stays_for_others`) is not among them while a record outside these dossiers
    refers to it.
    """
    found: dict[str, Keys] = {}
    for part in sorted(parts, key=lambda p: len(p.path)):
        found[part.dataset] = _keys_of(asker, tables, part, root, keys, found)
    for part in parts:
        if part.stays_for_others:
            others = referred_from_outside(asker, tables, part.dataset, found, tables.system.datasets.values())
            found[part.dataset] = found[part.dataset].without(others)
    return {part.dataset: found[part.dataset] for part in parts}


def _keys_of(
    asker: Asker,
    tables: Tables,
    part: Part,
    root: str,
    keys: Collection[Key],
    found: Mapping[str, Keys],
) -> Keys:
    """The keys of `part`: asked by the keys of its owners where they are known and lead there."""
    if part.path:
        hop = part.path[-1]
        owner = root if len(part.path) == 1 else part.path[-2].dataset
        values = by_key(tables.system.datasets[owner], hop, found[owner]) if owner in found else None
        if values is not None:
            rows = tables.rows(part.dataset)
            pointing = rows.is_one_of([own for own, _ in hop.by], values)
            return in_order(asker, rows, sa.select(*rows.key).where(pointing, *rows.only))
    return keys_from(asker, rows_inside(tables, part, root, keys)[1])


def in_order(asker: Asker, rows: Rows, question: sa.Select[Any]) -> Keys:
    """The answer to a question for the keys of `rows`, in the order of the key."""
    if not rows.numbered:
        return asker.keys(question.order_by(*rows.ordered_key()))
    found = asker.keys(question)
    return found if found.numbers is None else Keys.of_numbers(sorted(found.numbers))


def by_key(owner: Dataset, hop: Hop, keys: Keys) -> Keys | None:
    """What a hop's columns hold to point at these rows of `owner`; None where they point at more than its key."""
    if not all(their in owner.key for _, their in hop.by):
        return None
    places = [owner.key.index(their) for _, their in hop.by]
    return keys if len(owner.key) == 1 else Keys(dict.fromkeys(tuple(key[p] for p in places) for key in keys))


def each_step(asker: Asker, tables: Tables, start: str, hops: Sequence[Hop], keys: Keys) -> list[Keys]:
    """The keys of the rows at the end of each of these steps from the same rows.

    Steps to rows with a number for a key are asked for in one statement, and streamed: thirty tables cost one round
    trip, and a million rows eight bytes each.
    """
    owner, ends = tables.rows(start), [tables.once(hop.dataset) for hop in hops]
    numbered = [n for n, rows in enumerate(ends) if rows.numbered]
    found = {n: array("q") for n in numbered}
    for begin in range(0, len(numbered), _STEPS):
        some = numbered[begin : begin + _STEPS]
        try:
            together = _together(tables, owner, {n: (ends[n], hops[n]) for n in some}, keys)
            with closing(asker.raw_flow(together, _PAGE)) as pages:
                for page in pages:
                    for n, rows in groupby(page, key=itemgetter(0)):  # one step's answer after another's
                        found[n].extend(map(itemgetter(1), rows))
        except (TypeError, OverflowError):  # a source that keeps what it likes in a column of numbers
            return [one_step(asker, tables, start, hop, keys) for hop in hops]
    return [
        Keys.of_numbers(found[n]) if n in found else one_step(asker, tables, start, hop, keys)
        for n, hop in enumerate(hops)
    ]


def _together(
    tables: Tables, owner: Rows, steps: Mapping[int, tuple[Rows, Hop]], keys: Keys
) -> sa.TextClause | sa.CompoundSelect[Any]:
    """Some steps as one statement, with their numbers before the keys.

    In words where all of them lead by one column to whole tables, as nearly all do: to build thirty of SQLAlchemy's
    questions takes longer than to have them answered.
    """
    plain = keys.numbers is not None and all(
        len(hop.by) == 1 and hop.by[0][1] in owner.dataset.key and not rows.only for rows, hop in steps.values()
    )
    if keys.numbers is None or not plain:
        return sa.union_all(*(_step(owner, rows, hop, keys, n) for n, (rows, hop) in steps.items()))
    words = []
    for n, (rows, hop) in steps.items():
        name, schema = tables.place(rows.dataset.table)
        where = f"{tables.quoted(schema)}.{tables.quoted(name)}" if schema else tables.quoted(name)
        inside = in_numbers_as_text(tables.quoted(hop.by[0][0]), tables.dialect)
        key = tables.quoted(rows.dataset.key[0])
        words.append(f"SELECT {n}, {key} FROM {where} WHERE {inside}")  # noqa: S608 - names only, of the live schema
    question = sa.text(" UNION ALL ".join(words))
    return question.bindparams(numbers_as_parameter(keys.numbers, tables.dialect))


def one_step(asker: Asker, tables: Tables, start: str, hop: Hop, keys: Keys) -> Keys:
    """The keys of the rows at the end of one step from these rows of `start`."""
    return keys_from(asker, _step(tables.rows(start), tables.rows(hop.dataset), hop, keys))


def _step(owner: Rows, rows: Rows, hop: Hop, keys: Keys, number: int | None = None) -> sa.Select[Any]:
    """The rows at the end of one step from `owner`; before their keys its number, where it has one."""
    values = by_key(owner.dataset, hop, keys)
    if values is not None:
        inside = rows.is_one_of([own for own, _ in hop.by], values)
    else:
        inside = refers(rows, hop, owner, owner.is_one_of(owner.dataset.key, keys))
    named: tuple[Any, ...] = () if number is None else (sa.literal_column(str(number)),)
    return sa.select(*named, *rows.key).where(inside, *rows.only)


def once_in_order(found: Sequence[Keys]) -> Keys:
    """The keys of several answers, each once, in the order of the key; numbers take eight bytes each."""
    if all(keys.numbers is not None for keys in found):
        every = array("q")
        for keys in found:
            every.extend(keys.numbers or ())
        if all(map(lt, every, islice(every, 1, None))):  # as an index gave them: a million need no sorting
            return Keys.of_numbers(every)
        return Keys.of_numbers(number for number, _ in groupby(sorted(every)))
    return Keys(sorted(set(chain.from_iterable(found)), key=_in_source_order))


def _in_source_order(key: Key) -> tuple[tuple[str, Any], ...]:
    """Numbers among numbers, text by its code points, each kind apart."""
    return tuple(("" if isinstance(v, int | float | Decimal) else type(v).__name__, v) for v in key)


def roots_above(asker: Asker, tables: Tables, part: Part, root: str, keys: Keys) -> Keys:
    """The roots whose dossiers hold these rows of `part`."""
    rows = tables.rows(part.dataset)
    which = sa.and_(rows.is_one_of(rows.dataset.key, keys), *rows.only)
    for step in range(len(part.path) - 1, -1, -1):
        hop = part.path[step]
        owner = tables.rows(root if step == 0 else part.path[step - 1].dataset)
        theirs = owner.columns(their for _, their in hop.by)
        own = sa.select(*rows.columns(own for own, _ in hop.by)).where(which)
        which = sa.and_((theirs[0] if len(theirs) == 1 else sa.tuple_(*theirs)).in_(own), *owner.only)
        rows = owner
    return keys_from(asker, sa.select(*rows.key).where(which).order_by(*rows.ordered_key()))


def referred_from_outside(
    asker: Asker, tables: Tables, target: str, found: Mapping[str, Keys], referrers: Iterable[Dataset]
) -> Keys:
    """Which of the rows of `target` in `found` are referred to by rows that are not in `found`."""
    needed: dict[Key, None] = {}
    for dataset in referrers:
        inside = frozenset(found.get(dataset.name, ()))
        for reference in dataset.references:
            if reference.dataset == target and reference.when_gone != "clear":
                pairs = _pairs(asker, tables, dataset.name, reference, found[target], of_target=True)
                needed |= dict.fromkeys(theirs for own, theirs in pairs if own not in inside)
    return Keys(needed)


def shared_with_outside(
    asker: Asker, tables: Tables, dataset: str, reference: Reference, found: Mapping[str, Keys]
) -> Keys:
    """Which of the rows of `dataset` in `found` also belong, by `reference`, to a record that is not in `found`."""
    inside = frozenset(found.get(reference.dataset, ()))
    pairs = _pairs(asker, tables, dataset, reference, found[dataset], of_target=False)
    return Keys(dict.fromkeys(own for own, theirs in pairs if theirs not in inside))


def _pairs(
    asker: Asker, tables: Tables, referrer: str, reference: Reference, keys: Keys, *, of_target: bool
) -> Iterable[tuple[Key, Key]]:
    """(key of the referring row, key of the row referred to), for the rows of one of the two sides."""
    rows, target = tables.rows(referrer), tables.rows(reference.dataset)
    if not len(keys):
        return ()
    links = [rows.table.c[own] == target.table.c[their] for own, their in reference.by.items()]
    side = target if of_target else rows
    which = side.is_one_of(side.dataset.key, keys)
    width = len(rows.key)
    found = asker.all(sa.select(*rows.key, *target.key).where(which, *links, *rows.only, *target.only))
    return ((tuple(p[:width]), tuple(p[width:])) for p in found)


def keys_from(asker: Asker, statement: sa.Executable) -> Keys:
    """The answer to a question for keys."""
    return asker.keys(statement)
