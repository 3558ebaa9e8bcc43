"""What a practice must decide when its patient asks to be erased: a list for each practice (AVG 28(3)(a)).

The list names the rule in a wording of its own for this case, so that no night carries it out. Once two officers have
recorded and approved the practice's instruction, the plan is drawn up again: those dossiers may then go.
"""

from __future__ import annotations

from domain.erasure import Fate, Ground, wording_for
from domain.evidence import Entry
from domain.keys import Keys
from domain.rules import due_test
from domain.trouble import Refused
from tasks.erasure_plan import erasure_tests, read_plan
from tasks.list_lines import read_lines
from tasks.lists import Drawn, seal_and_lay_ready
from tasks.office import Office


def draw_lists(office: Office, case_number: str, *, by: str) -> tuple[str, ...]:
    """Draw up and lay ready one list per practice and rule; the numbers. Raises Refused where a dossier names none."""
    kept = office.ledger.erasures.of_case(case_number)
    plan, numbers = read_plan(office, kept.digest), list[str]()
    for system in sorted({line.system for line in plan.lines if line.verdict.fate is Fate.NOT_OURS}):
        tests = erasure_tests(office, system, plan.as_of, plan.ground, medical_only=plan.ground is Ground.MEDICAL)
        with office.connected(system) as connector:
            for test in tests:
                asked = [o for o in plan.lines if o.rule == test.rule.name and o.verdict.fate is Fate.NOT_OURS]
                keys = Keys(key for line in asked for key in line.keys)
                open_already = office.ledger.lists.on_open_lists(test.rule.name)
                keys = Keys(k for k in keys if k not in open_already)
                whole = due_test(test.rule, office.register.activities, plan.as_of)
                for practice, lines in read_lines(connector, whole, keys, office.register.activities).items():
                    if not practice:
                        raise Refused("a dossier names no practice", where=test.rule.name, do="fill its tenant column")
                    drawn = office.ledger.lists.draw_up(
                        system=system,
                        rule=test.rule.name,
                        controller=practice,
                        rule_digest=wording_for(test.rule, case_number).digest,
                        as_of=plan.as_of,
                        lines=lines,
                        entry=Entry("list.drawn-up", by, case=case_number, facts={"records": len(lines)}),
                    )
                    numbers.append(drawn.number)
    lay_ready = getattr(seal_and_lay_ready, "fn", seal_and_lay_ready)
    lay_ready(Drawn(plan.as_of, tuple(numbers), (), ()))
    return tuple(numbers)
