"""How one package is made: written into a file without a name, closed with a passphrase, laid in the store whole."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from domain.documents import with_documents
from domain.package import PackageContents
from tasks.office import Office
from tasks.office_seal import signer_of
from tasks.progress import Progress
from tasks.store import Store

if TYPE_CHECKING:
    from ledger.packages import Made


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed package: its file, for which controller, its counts, and how hard its passphrase is to guess (bits).

    `special`: two persons release it. No personal data.
    """

    file: str
    controller: str
    records: int
    sha256: str
    special: bool
    bits: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A package that is made and lies nowhere yet: closed and encrypted, in a file without a name."""

    sealed: Sealed
    made: Made
    body: IO[bytes]


def make_draft(office: Office, contents: PackageContents, controller: str, drafts: ExitStack) -> Draft:
    """One package, written and closed. `drafts` gives its file back at the end. Raises Refused, LedgerBroken."""
    from reports import make_passphrase
    from reports.package import files_of, write_package
    from reports.sealing import Sealing

    case, contents = contents.case, with_documents(contents)
    passphrase, bits = make_passphrase()
    body = drafts.enter_context(tempfile.TemporaryFile(prefix="termijn"))  # noqa: SIM115 - `drafts` closes it
    many = sum(1 for _ in files_of(contents, office.register))
    about = f"Package of case {case}"
    with (
        Progress(case, many, said="files written", about=about) as progress,
        Sealing(body, passphrase=passphrase) as package,
    ):
        written = iter(range(1, many + 1))
        write_package(
            contents,
            office.register,
            signer_of(office),
            package.opens,
            told=lambda _: progress.reached(next(written)),
        )
    return _draft(office, contents, controller, body, (passphrase, bits), "zip")


def make_copy(office: Office, contents: PackageContents, controller: str, drafts: ExitStack) -> Draft:
    """Letter and data as one encrypted PDF with its own passphrase. Raises Refused where it would not be whole."""
    from reports import make_passphrase
    from reports.one_document import sealed_document

    passphrase, bits = make_passphrase()
    body = drafts.enter_context(tempfile.TemporaryFile(prefix="termijn"))  # noqa: SIM115 - `drafts` closes it
    body.write(sealed_document(contents, office.register, passphrase=passphrase))
    return _draft(office, contents, controller, body, (passphrase, bits), "pdf")


def _draft(
    office: Office, contents: PackageContents, controller: str, body: IO[bytes], opens: tuple[str, float], kind: str
) -> Draft:
    """What was written, with its name and what the ledger keeps of it. `opens`: its passphrase, and how hard it is."""
    from ledger.packages import Made

    passphrase, bits = opens
    sha256 = _digest(body)
    file = f"{contents.case}{f'-tenant-{controller}' if controller else ''}-{sha256[:8]}.{kind}"
    special = contents.special or _holds_bsn(office, contents)
    sealed = Sealed(file, controller, contents.records, sha256, special, bits)
    made = Made(
        file=file,
        controller=controller,
        sha256=sha256,
        special=special,
        records=contents.records,
        passphrase=passphrase,
    )
    return Draft(sealed, made, body)


def _holds_bsn(office: Office, contents: PackageContents) -> bool:
    """Whether a column by which a system knows the BSN is handed over, whatever category the register gives it."""
    return any(
        name in part.columns
        for part in contents.parts
        for name in office.system(part.system).datasets[part.dataset].identifies.columns().get("bsn", ())
    )


def _digest(body: IO[bytes]) -> str:
    body.seek(0)
    return hashlib.file_digest(body, "sha256").hexdigest()  # type: ignore[arg-type]


@contextmanager
def laid_in_store(store: Store, packages: Sequence[Draft]) -> Iterator[None]:
    """Every package in the store, read back; where the ledger then does not keep them, none of them stays."""
    with ExitStack() as undo:
        for one in packages:
            one.body.seek(0)
            undo.callback(store.remove, one.made.file)
            store.put(one.made.file, one.body, one.made.sha256)
        yield
        undo.pop_all()
