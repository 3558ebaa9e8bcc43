"""What the ledger's receipt allows a source to destroy: these dossiers, by this wording of the rule, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from connectors.port import Announced
from domain.column_rules import SURVIVES
from domain.keys import Key, Keys
from domain.rules import RetentionRule
from domain.trouble import Refused, SourceUnreadable

NO_LONGER_DUE = "no longer due"
FROZEN = "frozen"
CHANGED = "changed since announced"
REFERRED_TO = "still referred to"
SHARED = "shared with a dossier that stays"


#: Asks the ledger whether a receipt is its own.
Vouch = Callable[[Announced], bool]


def nobody(announced: Announced) -> bool:  # noqa: ARG001 - whatever it says
    """For a connection without a ledger behind it: no receipt is the ledger's, so nothing is ever destroyed."""
    return False


def check_receipt(
    rule: RetentionRule, keys: Sequence[Key], announced: Announced, vouch: Vouch, *, changes: bool = False
) -> None:
    """Raise `Refused` unless the ledger announced exactly this wording of the rule and each of these roots.

    A receipt says so of itself; `vouch` asks the ledger. `changes`: the caller changes columns; a rule under which the
    row survives never gets to a deletion.
    """
    if (rule.change is not None) is not changes or (not changes and rule.action in SURVIVES):
        raise Refused(
            f"this rule ends with {rule.action.value!r}, which is not what was asked of the source; nothing was done",
            where=rule.name,
            do="report this to the makers",
        )
    if not vouch(announced):
        raise Refused(
            "the ledger does not know this receipt, or destruction was stopped; nothing was destroyed",
            where=rule.name,
            do="announce the batch in the ledger first; if it was, look at: termijn stop --show",
        )
    if announced.rule != rule.digest:
        raise Refused(
            "the batch was announced under another wording of the rule; nothing was destroyed",
            where=rule.name,
            do="draw up a new plan and announce it again",
        )
    known = frozenset(announced.dossiers.get(rule.filed_as, ()))
    outside = sum(key not in known for key in keys)
    if outside:
        raise Refused(
            f"{outside} of {len(keys)} records were never announced in the ledger; nothing was destroyed",
            where=rule.name,
            do="announce them first: without a receipt nothing is destroyed",
        )


def unannounced(found: Mapping[str, Keys], announced: Announced) -> dict[str, Keys]:
    """The rows in the dossiers that the ledger does not know of, per dataset that has any."""
    extra: dict[str, Keys] = {}
    for dataset, keys in found.items():
        known = frozenset(announced.dossiers.get(dataset, ()))
        new = [k for k in keys if k not in known]
        if new:
            extra[dataset] = Keys(new)
    return extra


def without(keys: Sequence[Key], gone: Iterable[Key]) -> list[Key]:
    """`keys` in their order, less those of `gone`."""
    left_out = frozenset(gone)
    return [k for k in keys if k not in left_out]


def refused_by_source(rule: RetentionRule) -> SourceUnreadable:
    """A constraint of the source forbids what the register asks; all was undone."""
    return SourceUnreadable(
        f"the source does not allow these columns of {rule.dataset.table!r} to be changed so; all was undone",
        where=rule.name,
        do="look for a constraint (NOT NULL, UNIQUE, CHECK) on them, and give each a treatment that it allows",
    )
