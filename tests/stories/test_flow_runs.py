"""What the workflow engine's server remembers of our steps has a term as well, on a real server."""

from __future__ import annotations

import pytest
from prefect import flow
from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness

from domain.keys import Keys
from domain.trouble import SourceUnreadable
from tasks.flow_runs import FlowRuns

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


def test_an_ended_run_is_read_forgotten_and_gone() -> None:
    @flow
    def step(case_number: str) -> str:
        return case_number

    with prefect_test_harness(server_startup_timeout=240):
        step("2026-0001")
        step("2026-0002")
        runs = FlowRuns(str(PREFECT_API_URL.value()))
        first, second = list(runs.rows())
        assert first["ended_at"].tzinfo is not None
        runs.forget([(first["id"],)])
        assert runs.still_there(Keys([(first["id"],), (second["id"],)])) == Keys([(second["id"],)])
        assert [row["id"] for row in runs.rows()] == [second["id"]]
        runs.forget([(first["id"],)])


def test_a_server_that_does_not_answer_is_named_and_without_one_nothing_is_remembered() -> None:
    assert list(FlowRuns(None).rows()) == []
    with pytest.raises(SourceUnreadable, match="does not answer as it should"):
        list(FlowRuns("http://127.0.0.1:1/api").rows())
