"""Progress of long work. Functions report; they do not know who listens."""

from __future__ import annotations

import logging
import time
from typing import Protocol

log = logging.getLogger("databank")
LOG_EVERY_SECONDS = 10.0


class Progress(Protocol):
    """What long functions report to: a stage's name, how much is done, of how much."""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """``done`` of ``total`` units of ``stage`` are finished; without a total: a stage of a night begins."""


def quiet(stage: str, done: int, total: int | None = None) -> None:
    """Listen to nothing."""


class LoggedProgress:
    """A log line when a stage of a night begins, one at most every ten seconds within it. For runs without a terminal."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Log when it is time."""
        now = time.monotonic()
        if total is None:
            log.info("%s", stage)
        elif now - self._last >= LOG_EVERY_SECONDS:
            log.info("  %s: %s of %s", stage, f"{done:,}", f"{total:,}")
        else:
            return
        self._last = now
