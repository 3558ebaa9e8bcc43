"""Every PDF that this house makes, each with values that fill it: what the tests of the PDFs run over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from domain.activity import Role
from domain.breaches import Breach, Harm, Norms, Risk, Whom
from domain.cases import Case
from domain.documents import with_documents
from domain.erasure import Fate
from domain.erasure_papers import ErasureTold, ToldLine
from domain.grounds import OTHER
from domain.moves import CaseKind
from domain.practices import Answers, Practice
from domain.year_report import Audience, BreachesOfYear, KindOfYear, RefusalsOfYear, YearReport
from reports import (
    breach_notice_pdf,
    breach_register_pdf,
    case_letter_pdf,
    certificate_pdf,
    deadline_list_pdf,
    erasure_letter_pdf,
    forward_pdf,
    letter_lines,
    purge_report_pdf,
)
from reports.calendar import calendar_pdf
from reports.destruction_list import destruction_list_pdf
from reports.dossier import dossier_pdf
from reports.letter import letter_pdf
from reports.one_document import one_document
from reports.package import embedded
from reports.statement import statement_pdf
from reports.withheld import withheld_pdf
from reports.year_report import year_report_pdf
from tests.golden import contents as given
from tests.golden import letters, pictures
from tests.golden.list_papers import proposed, statement
from tests.golden.test_calendar import calendar

REGISTER, OFFICE = given.register(), given.organisation()
CONTENTS = given.contents()
ENGLISH = replace(CONTENTS, language="en")
EMPTY = replace(CONTENTS, parts=(), withheld=(), destroyed_before=())
PORTABLE = given.portable()
FILED = replace(CONTENTS, parts=(*CONTENTS.parts, pictures.part()))
SAID = {"facts": "Een map lag in de trein.", "effects": "Iemand kan hem gelezen hebben.", "remedy": "De map is terug."}


def breach(role: Role = Role.CONTROLLER) -> Breach:
    """A breach of which all is known."""
    aware = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    harms = (Harm.CONFIDENTIALITY, Harm.AVAILABILITY)
    return Breach(number="B2026-0001", role=role, aware_at=aware, harms=harms, risk=Risk.HIGH, persons=(10, 40))


def erased(language: str) -> ErasureTold:
    """An erasure in which every fate occurs."""
    lines = tuple(
        ToldLine(
            "HR", f"Gegevens {n}", fate, n + 1, date(2030, 1, 1) if n % 2 else None, "AVG 17", "Salaris", "praktijk"
        )
        for n, fate in enumerate(Fate)
    )
    return ErasureTold(
        "2026-0004", date(2026, 11, 1), date(2026, 11, 20), language, False, True, CONTENTS.addressee, lines,
        ("de boekhouder",), ("HR: twee weken",),
    )  # fmt: skip


def notice(whom: Whom, role: Role = Role.CONTROLLER, language: str = "nl") -> bytes:
    norms = Norms(72, 24, 72)
    return breach_notice_pdf(breach(role), SAID, whom, OFFICE, norms=norms, language=language)


def case_letter(name: str) -> bytes:
    """A letter of a request as it is printed."""
    told = letters.every()[name]
    return case_letter_pdf(told, letter_lines(told, OFFICE), OFFICE)


def forwarded() -> bytes:
    """A request that goes to the practice that decides, asked by somebody else."""
    case = Case(number="2026-0007", kind=CaseKind.ACCESS, received_on=date(2026, 11, 2), channel="mail")
    practice = Practice(
        system="careweb", controller="1", title="Praktijk De Linde", email="praktijk1@example.com",
        answers=Answers.PRACTICE, contract="de praktijk antwoordt",
    )  # fmt: skip
    about = {"name": "J. Jansen", "born_on": "1980-05-06", "email": "j@example.com"}
    asked = {"name": "S. de Vries", "address": ["Dorpsstraat 1", "1234 AB Dorp"], "email": "s@example.com"}
    law, as_of = date(2026, 12, 2), date(2026, 11, 3)
    return forward_pdf(case, practice, about, asked, OFFICE, law=law, as_of=as_of)


def year(audience: Audience) -> bytes:
    """A year in which every column has a number."""
    kinds = tuple(
        KindOfYear(kind=kind, received=12 + n, answered=8, refused=1, forwarded=2, open=n, late=1, usual_days=11)
        for n, kind in enumerate(("access", "erasure"))
    )
    told = YearReport(
        year=2026, as_of=date(2026, 12, 31), kinds=kinds, months=(1, 0, 7, 3, 2, 2, 0, 4, 1, 3, 1, 1),
        destroyed={"HR": 1200, "Careweb": 31}, erased=2,
        breaches=BreachesOfYear(known=3, dismissed=1, authority_told=1, persons_told=1),
        refusals=(RefusalsOfYear(ground="AVG 12 lid 5", whole=2), RefusalsOfYear(ground=OTHER, part=7)),
    )  # fmt: skip
    return year_report_pdf(told, audience, OFFICE)


TEMPLATES: dict[str, Callable[[], bytes]] = {
    "letter, Dutch": lambda: letter_pdf(CONTENTS, REGISTER),
    "letter, English": lambda: letter_pdf(ENGLISH, REGISTER),
    "letter, portability": lambda: letter_pdf(PORTABLE, REGISTER),
    "letter, portability in English": lambda: letter_pdf(given.portable(language="en"), REGISTER),
    "letter, nothing to take along": lambda: letter_pdf(replace(PORTABLE, parts=()), REGISTER),
    "letter, nothing found": lambda: letter_pdf(EMPTY, REGISTER),
    "letter, with the data inside": lambda: letter_pdf(CONTENTS, REGISTER, carries=embedded(CONTENTS)),
    "one document, Dutch": lambda: one_document(CONTENTS, REGISTER),
    "one document, English": lambda: one_document(ENGLISH, REGISTER),
    "dossier, Dutch": lambda: dossier_pdf(CONTENTS, REGISTER),
    "dossier, English": lambda: dossier_pdf(ENGLISH, REGISTER),
    "dossier, nothing found": lambda: dossier_pdf(EMPTY, REGISTER),
    "dossier, with documents": lambda: dossier_pdf(with_documents(FILED), REGISTER),
    "withheld, Dutch": lambda: withheld_pdf(CONTENTS, REGISTER),
    "withheld, English": lambda: withheld_pdf(ENGLISH, REGISTER),
    "certificate": lambda: certificate_pdf(given.night()),
    "purge report": lambda: purge_report_pdf(given.night()),
    "deadline list": lambda: deadline_list_pdf(given.morning()),
    "calendar": lambda: calendar_pdf(calendar()),
    "destruction list": lambda: destruction_list_pdf(proposed()),
    "statement": lambda: statement_pdf(statement()),
    "erasure letter, Dutch": lambda: erasure_letter_pdf(erased("nl"), OFFICE),
    "erasure letter, English": lambda: erasure_letter_pdf(erased("en"), OFFICE),
    "breach, authority": lambda: notice(Whom.AUTHORITY),
    "breach, practice": lambda: notice(Whom.CONTROLLER, Role.PROCESSOR),
    "breach, register": lambda: breach_register_pdf([(breach(), SAID)], OFFICE, as_of=date(2026, 12, 1)),
    "breach, person": lambda: notice(Whom.PERSONS),
    "breach, person in English": lambda: notice(Whom.PERSONS, language="en"),
    "case letter, Dutch": lambda: case_letter("nl-part-refusal"),
    "case letter, English": lambda: case_letter("en-extension"),
    "forwarded request": forwarded,
    "year, board": lambda: year(Audience.BOARD),
    "year, regulator": lambda: year(Audience.REGULATOR),
}
