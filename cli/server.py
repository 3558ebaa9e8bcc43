"""How Prefect's own programs are started for one machine: server, deployments, worker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from cli.screen import say
from domain.trouble import TermijnError

HOST, PORT = "127.0.0.1", 4200
API = f"http://{HOST}:{PORT}/api"
#: No analytics, no calls of the browser to anywhere, runs forgotten after their term (PREFECT.md).
QUIET = {
    "PREFECT_API_URL": API,
    "PREFECT_UI_API_URL": API,
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
}


def run_server() -> None:
    """Start all three, and stop all three at Ctrl-C."""
    home = Path("var/prefect").resolve()
    home.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, **QUIET, "PREFECT_HOME": str(home), "TERMIJN_SKIN": "prefect"}
    prefect = str(Path(sys.executable).with_name("prefect"))
    running = [subprocess.Popen([prefect, "server", "start", "--host", HOST, "--port", str(PORT)], env=env)]  # noqa: S603
    try:
        _wait_for_server()
        for step in (["work-pool", "create", "termijn", "--type", "process", "--overwrite"], ["deploy", "--all"]):
            subprocess.run([prefect, "--no-prompt", *step], env=env, check=True)  # noqa: S603
        running.append(subprocess.Popen([prefect, "worker", "start", "--pool", "termijn"], env=env))  # noqa: S603
        say(f"\nTermijn is up: http://{HOST}:{PORT} (Ctrl-C stops it)")
        running[0].wait()
    except KeyboardInterrupt:
        say("stopping")
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def _wait_for_server(seconds: int = 120) -> None:
    for _ in range(seconds * 2):
        try:
            if httpx.get(f"{API}/health", timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise TermijnError("Prefect's server did not start", do="look at what it said above; is port 4200 free?")
