"""Where sealed packages lie: a folder, or an S3-like store by setting; written whole, read back, seen to be gone."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from domain.trouble import NotConfirmed, NotFound, Refused, SourceUnreadable

if TYPE_CHECKING:
    from tasks.settings import Settings

_CHUNK = 2**20
#: A file that no ledger knows may be one that is being sealed at this moment; after a day it is not.
FORGOTTEN_AFTER = timedelta(days=1)
_WHERE = "the store of packages"
_DO = "look whether TERMIJN_STORE is reachable, has room and lets this account write, read and delete; then again"


class Store:
    """The store at a URL that fsspec knows: a path, `s3://bucket/folder`, `memory://…`.

    What a cloud store needs besides (endpoint, keys) comes from its own settings (AWS_…, FSSPEC_S3_…).
    """

    def __init__(self, url: str) -> None:
        import fsspec  # type: ignore[import-untyped]  # it has no types of its own

        try:
            self._fs, self._root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError):
            raise Refused(
                "TERMIJN_STORE names a kind of store that is not installed here",
                do="give a folder, or install its driver (s3fs for s3://)",
            ) from None
        self._local = "file" in (self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,))

    @classmethod
    def of(cls, settings: Settings) -> Store:
        """The store of this office: TERMIJN_STORE, else the folder `packages` among its output."""
        return cls(settings.store or str((settings.out / "packages").resolve()))

    def put(self, name: str, file: IO[bytes], sha256: str) -> None:
        """Store a file under a name that is not taken, whole or not at all, and read it back.

        Raises SourceUnreadable where the store fails, NotConfirmed where it gives back something else.
        """
        with _trouble():
            self._check_forgets()
            if self._fs.exists(self._at(name)):
                raise Refused("there is a file of this name already", where=_WHERE, do="export again")
            self._write(name, file)
        if self.sha256(name) != sha256:
            self.remove(name)
            raise NotConfirmed(
                "the store gives back another file than it was given", where=_WHERE, do="look at its disk, then again"
            )

    def fetch(self, name: str, out: IO[bytes], sha256: str) -> None:
        """Copy a file out of the store. Raises NotFound; NotConfirmed where it is not what was sealed."""
        found = hashlib.sha256()
        for chunk in self._read(name):
            found.update(chunk)
            out.write(chunk)
        if found.hexdigest() != sha256:
            raise NotConfirmed(
                "the file in the store is not the one that was sealed",
                where=_WHERE,
                do="send it to nobody; withdraw the package, tell the DPO and export again",
            )

    def sha256(self, name: str) -> str:
        """The digest of what the store holds under this name, read anew. Raises NotFound."""
        found = hashlib.sha256()
        for chunk in self._read(name):
            found.update(chunk)
        return found.hexdigest()

    def remove(self, name: str) -> None:
        """Remove a file and ask again: gone means gone (promise 4). Nothing happens where it was not there."""
        with _trouble():
            if self._fs.exists(self._at(name)):
                self._fs.rm_file(self._at(name))
            self._fs.invalidate_cache()
            left = self._fs.exists(self._at(name))
        if left:
            raise NotConfirmed(
                "the store still holds a file that it said it removed",
                where=_WHERE,
                do="look whether it keeps versions or locks objects; remove the file there, then run this again",
            )

    def names(self, *, older_than: datetime | None = None) -> tuple[str, ...]:
        """The files in the store; only those last written before `older_than` where given."""
        with _trouble():
            self._fs.invalidate_cache()
            if not self._fs.isdir(self._root):
                return ()
            every = [path for path in self._fs.ls(self._root, detail=False) if not self._fs.isdir(path)]
            kept = [p for p in every if older_than is None or _aware(self._fs.modified(p)) < older_than]
        return tuple(sorted(str(path).rsplit("/", 1)[-1] for path in kept))

    def _check_forgets(self) -> None:
        """A bucket that keeps versions keeps what it is told to remove: nothing of a person is laid in it."""
        keeps_versions = getattr(self._fs, "is_bucket_versioned", None)
        if keeps_versions is not None and keeps_versions(self._root.split("/", 1)[0]):
            raise Refused(
                "this bucket keeps every version of a file, so that nothing in it is ever gone",
                where=_WHERE,
                do="name a bucket without versioning in TERMIJN_STORE",
            )

    def _write(self, name: str, file: IO[bytes]) -> None:
        """A local file gets its name when it is whole and on the disk; an object store shows nothing before that."""
        if self._local:
            _write_local(Path(self._at(name)), file)
            return
        out = self._fs.open(self._at(name), "wb", block_size=8 * _CHUNK, autocommit=False)
        with ExitStack() as undo:
            undo.callback(self.remove, name)  # what breaks off would else be closed, and so be there
            undo.callback(out.discard)
            for chunk in _chunks(file):
                out.write(chunk)
            undo.pop_all()
        out.close()
        out.commit()

    def _read(self, name: str) -> Iterator[bytes]:
        with _trouble():
            try:
                opened = self._fs.open(self._at(name), "rb", block_size=4 * _CHUNK, cache_type="readahead")
            except FileNotFoundError:
                raise NotFound(
                    "the store does not hold this package", where=_WHERE, do="look: termijn package list"
                ) from None
            with opened as file:
                yield from _chunks(file)

    def _at(self, name: str) -> str:
        if name in ("", ".", "..") or "/" in name:
            raise Refused("this is no name of a package", do="look them up with: termijn package list")
        return f"{self._root.rstrip('/')}/{name}"


def _write_local(file: Path, content: IO[bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{secrets.token_hex(8)}.draft")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for chunk in _chunks(content):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _chunks(file: Any) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


@contextmanager
def _trouble() -> Iterator[None]:
    """A store's own errors can name a bucket, a path or a key: what happened is enough."""
    try:
        yield
    except _failures() as trouble:
        raise SourceUnreadable(f"the store fails ({type(trouble).__name__})", where=_WHERE, do=_DO) from None


def _failures() -> tuple[type[Exception], ...]:
    """What a store that fails raises: fsspec an OSError, its drivers also errors of their own, where one is loaded."""
    of_drivers = (("botocore.exceptions", "BotoCoreError"), ("aiohttp", "ClientError"))
    loaded = ((sys.modules.get(module), name) for module, name in of_drivers)
    return (OSError, *(getattr(module, name) for module, name in loaded if module is not None))


__all__ = ["FORGOTTEN_AFTER", "Store"]
