"""The certificate of destruction (verklaring van vernietiging): what went, by which article, and how it is proven."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from domain.night import BatchProof, Night, RuleNight, Signed
from reports.dutch import count, day, moment
from reports.page import Sheet
from reports.table import Col, draw_table

_HOW = (
    "Elk vernietigd gegeven heeft in het register van vernietigingen een controlegetal (BLAKE2b met sleutel). De "
    "getallen van een partij samen geven één wortel (Merkle). De partijen staan in een keten waarin elke wijziging "
    "zichtbaar wordt. In deze verklaring staan geen persoonsgegevens."
)
_CHECK = (
    "Wie dit wil nagaan zonder ons, vraagt een export van het logboek (termijn ledger export) en het programma "
    "verify_ledger.py (termijn ledger verifier), en geeft daarbij deze plaats in de keten op:"
)
_WHY = {
    "no longer due": "de termijn liep bij nader inzien nog",
    "frozen": "intussen bevroren",
    "changed since announced": "intussen gewijzigd",
    "went with another dossier": "ging mee met een ander dossier",
    "still referred to": "een ander gegeven verwijst er nog naar",
}
_HELD = re.compile(r"(hold|restriction|open request)(?: ([\w-]+))?\Z")
_HOLDER = {"hold": "bevriezing", "restriction": "beperking", "open request": "open verzoek"}

_SAID = {"destroy": "vernietigd", "strip": "leeggemaakt", "anonymise": "anoniem gemaakt"}
_BEFORE, _AFTER = "met deze gegevens vóór deze nacht", "met deze gegevens na deze nacht"
_TREATED = {
    "emptied": "leeggemaakt",
    "becomes a pseudonym": "vervangen door een pseudoniem",
    "only its year stays": "alleen het jaar blijft",
    "only its month stays": "alleen de maand blijft",
    "only its four digits stay": "alleen de vier cijfers blijven",
    "stays": "blijft; zegt niets over een persoon",
}


def certificate_json(night: Night) -> bytes:
    """The certificate for machines: rules that destroyed something, with counts, evidence and chain position."""
    body = {
        "kind": "verklaring van vernietiging",
        "run": night.run,
        "as_of": night.as_of,
        "ended_at": night.ended_at,
        "register_digest": night.register_digest,
        "plan_digest": night.plan_digest,
        "plan_signed": None if night.plan_signed is None else night.plan_signed.model_dump(mode="json"),
        "chain": {"event": night.chain_event, "hash": night.chain_hash, "head": _head(night)},
        "rules": [_rule(r) for r in _served(night)],
        "recovered": [b.model_dump(mode="json") for b in night.recovered],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def certificate_pdf(night: Night) -> bytes:
    """The certificate as PDF; the same night gives the same bytes."""
    title = f"Verklaring van vernietiging, {day(night.as_of)}"
    sheet = Sheet(title=title, header="12Care · Verklaring van vernietiging", footer=f"run {night.run[:12]}")
    sheet.heading(title, 1)
    served = _served(night)
    total, emptied = sum(r.destroyed for r in served), sum(r.changed for r in served)
    changed = f" en in {count(emptied)} rijen die blijven gegevens leeggemaakt of anoniem gemaakt" if emptied else ""
    rules = "één regel" if len(served) == 1 else f"{len(served)} regels"
    sheet.paragraph(
        f"Op {moment(night.ended_at)} {'is 1 dossier' if total == 1 else f'zijn {count(total)} dossiers'} vernietigd"
        f"{changed}, volgens {rules} van het verwerkingsregister. Na elke partij is het systeem opnieuw gelezen: "
        "alleen wat daarna weg was, telt mee.",
        size=11,
    )
    sheet.note(_HOW)
    for rule in served:
        _certify(sheet, rule)
    if night.recovered:
        sheet.heading("Afgemaakt voor een eerdere, afgebroken nacht")
        _batches(sheet, night.recovered)
    _chain(sheet, night)
    return sheet.finish()


def _served(night: Night) -> list[RuleNight]:
    return [r for r in night.rules if r.done or r.rows]


def _head(night: Night) -> str:
    return f"{night.chain_event}:{night.chain_hash}"


def _rule(rule: RuleNight) -> dict[str, Any]:
    told = rule.model_dump(mode="json")
    told["verification"] = {"reread": rule.reread, "still_there": rule.not_confirmed}
    told["stayed_because"] = dict(_stays(rule))
    return told


def _stays(rule: RuleNight) -> Iterator[tuple[str, int]]:
    """Why every dossier stayed that did: with what was destroyed they are all that was there before."""
    never = [
        ("de termijn loopt nog", rule.kept),
        ("een gegeven dat blijft heeft het nodig", rule.needed),
        ("er is geen datum om vanaf te tellen", rule.missing),
        ("de datum kan niet kloppen", rule.implausible),
    ]
    told = [*never, *rule.frozen.items(), *rule.stayed.items()]
    yield from ((_why(reason), n) for reason, n in told if n)


def _why(reason: str) -> str:
    """A reason in plain Dutch; the number of a hold or a case names nobody and stays."""
    held = _HELD.match(reason)
    if held is not None:
        return f"{_HOLDER[held[1]]} {held[2]}" if held[2] else _HOLDER[held[1]]
    return _WHY.get(reason, reason)


def _certify(sheet: Sheet, rule: RuleNight) -> None:
    sheet.heading(f"{rule.activity_title}: {rule.title}")
    sheet.facts(
        [
            ("Grondslag", rule.article),
            ("Bewaartermijn", rule.term_nl or rule.term),
            ("Vervallen tot en met", "–" if rule.cutoff is None else day(rule.cutoff)),
            ("Regel", f"{rule.rule}, tekst {rule.rule_digest[:16]}"),
            ("Goedkeuring van de regel", _signed(rule.signed, rule.countersigned_by)),
            ("Nagelezen", _reread(rule)),
            ("Reservekopieën", _backup(rule)),
        ]
    )
    if rule.columns:
        _tell_columns(sheet, rule)
    rows = [
        [_BEFORE if rule.columns else "aanwezig vóór deze nacht", count(rule.total)],
        ["termijn voorbij", count(rule.due)],
        [f"{_SAID.get(rule.action, 'vernietigd')} en nagelezen", count(rule.done)],
        *([f"gebleven: {why}", count(n)] for why, n in _stays(rule)),
        *(
            [[_AFTER if rule.columns else "aanwezig na deze nacht", count(rule.total_after)]]
            if rule.total_after is not None
            else []
        ),
        *([f"rijen vernietigd in {name}", count(n)] for name, n in rule.rows.items()),
        *([f"verwijzingen leeggemaakt in {name}", count(n)] for name, n in rule.cleared.items()),
    ]
    draw_table(sheet, [Col("Dossiers, en rijen daarin", 0.8), Col("Aantal", 0.2, number=True)], rows)
    sheet.space(8)
    _batches(sheet, rule.batches)


def _signed(signed: Signed | None, alone: str | None) -> str:
    if signed is None:
        return alone or "–"
    on = moment(signed.approved_at)
    return f"gevraagd door {signed.asked_by}, gegeven door {signed.approved_by} op {on}"


def _reread(rule: RuleNight) -> str:
    rows = "1 rij" if rule.reread == 1 else f"{count(rule.reread)} rijen"
    last = max((b.confirmed_at for b in rule.batches), default=None)
    when = "" if last is None else f"; de laatste op {moment(last)}"
    found = "geen enkele was er nog" if not rule.not_confirmed else f"{count(rule.not_confirmed)} waren er nog"
    if rule.columns:
        found = "in geen enkele stond het nog" if not rule.not_confirmed else f"in {count(rule.not_confirmed)} nog wel"
        return f"na het wijzigen zijn {rows} opnieuw gelezen, {found}{when}"
    return f"na het vernietigen zijn {rows} opnieuw gezocht, {found}{when}"


def _backup(rule: RuleNight) -> str:
    kept = rule.backup_kept or "niet opgegeven in het register"
    gone = "" if rule.backup_gone_on is None else f". Uit elke reservekopie verdwenen op {day(rule.backup_gone_on)}"
    return f"{kept}{gone}"


def _tell_columns(sheet: Sheet, rule: RuleNight) -> None:
    """Of a row that survives: what became of which column, and which term keeps the row until when."""
    sheet.note("De rij zelf is niet vernietigd. Alleen deze gegevens zijn gewijzigd.")
    rows = [[name, _TREATED.get(how, how.replace("becomes", "wordt"))] for name, how in rule.columns.items()]
    draw_table(sheet, [Col("Gegeven", 0.4), Col("Wat ermee is gebeurd", 0.6)], rows)
    kept = [[name, day(until)] for name, until in rule.stays_until.items()]
    if kept:
        sheet.space(6)
        draw_table(sheet, [Col("De rij blijft vanwege", 0.6), Col("Uiterlijk tot en met", 0.4)], kept)
    sheet.space(6)


def _batches(sheet: Sheet, batches: tuple[BatchProof, ...]) -> None:
    rows = [[b.batch, str(b.records), str(b.event), b.root] for b in batches]
    heads = [Col("Partij", 0.14), Col("Rijen", 0.1, number=True), Col("Keten", 0.1, number=True), Col("Wortel", 0.66)]
    draw_table(sheet, heads, rows, size=7.5)


def _chain(sheet: Sheet, night: Night) -> None:
    sheet.heading("Plaats in de keten")
    sheet.paragraph(_CHECK)
    signed = [] if night.plan_signed is None else [["Goedkeuring van het plan", _signed(night.plan_signed, None)]]
    rows = [
        ["Plaats", _head(night)],
        ["Register", night.register_digest],
        ["Plan", night.plan_digest],
        *signed,
    ]
    draw_table(sheet, [Col("Wat", 0.22), Col("Waarde", 0.78)], rows, size=8)
