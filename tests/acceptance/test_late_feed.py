"""D12: an agency that is late. The night runs with what is there, says as of when, and ends nobody's cover for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hub import postgres
from tests.nation import FIRST, SECOND, Home

pytestmark = pytest.mark.slow
FEW = ("sabt_persons", "sso_members", "ihio_rural", "oil")
LATE = "sso_members"


@pytest.fixture
def small(tmp_path: Path, nation: Path) -> Iterator[Home]:
    """A databank of four feeds only."""
    home = Home(tmp_path / "small", nation, FEW)
    yield home
    home.close()


def test_D12_absence_of_a_feed_ends_nobodys_cover(small: Home) -> None:
    for file in (small.settings.inbox / LATE).glob("*14050829*"):
        file.unlink()
    small.sync(FIRST)
    before = cover_of(small, "SSO")
    done = small.run("sync", "--date", SECOND, "--json")
    assert done.returncode == 0, done.stderr
    night = json.loads(done.stdout)
    assert list(night["failures"]) == [LATE]
    assert night["summary"]["late_feeds"] == 1
    assert before
    assert cover_of(small, "SSO") == before
    quality = json.loads(small.run("query", "--json", "select feed, as_of_days from mart.feed_quality").stdout)
    assert {row["feed"]: row["as_of_days"] for row in quality} == dict.fromkeys(FEW, 0) | {LATE: 1}


def cover_of(home: Home, insurer_code: str) -> list[tuple[object, ...]]:
    """Every booklet of an insurer with its days, whosoever it is."""
    with psycopg.connect(postgres.start(home.settings).url) as connection:
        return connection.execute(
            "select booklet_no, from_date, to_date from cover.period where insurer_code = %s order by 1, 2, 3",
            (insurer_code,),
        ).fetchall()
