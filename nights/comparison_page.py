"""The offline page of a comparison of two models or two runs."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from hub.settings import Settings
from matching.agreement import FURTHEST_BITS, LevelShift
from matching.evaluate import Score
from nights.comparison import Comparison, Side
from nights.labels import comparison_words, level_words
from reports.comparison_page import (
    ComparedFigures,
    ScoreFigures,
    ShiftedComparison,
    ShiftFigures,
    SideFigures,
    write_comparison_page,
)

LEAST_SHIFT_BITS = 0.05  # less is not seen in a figure of one decimal


def write_compared(settings: Settings, found: Comparison) -> Path:
    """Write the pages of a comparison, Persian and English; the Persian one is returned."""
    same = found.agreement
    figures = ComparedFigures(
        sides=(_side(found.sides[0], same.clusters[0]), _side(found.sides[1], same.clusters[1])),
        record_count=same.records,
        equal_count=same.equal_clusters,
        merged_count=same.merged,
        split_count=same.split,
        pairs=(same.pairs.true_pairs, same.pairs.missed_pairs, same.pairs.false_pairs),
        weighed_count=found.weights.pairs,
        mean_shift=found.weights.mean,
        furthest_bits=FURTHEST_BITS,
        shifts=found.weights.by_bits,
        measured_by=found.measured_by,
        comparisons=_shifted(found.levels),
    )
    return write_comparison_page(settings, figures)


def _side(side: Side, cluster_count: int) -> SideFigures:
    return SideFigures(side.name, cluster_count, side.reviews, _score(side.persons) if side.persons else None)


def _score(score: Score) -> ScoreFigures:
    counts = (score.true_pairs, score.false_pairs, score.missed_pairs)
    return ScoreFigures(score.precision, score.recall, score.f1, *counts)


def _shifted(levels: tuple[LevelShift, ...]) -> tuple[ShiftedComparison, ...]:
    """Levels by comparison; they come furthest apart first, and so do their comparisons."""
    differing = [each for each in levels if each.size >= LEAST_SHIFT_BITS]
    order = {name: number for number, name in reversed(list(enumerate(each.comparison for each in differing)))}
    by_comparison = groupby(sorted(differing, key=lambda each: order[each.comparison]), key=lambda each: each.comparison)
    return tuple(
        ShiftedComparison(
            *comparison_words(name),
            tuple(ShiftFigures(*level_words(each.level), each.first_weight, each.second_weight) for each in group),
        )
        for name, group in by_comparison
    )
