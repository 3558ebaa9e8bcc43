"""Write the generated pages anew: `make docs`. The tests in this folder hold the pages against their sources."""

from datetime import date
from pathlib import Path

from domain.states_page import states_page
from register.loader import load_register
from reports.register_report import register_markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"
AS_OF = date(2026, 11, 23)

if __name__ == "__main__":
    (DOCS / "states.md").write_text(states_page(), encoding="utf-8")
    (DOCS / "register.md").write_text(register_markdown(load_register(), AS_OF), encoding="utf-8")
