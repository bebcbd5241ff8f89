"""Offline pages of a linkage model, Persian and English: what each comparison level weighs, and how it was trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.settings import Settings
from hub.storage import write_text
from reports.rendering import LANGUAGES, render


@dataclass(frozen=True)
class LevelFigures:
    """One comparison level. ``m``, ``u``: probabilities; ``weight``: log2 of their ratio, in bits."""

    label_fa: str
    label_en: str
    m: float
    u: float
    weight: float
    is_weighed_by_frequency: bool


@dataclass(frozen=True)
class ComparisonFigures:
    """One comparison, best level first. ``is_assumed``: the training data did not show it."""

    label_fa: str
    label_en: str
    is_assumed: bool
    levels: tuple[LevelFigures, ...]


@dataclass(frozen=True)
class ModelFigures:
    """Everything that the page shows. ``facts``: the training record as Persian label, English label, value."""

    name: str
    comparisons: tuple[ComparisonFigures, ...]
    facts: tuple[tuple[str, str, str], ...]

    @property
    def least_weight(self) -> float:
        """Where the scale of weights begins."""
        return min(0.0, *self._weights())

    @property
    def most_weight(self) -> float:
        """Where it ends."""
        return max(1.0, *self._weights())

    def _weights(self) -> list[float]:
        return [level.weight for comparison in self.comparisons for level in comparison.levels]


def write_model_page(settings: Settings, model: ModelFigures) -> Path:
    """Write both pages under ``pages/models``; returns the Persian one."""
    folder = settings.pages / "models"
    for language, suffix in LANGUAGES.items():
        text = render("model", language, folder, {"model": model, "page": model.name})
        write_text(folder / f"{model.name}{suffix}.html", text)
    return folder / f"{model.name}.html"
