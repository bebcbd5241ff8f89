"""O02, O03: two nights at once, a full disk, too little memory, no database: a clear end, and the last good night stays."""

from __future__ import annotations

import subprocess

import pytest

from hub.errors import DatabaseAway, NightRunning, ResourceError, meaning
from tests.acceptance.published import published_state
from tests.acceptance.test_killed_nights import wait_for
from tests.nation import DATABANK, FIRST, SECOND, Home

pytestmark = pytest.mark.slow
LARGEST_FILE_BYTES = 300_000


def exit_code(error: type) -> int:
    return meaning(error("")).exit_code


def test_O02_the_second_night_says_so_and_ends(home: Home) -> None:
    first = home.start("sync", "--date", FIRST)
    assert wait_for(lambda: any(home.settings.landing.glob("*/*/delivery.json")), first)
    second = home.run("sync", "--date", FIRST)
    assert second.returncode == exit_code(NightRunning)
    assert "Another process is at work on a night" in second.stderr
    _, errors = first.communicate(timeout=300)
    assert first.returncode == 0, errors


def test_O03_disk_full(night_after: Home) -> None:
    """The kernel refuses to let any file grow further; the night ends clearly, and goes on when there is room."""
    home = night_after
    before = published_state(home)
    command = ["sh", "-c", 'ulimit -f "$1"; shift; trap "" XFSZ; exec "$@"', "sh", str(LARGEST_FILE_BYTES // 512)]
    night = subprocess.run(
        [*command, str(DATABANK), "sync", "--date", SECOND],
        env=home.environment(DATABANK_SCORING="full"),  # tables are written whole, not as what changed
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert night.returncode == exit_code(ResourceError), night.stderr
    assert "disk" in night.stderr
    assert published_state(home) == before
    home.sync(SECOND)
    assert published_state(home) != before


def test_O03_memory_limit_reached(night_after: Home) -> None:
    home = night_after
    before = published_state(home)
    night = home.run("sync", "--date", SECOND, DATABANK_MEMORY="8MB")
    assert night.returncode == exit_code(ResourceError), night.stderr
    assert "DATABANK_MEMORY" in night.stderr
    assert published_state(home) == before


def test_O03_database_away(night_after: Home) -> None:
    home = night_after
    before = published_state(home)
    night = home.run("sync", "--date", SECOND, DATABANK_DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/databank")
    assert night.returncode == exit_code(DatabaseAway), night.stderr
    assert published_state(home) == before
    home.sync(SECOND)
