"""Papers laid ready to print or to hand over: for the account of the office alone, and taken away once they went."""

from __future__ import annotations

import os
from pathlib import Path

from domain.trouble import Refused


def lay_ready(file: Path, content: bytes) -> None:
    """Write a paper about a person whole or not at all, in a folder that nobody else opens (0700), as 0600.

    Raises Refused where the folder belongs to somebody else.
    """
    folder = file.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        folder.chmod(0o700)  # one of before may stand open
    except PermissionError:
        raise Refused(
            "others may open the folder in which this paper would be laid",
            where=folder.name,
            do="give the folder to the account that runs termijn, with mode 0700",
        ) from None
    draft = file.with_suffix(file.suffix + ".draft")
    draft.unlink(missing_ok=True)  # a crash left it: its mode is not ours to trust
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    draft.replace(file)


def take_away(file: Path) -> None:
    """Remove a paper that was laid ready, where it still lies there; what it said is kept in the ledger."""
    file.unlink(missing_ok=True)
