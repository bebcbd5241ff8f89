"""Waiting until one connection waits for another's lock."""

from __future__ import annotations

import time

from hub.settings import Settings
from warehouse.database import connect


def until_somebody_waits(settings: Settings) -> None:
    """Return as soon as somebody does."""
    deadline = time.monotonic() + 20
    with connect(settings) as connection:
        while time.monotonic() < deadline:
            waiting = connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            ).fetchone()
            if waiting and waiting[0]:
                return
            time.sleep(0.02)
    raise AssertionError("the second connection did not wait")
