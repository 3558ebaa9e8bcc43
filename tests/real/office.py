"""An office over a real database and a register of its own, run by the real command; counts come from plain SQL."""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from reports import unseal
from tests.stories.small_house import SmallHouse

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def data_or_skip(name: str) -> Path:
    """A file of the shared data; absent on a machine that has none of it, and a failure in CI."""
    file = DATA / name
    if not file.is_file():
        told = f"the data of {name} is not here, so nothing was tried on it"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    return file


class RealOffice(SmallHouse):
    """The same office, over a register and a database that the test names."""

    def __init__(self, folder: Path, register: Path, **secrets: str) -> None:
        self.folder, self.register, self.secrets = folder, register, secrets

    def answer(self, subject: str) -> dict[str, bytes]:
        """The files of one person's package, through case, identity and export."""
        assert self.termijn("case", "new", "--subject", "-", given=subject).returncode == 0
        number = json.loads(self.termijn("case", "list", "--json").stdout)[-1]["case"]
        self.termijn("case", "move", number, "identity", "--method", "call-back")
        self.termijn("case", "move", number, "in-progress")
        ended = self.termijn("export", number)
        assert ended.returncode == 0, ended.stderr
        return self.open_package(number)

    def open_package(self, number: str) -> dict[str, bytes]:
        """The files of a sealed package, with the passphrase that goes by another channel."""
        told = json.loads(self.termijn("case", "show", number, "--passphrase", "--json").stdout)
        [passphrase] = told["passphrases"].values()
        return unseal((self.folder / "out" / "packages" / f"{number}.zip").read_bytes(), passphrase=passphrase)


def rows_by_dataset(files: dict[str, bytes]) -> dict[str, int]:
    """How many rows each CSV of a package holds."""
    tables = {n: b for n, b in files.items() if n.startswith("csv/") and "woordenboek" not in n}
    return {n.split(".")[1]: len(b.decode("utf-8-sig").strip().splitlines()) - 1 for n, b in tables.items()}


def unpack_xz(name: str, to: Path) -> Path:
    to.write_bytes(lzma.decompress(data_or_skip(name).read_bytes()))
    return to


def load_employee(url: str, folder: Path) -> None:
    with tarfile.open(data_or_skip("employee/employee_postgres_large.tar.xz")) as archive:
        archive.extractall(folder, filter="data")
    address = url.replace("postgresql+psycopg://", "postgresql://")
    load = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", address, "-f", "employee.sql"]
    subprocess.run(load, cwd=folder / "employee", check=True, capture_output=True)
