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
        """``done`` of ``total`` (None: not known) units of ``stage`` are finished."""


def quiet(stage: str, done: int, total: int | None = None) -> None:
    """Listen to nothing."""


class LoggedProgress:
    """A log line at most every ten seconds, and one whenever a stage ends. For runs without a terminal."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Log when it is time."""
        now = time.monotonic()
        if now - self._last >= LOG_EVERY_SECONDS or (total is not None and done >= total):
            self._last = now
            log.info("%s: %s of %s", stage, done, "?" if total is None else total)
