"""What a run leaves on the DPO's screen in Prefect; counts, rules and case numbers only."""

from __future__ import annotations

from tasks.careful import under_prefect


def show_on_screen(key: str, markdown: str, *, about: str) -> None:
    """Keep a page under `key` (lower case and dashes); every run adds a version to its history."""
    if not under_prefect():
        return
    from prefect.artifacts import create_markdown_artifact

    create_markdown_artifact(key=key, markdown=markdown, description=about)


def announce_event(event: str, *, about: str, facts: dict[str, str | int]) -> None:
    """Emit an event that an automation can react to, for example `termijn.night.red`."""
    if not under_prefect():
        return
    from prefect.events import emit_event

    emit_event(event=event, resource={"prefect.resource.id": f"termijn.{about}"}, payload=dict(facts))
