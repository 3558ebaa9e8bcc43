"""The tables of Careweb, as a system of many years has them: a cycle, composite keys, and references never declared."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, MetaData, Table, Text

from sample import ADDRESS, day, flag, key, moment, money, text, to

TABLES = MetaData()

PRACTICE = Table(
    "practice", TABLES, key(), *text("name", "agb_code", "contact_name", *ADDRESS, "phone", "email", "iban"),
    *text("insurance_kind", "insurer_name", "insurance_number"), *day("contract_from", "contract_ended_on"),
)  # fmt: skip
APP_USER = Table(
    "app_user", TABLES, key(), to("practice_id", "practice.id"), *text("username", "given_name", "prefix", "surname"),
    *text("job_title", *ADDRESS, "phone", "email", "iban", "password_hash", "totp_secret"),
    *day("granted_on", "access_revoked_on"), *moment("updated_at"),
)  # fmt: skip
USER_ROLE = Table(
    "user_role", TABLES, to("user_id", "app_user.id", part_of_key=True), Column("role", Text, primary_key=True),
    *day("granted_on"),
)  # fmt: skip
INSURER = Table(
    "insurer", TABLES, key(), *text("uzovi_code", "name", *ADDRESS, "phone", "email", "iban"),
    *day("relation_ended_on"),
)  # fmt: skip
INSURER_CONTACT = Table(
    "insurer_contact", TABLES, key(), to("insurer_id", "insurer.id"), *text("name", "job_title", "phone", "email"),
    *day("access_ended_on"),
)  # fmt: skip
PATIENT = Table(
    "patient", TABLES, key(), to("practice_id", "practice.id"), Column("client_number", Text, index=True),
    *text("bsn", "initials"),
    *text("given_name", "prefix", "surname", "sex"), *day("born_on"), *text(*ADDRESS, "phone", "email"),
    *text("gp_name", "gp_address", "gp_postcode", "gp_city", "insurance_kind"),
    to("insurer_id", "insurer.id", required=False), *text("insurance_number", "iban"), *day("registered_on"),
    Column("last_contact_id", Integer, ForeignKey("contact.id", use_alter=True, name="last_contact"), index=True),
    *text("legacy_id"), *moment("updated_at", "deleted_at"),
)  # fmt: skip
CONTACT = Table(
    "contact", TABLES, key(), to("patient_id", "patient.id"), Column("contact_on", Date, index=True), *text("kind"),
    to("practitioner_id", "app_user.id", required=False), *text("colleague_name", "note"),
    *moment("updated_at", "deleted_at"),
)  # fmt: skip
REQUEST = Table(
    "request", TABLES, key(), to("contact_id", "contact.id"), *day("requested_on"),
    *text("examination", "reason", "anamnesis", "referrer_name", "status"),
)  # fmt: skip
RESULT = Table(
    "result", TABLES, to("request_id", "request.id", part_of_key=True), key("line_no"), *day("reported_on"),
    *text("measured", "outcome", "unit", "conclusion"),
)  # fmt: skip
ADVICE = Table(
    "advice", TABLES, key(), to("request_id", "request.id"), *day("given_on"), *text("addressed_to", "advice"),
)  # fmt: skip
#: Came from an older system and was never tied to the patients: nothing keeps an orphan out.
MEDICATION = Table(
    "medication", TABLES, key(), Column("patient_id", Integer, nullable=False, index=True), *text("name", "dose"),
    *day("started_on", "stopped_on"),
)  # fmt: skip
SHARING_CONSENT = Table(
    "sharing_consent", TABLES, key(), to("patient_id", "patient.id"), *text("shared_with", "scope"),
    *day("granted_on", "withdrawn_on"),
)  # fmt: skip
INVOICE = Table(
    "invoice", TABLES, key(), to("practice_id", "practice.id"), to("patient_id", "patient.id"), *text("number"),
    *day("invoiced_on", "paid_on"), *money("amount", "outstanding"), *text("iban", "insurance_kind"),
    to("insurer_id", "insurer.id", required=False), *text("insurance_number"),
)  # fmt: skip
INVOICE_LINE = Table(
    "invoice_line", TABLES, to("invoice_id", "invoice.id", part_of_key=True), key("line_no"), *day("treated_on"),
    *text("description"), *money("amount"),
)  # fmt: skip
#: NEN 7513. `user_id` and `client_number` are not declared as references: a log outlives what it names.
ACCESS_LOG = Table(
    "access_log", TABLES, key(), to("practice_id", "practice.id"), *moment("logged_at", zoned=True),
    *text("event_code", "action"), *flag("authorised", "treatment_relation", "consent", "break_glass"),
    Column("user_id", Integer, index=True),
    *text("user_role", "responsible_user", "access_point", "object_type", "source_system"),
    Column("client_number", Text, index=True),
)  # fmt: skip
TECHNICAL_LOG = Table(
    "technical_log", TABLES, key(), *moment("logged_at", zoned=True), *text("level", "component", "message"),
    *text("username", "ip_address"),
)  # fmt: skip
SCHEMA_MIGRATION = Table("schema_migration", TABLES, Column("version", Text, primary_key=True), *moment("applied_at"))
