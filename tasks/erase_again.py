"""After a restore: what persons had erased and a backup brought back goes again, by the plan that was approved.

A night's rule may keep such a record for years yet; its person asked that it go, and it went (LAW.md §3, Backups).
"""

from __future__ import annotations

from connectors.port import Connector
from domain.erasure import Ground
from domain.keys import Key, Keys
from domain.trouble import SourceUnreadable
from ledger.erasures import Erasure
from tasks.careful import careful, tell
from tasks.destroy import finish_announced
from tasks.erase import carry_out_line, leased
from tasks.erasure_plan import erasure_tests
from tasks.night import NightRun
from tasks.office import Office, open_office


@careful
def erase_returned(night: NightRun, system: str) -> dict[str, int]:
    """Rule → how many records came back that a person had erased; an armed run destroys them again with proof.

    They no longer count as records that today's rule does not let go. An unreadable system is told elsewhere.
    """
    with open_office() as office:
        carried_out = office.ledger.erasures.carried_out()
        if not carried_out:
            return {}
        try:
            with office.connected(system) as connector:
                again = _erase_again(office, connector, night, carried_out)
        except SourceUnreadable:
            return {}
    for rule, number in again.items():
        night.not_due[rule] = max(0, night.not_due.get(rule, 0) - number)
    if again:
        tell(f"{system}: {sum(again.values())} records came back that a person had erased")
    return again


def _erase_again(
    office: Office, connector: Connector, night: NightRun, carried_out: tuple[Erasure, ...]
) -> dict[str, int]:
    system, again = connector.system.id, dict[str, int]()
    with leased(office, system) as lease:
        if not night.rehearsal:
            finish_announced(office, connector)
        for erasure in carried_out:
            ground = Ground(erasure.ground)
            medical = ground is Ground.MEDICAL
            for test in erasure_tests(office, system, night.as_of, ground, medical_only=medical):
                rule, back = test.rule, list[Key]()
                for page in connector.all_keys(rule.dataset.name):
                    keys = Keys(page)
                    if rule.change is not None:
                        keys = connector.still_bears(rule.dataset.name, rule.change, keys)
                    back += office.ledger.batches.destroyed_under(system, rule.filed_as, keys, erasure.digest)
                due = connector.due_among(test, Keys(back)) if back else Keys()
                if not len(due):
                    continue
                again[rule.name] = again.get(rule.name, 0) + len(due)
                if not night.rehearsal:
                    carry_out_line(
                        office, connector, test, due, case=erasure.case, digest=erasure.digest, lease=lease
                    )  # fmt: skip
    return again
