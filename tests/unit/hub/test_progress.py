"""Progress without a terminal: few lines, and one for each stage of a night."""

from __future__ import annotations

import logging

import pytest

from hub import progress
from hub.progress import LoggedProgress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_stage_is_said_at_once_and_its_steps_only_when_time_has_passed(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "databank")
    logging.getLogger("databank").propagate = True
    listen = LoggedProgress()
    listen("link persons", 0)
    for step in range(50):
        listen(f"linkage.step_{step}", 1, 1)
    clock[0] += progress.LOG_EVERY_SECONDS
    listen("publish: person.golden", 100_000, 2_000_000)
    listen("publish: person.golden", 200_000, 2_000_000)
    assert caplog.messages == ["link persons", "  publish: person.golden: 100,000 of 2,000,000"]
