"""What a person reads: PDF, JSON, CSV, HTML and letters. Plain values in, bytes out; nothing heavy until asked.

`import reports` loads no ReportLab: each function is fetched from its own module the first time it is named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.anchor import anchor_mail
    from reports.breach_notice import breach_notice_pdf
    from reports.breach_register import breach_register_pdf
    from reports.breach_watch import breach_alarm, breaches_markdown
    from reports.calendar import calendar_pdf
    from reports.calendar_text import calendar_json, calendar_markdown
    from reports.case_letter import case_letter_pdf, letter_lines, letter_mail, plain_letter
    from reports.certificate import certificate_json, certificate_pdf
    from reports.chasing import chasing_mail
    from reports.deadline_list import deadline_list_pdf
    from reports.deadlines import deadline_list_json, deadline_list_markdown
    from reports.destruction_list import destruction_list_csv, destruction_list_pdf
    from reports.erasure_letter import erasure_letter_pdf
    from reports.escalation import drafts_mail, escalation_mail
    from reports.forward import forward_mail, forward_pdf
    from reports.holder_mail import holder_reminder
    from reports.lists_page import lists_markdown
    from reports.morning_mail import morning_message
    from reports.night_text import purge_report_json, purge_report_markdown
    from reports.notice import notice_pdf
    from reports.overview import Link, overview_html
    from reports.package import package_files
    from reports.passphrase import make_passphrase
    from reports.pdf_signature import encrypted_copy
    from reports.purge_report import purge_report_pdf
    from reports.sealing import seal, unseal
    from reports.statement import statement_json, statement_pdf
    from reports.year_report import year_report_json, year_report_pdf

_HOME = {
    "anchor_mail": "anchor",
    "breach_alarm": "breach_watch",
    "breach_notice_pdf": "breach_notice",
    "breach_register_pdf": "breach_register",
    "breaches_markdown": "breach_watch",
    "calendar_json": "calendar_text",
    "calendar_markdown": "calendar_text",
    "calendar_pdf": "calendar",
    "case_letter_pdf": "case_letter",
    "certificate_json": "certificate",
    "certificate_pdf": "certificate",
    "chasing_mail": "chasing",
    "deadline_list_json": "deadlines",
    "deadline_list_markdown": "deadlines",
    "deadline_list_pdf": "deadline_list",
    "destruction_list_csv": "destruction_list",
    "destruction_list_pdf": "destruction_list",
    "erasure_letter_pdf": "erasure_letter",
    "encrypted_copy": "pdf_signature",
    "drafts_mail": "escalation",
    "morning_message": "morning_mail",
    "escalation_mail": "escalation",
    "forward_mail": "forward",
    "forward_pdf": "forward",
    "holder_reminder": "holder_mail",
    "letter_lines": "case_letter",
    "letter_mail": "case_letter",
    "plain_letter": "case_letter",
    "Link": "overview",
    "lists_markdown": "lists_page",
    "make_passphrase": "passphrase",
    "notice_pdf": "notice",
    "overview_html": "overview",
    "package_files": "package",
    "purge_report_json": "night_text",
    "purge_report_markdown": "night_text",
    "purge_report_pdf": "purge_report",
    "seal": "sealing",
    "statement_json": "statement",
    "statement_pdf": "statement",
    "unseal": "sealing",
    "year_report_json": "year_report",
    "year_report_pdf": "year_report",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'reports' has no {name!r}")
    return getattr(import_module(f"reports.{home}"), name)


__all__ = [
    "Link",
    "anchor_mail",
    "breach_alarm",
    "breach_notice_pdf",
    "breach_register_pdf",
    "breaches_markdown",
    "calendar_json",
    "calendar_markdown",
    "calendar_pdf",
    "case_letter_pdf",
    "certificate_json",
    "certificate_pdf",
    "chasing_mail",
    "deadline_list_json",
    "deadline_list_markdown",
    "deadline_list_pdf",
    "destruction_list_csv",
    "destruction_list_pdf",
    "drafts_mail",
    "encrypted_copy",
    "erasure_letter_pdf",
    "escalation_mail",
    "forward_mail",
    "forward_pdf",
    "holder_reminder",
    "letter_lines",
    "letter_mail",
    "lists_markdown",
    "make_passphrase",
    "morning_message",
    "notice_pdf",
    "overview_html",
    "package_files",
    "plain_letter",
    "purge_report_json",
    "purge_report_markdown",
    "purge_report_pdf",
    "seal",
    "statement_json",
    "statement_pdf",
    "unseal",
    "year_report_json",
    "year_report_pdf",
]  # fmt: skip
