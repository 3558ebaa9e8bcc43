"""Which dossiers of one rule can go, and in which order, where rows of one refer to rows of another.

A dossier goes with or after every dossier that refers to it. So whoever is referred to by a dossier that stays, stays
too; the others go referrers first, and dossiers that refer to each other in a circle go together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.keys import Key, Keys

#: (a, b): a can only go when b goes, before it or along with it.
Pair = tuple[Key, Key]


@dataclass(frozen=True, slots=True)
class Settled:
    """What goes, in order, what waits for a dossier that stays, and which of what goes must go together."""

    going: Keys
    waiting: Keys
    together: tuple[Keys, ...] = ()


def settle(due: Keys, *, stays: Collection[Key], pairs: Sequence[Pair]) -> Settled:
    """Decide about the dossiers of `due` that nothing freezes (`stays`), by the pairs that tie them."""
    free = Keys(k for k in due if k not in stays) if stays else due
    if not pairs:
        return Settled(free, Keys())
    goes = set(free)
    needs = _by_first((a, b) for a, b in pairs if a in goes and a != b)
    waiting = _waiting(needs, goes)
    left = {a: [b for b in bs if b not in waiting] for a, bs in needs.items() if a not in waiting}
    groups = list(_referrers_first(left))
    tied = {k for group in groups for k in group}
    order = [k for group in groups for k in group]
    rest = [k for k in free if k not in tied and k not in waiting]
    return Settled(
        Keys([*order, *rest]), Keys(k for k in free if k in waiting), tuple(Keys(g) for g in groups if len(g) > 1)
    )


def next_batch(going: Keys, *, together: Sequence[Keys], size: int, start: int = 0) -> Keys:
    """The next run of at least one and about `size` keys from `start`; dossiers that go together are never parted."""
    stop = min(start + size, len(going))
    if together and stop < len(going):
        last, after = _first(going, stop - 1), _first(going, stop)
        group = next((g for g in together if last in g), None)
        while group is not None and after in group:
            stop += 1
            after = _first(going, stop) if stop < len(going) else ()
    return going.slice(start, stop)


def _first(keys: Keys, at: int) -> Key:
    return next(iter(keys.slice(at, at + 1)))


def _by_first(pairs: Iterator[Pair]) -> dict[Key, list[Key]]:
    found: dict[Key, list[Key]] = {}
    for a, b in pairs:
        found.setdefault(a, []).append(b)
    return found


def _waiting(needs: Mapping[Key, Sequence[Key]], goes: Collection[Key]) -> set[Key]:
    """Everything that is referred to, in however many steps, by a dossier that does not go."""
    needed_by = _by_first((b, a) for a, bs in needs.items() for b in bs)
    waiting, todo = set[Key](), [b for b in needed_by if b not in goes]
    while todo:
        new = [a for a in needed_by.get(todo.pop(), ()) if a not in waiting]
        waiting.update(new)
        todo += new
    return waiting


def _referrers_first(needs: Mapping[Key, Sequence[Key]]) -> Iterator[list[Key]]:
    """Tarjan's strongly connected components (SIAM J. Comput. 1, 1972), each after all that it needs; no recursion."""
    number: dict[Key, int] = {}
    low: dict[Key, int] = {}
    stack: list[Key] = []
    on_stack: set[Key] = set()
    for start in needs:
        if start in number:
            continue
        walk = [(start, iter(needs.get(start, ())))]
        number[start] = low[start] = len(number)
        stack.append(start)
        on_stack.add(start)
        while walk:
            here, others = walk[-1]
            found = next((o for o in others if o not in number or o in on_stack), None)
            if found is None:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[here])
                if low[here] == number[here]:
                    yield _component(stack, on_stack, here)
            elif found in number:
                low[here] = min(low[here], number[found])
            else:
                number[found] = low[found] = len(number)
                stack.append(found)
                on_stack.add(found)
                walk.append((found, iter(needs.get(found, ()))))


def _component(stack: list[Key], on_stack: set[Key], last: Key) -> list[Key]:
    component = []
    while True:
        one = stack.pop()
        on_stack.discard(one)
        component.append(one)
        if one == last:
            return component
