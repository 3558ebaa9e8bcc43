"""The tables of HR, with a cascade and a database trigger, as a package from the shelf has them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, event

from sample import ADDRESS, blob, day, flag, key, moment, money, text, to

TABLES = MetaData()

STAFF = Table(
    "staff", TABLES, key(), *text("bsn", "initials", "given_name", "prefix", "surname", "sex"), *day("born_on"),
    *text(*ADDRESS, "phone", "email", "iban", "job_title", "department"),
    to("manager_id", "staff.id", required=False), *day("hired_on", "left_on"), *moment("updated_at"),
)  # fmt: skip
#: What only the working relation needs: it may go two years after leaving, while the payroll keeps `staff` longer.
PERSONNEL_FILE = Table(
    "personnel_file", TABLES, to("staff_id", "staff.id", part_of_key=True),
    *text("marital_status", "birth_place", "birth_country", "contract", "curriculum_vitae", "emergency_contact"),
    *text("emergency_phone"), *day("closed_on"),
)  # fmt: skip
DIPLOMA = Table(
    "diploma", TABLES, key(), to("staff_id", "personnel_file.staff_id", cascade=True), *text("title", "school"),
    *day("obtained_on"), *blob("scan"),
)  # fmt: skip
APPRAISAL = Table(
    "appraisal", TABLES, key(), to("staff_id", "personnel_file.staff_id"), *day("held_on"), *text("verdict", "report"),
    *text("held_by"),
)  # fmt: skip
PARTNER_OR_CHILD = Table(
    "partner_or_child", TABLES, key(), to("staff_id", "staff.id"), *text("relation", "given_name", "prefix", "surname"),
    *day("born_on", "employment_ended_on"),
)  # fmt: skip
PAYROLL_YEAR = Table(
    "payroll_year", TABLES, to("staff_id", "staff.id", part_of_key=True), key("year"),
    *money("gross", "wage_tax", "net"), *text("iban"), *day("period_ended_on"),
)  # fmt: skip
WAGE_TAX_STATEMENT = Table(
    "wage_tax_statement", TABLES, key(), to("staff_id", "staff.id"), *text("bsn"), *flag("tax_credit"),
    *day("signed_on", "employment_ended_on"),
)  # fmt: skip
ID_COPY = Table(
    "id_copy", TABLES, key(), to("staff_id", "staff.id"), *text("document_kind", "document_number"), *blob("scan"),
    *day("valid_until", "employment_ended_on"),
)  # fmt: skip
ABSENCE = Table(
    "absence", TABLES, key(), to("staff_id", "staff.id"), *day("reported_on", "recovered_on", "employment_ended_on"),
    Column("percentage", Integer),
)  # fmt: skip
REINTEGRATION = Table(
    "reintegration", TABLES, key(), to("staff_id", "staff.id"), *day("started_on", "completed_on"),
    *text("plan", "occupational_physician"),
)  # fmt: skip
VOG = Table(
    "vog", TABLES, key(), to("staff_id", "staff.id"), *day("issued_on", "checked_on"), *text("screening_profile"),
    *blob("scan"),
)  # fmt: skip
HIRED_PERSON = Table(
    "hired_person", TABLES, key(), *text("given_name", "prefix", "surname", "sex"), *day("born_on"),
    *text(*ADDRESS, "phone", "email", "iban", "agency", "assignment"), *day("work_started_on", "work_ended_on"),
)  # fmt: skip
HIRED_ID_COPY = Table(
    "hired_id_copy", TABLES, key(), to("hired_person_id", "hired_person.id"), *text("document_kind", "nationality"),
    *blob("scan"), *day("work_ended_on"),
)  # fmt: skip
APPLICANT = Table(
    "applicant", TABLES, key(), *text("given_name", "prefix", "surname", "sex"), *day("born_on"),
    *text(*ADDRESS, "phone", "email", "vacancy", "motivation", "curriculum_vitae", "education", "interview_notes"),
    *flag("consent_to_keep"), *day("applied_on", "procedure_ended_on", "consent_given_on"),
)  # fmt: skip
REMOVAL_COUNT = Table("removal_count", TABLES, Column("table_name", Text, primary_key=True), Column("removed", Integer))

#: The HR package counts what leaves `appraisal`: a side effect of destroying, declared in the register.
_COUNT = "UPDATE removal_count SET removed = removed + 1 WHERE table_name = 'appraisal'"
_TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER appraisal_removed AFTER DELETE ON appraisal BEGIN " + _COUNT + "; END",
    ),
    "postgresql": (
        "CREATE FUNCTION count_appraisal_removed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN " + _COUNT + "; RETURN OLD; END $$",
        "CREATE TRIGGER appraisal_removed AFTER DELETE ON appraisal "
        "FOR EACH ROW EXECUTE FUNCTION count_appraisal_removed()",
    ),
}  # fmt: skip


@event.listens_for(TABLES, "after_create")
def _create_triggers(_: MetaData, connection: Connection, **__: Any) -> None:
    for statement in _TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
