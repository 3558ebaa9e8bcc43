"""Our program, loaded once: each command that a story types is forked from it, and spared the second of loading.

`run` takes and gives what `subprocess.run` does. The command is a real process with its own environment, folder,
streams and exit code, and ends as any Python process ends. What speaks to Prefect starts afresh, because the skin of
our tasks is chosen when they are loaded.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

HOUSE = Path(__file__).resolve().parents[2]
PACKAGES = ("cli", "tasks", "flows", "connectors", "ledger", "reports", "register", "domain")
#: What is loaded where it is needed, and needed by most commands.
LATER = (
    "rich.text", "rich.table", "rich.progress", "rich.console", "rich.box", "pyotp", "segno", "orjson", "httpx",
    "fsspec", "holidays", "smtplib", "sqlalchemy.dialects.sqlite",
    "cryptography.hazmat.primitives.serialization.pkcs12",
)  # fmt: skip
#: Programs of their own, and the module that each command runs as its first.
LEFT_OUT = (".migrations", ".auditor", ".__main__", "cli.main")


def run(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], given: str = "", timeout: float = 240
) -> subprocess.CompletedProcess[str]:
    """`python -m WORDS` in this folder and environment: its exit code and what it printed. Raises TimeoutExpired."""
    asked = {"words": list(words), "cwd": str(cwd), "env": dict(env)}
    with tempfile.TemporaryFile() as typed, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        typed.write(given.encode())
        typed.seek(0)
        code = _program().ask(asked, (typed, out, err), timeout)
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode("utf-8", "replace").replace("\r\n", "\n"))
    return subprocess.CompletedProcess([sys.executable, "-m", *words], code, *said)


class _Program:
    """The loaded process, as the tests see it: one at a time, however many threads ask."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("TERMIJN_", "PREFECT_"))}
        env |= {"PYTHONPATH": str(HOUSE), "TERMIJN_SKIN": "plain"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.stories.loaded", str(theirs.fileno())],
            cwd=HOUSE,
            env=env,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._line, self._lock = ours, threading.Lock()
        atexit.register(self.close)

    def ask(self, asked: Mapping[str, Any], streams: Sequence[IO[bytes]], timeout: float) -> int:
        """Have one command run with these streams; its exit code, negative for the signal that ended it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with ours, theirs:
            handed = [theirs.fileno(), *(stream.fileno() for stream in streams)]
            body = json.dumps(asked).encode()
            with self._lock:
                socket.send_fds(self._line, [len(body).to_bytes(8, "big")], handed)
                self._line.sendall(body)
            theirs.close()
            pid = int.from_bytes(_all_of(ours, 8), "big", signed=True)
            if not select.select([ours], [], [], timeout)[0]:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(asked["words"], timeout)
            return int.from_bytes(_all_of(ours, 8), "big", signed=True)

    def close(self) -> None:
        self._line.close()
        self._process.wait(timeout=60)


_ONE: list[_Program] = []


def _program() -> _Program:
    if not _ONE:
        _ONE.append(_Program())
    return _ONE[0]


def _all_of(line: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = line.recv(size - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def serve(line: socket.socket) -> None:
    """Fork a command for each question, and tell how each ended, until whoever asks is gone."""
    running: dict[int, socket.socket] = {}
    while True:
        ready = select.select([line], [], [], 0.01 if running else None)[0]
        while running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            with running.pop(pid) as told:
                told.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))
        if not ready:
            continue
        size, handed, _flags, _address = socket.recv_fds(line, 8, 4)
        if not size:
            return
        asked = json.loads(_all_of(line, int.from_bytes(size, "big")))
        told = socket.socket(fileno=handed[0])
        pid = os.fork()
        if pid == 0:
            for other in (line, told, *running.values()):
                other.close()
            _become(asked, handed[1:])
        for stream in handed[1:]:
            os.close(stream)
        told.sendall(pid.to_bytes(8, "big", signed=True))
        running[pid] = told


def _become(asked: Mapping[str, Any], streams: Sequence[int]) -> NoReturn:
    """In the child: the command itself, as the interpreter would run it, to its exit code."""
    code = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdin, sys.stdout, sys.stderr = (
            open(n, mode, encoding="utf-8", errors=how, closefd=False)  # noqa: SIM115 - they live as long as we do
            for n, mode, how in ((0, "r", "strict"), (1, "w", "strict"), (2, "w", "backslashreplace"))
        )
        os.environ.clear()
        os.environ.update(asked["env"])
        os.chdir(asked["cwd"])
        sys.argv = [asked["words"][0], *asked["words"][1:]]
        try:
            runpy.run_module(asked["words"][0], run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
            if isinstance(ended.code, str):
                sys.stderr.write(f"{ended.code}\n")
        except BaseException:  # noqa: BLE001 - as the interpreter ends: it prints what it was, and says 1
            traceback.print_exc()
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code & 0xFF)


def load() -> None:
    """Load all that is ours, and what our commands load later."""
    for package in PACKAGES:
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if not any(part in found.name for part in LEFT_OUT):
                importlib.import_module(found.name)
    for name in LATER:
        importlib.import_module(name)
    importlib.import_module("ledger.migrations.run")
    gc.collect()
    gc.freeze()  # what is loaded stays shared with what is forked


if __name__ == "__main__":
    load()
    assert "prefect" not in sys.modules, "the loaded program is without Prefect"
    serve(socket.socket(fileno=int(sys.argv[1])))
