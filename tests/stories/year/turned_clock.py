"""The moment that the whole office of the year lives in. Imported before anything that reads the clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime

os.environ["TERMIJN_SKIN"] = "plain"

from tasks import clock

MOMENT = [datetime(2026, 1, 1, 6, 0, tzinfo=UTC)]
clock.now = lambda: MOMENT[0]
