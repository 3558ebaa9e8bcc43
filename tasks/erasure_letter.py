"""The answer to a request for erasure, made from the very plan that was carried out."""

from __future__ import annotations

from pathlib import Path

from domain.erasure import Ground
from domain.erasure_papers import ErasureTold, backups_of, recipients_of, tell_lines
from ledger.erasures import ErasureState
from tasks.askers import addressee_of
from tasks.erasure_plan import read_plan
from tasks.laid_ready import lay_ready
from tasks.office import Office


def tell_erasure(office: Office, case_number: str) -> ErasureTold:
    """What the person is told. Raises NotFound where nothing was decided yet. Holds personal data."""
    case = office.ledger.cases.read_case(case_number)
    kept = office.ledger.erasures.of_case(case_number)
    plan = read_plan(office, kept.digest)
    return ErasureTold(
        case=case.number,
        received_on=case.received_on,
        as_of=plan.as_of,
        language=case.language,
        medical=plan.ground is Ground.MEDICAL,
        complete=kept.state is ErasureState.COMPLETE,
        addressee=addressee_of(office, case_number),
        lines=tell_lines(plan, office.register),
        recipients=recipients_of(plan, office.register),
        backups=backups_of(plan, office.register),
    )


def lay_letter(office: Office, case_number: str) -> Path:
    """Lay the letter in the output folder, named after the case. Raises Refused before the erasure is complete."""
    from reports import erasure_letter_pdf

    told = tell_erasure(office, case_number)
    file = erasure_paper(office, case_number)
    lay_ready(file, erasure_letter_pdf(told, office.register.organisation))
    return file


def erasure_paper(office: Office, case_number: str) -> Path:
    """Where the letter of an erasure is laid."""
    return office.settings.out / "letters" / f"{case_number}-erasure.pdf"
