"""How one activity of the register reads: article 30 AVG in plain Dutch, one line per fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from domain.activity import EEA, Activity, AtExpiry, Certainty, Party, Role, TermBlock
from domain.origin import Origin
from domain.portability import ground_of, origin_of
from domain.register import Register
from domain.system import ColumnClass
from reports.dutch import counting, country, day, period

#: How a register file marks a party whose name and country only 12Care knows.
TO_FILL_IN = "12Care vult"
ROLES = {Role.CONTROLLER: "verwerkingsverantwoordelijke", Role.PROCESSOR: "verwerker"}
AFTERWARDS = {
    AtExpiry.DESTROY: "vernietigen",
    AtExpiry.ANONYMISE: "anoniem maken",
    AtExpiry.STRIP: "alleen de kortlopende velden wissen",
    AtExpiry.RETURN: "teruggeven aan de praktijk",
    AtExpiry.PROPOSE: "voorleggen aan de praktijk; 12Care vernietigt pas na haar opdracht",
}
#: By how data came to be, whether it goes along; None is what the register does not say yet.
_CAME = {
    Origin.PROVIDED: "zelf gegeven",
    Origin.OBSERVED: "ontstaan door gebruik",
    Origin.DERIVED: "blijft hier (opgeschreven of berekend door een ander)",
    None: "nog niet vastgelegd",
}
HOW_SURE = {
    Certainty.CERTAIN: "zeker",
    Certainty.LIKELY: "waarschijnlijk",
    Certainty.UNSURE: "onzeker, de FG kiest",
}


def parties(activity: Activity) -> tuple[Party, ...]:
    """Everyone who gets this data: recipients, then processors."""
    return (*activity.recipients, *activity.processors)


def open_parties(activity: Activity) -> list[str]:
    """The parties that the register knows by their part only: 12Care has yet to fill in who they are."""
    return [p.name.split(" (")[0] for p in parties(activity) if TO_FILL_IN in p.name + p.why]


def kept(block: TermBlock) -> str:
    """'ten minste 20 jaar', 'hoogstens 4 weken', or both."""
    if block.minimum is not None and block.minimum == block.maximum:
        return f"precies {period(str(block.minimum))}"
    least = "" if block.minimum is None else f"ten minste {period(str(block.minimum))}"
    most = "" if block.maximum is None else f"hoogstens {period(str(block.maximum))}"
    return " en ".join(filter(None, (least, most)))


def activity_lines(register: Register, name: str, as_of: date) -> Iterator[str]:
    """One activity in Markdown, with all its terms: the one in force on `as_of`, those before it, and those to come."""
    a = register.activities[name]
    yield from (f"### {a.title}", "")
    yield f"- **Kenmerk:** `{name}`"
    yield f"- **Doel:** {a.purpose}"
    yield f"- **Rol van 12Care:** {ROLES[a.role]}{f' voor {a.on_behalf_of}' if a.on_behalf_of else ''}"
    yield from _listed("Grondslag", a.legal_ground)
    yield from _in_one_line("Betrokkenen", a.subjects)
    yield from _in_one_line("Gegevens", (d.item for d in a.data if not d.special))
    yield from _in_one_line("Bijzondere gegevens (art. 9 AVG)", (d.item for d in a.data if d.special))
    yield f"- **Herkomst:** {a.source}"
    yield from _listed("Ontvangers", map(_party, a.recipients), empty="geen")
    yield from _listed(
        "Verwerkers" if a.role is Role.CONTROLLER else "Subverwerkers", map(_party, a.processors), empty="geen"
    )
    yield f"- **Doorgifte buiten de EER:** {_transfers(a)}"
    yield from _in_one_line("Beveiliging", a.security)
    yield f"- **Besluiten zonder mens:** {a.automated_decisions.lower()}"
    where = [_place(register, name, s, d) for s, d in register.held_in(name)]
    yield from _listed("Staat in", where, empty="geen systeem dat dit programma leest")
    in_force = a.term_on(as_of)
    yield from _listed("Mee te nemen (art. 20 AVG)", _taken_along(register, name))
    for block in a.term:
        yield from _term(block, in_force)
    yield ""


def _taken_along(register: Register, activity: str) -> Iterator[str]:
    """What a person may take along of it, by how it came to be; and what of it stays here."""
    if ground_of(register.activities[activity]) is None:
        yield "nee, want het rust niet op toestemming of overeenkomst"
        return
    for system, name in register.held_with_parts(activity):
        dataset = register.systems[system].datasets[name]
        mine = [c for c in dataset.columns.values() if c.cls is ColumnClass.EXPORT and c.activity in (None, activity)]
        if dataset.activity not in (None, activity):
            mine = [c for c in mine if c.activity == activity]
        said = [
            f"{word}: {', '.join(labels)}"
            for origin, word in _CAME.items()
            if (labels := [c.label for c in mine if origin_of(dataset, c) is origin])
        ]
        if said:
            yield f"{register.systems[system].title}, {dataset.title or name}: {'; '.join(said)}"


def _place(register: Register, activity: str, system: str, name: str) -> str:
    """Where the data is: a whole dataset, or some columns of one whose rows stay longer or shorter."""
    dataset = register.systems[system].datasets[name]
    place = f"{register.systems[system].title}: {dataset.title or name}"
    if dataset.activity == activity:
        return place
    labels = (c.label or n for n, c in dataset.columns.items() if c.activity == activity)
    return f"{place} (alleen: {', '.join(labels)})"


def _term(block: TermBlock, in_force: TermBlock | None) -> Iterator[str]:
    standing = "Bewaartermijn"
    if block is not in_force:
        later = in_force is None or block.since > in_force.since
        standing = f"Bewaartermijn vanaf {day(block.since)}" if later else "Eerdere bewaartermijn"
    yield f"- **{standing}:** {kept(block)}"
    yield f"    - Telt {counting(block.counting.value)} {block.counts_from}"
    yield f"    - Daarna: {AFTERWARDS[block.at_expiry]}"
    yield f"    - Artikel: {block.article}. Bron: {block.source} ({HOW_SURE[block.certainty]})"
    yield f"    - Sinds {day(block.since)}; laatst nagekeken op {day(block.last_checked)}"
    if block.choice is not None:
        yield f"    - Toelichting: {block.choice}"


def _party(party: Party) -> str:
    return f"{party.name}: {party.why}"


def _transfers(activity: Activity) -> str:
    abroad = [p for p in parties(activity) if p.country not in EEA]
    said = "; ".join(f"{p.name} ({country(p.country)}, {p.safeguard})" for p in abroad) or "geen vastgelegd"
    return (
        f"{said} (12Care bevestigt nog het land van wie hierboven geen naam heeft)" if open_parties(activity) else said
    )


def _in_one_line(label: str, items: Iterable[str]) -> Iterator[str]:
    said = "; ".join(items)
    if said:
        yield f"- **{label}:** {said}"


def _listed(label: str, items: Iterable[str], *, empty: str = "") -> Iterator[str]:
    """One item stands on the line of its label, more of them below it."""
    given = list(items)
    if len(given) > 1:
        yield f"- **{label}:**"
        yield from (f"    - {item}" for item in given)
    elif given or empty:
        yield f"- **{label}:** {given[0] if given else empty}"
