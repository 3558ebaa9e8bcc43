"""What Careweb holds: practices with their users, patients and dossiers, insurers, invoices and logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, bindparam

from sample import Book, Pointer, ago, at, edge, point
from sample.careweb_tables import (
    ACCESS_LOG,
    ADVICE,
    APP_USER,
    CONTACT,
    INSURER,
    INSURER_CONTACT,
    INVOICE,
    INVOICE_LINE,
    MEDICATION,
    PATIENT,
    PRACTICE,
    REQUEST,
    RESULT,
    SCHEMA_MIGRATION,
    SHARING_CONSENT,
    TABLES,
    TECHNICAL_LOG,
    USER_ROLE,
)
from sample.people import Cast, Person, Population

_EXAMINATIONS = (
    ("Röntgenfoto knie", "Aanhoudende pijn na een val", "Drie weken geleden gevallen, traplopen gaat moeizaam"),
    ("Bloedonderzoek", "Vermoeidheid", "Sinds twee maanden moe, slaapt slecht, geen koorts"),
    ("Echo schouder", "Bewegingsbeperking", "Kan de arm niet boven het hoofd tillen"),
    ("Longfunctie", "Kortademig bij inspanning", "Rookte tot vorig jaar, hoest in de ochtend"),
    ("Gehooronderzoek", "Hoort slecht in gezelschap", "Werkte lang in een lawaaiige hal"),
)
_MEDICINES = (("Paracetamol", "500 mg, 3x per dag"), ("Metformine", "850 mg, 2x per dag"), ("Salbutamol", "zo nodig"))
_MEASURED = (("Hemoglobine", "8,4", "mmol/l"), ("CRP", "12", "mg/l"), ("FEV1", "81", "%"), ("Glucose", "5,9", "mmol/l"))
_ROLES = (*["behandelaar"] * 4, "assistent", "assistent", "administratie", "beheer")


class _Careweb:
    """Careweb while it fills: who exists so far, and which characters stand where."""

    def __init__(self, connection: Connection, *, as_of: date, scale: int, seed: int) -> None:
        self.people = Population(as_of=as_of, seed=seed, lane=1, domain="example.org")
        self.rng: Random = self.people.rng
        self.book = Book(TABLES, connection)
        self.as_of, self.scale = as_of, scale
        self.migrated_at: datetime = at(ago(as_of, days=40), 3, 12).replace(tzinfo=None)
        self.practitioners: dict[int, list[int]] = {}
        self.practice_of: list[int] = []
        self.looked_at: list[int] = []  # the patients whose dossier was opened in the last years
        self.last_contacts: dict[int, int] = {}
        self.characters: dict[str, list[Pointer]] = {}

    def mark(self, character: str, dataset: str, *record: int) -> None:
        """Remember where an awkward case stands."""
        self.characters.setdefault(character, []).append(point("careweb", dataset, *record))

    def organisations(self) -> None:
        """Four practices and eight insurers, with the people whom 12Care deals with there."""
        for number_, name in enumerate(("De Linde", "Maliesingel", "Het Zand", "Noorderplas"), start=1):
            who = self.people.draw(youngest=35, oldest=60)
            self.book.add(
                PRACTICE, name=f"Praktijk {name}", agb_code=f"99{number_:06d}", contact_name=who.name, **who.address(),
                phone=who.phone, email=f"praktijk{number_}@example.com", iban=who.iban, insurance_kind="beroep",
                insurer_name="Verzekerd Beter", insurance_number=f"BA-{number_:05d}",
                contract_from=ago(self.as_of, years=31 - number_),
            )  # fmt: skip
        due, not_due = edge("insurer-contacts", self.as_of)
        for number_ in range(1, 9):
            who = self.people.draw()
            self.book.add(
                INSURER, uzovi_code=f"9{number_:03d}", name=f"Zorgverzekeraar {who.surname}", **who.address(),
                phone=who.phone, email=f"verzekeraar{number_}@example.com", iban=who.iban,
                relation_ended_on=ago(self.as_of, years=2) if number_ == 8 else None,
            )  # fmt: skip
        for turn in range(16):
            who = self.people.draw()
            ended = {3: due, 6: not_due}.get(turn)
            row = self.book.add(
                INSURER_CONTACT, insurer_id=1 + turn % 7, name=who.name, job_title="Accounthouder", phone=who.phone,
                email=who.email, access_ended_on=ended,
            )  # fmt: skip
            if ended:
                self.mark("just_due" if ended == due else "just_not_due", "insurer_contact", row)

    def users(self) -> None:
        """Twelve accounts per practice: eight in use, and leavers of whom some are still named in the access log."""
        due, not_due = edge("careweb-users", self.as_of)
        recent, long_ago = ago(self.as_of, months=3), ago(self.as_of, years=2)
        for turn in range(48 * self.scale):
            practice, place = 1 + turn % 4, turn // 4 % 12
            left = {8: recent, 9: long_ago}.get(place)
            if turn // 4 in (10, 11) and practice <= 2:  # the four leavers whom nothing needs any more
                left = {10: due, 11: not_due}[place] if practice == 1 else ago(self.as_of, months=9)
            who = self.people.draw(youngest=20, oldest=66)
            row = self.book.add(
                APP_USER, practice_id=practice, username=f"{who.email.split('@')[0]}", given_name=who.given_name,
                prefix=who.prefix, surname=who.surname, job_title=_ROLES[place % 8], **who.address(), phone=who.phone,
                email=who.email, iban=who.iban, password_hash=f"scrypt${self.rng.randrange(16**12):012x}",
                totp_secret=f"{self.rng.randrange(16**10):010X}", granted_on=ago(self.as_of, years=4),
                access_revoked_on=left, updated_at=self.migrated_at,
            )  # fmt: skip
            self.book.add(USER_ROLE, user_id=row, role=_ROLES[place % 8], granted_on=ago(self.as_of, years=4))
            if place < 4:
                self.practitioners.setdefault(practice, []).append(row)
            if left in (due, not_due):
                self.mark("just_due" if left == due else "just_not_due", "practice_user", row)
            if left == long_ago and turn < 48:
                self.mark("needed_user", "practice_user", row)

    def patient(self, who: Person, practice: int, registered_on: date | None, **other: Any) -> int:
        """Enrol a patient at a practice."""
        rng = self.rng
        number_ = len(self.practice_of) + 1
        gp = self.people.rng.choice(("De Jong", "Van Houten", "Öztürk", "Bakker-de Wit"))
        row = self.book.add(
            PATIENT, **{
                "practice_id": practice, "client_number": _client_number(practice, number_), "bsn": who.bsn,
                "initials": who.initials, "given_name": who.given_name, "prefix": who.prefix, "surname": who.surname,
                "sex": who.sex, "born_on": who.born_on, **who.address(), "phone": who.phone, "email": who.email,
                "gp_name": f"Huisarts {gp}", "gp_address": f"Kerkstraat {rng.randint(1, 80)}",
                "gp_postcode": who.postcode, "gp_city": who.city, "insurance_kind": "basis en aanvullend",
                "insurer_id": rng.randint(1, 7), "insurance_number": f"{rng.randrange(10**9):09d}", "iban": who.iban,
                "registered_on": registered_on, "legacy_id": f"OUD{number_:07d}", "updated_at": self.migrated_at,
                **other,
            },
        )  # fmt: skip
        self.practice_of.append(practice)
        return row

    def contact(self, patient: int, practice: int, on: date | None, *, bare: bool = False, **other: Any) -> int:
        """A contact, and (unless `bare`) what often follows: examination, results, advice, medicine, invoice."""
        rng = self.rng
        row = self.book.add(
            CONTACT, patient_id=patient, contact_on=on, kind=rng.choice(("consult", "telefonisch", "controle")),
            practitioner_id=rng.choice(self.practitioners[practice]), updated_at=self.migrated_at,
            colleague_name="Dr. P. Kwant" if rng.random() < 0.1 else None,
            note="Klachten besproken, plan gemaakt", **other,
        )  # fmt: skip
        self.last_contacts[patient] = row
        if bare or on is None:
            return row
        reported = min(on + timedelta(days=rng.randint(1, 14)), self.as_of)
        if rng.random() < 0.6:
            examination, reason, anamnesis = rng.choice(_EXAMINATIONS)
            request = self.book.add(
                REQUEST, contact_id=row, requested_on=on, examination=examination, reason=reason, anamnesis=anamnesis,
                referrer_name="Mw. dr. A. Verwey", status="afgerond",
            )  # fmt: skip
            for line in range(1, rng.randint(2, 4)):
                measured, outcome, unit = rng.choice(_MEASURED)
                self.book.add(
                    RESULT, request_id=request, line_no=line, reported_on=reported, measured=measured, outcome=outcome,
                    unit=unit, conclusion="geen bijzonderheden",
                )  # fmt: skip
            if rng.random() < 0.5:
                self.book.add(
                    ADVICE, request_id=request, given_on=reported, addressed_to="Mw. dr. A. Verwey",
                    advice="Oefentherapie, over zes weken opnieuw bekijken",
                )  # fmt: skip
        if rng.random() < 0.25:
            medicine, dose = rng.choice(_MEDICINES)
            self.book.add(MEDICATION, patient_id=patient, name=medicine, dose=dose, started_on=on, stopped_on=reported)
        if on >= ago(self.as_of, years=8) and rng.random() < 0.6:
            self.invoice(patient, practice, on)
        return row

    def invoice(self, patient: int, practice: int, treated_on: date, *, invoiced_on: date | None = None) -> int:
        """The practice's invoice for a treatment."""
        rng = self.rng
        amount = round(rng.uniform(28, 340), 2)
        on = invoiced_on or min(treated_on + timedelta(days=rng.randint(2, 25)), self.as_of)
        paid = rng.random() > 0.05
        row = self.book.add(
            INVOICE, practice_id=practice, patient_id=patient, invoiced_on=on, amount=amount,
            number=f"{on.year}-{rng.randrange(10**6):06d}", outstanding=0 if paid else amount,
            paid_on=(invoiced_on or min(on + timedelta(days=rng.randint(1, 20)), self.as_of)) if paid else None,
            iban=self.people.account(), insurance_kind="basis", insurer_id=rng.randint(1, 7),
            insurance_number=f"{rng.randrange(10**9):09d}",
        )  # fmt: skip
        self.book.add(
            INVOICE_LINE, invoice_id=row, line_no=1, treated_on=treated_on, description="Consult en onderzoek",
            amount=amount,
        )  # fmt: skip
        return row

    def patients(self) -> None:
        """The many: most in treatment, some long known, two in a hundred whose term is over."""
        over, _ = edge("medical-dossier", self.as_of)
        for turn in range(390 * self.scale):
            practice, rng = 1 + turn % 4, self.rng
            if turn % 50 == 7:
                first, last = over - timedelta(days=rng.randint(900, 2500)), over - timedelta(days=rng.randint(60, 600))
            elif turn % 8 == 3:
                first, last = over - timedelta(days=rng.randint(10, 3000)), ago(self.as_of, days=rng.randint(1, 5000))
            else:
                first = ago(self.as_of, days=rng.randint(30, 6900))
                last = first + timedelta(days=rng.randint(0, (self.as_of - first).days))
            row = self.patient(self.people.draw(youngest=1), practice, first)
            if turn % 50 != 7:
                self.looked_at.append(row)
            span = (last - first).days
            others = sorted(first + timedelta(days=rng.randint(0, span)) for _ in range(rng.randint(0, 5)))
            for on in (*others, last):
                self.contact(row, practice, on)
            if rng.random() < 0.3:
                self.book.add(
                    SHARING_CONSENT, patient_id=row, shared_with="Fysiotherapie Singel", scope="medicatie en uitslagen",
                    granted_on=first, withdrawn_on=last if rng.random() < 0.1 else None,
                )  # fmt: skip
            self.book.pour(above=20_000)

    def story(self, cast: Cast) -> None:
        """The people of the story: two practices, a look-alike, a shared address, a child."""
        as_of = self.as_of
        seen = {"registered_on": ago(as_of, years=3)}
        hero = self.patient(cast.hero, 1, **seen)
        elsewhere = self.patient(replace(cast.hero, phone=_abroad(cast.hero.phone)), 2, **seen)
        for practice, row in ((1, hero), (2, elsewhere)):
            for months in (30, 14, 2):
                self.contact(row, practice, ago(as_of, months=months))
            self.mark("two_tenants", "patient", row)
            self.looked_at.append(row)
        mistaken = self.contact(hero, 1, ago(as_of, years=1), bare=True, deleted_at=self.migrated_at)
        self.mark("soft_deleted", "contact", mistaken)
        for character, who, practice in (
            ("namesake", cast.namesake, 3),
            ("namesake_other_birth_date", cast.name_only, 1),
            ("shared_email", cast.spouse, 1),
            ("parent_of_child_with_same_email", cast.parent, 4),
            ("parent_of_child_with_same_email", cast.child, 4),
            ("patient_and_employee", cast.employee, 2),
        ):
            row = self.patient(who, practice, **seen)
            self.contact(row, practice, ago(as_of, months=5))
            if character in ("namesake", "namesake_other_birth_date", "shared_email"):
                self.mark(character, "patient", hero)
            self.mark(character, "patient", row)

    def awkward(self) -> None:
        """What real data looks like: dates that are not dates, strays, and terms that end today or tomorrow."""
        as_of, first = self.as_of, ago(self.as_of, years=26)
        due, not_due = edge("medical-dossier", as_of)
        old = due - timedelta(days=200)
        leap = date(next(y for y in range(due.year - 1, 1903, -1) if y % 4 == 0 and y % 100), 2, 29)
        for character, on, other in (
            ("just_due", due, {}),
            ("just_not_due", not_due, {}),
            ("leap_day", leap, {}),
            ("held", old, {}),
            ("bulk_migrated", old, {}),
            ("cycle", old, {}),
            ("sentinel", date(9999, 1, 1), {}),
            ("future", as_of + timedelta(days=21), {}),
            ("soft_deleted", ago(as_of, years=4), {"deleted_at": self.migrated_at}),
            ("invalid_bsn", ago(as_of, years=2), {"bsn": "123456789"}),
            ("leading_zero_bsn", ago(as_of, years=2), {"bsn": "12345672"}),
            ("empty_identifiers", ago(as_of, years=2), {"bsn": "", "email": "", "phone": None}),
        ):
            row = self.patient(self.people.draw(youngest=30), 1, first, **other)
            self.contact(row, 1, on, bare=True)
            self.mark(character, "patient", row)
        row = self.patient(self.people.draw(), 2, first)
        self.contact(row, 2, old, bare=True)
        self.contact(row, 2, None)
        self.mark("null_trigger", "patient", row)
        row = self.book.add(MEDICATION, patient_id=99_000_000, name="Digoxine", dose="0,125 mg", started_on=old)
        self.mark("orphan", "medication", row)
        for character, on in zip(("just_due", "just_not_due"), edge("patient-invoices", as_of), strict=True):
            self.mark(character, "invoice", self.invoice(1, 1, on, invoiced_on=on))

    def logs(self) -> None:
        """Who opened which dossier (NEN 7513), and what the program wrote down about itself."""
        rng, as_of = self.rng, self.as_of
        due, not_due = edge("careweb-access-log", as_of)
        within, before = (as_of - not_due).days, 140
        for turn in range(5000 * self.scale):
            past = rng.randint(0, within) if turn % 40 else within + rng.randint(1, before)
            on = as_of - timedelta(days=past)
            self.log_access(at(on, rng.randint(7, 21), rng.randint(0, 59)), rng.choice(self.looked_at))
            self.book.pour(above=20_000)
        self.mark("just_due", "access_log", self.log_access(at(due, 23, 59), 1))
        self.mark("just_not_due", "access_log", self.log_access(at(not_due, 0, 10), 1))
        due, not_due = edge("careweb-technical-log", as_of)
        self.mark("just_due", "technical_log", self.log_event(at(due, 23, 59), "INFO"))
        self.mark("just_not_due", "technical_log", self.log_event(at(not_due, 0, 10), "INFO"))
        for turn in range(800 * self.scale):
            self.log_event(at(ago(as_of, days=turn % 170), turn % 24), "INFO")
        imported = at(ago(as_of, months=14), 2, 30)
        for _ in range(1200 * self.scale):  # an import stamped an old day on new lines
            self.log_event(imported, "IMPORT")
            self.book.pour(above=20_000)

    def log_access(self, moment_: datetime, patient: int) -> int:
        """One line of the access log; users who left long ago appear only in lines of their own time."""
        rng, practice = self.rng, self.practice_of[patient - 1]
        place = rng.randrange(10)
        if place == 9 and moment_.date() > ago(self.as_of, years=2):
            place = 0
        return self.book.add(
            ACCESS_LOG, practice_id=practice, logged_at=moment_, event_code="dossier", action=rng.choice("RRRRCUE"),
            authorised=True, treatment_relation=True, consent=rng.random() < 0.4, break_glass=rng.random() < 0.01,
            user_id=4 * (12 * rng.randrange(self.scale) + place) + practice, user_role=_ROLES[place % 8],
            responsible_user="Dr. P. Kwant", access_point=f"werkplek {rng.randint(1, 20)}", object_type="patient",
            client_number=_client_number(practice, patient), source_system="Careweb",
        )  # fmt: skip

    def log_event(self, moment_: datetime, level: str) -> int:
        """One line of the technical log."""
        return self.book.add(
            TECHNICAL_LOG, logged_at=moment_, level=level, component="import" if level == "IMPORT" else "web",
            message="regel verwerkt", username=f"gebruiker{self.rng.randint(1, 48)}",
            ip_address=f"192.0.2.{self.rng.randint(1, 254)}",
        )  # fmt: skip


def fill_careweb(
    connection: Connection, cast: Cast, *, as_of: date, scale: int, seed: int
) -> Mapping[str, list[Pointer]]:
    """Fill empty Careweb tables, and say where the awkward cases stand."""
    careweb = _Careweb(connection, as_of=as_of, scale=scale, seed=seed)
    careweb.organisations()
    careweb.users()
    careweb.story(cast)
    careweb.awkward()
    careweb.patients()
    careweb.logs()
    careweb.book.add(SCHEMA_MIGRATION, version="2026.11", applied_at=careweb.migrated_at)
    careweb.book.pour()
    latest = [{"of_patient": patient, "latest": row} for patient, row in careweb.last_contacts.items()]
    connection.execute(
        PATIENT.update().where(PATIENT.c.id == bindparam("of_patient")).values(last_contact_id=bindparam("latest")),
        latest,
    )
    return careweb.characters


def _client_number(practice: int, patient: int) -> str:
    return f"C{practice}-{patient:06d}"


def _abroad(phone: str) -> str:
    """The same number as it is dialled from another country."""
    digits = "".join(c for c in phone if c.isdigit())
    return f"+31 6 {digits[-8:]}"
