"""What HR holds: staff and leavers, hired people, applicants, pay, absence, and what the law adds to that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from sample import Book, Pointer, ago, at, edge, point
from sample.hr_tables import (
    ABSENCE,
    APPLICANT,
    APPRAISAL,
    DIPLOMA,
    HIRED_ID_COPY,
    HIRED_PERSON,
    ID_COPY,
    PARTNER_OR_CHILD,
    PAYROLL_YEAR,
    PERSONNEL_FILE,
    REINTEGRATION,
    REMOVAL_COUNT,
    STAFF,
    TABLES,
    VOG,
    WAGE_TAX_STATEMENT,
)
from sample.people import Cast, Person, Population

_SCAN = b"\x89PNG\r\n\x1a\n sample scan of a document, not a real one"
_DEPARTMENTS = ("Ontwikkeling", "Helpdesk", "Beheer", "Verkoop", "Directie")


class _Hr:
    """HR while it fills."""

    def __init__(self, connection: Connection, *, as_of: date, scale: int, seed: int) -> None:
        self.people = Population(as_of=as_of, seed=seed, lane=2, domain="12care.example")
        self.rng = self.people.rng
        self.book = Book(TABLES, connection)
        self.as_of, self.scale = as_of, scale
        self.characters: dict[str, list[Pointer]] = {}

    def mark(self, character: str, dataset: str, *record: int) -> None:
        """Remember where an awkward case stands."""
        self.characters.setdefault(character, []).append(point("hr", dataset, *record))

    def pair(self, activity: str, dataset: str, ended: date, *record: int) -> None:
        """Mark a record when it lies on the edge of its term."""
        due, not_due = edge(activity, self.as_of)
        if ended in (due, not_due):
            self.mark("just_due" if ended == due else "just_not_due", dataset, *record)

    def staff(self, cast: Cast) -> None:
        """Sixty people per scale: forty in service, twenty who left between days and almost nine years ago."""
        year = self.as_of.year
        leaving = {
            0: date(year - 8, 12, 31),  # the whole dossier is due
            1: edge("payroll", self.as_of)[1],
            2: date(year - 6, 5, 31), 3: edge("id-copy", self.as_of)[0], 4: edge("id-copy", self.as_of)[1],
            5: ago(self.as_of, years=3), 6: edge("personnel-file", self.as_of)[0],
            7: edge("personnel-file", self.as_of)[1], 8: ago(self.as_of, days=3), 9: ago(self.as_of, months=30),
            10: edge("partners-and-children", self.as_of)[0], 11: edge("partners-and-children", self.as_of)[1],
        }  # fmt: skip
        for turn in range(60 * self.scale):
            place = turn % 60
            left = leaving.get(place) if turn < 60 else None
            if 12 <= place < 20:
                left = ago(self.as_of, days=40 * (place - 11))
            who = cast.employee if turn == 30 else self.people.draw(youngest=22, oldest=66)
            hired = (left or self.as_of) - (self.as_of - ago(self.as_of, days=500 + 60 * place))
            manager = None if turn < 22 else 1 if turn in (25, 26) else 21
            row = self.employ(who, hired, left, manager=manager)
            if turn == 30:
                self.mark("patient_and_employee", "staff", row)
            if turn == 5:
                self.mark("leaver_with_payroll", "personnel_file", row)
                self.mark("leaver_with_payroll", "staff", row)
            if turn == 0:
                self.mark("manager_who_left", "staff", row)
            if turn == 9:
                self.mark("held", "personnel_file", row)
            if left and turn < 2:
                self.pair("payroll", "staff", left, row)
            if left:
                self.pair("personnel-file", "staff#personnel-file", left, row)
            self.book.pour(above=20_000)

    def employ(self, who: Person, hired: date, left: date | None, *, manager: int | None) -> int:
        """One member of staff with what the years added; what has long been destroyed is not made."""
        rng, as_of = self.rng, self.as_of
        row = self.book.add(
            STAFF, bsn=who.bsn, initials=who.initials, given_name=who.given_name, prefix=who.prefix,
            surname=who.surname, sex=who.sex, born_on=who.born_on, **who.address(), phone=who.phone, email=who.email,
            iban=who.iban, job_title=rng.choice(("ontwikkelaar", "consultant", "tester", "adviseur")),
            department=rng.choice(_DEPARTMENTS), manager_id=manager, hired_on=hired, left_on=left,
            updated_at=at(ago(as_of, days=40)).replace(tzinfo=None),
        )  # fmt: skip
        last_year = (left or ago(as_of, years=1)).year
        first_kept = as_of.year - (8 if row % 10 == 1 else 7)
        for year in range(max(hired.year, min(last_year, first_kept)), last_year + 1):
            gross = rng.randint(32_000, 88_000)
            self.book.add(
                PAYROLL_YEAR, staff_id=row, year=year, gross=gross, wage_tax=round(gross * 0.34, 2),
                net=round(gross * 0.66, 2), iban=who.iban,
                period_ended_on=min(date(year, 12, 31), left or as_of),
            )  # fmt: skip
        if left is None or left >= date(as_of.year - 6, 1, 1):
            statement = self.book.add(
                WAGE_TAX_STATEMENT,
                staff_id=row,
                bsn=who.bsn,
                tax_credit=True,
                signed_on=hired,
                employment_ended_on=left,
            )
            scan = self.book.add(
                ID_COPY, staff_id=row, document_kind="paspoort", document_number=f"SPEC{row:05d}", scan=_SCAN,
                valid_until=ago(as_of, years=-4), employment_ended_on=left,
            )  # fmt: skip
            if left is not None:
                self.pair("wage-tax-statement", "wage_tax_statement", left, statement)
                self.pair("id-copy", "id_copy", left, scan)
        if left is None or left >= ago(as_of, years=3):
            self.open_file(row, who, hired, left)
        return row

    def open_file(self, row: int, who: Person, hired: date, left: date | None) -> None:
        """The personnel file and the family, absence and check that go with it."""
        rng, as_of = self.rng, self.as_of
        self.book.add(
            PERSONNEL_FILE, staff_id=row, marital_status=rng.choice(("gehuwd", "ongehuwd", "geregistreerd partner")),
            birth_place=who.city, birth_country="Nederland", contract="onbepaalde tijd, 36 uur", closed_on=left,
            curriculum_vitae="Werkte eerder bij een ziekenhuis", emergency_contact=f"partner van {who.initials}",
            emergency_phone=who.phone,
        )  # fmt: skip
        self.book.add(
            DIPLOMA, staff_id=row, title="HBO Informatica", school="Hogeschool Utrecht", obtained_on=hired, scan=_SCAN
        )
        for months in range(12, 48, 12):
            if (held := ago(left or as_of, months=months)) > hired:
                self.book.add(
                    APPRAISAL, staff_id=row, held_on=held, verdict="goed", report="Doelen gehaald", held_by="M. Prins"
                )
        for relation in ("partner", "kind", "kind")[: rng.randint(1 if left else 0, 3)]:
            kin = self.people.draw(youngest=1 if relation == "kind" else 25, oldest=17 if relation == "kind" else 66)
            relative = self.book.add(
                PARTNER_OR_CHILD, staff_id=row, relation=relation, given_name=kin.given_name,
                prefix=who.prefix if relation == "kind" else kin.prefix, born_on=kin.born_on, employment_ended_on=left,
                surname=who.surname if relation == "kind" else kin.surname,
            )  # fmt: skip
            if left:
                self.pair("partners-and-children", "partner_or_child", left, relative)
        sick = ago(left or as_of, days=rng.randint(100, 300))
        spell = self.book.add(
            ABSENCE, staff_id=row, reported_on=sick, recovered_on=ago(sick, days=-9), employment_ended_on=left,
            percentage=100,
        )  # fmt: skip
        if left:
            self.pair("personnel-file", "personnel_file", left, row)
            self.pair("absence", "absence", left, spell)

    def checks_and_recoveries(self) -> None:
        """Re-integration files (one runs on) and certificates of conduct that were not yet destroyed."""
        due, not_due = edge("reintegration", self.as_of)
        for place, completed in enumerate((due, not_due, None, *(ago(self.as_of, months=m) for m in range(2, 20, 2)))):
            row = self.book.add(
                REINTEGRATION, staff_id=22 + place, started_on=ago(completed or self.as_of, months=5),
                completed_on=completed, plan="Opbouw van 10 naar 36 uur", occupational_physician="Dr. B. Arends",
            )  # fmt: skip
            if completed:
                self.pair("reintegration", "reintegration", completed, row)
        for place, checked in enumerate((*edge("vog", self.as_of), ago(self.as_of, days=12), None)):
            row = self.book.add(
                VOG, staff_id=40 + place, issued_on=ago(self.as_of, days=20), checked_on=checked,
                screening_profile="45 (gezondheidszorg)", scan=_SCAN,
            )  # fmt: skip
            if checked:
                self.pair("vog", "vog", checked, row)

    def hired(self) -> None:
        """People who work for 12Care without being employed; of those who left long ago the address went before."""
        activities = ("hired-staff", "hired-staff-id-copy", "hired-staff-address")
        edges = [day for activity in activities for day in edge(activity, self.as_of)]
        for turn in range(16 * self.scale):
            ended = edges[turn] if turn < len(edges) else (ago(self.as_of, days=40 * turn) if turn < 12 else None)
            who = self.people.draw(youngest=22, oldest=66)
            address: dict[str, str | None] = dict(who.address())
            if ended and ended < ago(self.as_of, months=8):
                address |= {"street": None, "house_number": None, "postcode": who.address()["postcode"][:4]}
            row = self.book.add(
                HIRED_PERSON, given_name=who.given_name, prefix=who.prefix, surname=who.surname, sex=who.sex,
                born_on=who.born_on, **address, phone=who.phone, email=who.email, iban=who.iban,
                agency="Flexwerk Midden", assignment="Vervanging helpdesk", work_ended_on=ended,
                work_started_on=ago(ended or self.as_of, months=8),
            )  # fmt: skip
            if turn < 2:
                self.pair("hired-staff", "hired_person", edges[turn], row)
            if ended and turn < len(edges):
                self.pair("hired-staff-address", "hired_person#hired-staff-address", ended, row)
            if turn % 4 == 2 or turn in (3, 4):
                scan = self.book.add(
                    HIRED_ID_COPY, hired_person_id=row, document_kind="paspoort", nationality="Suriname", scan=_SCAN,
                    work_ended_on=ended,
                )  # fmt: skip
                if ended:
                    self.pair("hired-staff-id-copy", "hired_id_copy", ended, scan)

    def applicants(self) -> None:
        """Thirty applicants per scale; every third agreed to be kept for a year."""
        for turn in range(30 * self.scale):
            consent = turn % 3 == 2
            activity = "applicants-with-consent" if consent else "applicants"
            dataset = "applicant_with_consent" if consent else "applicant"
            due, not_due = edge(activity, self.as_of)
            ended = {0: due, 2: due, 3: not_due, 5: not_due, 7: None}.get(turn, ago(self.as_of, days=turn % 25))
            who = self.people.draw(youngest=20, oldest=60)
            row = self.book.add(
                APPLICANT, given_name=who.given_name, prefix=who.prefix, surname=who.surname, sex=who.sex,
                born_on=who.born_on, **who.address(), phone=who.phone, email=who.email, vacancy="Ontwikkelaar",
                motivation="Ik werk graag aan zorg", curriculum_vitae="Vijf jaar ervaring", education="HBO",
                interview_notes="Open gesprek", consent_to_keep=consent, procedure_ended_on=ended,
                applied_on=ago(ended or self.as_of, months=2), consent_given_on=ended if consent else None,
            )  # fmt: skip
            if ended:
                self.pair(activity, dataset, ended, row)
            if turn in (0, 2):
                self.mark("applicant_consent", dataset, row)


def fill_hr(connection: Connection, cast: Cast, *, as_of: date, scale: int, seed: int) -> Mapping[str, list[Pointer]]:
    """Fill empty HR tables, and say where the awkward cases stand."""
    hr = _Hr(connection, as_of=as_of, scale=scale, seed=seed)
    hr.book.add(REMOVAL_COUNT, table_name="appraisal", removed=0)
    hr.staff(cast)
    hr.checks_and_recoveries()
    hr.hired()
    hr.applicants()
    hr.book.pour()
    return hr.characters
