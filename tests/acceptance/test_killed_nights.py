"""O01: kill -9 of the night, and of PostgreSQL, at each stage; the next start ends in the state of an undisturbed night."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.acceptance.published import published_state
from tests.nation import SECOND, Home

pytestmark = pytest.mark.slow

STAGES: dict[str, Callable[[Home], bool]] = {
    "landing": lambda home: len(list(home.settings.landing.glob(f"*/*{SECOND}*/delivery.json"))) >= 3,
    "staging": lambda home: len(list(home.settings.staging.glob(f"*/*{SECOND}*/counts.json"))) >= 8,
    "opening": lambda home: _left(home, "staging.current_delivery"),
    "linkage": lambda home: _left(home, "linkage.person_record"),
    "identity": lambda home: _left(home, "person.crosswalk"),
    "cover": lambda home: _left(home, "cover.period"),
    "publish": lambda home: _left(home, "mart.night"),
    "report": lambda home: _is_published(home),
}


@pytest.mark.parametrize("stage", STAGES)
def test_O01_killed_in(stage: str, night_after: Home, undisturbed: dict[str, str]) -> None:
    home = night_after
    night = home.start("sync", "--date", SECOND)
    reached = wait_for(lambda: STAGES[stage](home), night)
    assert reached, f"the night ended before {stage} was seen"
    kill(night)
    kill_postgres(home)
    home.sync(SECOND)
    assert published_state(home) == undisturbed


def wait_for(is_reached: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if is_reached():
            return True
        time.sleep(0.01)
    return is_reached()


def kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def kill_postgres(home: Home) -> None:
    file = home.settings.postgres / "data" / "postmaster.pid"
    if file.exists():
        os.kill(int(file.read_text().splitlines()[0]), signal.SIGKILL)
        time.sleep(0.2)


def _left(home: Home, table: str) -> bool:
    return any(home.settings.runs.glob(f"{SECOND}-*/{table}.parquet"))


def _is_published(home: Home) -> bool:
    return any((home.settings.returns / SECOND).glob("*/manifest.json"))
