"""The certificate of destruction (verklaring van vernietiging): what went, by which article, and how it is proven."""

from __future__ import annotations

import orjson

from domain.night import BatchProof, Night, RuleNight
from reports.dutch import count, day, moment
from reports.page import Sheet
from reports.table import Col, draw_table

_HOW = (
    "Elk vernietigd gegeven heeft in het register van vernietigingen een controlegetal (BLAKE2b met sleutel). De "
    "getallen van een partij samen geven één wortel (Merkle). De partijen staan in een keten waarin elke wijziging "
    "zichtbaar wordt. Controleer dit met: termijn ledger verify. In deze verklaring staan geen persoonsgegevens."
)


def certificate_json(night: Night) -> bytes:
    """The certificate for machines: rules that destroyed something, with counts, evidence and chain position."""
    body = {
        "kind": "verklaring van vernietiging",
        "run": night.run,
        "as_of": night.as_of,
        "ended_at": night.ended_at,
        "register_digest": night.register_digest,
        "plan_digest": night.plan_digest,
        "chain": {"event": night.chain_event, "hash": night.chain_hash},
        "rules": [r.model_dump(mode="json") for r in _served(night)],
        "recovered": [b.model_dump(mode="json") for b in night.recovered],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def certificate_pdf(night: Night) -> bytes:
    """The certificate as PDF; the same night gives the same bytes."""
    title = f"Verklaring van vernietiging, {day(night.as_of)}"
    sheet = Sheet(title=title, header="12Care · Verklaring van vernietiging", footer=f"run {night.run[:12]}")
    sheet.heading(title, 1)
    served = _served(night)
    total = sum(r.destroyed for r in served)
    sheet.paragraph(
        f"Op {moment(night.ended_at)} zijn {count(total)} dossiers vernietigd, volgens {len(served)} regels van het "
        "verwerkingsregister. Na elke partij is het systeem opnieuw gelezen: alleen wat daarna weg was, telt mee.",
        size=11,
    )
    sheet.note(_HOW)
    for rule in served:
        _certify(sheet, rule)
    if night.recovered:
        sheet.heading("Afgemaakt voor een eerdere, afgebroken nacht")
        _batches(sheet, night.recovered)
    sheet.heading("Plaats in de keten")
    sheet.facts(
        [
            ("Gebeurtenis", str(night.chain_event)),
            ("Controlegetal", night.chain_hash),
            ("Register", night.register_digest),
            ("Plan", night.plan_digest),
        ]
    )
    return sheet.finish()


def _served(night: Night) -> list[RuleNight]:
    return [r for r in night.rules if r.destroyed or r.rows]


def _certify(sheet: Sheet, rule: RuleNight) -> None:
    sheet.heading(f"{rule.activity_title}: {rule.title}")
    sheet.facts(
        [
            ("Grondslag", rule.article),
            ("Termijn telt vanaf", rule.counts_from),
            ("Vervallen tot en met", "–" if rule.cutoff is None else day(rule.cutoff)),
            ("Regel", f"{rule.rule}, tekst {rule.rule_digest[:16]}"),
            ("Mede ondertekend door", rule.countersigned_by or "–"),
            ("Reservekopieën", rule.backup_kept or "niet opgegeven in het register"),
        ]
    )
    stays = [*rule.frozen.items(), *rule.stayed.items()]
    rows = [
        ["aanwezig vóór deze nacht", count(rule.total)],
        ["termijn voorbij", count(rule.due)],
        ["vernietigd en nagelezen", count(rule.destroyed)],
        *([f"gebleven: {why}", count(n)] for why, n in stays),
        *([f"rijen vernietigd in {name}", count(n)] for name, n in rule.rows.items()),
        *([["aanwezig na deze nacht", count(rule.total_after)]] if rule.total_after is not None else []),
    ]
    draw_table(sheet, [Col("Wat", 0.8), Col("Aantal", 0.2, number=True)], rows)
    sheet.space(8)
    _batches(sheet, rule.batches)


def _batches(sheet: Sheet, batches: tuple[BatchProof, ...]) -> None:
    rows = [[b.batch, str(b.records), str(b.event), b.root] for b in batches]
    heads = [Col("Partij", 0.14), Col("Rijen", 0.1, number=True), Col("Keten", 0.1, number=True), Col("Wortel", 0.66)]
    draw_table(sheet, heads, rows, size=7.5)
