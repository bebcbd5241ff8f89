"""A publisher in a process of its own that kills itself, or PostgreSQL, with SIGKILL at a stage. Started by tests only.

Arguments: home, run_id, stage at which to kill (a progress name), whom: me | server | nobody.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from hub.errors import HubError
from hub.runs import find_run
from hub.settings import Settings
from warehouse.publish import publish


def main(home: str, run_id: str, stage: str, whom: str) -> int:
    """Publish until the stage is reached."""
    settings = Settings(home=Path(home), memory="1GB", threads=1)

    def kill(name: str, done: int, total: int | None = None) -> None:
        if name == stage and whom == "me":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == stage and whom == "server":
            postmaster = (settings.postgres / "data" / "postmaster.pid").read_text().splitlines()[0]
            os.kill(int(postmaster), signal.SIGKILL)

    try:
        publish(settings, find_run(settings, run_id), kill)
    except HubError as error:
        sys.stderr.write(type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
