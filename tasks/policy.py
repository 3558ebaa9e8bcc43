"""The verbs of telling everybody personally that our privacy policy changed: each once, slowly, and resumable."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import SMTP

from connectors.port import Connector
from domain.evidence import Entry, Fact
from domain.identity import Identifier, identifiers_of
from domain.policy import Place, PolicyVersion, Told
from domain.rules import Part
from domain.trouble import NotConfirmed, Refused, SourceUnreadable
from ledger.mailings import Fate
from ledger.marks import Marker
from tasks.artifacts import announce_event
from tasks.careful import careful, tell
from tasks.clock import stopwatch, today
from tasks.destroy import BY
from tasks.office import Office, open_office
from tasks.post import hand_over

#: After so many refusals in a row the mail server takes nothing, and the rest is not tried.
ENOUGH = 10
#: One page of people: address → its mark.
Page = Mapping[str, str]


@dataclass(slots=True)
class _Telling:
    """One run under way."""

    office: Office
    version: PolicyVersion
    digest: str
    rehearsal: bool
    doubtful_again: bool
    seen: set[str] = field(default_factory=set, repr=False)
    counts: Counter[str] = field(default_factory=Counter)
    refused_in_a_row: int = 0


@careful
def tell_everybody(version: str, rehearsal: bool, doubtful_again: bool) -> Told:
    """Tell whoever was not told yet; see `tell_all`."""
    with open_office() as office:
        return tell_all(office, version, rehearsal=rehearsal, doubtful_again=doubtful_again)


@careful
def report_telling(told: Told) -> Told:
    """Say how far it is; a message that did not leave is an alarm. Raises NotConfirmed where not everybody was told."""
    tell(f"policy {told.version}: {told.words()}")
    if not told.rehearsal and not told.whole:
        facts: dict[str, str | int] = {"failed": told.failed, "doubtful": told.doubtful}
        announce_event("termijn.mail.failed", about=f"policy-{told.version}", facts=facts)
    with open_office() as office:
        return told if told.rehearsal else end_telling(office, told)


def tell_all(office: Office, version: str, *, rehearsal: bool = True, doubtful_again: bool = False) -> Told:
    """Tell whoever was not told yet. Raises Refused without the approval of two officers, or without a mail server.

    A system that cannot be read is named, and the others are served. Cut off anywhere, the next run goes on.
    """
    changes = office.register.policy_changes
    telling = _Telling(office, changes.get(version), changes.digest(version), rehearsal, doubtful_again)
    if not rehearsal:
        _begin(office, telling)
    unreadable, stopped = list[str](), ""
    for place in changes.tell:
        try:
            for page in _people(office, place):
                stopped = stopped or _tell_page(telling, page)
        except SourceUnreadable as trouble:
            unreadable.append(f"{place.name} ({trouble.what})")
        if stopped:
            break
    counts = telling.counts
    told = Told(version, telling.digest, rehearsal, counts["sent"], counts["before"], counts["failed"])
    return replace(told, doubtful=counts["doubtful"], unreadable=tuple(unreadable), stopped=stopped)


def end_telling(office: Office, told: Told) -> Told:
    """Write down that everybody was told. Raises NotConfirmed where that is not so."""
    if not told.whole:
        raise NotConfirmed(
            f"not everybody was told: {told.words()}",
            where=f"policy {told.version}",
            do="mend it and run again; who was told is not told twice. What is in doubt is sent again with --doubtful",
        )
    office.ledger.mailings.end(told.digest, entry=Entry("mailing.ended", BY))
    return told


def _begin(office: Office, telling: _Telling) -> None:
    if office.settings.smtp_host is None:
        raise Refused("no mail server is named, so nobody can be told", where="mailing", do="set TERMIJN_SMTP_HOST")
    entry = Entry("mailing.begun", BY)
    office.ledger.mailings.begin(telling.digest, telling.version.version, as_of=today(), entry=entry)


def _people(office: Office, place: Place) -> Iterator[Page]:
    """Everybody of one dataset, soft-deleted included, in pages: an address with its mark. Raises SourceUnreadable."""
    marker = office.ledger.opt_ins.marker()
    with office.connected(place.system) as connector:
        for keys in connector.all_keys(place.dataset):
            rows = connector.rows(Part(place.dataset, ()), keys)
            yield {i.value: _mark(marker, i) for row in rows for i in _addresses(connector, place, row)}


def _addresses(connector: Connector, place: Place, row: Mapping[str, object]) -> list[Identifier]:
    declared = connector.system.datasets[place.dataset].identifies
    return [i for i in identifiers_of(row, declared) if i.kind == "email"]


def _mark(marker: Marker, address: Identifier) -> str:
    return marker.mark(address.kind, address.value)


def _tell_page(telling: _Telling, page: Page) -> str:
    """Tell one page of people; the reason to stop where there is one."""
    fresh = {address: mark for address, mark in page.items() if mark not in telling.seen}
    telling.seen.update(fresh.values())
    ledger, digest = telling.office.ledger.mailings, telling.digest
    fates = ledger.fates(digest, fresh.values())
    before, stopped = telling.counts.copy(), ""
    if not telling.rehearsal:
        ledger.check_may_go_on(digest, as_of=today())
    for address, mark in fresh.items():
        telling.counts[_tell_one(telling, address, mark, fates.get(mark))] += 1
        if telling.refused_in_a_row >= ENOUGH:
            stopped = f"stopped: the mail server refused {ENOUGH} messages in a row"
            break
    new: dict[str, Fact] = {k: n - before[k] for k, n in telling.counts.items() if k != "before" and n > before[k]}
    if new and not telling.rehearsal:
        ledger.note(telling.version.version, telling.counts - before, entry=Entry("mailing.page", BY))
    return stopped


def _tell_one(telling: _Telling, address: str, mark: str, fate: Fate | None) -> str:
    """Write down, then send, then write down that it left; what it counts as."""
    if fate is Fate.SENT:
        return "before"
    if fate is Fate.RECORDED and not telling.doubtful_again:
        return "doubtful"
    if telling.rehearsal:
        return "sent"
    ledger, watch = telling.office.ledger.mailings, stopwatch()
    if not ledger.record(telling.digest, mark, on=today(), again=fate):
        return "doubtful"  # another run is telling them at this moment
    trouble = hand_over(telling.office, _message(telling, address, mark))
    ledger.settle(telling.digest, mark, Fate.FAILED if trouble else Fate.SENT)
    if not trouble:
        telling.refused_in_a_row = 0
    elif fate is not Fate.FAILED:  # an address that was refused before says nothing of the server now
        telling.refused_in_a_row += 1
    time.sleep(max(0.0, 60 / telling.office.settings.mail_per_minute - watch()))
    return "failed" if trouble else "sent"


def _message(telling: _Telling, address: str, mark: str) -> EmailMessage:
    """The same words for everybody; sent twice, it is the same message to whoever receives it."""
    office, version = telling.office, telling.version
    message = EmailMessage(policy=SMTP)
    message["From"] = office.settings.mail_from
    message["To"] = address
    message["Reply-To"] = office.register.organisation.officer.email
    message["Subject"] = version.subject
    domain = office.settings.mail_from.rpartition("@")[2]
    message["Message-ID"] = f"<{telling.digest[:16]}.{mark[:32]}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{version.told.strip()}\n\n---\n{version.told_in_english.strip()}\n")
    return message
