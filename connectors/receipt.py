"""What the ledger's receipt allows a source to destroy: these dossiers, by this wording of the rule, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.port import Announced
from domain.keys import Key, Keys
from domain.rules import RetentionRule
from domain.trouble import Refused

NO_LONGER_DUE = "no longer due"
FROZEN = "frozen"
CHANGED = "changed since announced"
REFERRED_TO = "still referred to"


def check_receipt(rule: RetentionRule, keys: Sequence[Key], announced: Announced) -> None:
    """Raise `Refused` unless the ledger announced exactly this wording of the rule and each of these roots."""
    if announced.rule != rule.digest:
        raise Refused(
            "the batch was announced under another wording of the rule; nothing was destroyed",
            where=rule.name,
            do="draw up a new plan and announce it again",
        )
    known = frozenset(announced.dossiers.get(rule.dataset.name, ()))
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
