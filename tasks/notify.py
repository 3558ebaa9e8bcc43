"""Those to whom a person's data went hear what was corrected, erased or restricted, and are chased (AVG 19)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from domain.cases import Case, CaseKind
from domain.climbing import climb_silence
from domain.erasure import Fate
from domain.evidence import Entry
from domain.morning import HolderLine, MorningList
from domain.package import Outcome
from domain.recipients import Recipient, recipients_of
from domain.steps import TOLD_ON
from domain.trouble import Refused
from ledger.notices import Notice
from tasks import erasure_plan, rectify
from tasks.asks import climb_rung, holder_ladder
from tasks.careful import careful
from tasks.clock import today
from tasks.find import activity_of
from tasks.laid_ready import lay_ready
from tasks.office import Office, open_office
from tasks.search import insist_on_whole, search_case


def list_recipients(office: Office, number: str, *, by: str) -> tuple[Notice, ...]:
    """Draw up who must hear of what was done for a case, from what it touched; those told before stay listed.

    Raises Refused for a kind of request of which nobody is told, or before anything was decided.
    """
    case = office.ledger.cases.read_case(number)
    if case.kind not in TOLD_ON:
        raise Refused(
            f"of a request of kind {case.kind.value} no recipient is told (AVG 19)",
            where=f"case {number}",
            do=f"go on without this step; see what is still missing: termijn case steps {number}",
        )
    found = _recipients(office, case)
    office.ledger.notices.draw_up(number, found, entry=Entry("recipients.listed", by, case=number))
    return office.ledger.notices.of_case(number)


def lay_notice(office: Office, number: str, party: str) -> tuple[Path, str]:
    """(file, passphrase): what a recipient is told, as a PDF that opens with the passphrase only.

    The passphrase is kept nowhere: tell it by telephone, and make the notice anew where it got lost.
    """
    from reports import encrypted_copy, make_passphrase, notice_pdf

    case = office.ledger.cases.read_case(number)
    notice = next((n for n in office.ledger.notices.of_case(number) if n.recipient.id == party), None)
    if notice is None:
        raise Refused("this recipient is not listed", where=f"case {number}", do="see: termijn recipients list")
    told = notice_pdf(
        case, notice.recipient, office.ledger.cases.subject_of(number), office.register.organisation, today()
    )
    words, _ = make_passphrase()
    file = office.settings.out / "notices" / f"{number}-{party}.pdf"
    lay_ready(file, encrypted_copy(told, password=words))
    return file, words


@careful
def chase_recipients(morning: MorningList) -> MorningList:
    """Remind who was told and did not confirm, by the ladder of the holders. Closes nothing."""
    with open_office() as office:
        lines = [_chase(office, notice, morning) for notice in office.ledger.notices.waiting()]
    return morning.model_copy(update={"holders": (*morning.holders, *lines)})


def _recipients(office: Office, case: Case) -> tuple[Recipient, ...]:
    ids = dict.fromkeys(_touched(office, case))
    return recipients_of(office.register.activities[one] for one in ids)


def _touched(office: Office, case: Case) -> Iterable[str]:
    if case.kind is CaseKind.RECTIFICATION:
        return rectify.touched(rectify.read_plan(office, office.ledger.corrections.of_case(case.number).digest), office)
    if case.kind is CaseKind.ERASURE:
        plan = erasure_plan.read_plan(office, office.ledger.erasures.of_case(case.number).digest)
        gone = (Fate.DESTROYED, Fate.ANONYMISED, Fate.STRIPPED)
        return [line.verdict.activity for line in plan.lines if line.verdict.fate in gone]
    answers = insist_on_whole(search_case(office, case.number)).answers
    systems = office.register.systems
    return [
        activity_of(systems[a.system], dataset)
        for a in answers
        if a.outcome is Outcome.ANSWERED
        for dataset in systems[a.system].datasets.values()
        if len(a.keys_of(dataset.name))
    ]


def _chase(office: Office, notice: Notice, morning: MorningList) -> HolderLine:
    told_on, party = notice.told_on or morning.as_of, notice.recipient.id
    shown = HolderLine(
        case=notice.case,
        holder=party,
        advice="told, has not confirmed",
        asked_on=told_on,
        days_waiting=(morning.as_of - told_on).days,
    )
    already = office.ledger.asks.rungs_of(notice.case, party)
    chase = climb_silence(holder_ladder(office), told_on, morning.as_of, already)
    if chase is None:
        return shown
    trouble = climb_rung(office, shown, chase)
    return shown.model_copy(update={"rung": chase.key, "sent": trouble is None, "trouble": trouble})
