"""Two clusterings of the same records, told apart by what was merged, split and left alone."""

from __future__ import annotations

import pytest

from matching.agreement import FURTHEST_BITS, agreement, level_shifts, weight_shift
from matching.model import Model, Odds
from tests.tables import World


def test_merged_and_split_clusters_are_counted(world: World) -> None:
    world.given("a.cluster", "record_key | cluster_no\nr1 | 1\nr2 | 1\nr3 | 2\nr4 | 3\nr5 | 4\nr6 | 4\nr7 | 5\nonly_a | 5")
    world.given("b.cluster", "record_key | cluster_no\nr1 | 7\nr2 | 7\nr3 | 8\nr4 | 8\nr5 | 9\nr6 | 10\nr7 | 11")
    found = agreement(world.con, "a.cluster", "b.cluster")
    assert (found.records, found.clusters) == (7, (5, 5))
    assert (found.equal_clusters, found.merged, found.split) == (2, 1, 1)
    pairs = found.pairs
    assert (pairs.true_pairs, pairs.false_pairs, pairs.missed_pairs) == (1, 1, 1)


def test_weights_shift_over_pairs_that_both_weighed(world: World) -> None:
    world.given("a.pair", "record_key_a | record_key_b | match_weight\nr1 | r2 | 4\nr1 | r3 | 8\nr2 | r3 | 1")
    world.given("b.pair", "record_key_a | record_key_b | match_weight\nr1 | r2 | 7\nr1 | r3 | 7\nr4 | r5 | 9")
    found = weight_shift(world.con, "a.pair", "b.pair")
    assert (found.pairs, found.mean, found.mean_absolute, found.largest) == (2, 1.0, 2.0, 3.0)
    assert found.by_bits == {-1: 1, 3: 1}


def test_weights_very_far_apart_are_counted_together(world: World) -> None:
    world.given("a.pair", "record_key_a | record_key_b | match_weight\nr1 | r2 | 0\nr1 | r3 | 0\nr2 | r3 | 0")
    world.given("b.pair", "record_key_a | record_key_b | match_weight\nr1 | r2 | 9\nr1 | r3 | 20\nr2 | r3 | -30")
    assert weight_shift(world.con, "a.pair", "b.pair").by_bits == {-FURTHEST_BITS: 1, FURTHEST_BITS: 2}


def test_levels_furthest_apart_come_first() -> None:
    first = Model("first", {"sex": {"same": Odds(0.9, 0.5), "differs": Odds(0.1, 0.5)}}, {})
    second = Model("second", {"sex": {"same": Odds(0.9, 0.5), "differs": Odds(0.001, 0.5)}}, {})
    shifts = level_shifts(first, second)
    assert [each.level for each in shifts] == ["differs", "same"]
    assert shifts[0].size == pytest.approx(6.64, abs=0.01)
