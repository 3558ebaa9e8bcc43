"""What a person reads: PDF, JSON, CSV, HTML and letters. Plain values in, bytes out; nothing heavy until asked.

`import reports` loads no ReportLab: each function is fetched from its own module the first time it is named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.certificate import certificate_json, certificate_pdf
    from reports.deadline_list import deadline_list_pdf
    from reports.deadlines import deadline_list_json, deadline_list_markdown
    from reports.escalation import escalation_mail
    from reports.night_text import purge_report_json, purge_report_markdown
    from reports.overview import Link, overview_html
    from reports.package import package_files
    from reports.passphrase import make_passphrase
    from reports.purge_report import purge_report_pdf
    from reports.sealing import seal, unseal

_HOME = {
    "certificate_json": "certificate",
    "certificate_pdf": "certificate",
    "deadline_list_json": "deadlines",
    "deadline_list_markdown": "deadlines",
    "deadline_list_pdf": "deadline_list",
    "escalation_mail": "escalation",
    "Link": "overview",
    "make_passphrase": "passphrase",
    "overview_html": "overview",
    "package_files": "package",
    "purge_report_json": "night_text",
    "purge_report_markdown": "night_text",
    "purge_report_pdf": "purge_report",
    "seal": "sealing",
    "unseal": "sealing",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'reports' has no {name!r}")
    return getattr(import_module(f"reports.{home}"), name)


__all__ = [
    "Link", "certificate_json", "certificate_pdf", "deadline_list_json", "deadline_list_markdown",
    "deadline_list_pdf", "escalation_mail", "make_passphrase", "overview_html", "package_files",
    "purge_report_json", "purge_report_markdown", "purge_report_pdf", "seal", "unseal",
]  # fmt: skip
