"""Two nights of a nation whose truth is known: persons, overlaps, conservation and the planner's view hold floors."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.runs import find_run
from hub.storage import read_json
from reports.returns import MANIFEST
from schemas.conflict_kinds import conflict_kinds
from tests.nation import FIRST, SECOND, Home, make_nation
from warehouse.query import run_query
from warehouse.suppression import SMALLEST_COUNT

pytestmark = pytest.mark.slow
PERSONS, SEED = 10_000, 6
FLOORS = {"precision": 0.9995, "recall": 0.997}
NUMBERS = ("member_no", "booklet_no", "other_booklet_no")
OVERLAP_FLOORS = {"precision": 0.995, "recall": 0.99}
CONFLICT_FLOORS = {"precision": 0.999, "recall": 0.997}


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
    assert set(found["conflicts"]) == set(conflict_kinds())
    for kind_code, score in found["conflicts"].items():
        assert all(score[name] >= floor for name, floor in CONFLICT_FLOORS.items()), (kind_code, score)


def test_every_row_has_one_fate(two_nights: Home) -> None:
    rows = told(two_nights, "status")["live"]["rows"]
    assert rows["received"] == sum(count for fate, count in rows.items() if fate != "received")
    assert rows["received"] > PERSONS


def test_a_night_repeated_has_nothing_to_do(two_nights: Home) -> None:
    """I01 from the operator's chair: the same inputs give the same live run."""
    before = told(two_nights, "status")["live"]
    assert told(two_nights, "sync", "--date", SECOND)["is_new"] is False
    assert told(two_nights, "status")["live"] == before


@pytest.mark.parametrize("night", [FIRST, SECOND])
def test_no_return_holds_what_another_insurer_delivered(two_nights: Home, night: str) -> None:
    """Searched value by value: numbers that only others gave, codes of others' members, anybody's phone or postal code."""
    folder = two_nights.settings.returns / night
    known = what_insurers_know(two_nights, read_json(folder / "SSO" / MANIFEST)["run_id"])
    rows = 0
    for path in sorted(folder.glob("*/*_*.csv")):
        insurer = path.parent.name
        with path.open(encoding="utf-8-sig", newline="") as file:
            told = list(csv.DictReader(file))
        cells = {cell.removeprefix("'") for row in told for cell in row.values()}
        others = (
            set().union(*(numbers for code, numbers in known.numbers.items() if code != insurer)) - known.numbers[insurer]
        )
        listed = {row[name].removeprefix("'") for row in told for name in NUMBERS} - {""}
        assert not listed & others, insurer
        assert not {cell for cell in cells if len(cell) > 5} & others, insurer
        assert not (cells & known.everybody) - known.codes[insurer], insurer
        assert not cells & known.places, insurer
        for page in path.parent.glob("*.html"):
            assert not set(re.findall(r"\d{8,}", page.read_text(encoding="utf-8"))) & known.everybody
        rows += len(told)
    assert rows > (PERSONS / 20 if night == FIRST else 1)
    assert min(len(known.everybody), len(known.places)) > PERSONS / 2


@dataclass(frozen=True)
class Known:
    """What each insurer delivered, by its code: members' and booklets' numbers; national codes, as it or we have them."""

    numbers: dict[str, set[str]]
    codes: dict[str, set[str]]
    everybody: set[str]
    places: set[str]


def what_insurers_know(home: Home, run_id: str) -> Known:
    with find_run(home.settings, run_id).runner(home.settings) as runner:
        members = runner.con.execute(_MEMBERS).fetchall()
        everybody, places = runner.con.execute(_EVERYBODY).fetchall()[0]
    numbers = {code: set(first) | set(second) for code, first, second, _ in members}
    return Known(numbers, {code: set(codes) for code, *_, codes in members}, set(everybody), set(places))


_MEMBERS = """
    select insurer_code, list(member_no) filter (where member_no is not null),
           list(booklet_no) filter (where booklet_no is not null),
           list(golden.national_code) filter (where golden.national_code is not null)
               || list(listed.national_code_claimed) filter (where listed.national_code_claimed is not null)
    from cover.record left join person.golden as golden using (person_id)
    left join linkage.person_record as listed using (record_key) group by insurer_code
"""
_EVERYBODY = """
    select (select list(national_code) from person.golden where national_code is not null),
           list(mobile_no) filter (where mobile_no is not null) || list(postal_code) filter (where postal_code is not null)
    from linkage.person_record
"""


def test_P02_no_row_of_the_marts_counts_few_persons(two_nights: Home) -> None:
    guarded = {"cover_by_group": "person_count", "overlap_cost": "person_count", "overlap_by_pair": "open_count"}
    counted = " union all ".join(
        f"select '{mart}', count(*) filter (where {column} between 1 and {SMALLEST_COUNT - 1}), sum({column}) from mart.{mart}"  # noqa: E501
        for mart, column in [*guarded.items(), ("uninsured", "living_count"), ("uninsured", "uninsured_count")]
    )
    rows = run_query(two_nights.settings, counted).rows
    assert [(mart, small) for mart, small, whole in rows if small or not whole] == []
    assert len(rows) == 5
