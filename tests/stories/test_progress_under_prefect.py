"""The progress of a long destruction is on the run's page in Prefect, also when another thread tells how far it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
HOUSE = Path(__file__).resolve().parents[2]
RUN = """
from concurrent.futures import ThreadPoolExecutor
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.testing.utilities import prefect_test_harness
from tasks.progress import Progress

@task
def destroy():
    at = [0.0]
    with Progress("hr.staff", 10, watch=lambda: at[0]) as progress, ThreadPoolExecutor(1) as pool:
        for done in range(1, 8):
            at[0] += 1
            pool.submit(progress.reached, done).result()

@flow
def night():
    destroy()

with prefect_test_harness(server_startup_timeout=120):
    night()
    with get_client(sync_client=True) as client:
        for one in client.request("POST", "/artifacts/filter", json={}).json():
            print("ARTIFACT", one["type"], one["data"], one["description"])
"""


def test_progress_is_an_artifact_of_counts_and_the_name_of_a_rule(tmp_path: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TERMIJN_", "PREFECT_"))}
    clean |= {"PYTHONPATH": str(HOUSE), "PREFECT_HOME": str(tmp_path), "DO_NOT_TRACK": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", RUN], env=clean, capture_output=True, text=True, timeout=240, check=False
    )
    told = [line.removeprefix("ARTIFACT ") for line in ended.stdout.splitlines() if line.startswith("ARTIFACT")]
    assert told == ["progress 70 Destruction by hr.staff"], ended.stderr[-2000:]
