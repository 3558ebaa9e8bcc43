"""Fixed values that every report is made from in tests: invented people, invented practices, invented nights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from domain.activity import Activity
from domain.morning import Escalation, ForwardLine, HolderLine, MorningList, OpenCase, OpenDraft
from domain.night import BatchProof, Guarded, Night, RuleNight, Signed
from domain.origin import Origin
from domain.package import Addressee, DestroyedBefore, Outcome, PackageContents, Part, Record, Searched, Withheld
from domain.portability import take_along
from domain.register import Officer, Organisation, Register, Supervisor
from domain.system import Column, System

AS_OF = date(2026, 11, 24)


def column(label: str, category: str | None = None, cls: str = "export") -> Column:
    return Column.model_validate(
        {"label": label, "class": cls, "category": category, "because": None if cls == "export" else "intern nummer"}
    )


def organisation() -> Organisation:
    return Organisation(
        name="VOVB en Partners B.V.",
        trading_as="12Care",
        street="Maliebaan 127",
        postcode="3581 CK",
        city="Utrecht",
        country="NL",
        email="privacy@careweb.nl",
        website="www.careweb.nl",
        officer=Officer(
            title="Functionaris voor de gegevensbescherming",
            email="privacy@careweb.nl",
            address="Maliebaan 127, 3581 CK Utrecht",
        ),
        supervisor=Supervisor(
            name="Autoriteit Persoonsgegevens",
            address="Postbus 93374, 2509 AJ Den Haag",
            phone="088 - 1805 250",
            website="www.autoriteitpersoonsgegevens.nl",
        ),
        court="de rechtbank (verzoekschrift, binnen zes weken na ons antwoord; art. 35 UAVG)",
    )


def _term(**given: Any) -> dict[str, Any]:
    return {"since": date(2020, 1, 1), "source": "wetten.overheid.nl", "certainty": "certain",
            "last_checked": date(2026, 11, 23), **given}  # fmt: skip


def activities() -> dict[str, Activity]:
    dossier = Activity.model_validate(
        {
            "id": "medical-dossier",
            "title": "Medisch dossier in Careweb",
            "purpose": "Het uitvoeren van uw behandelplan, en het versturen van de factuur",
            "role": "processor",
            "on_behalf_of": "uw zorgverlener",
            "legal_ground": ["AVG 6.1.b (behandelovereenkomst)", "AVG 9.2.h (zorg)", "BW 7:454 (dossierplicht)"],
            "subjects": ["patiënt"],
            "data": [
                {"item": "naam, geboortedatum en geslacht", "category": "user.name"},
                {"item": "burgerservicenummer (BSN)", "category": "user.government_id", "special": True},
                {"item": "onderzoek, medicatie en advies", "category": "user.health_and_medical", "special": True},
            ],
            "source": "U zelf, uw huisarts en uw zorgverlener",
            "recipients": [
                {"name": "Huisartsenpraktijk De Linde", "why": "verslag van het onderzoek"},
                {"name": "Laboratorium Midden", "why": "onderzoek van uw bloed"},
            ],
            "processors": [
                {"name": "Serverpark Utrecht B.V.", "why": "de computers waarop Careweb draait"},
                {"name": "MailRelay Inc.", "why": "versturen van herinneringen per e-mail", "country": "US",
                 "safeguard": "de standaardbepalingen van de Europese Commissie (SCC 2021/914)"},
            ],
            "security": ["NEN 7510"],
            "term": [_term(minimum="20 years", counts_from="de laatste medische wijziging in het dossier",
                           article="BW 7:454 lid 3", at_expiry="propose")],
        }
    )  # fmt: skip
    prospects = Activity.model_validate(
        {
            "id": "prospects",
            "title": "Belangstellenden (prospects)",
            "purpose": "Contact houden met mensen die meer willen weten over onze diensten",
            "role": "controller",
            "legal_ground": ["AVG 6.1.a (uw toestemming)"],
            "subjects": ["belangstellende"],
            "data": [{"item": "naam, e-mailadres en telefoonnummer", "category": "user.contact"}],
            "source": "U zelf, via het contactformulier",
            "security": ["NEN 7510"],
            "term": [_term(maximum="1 year", counts_from="het laatste contact", article="Vrijst.besl. 42 lid 6",
                           at_expiry="destroy")],
        }
    )  # fmt: skip
    return {a.id: a for a in (dossier, prospects)}


def register() -> Register:
    careweb = System.model_validate(
        {
            "id": "careweb",
            "title": "Careweb",
            "connector": "sql",
            "url": "env:CAREWEB_URL",
            "backup_kept": "reservekopieën verdwijnen na 35 dagen",
            "dataset": {
                "patient": {
                    "activity": "medical-dossier",
                    "key": ["id"],
                    "ceiling": {"records": 500, "share": 0.02},
                    "triggers": ["changed_on"],
                    "columns": {
                        "id": {"class": "technical"},
                        "changed_on": {"class": "export", "label": "Laatst gewijzigd"},
                    },
                }
            },
        }
    )
    return Register(activities=activities(), systems={"careweb": careweb}, organisation=organisation())


PATIENT = {
    "surname": column("Achternaam", "user.name.last"),
    "given": column("Voornamen", "user.name.first"),
    "born_on": column("Geboortedatum", "user.demographic.date_of_birth"),
    "bsn": column("BSN", "user.government_id"),
    "email": column("E-mailadres", "user.contact.email"),
    "phone": column("Telefoonnummer", "user.contact.phone_number"),
    "street": column("Straat en huisnummer", "user.contact.address.street"),
    "postcode": column("Postcode en woonplaats", "user.contact.address"),
    "gp": column("Huisarts"),
    "secret_code": column("Geheime code", "user.contact.address.city"),
}
CONTACT = {
    "contact_on": column("Datum contact"),
    "kind": column("Soort contact"),
    "complaint": column("Reden van aanvraag", "user.health_and_medical"),
    "advice": column("Advies aan de behandelend arts", "user.health_and_medical"),
    "amount": column("Gefactureerd bedrag"),
    "paid": column("Betaald"),
}
PROSPECT = {"name": column("Naam"), "email": column("E-mailadres"), "note": column("Opmerking"),
            "last_contact": column("Laatste contact")}  # fmt: skip
LIMIT = "Bewaarplicht van 20 jaar (BW 7:454 lid 3)"
COMPLAINTS = (
    "Pijn in de onderrug na tillen, straalt uit naar het linkerbeen",
    "Controle na drie maanden; gaat beter",
    "Hoofdpijn en duizelig, vooral 's ochtends",
    '=HYPERLINK("http://voorbeeld.invalid")',
    "Verwijzing voor bloedonderzoek (TSH, vrij T4, glucose, HbA1c, natrium, kalium, kreatinine en leverfuncties)",
)


def contacts(many: int) -> list[Record]:
    found = []
    for n in range(many):
        day = date(2011, 2, 28) + timedelta(days=37 * n)
        values = {
            "contact_on": day,
            "kind": ("Consult", "Telefonisch consult", "Huisbezoek")[n % 3],
            "complaint": COMPLAINTS[n % 5],
            "advice": None
            if n % 4
            else "Fysiotherapie, 9 keer. Terugkomen als de klachten na 6 weken niet minder zijn.",
            "amount": Decimal("42.50") + n,
            "paid": n % 7 != 0,
        }
        found.append(Record(f"c{n}", values, date(2045, 3, 17), LIMIT, soft_deleted=n == 11, archived=n in (12, 13)))
    return found


def contents(*, language: str = "nl", rows: int = 40, searched: Outcome = Outcome.NOTHING_FOUND) -> PackageContents:
    patient = {
        "surname": "Čapek-Østergård van der Meulen", "given": "Añelka Jiří 漢", "born_on": date(1971, 2, 28),
        "bsn": "012345672", "email": "anelka@voorbeeld.invalid", "phone": "+31 30 555 01 23",
        "street": "Kromme Nieuwegracht 999-bis", "postcode": "3512 ZZ Utrecht", "gp": "Huisartsenpraktijk De Linde",
        "secret_code": "",
    }  # fmt: skip
    prospect = {"name": "A. Čapek", "email": "anelka@voorbeeld.invalid", "note": "Regel één\nRegel twee\x07\u202e",
                "last_contact": datetime(2026, 3, 3, 9, 5, tzinfo=UTC)}  # fmt: skip
    return PackageContents(
        case="2026-0042",
        kind="access",
        received_on=date(2026, 11, 3),
        as_of=AS_OF,
        language=language,
        addressee=Addressee("Mevrouw A.J. Čapek", ("Kromme Nieuwegracht 999-bis", "3512 ZZ Utrecht")),
        organisation=organisation().model_dump(mode="json"),
        activities=activities(),
        parts=(
            Part("careweb", "Careweb", "patient", "Uw gegevens als patiënt", "medical-dossier", PATIENT,
                 [Record("p1", patient, date(2045, 3, 17), LIMIT)], "Praktijk De Brug"),
            Part("careweb", "Careweb", "contact", "Contacten met uw zorgverlener", "medical-dossier", CONTACT,
                 contacts(rows), "Praktijk De Brug"),
            Part("crm", "Klantenbestand (CRM)", "prospects", "U als belangstellende", "prospects", PROSPECT,
                 [Record("x", prospect, date(2027, 3, 3), "Hoogstens 1 jaar na het laatste contact")]),
        ),
        withheld=(
            Withheld("careweb", "contact", "Naam van een andere persoon in uw dossier", 3,
                     "Die gegevens gaan over iemand anders", "AVG 15 lid 4"),
            Withheld("careweb", "patient", "Geheime sleutel van uw account", 1,
                     "Daarmee kan iemand anders inloggen", "UAVG 41 lid 1"),
        ),
        searched=(
            Searched("careweb", "Careweb", Outcome.ANSWERED, rows + 1),
            Searched("crm", "Klantenbestand (CRM)", Outcome.ANSWERED, 1),
            Searched("hr", "Personeelssysteem", searched, 0, "" if searched is Outcome.NOTHING_FOUND else "no answer"),
            Searched("website", "Accounts van de website", Outcome.NOTHING_FOUND),
        ),
        destroyed_before=(DestroyedBefore("Loggegevens van de website", 12, date(2026, 3, 1), "AVG 5 lid 1 onder e"),),
        register_digest=sha256(b"register").hexdigest(),
        chain_event=118,
        chain_hash=sha256(b"chain").hexdigest(),
    )  # fmt: skip


def portable(*, language: str = "nl", rows: int = 4) -> PackageContents:
    """The same person, who takes along what article 20 gives: what they gave, and when they came."""
    whole, columns = contents(language=language, rows=rows), {"contact": {"contact_on": "observed", "kind": "observed"}}
    systems = {
        p.system: System.model_validate(
            {"id": p.system, "title": p.system_title, "connector": "sql", "url": "env:X_URL",
             "dataset": {
                 q.dataset: {"title": q.title, "activity": q.activity, "key": ["id"],
                             "ceiling": {"records": 5, "share": 0.1},
                             "columns": {"id": {"class": "technical"}}}
                 for q in whole.parts if q.system == p.system
             }}
        )
        for p in whole.parts
    }  # fmt: skip
    parts = [
        replace(p, columns={
            n: c.model_copy(update={"origin": Origin(columns.get(p.dataset, {}).get(n, "derived" if p.dataset ==
                                                                                      "contact" else "provided"))})
            for n, c in p.columns.items()
        })
        for p in whole.parts
    ]  # fmt: skip
    taken = take_along(parts, whole.withheld, systems, whole.activities, language)
    return replace(whole, kind="portability", parts=taken.parts, withheld=taken.withheld)


def _rule(name: str, title: str, **given: Any) -> RuleNight:
    usual: dict[str, Any] = {
        "rule": name, "title": title, "activity": name.split(".")[1], "activity_title": title, "action": "destroy",
        "term": "at most 2 years", "counting": "from the day", "counts_from": "the last day of employment",
        "article": "Vrijst.besl. 7 lid 5", "cutoff": date(2024, 11, 23),
        "rule_digest": sha256(name.encode()).hexdigest(),
        "countersigned_by": "FG (dpo)", "total": 0, "due": 0, "missing": 0, "implausible": 0, "needed": 0, "kept": 0,
    }  # fmt: skip
    return RuleNight.model_validate({**usual, **given})


def signed(name: str) -> Signed:
    return Signed(
        digest=sha256(name.encode()).hexdigest(),
        asked_by="dev",
        approved_by="fg",
        approved_at=datetime(2026, 11, 2, 9, 15, tzinfo=UTC),
    )


def batch(n: int, records: int) -> BatchProof:
    return BatchProof(
        batch=f"b{n:04d}",
        records=records,
        root=sha256(str(n).encode()).hexdigest(),
        event=100 + n,
        confirmed_at=datetime(2026, 11, 24, 0, 31, n, tzinfo=UTC),
    )


def night(*, rehearsal: bool = False) -> Night:
    staff = _rule(
        "hr.staff", "Personeelsdossiers",
        total=214, due=21, missing=2, implausible=1, needed=3, kept=187,
        kept_by={"personnel-file": 160, "wage-tax-statement": 27}, frozen={"hold": 2, "open request": 1},
        destroyed=0 if rehearsal else 17, rows={} if rehearsal else {"staff": 17, "appraisal": 61, "absence": 33},
        stayed={} if rehearsal else {"no longer due": 1}, cleared={} if rehearsal else {"department": 1},
        total_after=None if rehearsal else 197, batches=() if rehearsal else (batch(1, 100), batch(2, 11)),
        backup_kept="Back-ups verdwijnen na 35 dagen", backup_gone_on=None if rehearsal else date(2026, 12, 30),
        signed=signed("hr.staff"),
    )  # fmt: skip
    refusal = Guarded(
        where="crm.prospects", guard="ceiling",
        reason="310 of 412 records are due (75.2 %), more than the ceiling of 2 %",
        do="look whether a bulk change touched last_contact_on; raise the ceiling in crm.toml only after that",
    )  # fmt: skip
    return Night(
        run="brisk-otter",
        as_of=AS_OF,
        started_at=datetime(2026, 11, 24, 0, 30, tzinfo=UTC),
        ended_at=datetime(2026, 11, 24, 0, 31, 44, tzinfo=UTC),
        rehearsal=rehearsal,
        register_digest=sha256(b"register").hexdigest(),
        plan_digest=sha256(b"plan").hexdigest(),
        systems=("careweb", "crm", "hr", "website"),
        rules=(
            _rule("careweb.patient", "Medisch dossier", action="propose", term="at least 20 years", total=5210, due=14,
                  kept=5190, missing=6, kept_by={"medical-dossier": 5190}, article="BW 7:454 lid 3",
                  counts_from="the last medical change in the dossier", cutoff=date(2006, 11, 23)),
            staff,
            _rule("crm.prospects", "Prospects", total=412, due=310, kept=102, kept_by={"prospects": 102},
                  refusals=(refusal,), countersigned_by=None, term="at most 1 year", cutoff=date(2025, 11, 23)),
        ),
        unreadable=(Guarded(where="website", guard="source", reason="the source did not answer within 30 s",
                            do="see that the database runs, then start the purge again"),),
        plan_signed=None if rehearsal else signed("plan"),
        chain_event=121,
        chain_hash=sha256(b"night").hexdigest(),
    )  # fmt: skip


def case(n: int, left: int, **given: Any) -> OpenCase:
    usual: dict[str, Any] = {
        "case": f"2026-{n:04d}", "kind": "access", "state": "gathering", "handler": "handler-1",
        "received": AS_OF + timedelta(days=left - 28), "promise": AS_OF + timedelta(days=left),
        "law": AS_OF + timedelta(days=left + 2), "law_shifted": AS_OF + timedelta(days=left + 2), "extended": None,
        "unpaused": AS_OF + timedelta(days=left), "paused": False, "steer_on": AS_OF + timedelta(days=left),
        "days_left": left,
    }  # fmt: skip
    return OpenCase.model_validate({**usual, **given})


def morning() -> MorningList:
    lefts = (-3, -1, 0, 1, 2, 3, 5, 6, 7, 9, 12, 13, 14, 18, 21, 26, 27)
    cases = [case(31 + n, left, rung="overdue" if left < 0 else None) for n, left in enumerate(lefts)]
    still = {"paused": True, "state": "waiting for identity", "unpaused": AS_OF - timedelta(days=40)}
    cases[4] = case(35, 2, kind="erasure", **still)
    cases[9] = case(40, 9, kind="rectification", extended=date(2027, 1, 29))
    return MorningList(
        as_of=AS_OF,
        cases=tuple(cases),
        escalations=(
            Escalation(case="2026-0031", rung="overdue-2026-11-24", roles=("handler", "dpo", "management"), sent=True),
            Escalation(case="2026-0034", rung="promise-1", roles=("handler", "dpo"), sent=False,
                       trouble="the mail server refused the message"),
        ),
        drafts=(
            OpenDraft(mail="M2026-0041", asks=("access", "erasure"), notes="", received=AS_OF - timedelta(days=14),
                      steer_on=AS_OF + timedelta(days=14), law=AS_OF + timedelta(days=16), days_left=14,
                      rung="promise-14", sent=False, trouble="the mail server refused the message"),
            OpenDraft(mail="M2026-0052", asks=("breach",), received=AS_OF, steer_on=AS_OF + timedelta(days=28),
                      notes="names case 2026-0031, not from an address of that case; attachments",
                      law=AS_OF + timedelta(days=30), days_left=28),
        ),
        holders=(
            HolderLine(case="2026-0039", holder="paper-archive", advice="ask now, it will be late", usually=9,
                       mostly=12, left=7),
        ),
        to_forward=tuple(ForwardLine(case=f"2026-004{n}", days=n, found=n == 5) for n in (4, 5)),
        set_aside=3,
        mailbox="the mail server does not accept the token",
    )  # fmt: skip
