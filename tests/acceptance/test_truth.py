"""Two nights of a nation whose truth is known: persons, overlaps, conservation and the planner's view hold floors."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.runs import find_run
from tests.nation import FIRST, SECOND, Home, make_nation
from warehouse.runs import live_run_id

pytestmark = pytest.mark.slow
PERSONS, SEED = 10_000, 6
FLOORS = {"precision": 0.9995, "recall": 0.997}
NUMBERS = ("member_no", "booklet_no", "other_booklet_no")
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


def test_no_return_holds_what_another_insurer_delivered(two_nights: Home) -> None:
    """Searched value by value: numbers that only others gave, codes of others' members, anybody's phone or postal code."""
    settings = two_nights.settings
    run = find_run(settings, str(live_run_id(settings)))
    with run.runner(settings) as runner:
        members = runner.con.execute(
            "select insurer_code, list(member_no), list(booklet_no), list(distinct person_id) from cover.record group by all"
        ).fetchall()
        codes = dict(runner.con.execute("select person_id, national_code from person.golden").fetchall())
        places = {
            value
            for row in runner.con.execute("select mobile_no, postal_code from linkage.person_record").fetchall()
            for value in row
            if value
        }
        claimed = runner.con.execute(
            "select insurer_code, list(distinct national_code_claimed) from cover.record "
            "join linkage.person_record using (record_key) group by all"
        ).fetchall()
    own_codes = {code: {codes[person] for person in persons if person} for code, _, _, persons in members}
    for code, said in claimed:
        own_codes[code] |= {value for value in said if value}
    numbers = {code: {number for number in (*first, *second) if number} for code, first, second, _ in members}
    everybody = set(codes.values()) - {None}
    rows = 0
    for path in sorted(settings.returns.glob(f"{SECOND}/*/conflicts_*.csv")):
        insurer = path.parent.name
        with path.open(encoding="utf-8-sig", newline="") as file:
            told = list(csv.DictReader(file))
        cells = {cell.removeprefix("'") for row in told for cell in row.values()}
        others = set().union(*(known for code, known in numbers.items() if code != insurer)) - numbers[insurer]
        listed = {row[name].removeprefix("'") for row in told for name in NUMBERS} - {""}
        assert not listed & others, insurer
        assert not {cell for cell in cells if len(cell) > 5} & others, insurer
        assert not (cells & everybody) - own_codes[insurer], insurer
        assert not cells & places, insurer
        for page in path.parent.glob("*.html"):
            assert not set(re.findall(r"\d{8,}", page.read_text(encoding="utf-8"))) & everybody
        rows += len(told)
    assert rows > 20
    assert len(everybody) > PERSONS / 2
    assert len(places) > PERSONS / 2


def test_P02_no_row_of_the_marts_counts_few_persons(two_nights: Home) -> None:
    guarded = {"cover_by_group": "person_count", "overlap_cost": "person_count", "overlap_by_pair": "open_count"}
    for mart, column in [*guarded.items(), ("uninsured", "living_count"), ("uninsured", "uninsured_count")]:
        counted = (
            f"select count(*) filter (where {column} between 1 and 9) as small, sum({column}) as whole from mart.{mart}"
        )
        (row,) = json.loads(two_nights.run("query", counted, "--json").stdout)
        assert row["small"] == 0, mart
        assert int(row["whole"]) > 0, mart
