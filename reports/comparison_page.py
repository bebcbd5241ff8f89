"""Offline pages of two models or two runs beside each other, Persian and English: counts, and weights of levels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.settings import Settings
from hub.storage import write_text
from reports.rendering import LANGUAGES, render


@dataclass(frozen=True)
class ScoreFigures:
    """Pairs found against the truth, or against what stands in for it."""

    precision: float
    recall: float
    f1: float
    right_count: int
    wrong_count: int
    missed_count: int


@dataclass(frozen=True)
class SideFigures:
    """One of the two. ``reviews``: pairs left to people, by reason."""

    name: str
    cluster_count: int
    reviews: dict[str, int]
    score: ScoreFigures | None


@dataclass(frozen=True)
class ShiftFigures:
    """What two models hold of one comparison level. Units: bits; None where a model does not compare it."""

    label_fa: str
    label_en: str
    first_weight: float | None
    second_weight: float | None

    @property
    def shift(self) -> float:
        """Second minus first; what only one of them weighs counts whole."""
        return (self.second_weight or 0.0) - (self.first_weight or 0.0)


@dataclass(frozen=True)
class ShiftedComparison:
    """One comparison on which the two differ."""

    label_fa: str
    label_en: str
    levels: tuple[ShiftFigures, ...]


@dataclass(frozen=True)
class ComparedFigures:
    """Everything that the page shows.

    Args:
        pairs: pairs of records of one person: in both, only in the first, only in the second.
        weighed_count: pairs that both weighed; ``shifts``: these by shift in whole bits; ``mean_shift`` in bits.
        measured_by: truth, codes withheld, or None.
        comparisons: those on which two models differ, furthest apart first; empty of two runs.
    """

    sides: tuple[SideFigures, SideFigures]
    record_count: int
    equal_count: int
    merged_count: int
    split_count: int
    pairs: tuple[int, int, int]
    weighed_count: int
    mean_shift: float
    furthest_bits: int
    shifts: dict[int, int]
    measured_by: str | None
    comparisons: tuple[ShiftedComparison, ...]

    @property
    def least_shift(self) -> float:
        """Where the scale of shifts begins."""
        return min(0.0, *self._shifts())

    @property
    def most_shift(self) -> float:
        """Where it ends."""
        return max(1.0, *self._shifts())

    @property
    def most_reviews(self) -> int:
        """The largest count of pairs left to people, over both."""
        return max((count for side in self.sides for count in side.reviews.values()), default=0)

    def _shifts(self) -> list[float]:
        return [level.shift for comparison in self.comparisons for level in comparison.levels]


def write_comparison_page(settings: Settings, compared: ComparedFigures) -> Path:
    """Write both pages under ``pages/comparisons``; returns the Persian one."""
    folder = settings.pages / "comparisons"
    page = "--".join(side.name for side in compared.sides)
    for language, suffix in LANGUAGES.items():
        text = render("comparison", language, folder, {"compared": compared, "page": page})
        write_text(folder / f"{page}{suffix}.html", text)
    return folder / f"{page}.html"
