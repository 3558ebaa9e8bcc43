"""Fixed values for the two papers of a destruction list: an invented practice and invented numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from domain.instruction import AtPractice, WhyKept, WhyStayed
from domain.list_papers import ListHead, PaperLine, ProposedList, Statement
from domain.lists import Answer
from domain.night import BatchProof
from tests.golden import contents as given


def mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def head() -> ListHead:
    [block] = given.activities()["medical-dossier"].term
    return ListHead(
        number="L2026-0007",
        controller="3",
        office=given.organisation(),
        system="Careweb",
        title="Patiënten",
        activity="Medisch dossier in Careweb",
        rule="careweb.patient",
        rule_digest=mark("rule"),
        term=block,
        as_of=date(2026, 12, 1),
        dossiers=True,
        backup_kept="Back-ups verdwijnen na 30 dagen; na terugzetten worden vernietigingen opnieuw uitgevoerd",
    )


def proposed(lines: int = 46) -> ProposedList:
    last = [date(2006 - n % 4, 1 + n % 12, 1 + n % 28) for n in range(lines)]
    made = (
        PaperLine(
            client_number=f"C3-{n:06d}", last_on=day, due_since=day.replace(year=day.year + 20) + timedelta(days=1)
        )
        for n, day in enumerate(last, start=101)
    )
    return ProposedList(head=head(), lines=tuple(made))


def statement() -> Statement:
    moment = datetime(2027, 1, 15, 0, 31, tzinfo=UTC)
    batches = [
        BatchProof(batch=f"B000000{n}", records=1200 + n, root=mark(str(n)), event=940 + n, confirmed_at=moment)
        for n in (1, 2)
    ]
    return Statement(
        head=head(),
        sent_on=date(2026, 12, 2),
        answer=Answer.PART,
        role=AtPractice.OWNER,
        reference="brief 2026-311",
        received_on=date(2027, 1, 11),
        recorded_by="desk",
        approved_by="fg",
        settled_on=date(2027, 1, 15),
        asked=46,
        destroyed=41,
        kept={WhyKept.GOOD_CARE: 2, WhyKept.CLAIM: 1},
        stayed={WhyStayed.FROZEN: 1, WhyStayed.NOT_DUE: 1},
        batches=tuple(batches),
        in_batch={"B0000001": 40, "B0000002": 1},
        chain_event=951,
        chain_hash=mark("chain"),
    )
