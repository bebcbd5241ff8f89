"""Work in a process of its own that is killed amid it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_and_kill(script: str, *arguments: Path, seconds: float) -> bool:
    """Start a Python script and kill it soon; whether it was still at work, with something done.

    Args:
        script: prints a line when it begins. arguments: its ``sys.argv``. seconds: how long it may work from then.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    return process.wait() == -signal.SIGKILL
