"""How a package is closed: an AES-256 zip around files that stay as they are."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pyzipper
from pyzipper.zipfile_aes import AESZipInfo

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def seal(files: Mapping[str, bytes], *, passphrase: str) -> bytes:
    """The files as one AES-256 zip (WinZip AE-2). Names stay readable: they say nothing of the person."""
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as package:
        package.setpassword(passphrase.encode())
        package.setencryption(pyzipper.WZ_AES, nbits=256)
        for name in sorted(files):
            member = AESZipInfo(name, date_time=_ZIP_DATE)
            member.compress_type = pyzipper.ZIP_DEFLATED
            package.writestr(member, files[name])
    return out.getvalue()


def unseal(package: bytes, *, passphrase: str) -> dict[str, bytes]:
    """The files of a sealed package. RuntimeError where the passphrase is wrong."""
    with pyzipper.AESZipFile(io.BytesIO(package)) as sealed:
        sealed.setpassword(passphrase.encode())
        return {name: sealed.read(name) for name in sealed.namelist()}
