"""The most memory that this process ever held."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_megabytes() -> float:
    """The highest resident size of this process since it began, in MB of 1024 * 1024 bytes.

    On Linux from the kernel's own mark: `ru_maxrss` survives an exec, so that a child of a large process (a worker
    of the test run) would be said to have been as large as its parent.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024**2 if sys.platform == "darwin" else most / 1024
