"""The register as a data protection officer reads it: in Markdown to print, in JSON to keep (article 30 AVG)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import orjson

from domain.activity import Certainty, Role
from domain.register import Register, stale_terms
from reports.dutch import day, officer
from reports.register_activity import HOW_SURE, ROLES, activity_lines, kept, open_parties

_HOW_TO_READ = """\
- Een **bewaarplicht** zegt hoe lang gegevens ten minste blijven, een **wistermijn** na hoe lang zij uiterlijk weg \
zijn. Gelden er meer regels voor dezelfde gegevens, dan wint de langste bewaarplicht.
- Een termijn eindigt met de laatste dag ervan; weg mogen de gegevens vanaf de dag erna. Ontbreekt de datum waarop \
de termijn begint, dan blijven de gegevens staan en wordt dat gemeld.
- Een hold (geschil, onderzoek, controle) en een lopend verzoek van de betrokkene gaan vóór elke termijn.
- **Zeker**, **waarschijnlijk** en **onzeker** zegt hoe vast de bron staat. Bij onzeker staat welke lezing gekozen is.
- "Sinds" is de dag vanaf wanneer een termijn in dit register geldt, ook als de wet zelf ouder is."""

_RIGHTS = """\
Een betrokkene heeft recht op inzage (art. 15 AVG), correctie (16), verwijdering (17), beperking (18), overdracht (20) \
en bezwaar (21), en kan een toestemming altijd intrekken (7 lid 3). Bij een medisch dossier gaat vernietiging via de \
WGBO (BW 7:455). Wie gegevens ontving, hoort van correctie, verwijdering en beperking (19). 12Care antwoordt binnen \
4 weken; de wet geeft één maand, in totaal hoogstens drie."""


def register_json(register: Register, as_of: date) -> bytes:
    """The whole register on one day, keys sorted: the same register and day give the same bytes."""
    activities = {}
    for name, activity in register.activities.items():
        in_force = activity.term_on(as_of)
        held_in = [f"{system}.{dataset}" for system, dataset in register.held_in(name)]
        activities[name] = activity.model_dump(mode="json") | {
            "term_in_force_since": in_force.since if in_force else None,
            "held_in": held_in,
        }
    content = {
        "as_of": as_of,
        "digest": register.digest,
        "organisation": register.organisation.model_dump(mode="json"),
        "activities": activities,
        "systems": {k: s.model_dump(mode="json", by_alias=True) for k, s in register.systems.items()},
        "policy": register.policy_served(),
        "to_check_again": [str(stale) for stale in stale_terms(register, as_of)],
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def register_markdown(register: Register, as_of: date) -> str:
    """The whole register on one day, in Dutch, for a person to read and print."""
    by_role = {role: _of_role(register, role) for role in (Role.CONTROLLER, Role.PROCESSOR)}
    lines = [
        *_opening(register, as_of),
        *("## In één oogopslag", ""),
        *_overview(register, as_of),
        *_to_sign(register, as_of),
        *_to_fill_in(register),
        *("## Waarover 12Care zelf beslist (art. 30 lid 1)", ""),
        *(line for name in by_role[Role.CONTROLLER] for line in activity_lines(register, name, as_of)),
        *("## Wat 12Care voor praktijken verwerkt (art. 30 lid 2)", ""),
        *(line for name in by_role[Role.PROCESSOR] for line in activity_lines(register, name, as_of)),
        *_systems(register, as_of),
        *_as_fhir(register),
        *("## Rechten van de betrokkene", "", _RIGHTS, ""),
        *_complaints(register),
        *_policy(register),
        *("## Hoe dit register te lezen", "", _HOW_TO_READ, ""),
    ]
    return "\n".join(lines)


def _of_role(register: Register, role: Role) -> list[str]:
    mine = [name for name, activity in register.activities.items() if activity.role is role]
    return sorted(mine, key=lambda name: register.activities[name].title.casefold())


def _opening(register: Register, as_of: date) -> list[str]:
    us, officer, supervisor = register.organisation, register.organisation.officer, register.organisation.supervisor
    return [
        f"# Verwerkingsregister van {us.trading_as}",
        "",
        f"Stand op {day(as_of)}. Dit is het register van artikel 30 van de AVG: welke persoonsgegevens"
        f" {us.trading_as} verwerkt, waarvoor, hoe lang, en wie ze krijgt.",
        "",
        f"- **Verantwoordelijk:** {us.name}, handelend als {us.trading_as}, {us.street}, {us.postcode} {us.city}"
        f" ({us.email}, {us.website})",
        f"- **{officer.title}:** {officer.address}, {officer.email}",
        f"- **Toezichthouder:** {supervisor.name}, {supervisor.address}, {supervisor.phone}, {supervisor.website}",
        f"- **Vingerafdruk van dit register (SHA-256):** `{register.digest}`",
        "",
    ]


def _overview(register: Register, as_of: date) -> Iterator[str]:
    rows = []
    for name in (*_of_role(register, Role.CONTROLLER), *_of_role(register, Role.PROCESSOR)):
        activity = register.activities[name]
        block = activity.term_on(as_of)
        term = kept(block) if block else "nog geen termijn"
        rows.append((activity.title, ROLES[activity.role], term, HOW_SURE[block.certainty] if block else ""))
    yield from _table(("Activiteit", "12Care is", "Bewaartermijn", "Hoe zeker"), rows)


def _to_sign(register: Register, as_of: date) -> Iterator[str]:
    """What is unsure in law stands together, so that the officer sees what a signature is asked for."""
    yield from (
        "## Waar de FG een keuze tekent",
        "",
        "Hier noemt de wet geen getal of spreken de bronnen elkaar tegen.",
        "",
    )
    for name in sorted(register.activities, key=lambda n: register.activities[n].title.casefold()):
        block = register.activities[name].term_on(as_of)
        if block is not None and block.certainty is Certainty.UNSURE:
            yield f"- **{register.activities[name].title}** ({kept(block)}). {block.choice}"
    yield ""
    stale = stale_terms(register, as_of)
    if stale:
        yield from ("Langer dan een jaar niet nagekeken:", "")
        yield from (f"- {register.activities[s.activity].title}, laatst op {day(s.last_checked)}" for s in stale)
        yield ""


def _to_fill_in(register: Register) -> Iterator[str]:
    """An honest register says what it does not know yet."""
    wanted: dict[str, list[str]] = {}
    for name in (*_of_role(register, Role.CONTROLLER), *_of_role(register, Role.PROCESSOR)):
        for party in open_parties(register.activities[name]):
            wanted.setdefault(party, []).append(register.activities[name].title)
    if wanted:
        yield from (
            "## Wat 12Care nog invult",
            "",
            "Van deze partijen staan naam en land nog niet in het register.",
            "",
        )
        yield from _table(("Partij", "Bij"), [(party, ", ".join(at)) for party, at in sorted(wanted.items())])


def _systems(register: Register, as_of: date) -> Iterator[str]:
    rules = register.rules_on(as_of)
    if not rules:
        return
    yield from ("## In welke systemen de gegevens staan", "")
    yield (
        "De termijn begint op de laatste van de genoemde data. Staat in een dossier iets met een langere termijn,"
        " dan blijft het dossier tot ook die om is. Zou er in één nacht meer weg gaan dan het plafond, in aantal"
        " of in deel, dan vernietigt die regel die nacht niets."
    )
    yield ""
    rows = []
    for rule in rules:
        own = [w for w in rule.watches if w.column is not None and w.activity == rule.activity.id]
        starts = dict.fromkeys(f"`{w.dataset}.{w.column}`" for w in own)
        most = rule.dataset.ceiling
        ceiling = f"{most.records} of {100 * most.share:g} %" if most is not None else ""
        rows.append((f"`{rule.name}`", rule.activity.title, ", ".join(starts), ceiling))
    yield from _table(("Regel", "Activiteit", "Begin van de termijn", "Plafond per nacht"), rows)
    yield from _put_away(register)


def _put_away(register: Register) -> Iterator[str]:
    """Which rows count as deleted or archived in their system, and are there for an answer all the same."""
    rows = [
        (f"`{system}.{name}`", what, f"`{away.column}`", ", ".join(map(str, away.values)) or "is ingevuld")
        for system, told in sorted(register.systems.items())
        for name, dataset in told.datasets.items()
        for what, away in (("verwijderd", dataset.soft_delete), ("gearchiveerd", dataset.archived))
        if away is not None
    ]
    if rows:
        yield from ("### Weggelegd, en er nog", "")
        yield (
            "Deze gegevens gelden in hun systeem als verwijderd of gearchiveerd, maar zijn er nog. Wie zijn gegevens"
            " vraagt, krijgt ze ook, en leest erbij dat ze zijn weggelegd."
        )
        yield ""
        yield from _table(("Gegevens", "Geldt als", "Kolom", "Als daar staat"), rows)


def _as_fhir(register: Register) -> Iterator[str]:
    rows = [
        (f"`{system.id}.{dataset.name}`", dataset.title, dataset.fhir.resource)
        for system in register.systems.values()
        for dataset in system.datasets.values()
        if dataset.fhir is not None
    ]
    if rows:
        yield from ("## Welke gegevens als FHIR meegaan", "")
        yield "Wie inzage vraagt, krijgt deze gegevens ook in `bundle.json` (HL7 FHIR R4)."
        yield ""
        yield from _table(("Gegevens", "Wat het is", "In FHIR"), rows)


def _complaints(register: Register) -> list[str]:
    us = register.organisation
    return [
        f"Een verzoek gaat naar de {officer(us.officer.title, inside=True)} ({us.officer.email}). Wie het niet eens is"
        f" met een antwoord, kan een klacht indienen bij de {us.supervisor.name} ({us.supervisor.website})"
        f" of naar {us.court} gaan.",
        "",
    ]


def _policy(register: Register) -> Iterator[str]:
    yield from ("## Van privacybeleid naar register", "")
    yield "Elk punt van het privacybeleid, en de activiteiten die het waarmaken."
    yield ""
    for section, items in register.policy_served().items():
        yield from (f"### {section}", "")
        rows = [(item, ", ".join(register.activities[n].title for n in names)) for item, names in items.items()]
        yield from _table(("In het beleid", "In het register"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    yield line(head)
    yield "|" + " --- |" * len(head)
    yield from map(line, rows)
    yield ""
