"""What erasing a person is: only what two officers agreed on, by the engine of the night, and looked for again."""

from tasks.careful import story
from tasks.erase import Erased, carry_out_erasure, end_erasure, verify_erasure


@story(
    name="erase-subject",
    run_name="erase-{case_number}",
    description="Carries out the approved erasure plan of one case. The parameter is a case number, never a name.",
)
def erase_subject(case_number: str, rehearsal: bool = True) -> Erased:
    """Nothing is called complete before the person was looked for again in every system.

    case_number: the number of the case, for example 2026-0004. rehearsal: only tell what it would take.
    """
    done = carry_out_erasure(case_number, rehearsal)
    return done if rehearsal else end_erasure(verify_erasure(done))
