"""What a run leaves on the DPO's screen in Prefect; counts, rules and case numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tasks.careful import under_prefect

if TYPE_CHECKING:
    from uuid import UUID


def show_on_screen(key: str, markdown: str, *, about: str) -> None:
    """Keep a page under `key` (lower case and dashes); every run adds a version to its history."""
    if not under_prefect():
        return
    from prefect.artifacts import create_markdown_artifact

    create_markdown_artifact(key=key, markdown=markdown, description=about)


def start_progress(about: str) -> UUID | None:
    """A progress bar on the run's page, at zero; None where nobody looks (no Prefect, or outside a run)."""
    if not under_prefect():
        return None
    from prefect.artifacts import create_progress_artifact
    from prefect.context import get_run_context
    from prefect.exceptions import MissingContextError

    try:
        get_run_context()
    except MissingContextError:
        return None
    return cast("UUID", create_progress_artifact(progress=0.0, description=about))


def update_progress(artifact: UUID, percent: float) -> None:
    """Move a progress bar to so many of a hundred."""
    from prefect.artifacts import update_progress_artifact

    update_progress_artifact(artifact_id=artifact, progress=percent)


def announce_event(event: str, *, about: str, facts: dict[str, str | int]) -> None:
    """Emit an event that an automation can react to, for example `termijn.night.red`."""
    if not under_prefect():
        return
    from prefect.events import emit_event

    emit_event(event=event, resource={"prefect.resource.id": f"termijn.{about}"}, payload=dict(facts))
