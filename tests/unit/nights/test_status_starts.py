"""`databank status` comes at once: it asks what is there and loads nothing of what a night computes with."""

from __future__ import annotations

import subprocess
import sys


def test_status_loads_no_linking() -> None:
    seen = "import sys, nights.state; print(*sorted({'matching', 'nights.night', 'nights.sync'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True).stdout == "\n"
