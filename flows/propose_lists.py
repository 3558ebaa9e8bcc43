"""What asking the practices is: put what is due on a list for each of them, and lay it ready, sealed."""

from datetime import date

from tasks.careful import story
from tasks.lists import Drawn, draw_up_lists, end_drawing, seal_and_lay_ready


@story(
    name="propose-lists",
    run_name="lists-{as_of}",
    description="Draws up destruction lists for the practices, seals them and lays them ready. Destroys nothing.",
)
def propose_lists(as_of: date | None = None, systems: list[str] | None = None) -> Drawn:
    """12Care is processor here: it asks, and what nobody answers stays (AVG 28(3)(a)).

    as_of: decide as on this day (default: the day this run was planned for). systems: only these.
    """
    drawn = draw_up_lists(as_of, systems or [])
    seal_and_lay_ready(drawn)
    return end_drawing(drawn)
