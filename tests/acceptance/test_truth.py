"""Two nights of a nation whose truth is known: persons, overlaps, conservation and the planner's view hold floors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nation import FIRST, SECOND, Home, make_nation

pytestmark = pytest.mark.slow
PERSONS, SEED = 10_000, 6
FLOORS = {"precision": 0.9995, "recall": 0.997}
OVERLAP_FLOORS = {"precision": 0.995, "recall": 0.99}


@pytest.fixture(scope="module")
def nation_with_truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_nation(tmp_path_factory.mktemp("larger"), persons=PERSONS, seed=SEED)


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory, nation_with_truth: Path) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("two-nights") / "home", nation_with_truth)
    home.sync(FIRST)
    home.sync(SECOND)
    yield home
    home.close()


def told(home: Home, *arguments: str) -> dict[str, dict[str, float]]:
    done = home.run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_persons_and_overlaps_hold_their_floors(two_nights: Home, nation_with_truth: Path) -> None:
    found = told(two_nights, "evaluate", "--truth", str(nation_with_truth / "truth"))
    assert all(found["persons"][name] >= floor for name, floor in FLOORS.items()), found
    assert all(found["overlaps"][name] >= floor for name, floor in OVERLAP_FLOORS.items()), found


def test_every_row_has_one_fate(two_nights: Home) -> None:
    rows = told(two_nights, "status")["live"]["rows"]
    assert rows["received"] == sum(count for fate, count in rows.items() if fate != "received")
    assert rows["received"] > PERSONS


def test_a_night_repeated_has_nothing_to_do(two_nights: Home) -> None:
    """I01 from the operator's chair: the same inputs give the same live run."""
    before = told(two_nights, "status")["live"]
    assert told(two_nights, "sync", "--date", SECOND)["is_new"] is False
    assert told(two_nights, "status")["live"] == before
