"""An office over a real database and a register of its own, run by the real command; counts come from plain SQL."""

from __future__ import annotations

import json
import lzma
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

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
        opened = self.termijn("case", "new", "--subject", "-", given=subject)
        assert opened.returncode == 0, opened.stderr
        number = json.loads(self.termijn("case", "list", "--json").stdout)[-1]["case"]
        self.termijn("case", "move", number, "identity", "--method", "call-back")
        self.termijn("case", "move", number, "in-progress")
        ended = self.termijn("export", number)
        assert ended.returncode == 0, ended.stderr
        return self.open_package(number)

    def indexes_asked_for(self, *plan: str) -> list[str]:
        """The statements that a plan asks for: without those on large tables it refuses its rules."""
        told = self.termijn("plan", *plan, "--json").stdout
        return sorted(set(re.findall(r"CREATE INDEX[^\"\\]*?\)", told)))


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


def load_sql(url: str, *names: str) -> None:
    """Run these packed dumps in a PostgreSQL database, one after the other."""
    statements = b"\n".join(lzma.decompress(data_or_skip(name).read_bytes()) for name in names)
    load = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", url.replace("postgresql+psycopg://", "postgresql://")]
    subprocess.run(load, input=statements, check=True, capture_output=True)


def edited(register: Path, to: Path, system: str, *changes: tuple[str, str]) -> Path:
    """A copy of a register in which, in the file of one system, each first text has made way for the second."""
    shutil.copytree(register, to)
    file = to / "systems" / f"{system}.toml"
    text = file.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return to
