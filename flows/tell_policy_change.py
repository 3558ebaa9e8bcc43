"""What a changed privacy policy asks of us: everybody whose address we have hears it personally, and once."""

from domain.policy import Told
from tasks.careful import story
from tasks.policy import report_telling, tell_everybody


@story(
    name="tell-policy-change",
    run_name="policy-{version}",
    description="Tells everybody once that our privacy policy changed; only words that two officers approved.",
)
def tell_policy_change(version: str, rehearsal: bool = True, doubtful_again: bool = False) -> Told:
    """Written down before it is sent, so that nobody is told twice; what did not leave is told again by the next run.

    version: a version in register/policy.toml. rehearsal: only count. doubtful_again: an officer looked, and wants
    what may or may not have left sent again.
    """
    return report_telling(tell_everybody(version, rehearsal, doubtful_again))
