"""How a package is closed: an AES-256 zip around files that stay as they are, written as they are made."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, cast

import pyzipper
from pyzipper.zipfile_aes import AESZipInfo

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
#: Files that are compressed inside already: deflate would cost time and win nothing.
_PACKED_ALREADY = (".pdf", ".png", ".jpg", ".jpeg", ".zip")


class Sealing:
    """A zip being written (WinZip AE-2), file by file: `with Sealing(out, passphrase=…) as package`.

    What reaches `out` is encrypted from the first byte; only names can be read, and they say nothing of the person.
    """

    def __init__(self, out: BinaryIO, *, passphrase: str) -> None:
        self._zip = pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES)
        self._zip.setpassword(passphrase.encode())
        self._zip.setencryption(pyzipper.WZ_AES, nbits=256)

    def __enter__(self) -> Sealing:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self._zip.close()
        else:
            self._zip.fp = None  # else the garbage collector would finish it, and half a package would open

    @contextmanager
    def opens(self, name: str) -> Iterator[BinaryIO]:
        """A file of the package, to be written from begin to end before the next is opened."""
        member = AESZipInfo(name, date_time=_ZIP_DATE)
        packed = name.lower().endswith(_PACKED_ALREADY)
        member.compress_type = pyzipper.ZIP_STORED if packed else pyzipper.ZIP_DEFLATED
        with self._zip.open(member, "w", force_zip64=True) as file:
            yield cast("BinaryIO", file)


def seal(files: Mapping[str, bytes], *, passphrase: str) -> bytes:
    """Files that are there already as one sealed package."""
    out = io.BytesIO()
    with Sealing(out, passphrase=passphrase) as package:
        for name in sorted(files):
            with package.opens(name) as file:
                file.write(files[name])
    return out.getvalue()


def unseal(package: bytes, *, passphrase: str) -> dict[str, bytes]:
    """The files of a sealed package. RuntimeError where the passphrase is wrong."""
    with pyzipper.AESZipFile(io.BytesIO(package)) as sealed:
        sealed.setpassword(passphrase.encode())
        return {name: sealed.read(name) for name in sealed.namelist()}
