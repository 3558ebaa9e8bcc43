"""What `docs/states.md` says: the way of each kind of request, and the steps it needs, drawn from the tables."""

from __future__ import annotations

from collections.abc import Mapping

from domain.letters import letters_for
from domain.moves import (
    BARRED,
    LEDGER_ENTRY_FOR,
    MEANING,
    OWES_AN_ANSWER,
    OWNER_OF,
    PAUSES,
    CaseKind,
    State,
    is_open,
    moves_of,
)
from domain.steps import BY_HAND, Step, needed
from domain.steps import MEANING as STEP_MEANING

_ENDS = (State.ANSWERED, State.REFUSED, State.FORWARDED, State.CLOSED)


def families() -> Mapping[tuple[CaseKind, ...], Mapping[State, tuple[State, ...]]]:
    """The kinds that go one way together, each with that way."""
    found: dict[str, list[CaseKind]] = {}
    for kind in CaseKind:
        found.setdefault(repr(moves_of(kind)), []).append(kind)
    return {tuple(kinds): moves_of(kinds[0]) for kinds in found.values()}


def draw_states(kind: CaseKind) -> str:
    """The states and moves of a kind as a Mermaid diagram; a dashed state is one in which the clock stands still."""
    table = moves_of(kind)
    lines = ["stateDiagram-v2", "    [*] --> received"]
    lines += [f'    state "{s.value}" as {_node(s)}' for s in table if _node(s) != s.value]
    for state, moves in table.items():
        lines += [f"    {_node(state)} --> {_node(to)}" for to in moves]
    lines += ["    closed --> [*]", "    classDef still stroke-dasharray: 5 5"]
    lines += [f"    class {_node(state)} still" for state in PAUSES if state in table]
    return "\n".join(lines)


def list_states() -> str:
    """The states as a Markdown table: meaning, whose turn, the clock, whether destruction is frozen, ledger entry."""
    lines = ["| State | Means | Whose turn | Clock | Freezes destruction | Ledger entry |", "|---|---|---|---|---|---|"]
    for s in State:
        clock = "stands still" if s in PAUSES else "runs" if s in OWES_AN_ANSWER else "stopped"
        frozen = "yes" if is_open(s) else "no"
        lines.append(f"| {s} | {MEANING[s]} | {OWNER_OF[s]} | {clock} | {frozen} | `{LEDGER_ENTRY_FOR[s]}` |")
    return "\n".join(lines)


def _node(state: State) -> str:
    return state.value.replace("-", "_")


def list_steps() -> str:
    """The steps of each kind as a Markdown table: what must be true before it is answered, refused or closed."""
    lines = ["| Kind | " + " | ".join(f"Before {s}" for s in _ENDS) + " |", "|---" * (len(_ENDS) + 1) + "|"]
    for kind in CaseKind:
        cells = [", ".join(f"`{step}`" for step in needed(kind, end)) or "–" for end in _ENDS]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def list_meanings() -> str:
    """The steps as a Markdown table: meaning, article, and who says that it is done."""
    lines = ["| Step | Means | Article | Who says so |", "|---|---|---|---|"]
    for step, (means, article) in STEP_MEANING.items():
        says = "the letter that went, or an officer" if step is Step.LETTER else "an officer"
        lines.append(f"| `{step}` | {means} | {article} | {says if step in BY_HAND else 'the ledger'} |")
    return "\n".join(lines)


def list_letters() -> str:
    """The letters of each kind as a Markdown table: which one goes when a request arrives in a state."""
    states = [s for s in State if any(letters_for(kind, s) for kind in CaseKind)]
    lines = ["| Kind | " + " | ".join(f"{s}" for s in states) + " |", "|---" * (len(states) + 1) + "|"]
    for kind in CaseKind:
        cells = [" or ".join(f"`{k}`" for k in letters_for(kind, s)) if s in moves_of(kind) else "–" for s in states]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def states_page() -> str:
    """The whole page."""
    diagrams = [
        f"## {', '.join(kinds)}\n\n```mermaid\n{draw_states(kinds[0])}\n```\n{_barred(kinds[0])}"
        for kinds in families()
    ]
    return _PAGE.format(
        diagrams="\n".join(diagrams),
        states=list_states(),
        steps=list_steps(),
        meanings=list_meanings(),
        letters=list_letters(),
    )


def _barred(kind: CaseKind) -> str:
    said = [f"\n- Not from {here} to {to}: {why}." for (here, to), why in BARRED[kind].items()]
    return "".join(said) + "\n"


_PAGE = """# The states of a request

A request of a person goes from state to state along these arrows and no others, each kind along its own. The tables in
`domain/moves.py` and `domain/steps.py` are the rule; this page is drawn from them by
`python -m tests.meta.write_docs`, and a test fails when the two differ.

{diagrams}
## States

{states}

## Steps

A request arrives in one of these states only when all steps of its kind are true, and that is looked up in the ledger
in the transaction that moves it. An objection to direct marketing needs no `{weighed}`: it is stopped.

{steps}

{meanings}

## Letters

The letter of which the person hears it. A question goes before the clock stops, and what ends a request goes before it
ends: without its letter nothing moves. Each is kept in the ledger before it leaves, and goes once.

{letters}

## Beyond the arrows

- Nothing is sealed or answered before identity is verified. Who is verified is not asked for identity again.
- An objection to direct marketing of somebody who is verified is never refused (AVG 21 lid 3).
- An open case freezes destruction for its person. Answered and refused cases are open until they are closed: the person
  can complain to the AP, or go to court within six weeks of the answer (UAVG 35(2)).
- An answered, refused or forwarded case can be taken up again; its deadline still counts from the day of receipt.
- A closed case stays closed. Who writes again opens a new case.
""".replace("{weighed}", Step.WEIGHED.value)
