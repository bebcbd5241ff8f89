"""`databank bench linkage`: ours, plain Splink and a floor on the same records, and the readings of one nation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest

from cli.bench import make_nation
from connectors.current import CurrentDelivery
from nights.bench_nation import BenchNation, Reading, bench_nation, read_as
from nights.measure import measured
from schemas.contracts import load_feeds
from schemas.feed import FACT_ROLES
from tests.nation import Home

PERSONS, CHANGE = 2_000, 0.06
ROLES = {"insurer": 0.3} | dict.fromkeys(("employment", "address", "registry", "support", *FACT_ROLES), 0.0)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("bench")
    (folder / "inbox").mkdir()
    home = Home(folder / "state", folder)
    yield home
    home.close()


@pytest.fixture(scope="module")
def figures(home: Home) -> dict[str, Any]:
    done = home.run(
        "bench", "linkage", "--persons", str(PERSONS), "--nights", "2", "--change", str(CHANGE), "--overlaps", "--json"
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def nation(home: Home, figures: dict[str, Any]) -> BenchNation:
    return bench_nation(home.settings, PERSONS, figures["seed"], make_nation)


def test_each_part_is_measured(figures: dict[str, Any]) -> None:
    assert figures["persons"] == PERSONS
    assert figures["records"] > PERSONS
    for part in ("standardise", "ours", "splink", "floor"):
        assert figures[part]["seconds"] > 0, part
        assert figures[part]["peak_mb"] > 0, part
    splink = figures["splink"]
    parts = sum(splink[f"{name}_seconds"] for name in ("train", "predict", "cluster"))
    assert splink["seconds"] == pytest.approx(parts, abs=0.02)


def test_both_linkages_are_held_against_the_same_truth(figures: dict[str, Any]) -> None:
    ours, splink = figures["ours"], figures["splink"]
    assert ours["true_pairs"] + ours["missed_pairs"] == splink["true_pairs"] + splink["missed_pairs"]
    for found in (ours, splink):
        assert found["precision"] == pytest.approx(found["true_pairs"] / (found["true_pairs"] + found["false_pairs"]))
    assert splink["f1"] > 0.97, "a straw man"
    assert ours["f1"] >= splink["f1"]
    assert 0 < ours["twins"]["true_pairs"] < ours["true_pairs"] / 2


def test_ratios_are_of_the_parts(figures: dict[str, Any]) -> None:
    ratios, ours = figures["ratios"], figures["ours"]
    assert ratios["splink_to_ours"] == pytest.approx(figures["splink"]["seconds"] / ours["seconds"], abs=0.001)
    assert ratios["ours_to_floor"] == pytest.approx(ours["seconds"] / figures["floor"]["seconds"], abs=0.001)
    assert "precision" not in figures["floor"]


def test_a_second_night_is_linked_in_both_ways(figures: dict[str, Any]) -> None:
    second = figures["incremental"]
    assert second["change"] == pytest.approx(CHANGE, rel=0.3)
    assert second["full_because"] is None
    assert second["equal"], second["differing"]
    assert second["ratio_rebuild"] == pytest.approx(second["seconds"] / second["rebuild_seconds"], rel=0.01)


def test_overlaps_are_held_against_the_truth(figures: dict[str, Any]) -> None:
    overlaps = figures["ours"]["overlaps"]
    assert overlaps["right"] > PERSONS / 100
    assert overlaps["precision"] > 0.95
    assert overlaps["recall"] > 0.95


def test_run_folders_go_and_the_nation_stays(home: Home, nation: BenchNation) -> None:
    assert not nation.settings.runs.exists()
    assert all(each.rows_path.exists() for each in nation.deliveries)
    before = (nation.settings.home / "nation.json").stat().st_mtime_ns
    again = bench_nation(home.settings, nation.persons, nation.seed, make_nation)
    assert (again.settings.home / "nation.json").stat().st_mtime_ns == before, "the same nation is made once"


@pytest.mark.parametrize(("variant", "shares"), [("codes70", ROLES), ("nocodes", dict.fromkeys(ROLES, 1.0))])
def test_a_variant_takes_codes_out(nation: BenchNation, variant: str, shares: dict[str, float]) -> None:
    roles = {feed.name: feed.role for feed in load_feeds(nation.settings.contracts)}
    told: dict[str, list[int]] = {}
    for before, after in zip(nation.deliveries, read_as(nation, Reading(variant)), strict=True):
        counts = told.setdefault(roles[before.feed], [0, 0])
        for place, delivery in enumerate((before, after)):
            counts[place] += len(_filled(delivery, "national_code"))
    for role, (whole, left) in told.items():
        assert left == pytest.approx((1 - shares[role]) * whole, abs=0.05 * whole), role
    if variant == "nocodes":
        certificates = [
            value for each in read_as(nation, Reading(variant)) for value in _filled(each, "birth_certificate_no")
        ]
        assert certificates
        assert max(map(len, certificates)) < 10, "a code in the certificate's place is a code"


def _filled(delivery: CurrentDelivery, column: str) -> list[str]:
    if column not in pq.read_schema(delivery.rows_path).names:
        return []
    return [str(value) for value in pq.read_table(delivery.rows_path, columns=[column])[column].drop_null().to_pylist()]


def test_the_second_night_differs_in_the_share_asked_for(nation: BenchNation) -> None:
    new = gone = changed = rows = 0
    for one, two in zip(*(read_as(nation, Reading("default", night, CHANGE)) for night in (1, 2)), strict=True):
        before, after = _hashes(one), _hashes(two)
        new, gone, rows = (
            new + len(after.keys() - before.keys()),
            gone + len(before.keys() - after.keys()),
            rows + len(before),
        )
        changed += sum(before[key] != after[key] for key in before.keys() & after.keys())
    third = pytest.approx(CHANGE / 3 * rows, rel=0.25)
    assert (new, gone, changed) == (third, third, third)


def _hashes(delivery: CurrentDelivery) -> dict[str, int]:
    table = pq.read_table(delivery.rows_path, columns=["record_key", "row_hash"])
    return dict(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _hold(megabytes: int) -> int:
    return len(bytearray(megabytes << 20))


def test_peak_memory_is_the_function_s_own() -> None:
    here = bytearray(700 << 20)  # more than the libraries that the function's process loads beside its own 100
    assert measured(_hold, 100).peak_mb < len(here) >> 20, "what this process holds counts for it alone"
    assert measured(_hold, 400).peak_mb >= 400
