"""Training a model on the data at hand, and the page that shows what a model believes."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hub.progress import Progress, quiet
from hub.settings import Settings
from matching.comparisons import COMPARISONS, comparisons_hash
from matching.known_models import check_new_name, keep_model
from matching.model import Model
from matching.train import train
from nights.labels import comparison_words, level_words, listed
from nights.records import staged_records
from nights.second_try import with_second_try
from reports.model_page import ComparisonFigures, LevelFigures, ModelFigures, write_model_page

FEW_RECORDS = 1_000
"""A set of fewer records seldom teaches more than the tree's model knows."""
MOST_NAMES_SHOWN = 200
SOFTWARE = ("databank", "duckdb", "splink")


@dataclass(frozen=True)
class TrainedModel:
    """A new model, where it lies, and its page."""

    model: Model
    path: Path
    page: Path

    @property
    def advice(self) -> str:
        """Which model suits the set, as far as that can be told of records whose persons nobody knows."""
        records = int(self.model.training.get("records", 0))
        what = (
            f"{records:,} records seldom teach more than the tree's model knows: keep that, unless records whose persons "
            "you know say otherwise"
            if records < FEW_RECORDS
            else "Which model suits this set, only records whose persons you know can tell; some hundred of them will do"
        )
        return f"{what}: `databank bench own --truth FILE` compares both (docs/own_set.md)."


@with_second_try
def train_model(
    settings: Settings, business_date: date, *, name: str, description: str, seed: int, progress: Progress = quiet
) -> TrainedModel:
    """Train a model on the staged deliveries of a date, and write it with its page. It is not in force by that.

    Raises:
        SettingsError: the name is taken.
        DeliveryError: nothing is staged.
        ModelNotTrained: there are too few records to learn from; no model was written.
    """
    check_new_name(settings, name)
    with staged_records(settings, business_date, progress) as records, records.runner(settings, "training") as runner:
        progress("train", 0)
        model = train(runner.files, name=name, description=description, seed=seed)
        origin = {
            "date": business_date.isoformat(),
            "deliveries": [each.delivery_id for each in records.deliveries],
            "software": {package: importlib.metadata.version(package) for package in SOFTWARE},
        }
    model = replace(model, training={**model.training, **origin})
    path = keep_model(settings, model)
    return TrainedModel(model, path, write_page(settings, model))


def write_page(settings: Settings, model: Model) -> Path:
    """Write the pages of a model, Persian and English; the Persian one is returned."""
    return write_model_page(settings, _figures(model))


def _figures(model: Model) -> ModelFigures:
    comparisons = tuple(
        ComparisonFigures(
            *comparison_words(comparison.name),
            is_assumed=comparison.name in model.training.get("assumed", ()),
            levels=tuple(
                LevelFigures(*level_words(label), each.m, each.u, each.weight, label in frequent)
                for label in comparison.labels
                for each in [model.odds[comparison.name][label]]
            ),
        )
        for comparison in COMPARISONS
        if comparison.name in model.odds
        for frequent in [{level.label for level in comparison.levels if level.term_frequency}]
    )
    return ModelFigures(model.name, comparisons, tuple(facts_of_model(model)))


def facts_of_model(model: Model) -> list[tuple[str, str, str]]:
    """The training record, as Persian label, English label, value; what a record does not say is left out."""
    said = model.training
    software = " · ".join(f"{name} {version}" for name, version in said.get("software", {}).items())
    facts = [
        ("نسخه", "version", model.version),
        ("آموزش از", "trained on", said.get("description")),
        ("تاریخ کاری", "business date", said.get("date")),
        ("شمار رکورد", "records", _count(said.get("records"))),
        ("جفت‌های تصادفی", "random pairs", _count(said.get("random_pairs"))),
        ("دانهٔ تصادف", "seed", said.get("seed")),
        ("بلوک‌ها", "blocks", listed(said.get("blocks", ()))),
        ("فرض‌شده", "assumed, not seen", listed(said.get("assumed", ()))),
        ("تحویل‌ها", "deliveries", listed(said.get("deliveries", ()))),
        ("رکوردهای دیگر هر نفر", "other records of a person", said.get("others")),
        ("هم‌نام‌های یک خانه", "namesakes of one home", said.get("namesakes")),
        ("خویشاوندان", "relatives", said.get("relatives")),
        ("خویشاوندان هم‌زاد", "relatives of one birth", said.get("relatives_of_one_birth")),
        ("نام‌هایی که یکی‌اند", "given names that go together", _together(model, "given_name")),
        ("نام‌های خانوادگی که یکی‌اند", "surnames that go together", _together(model, "surname")),
        ("نرم‌افزار", "software", software),
        ("مقایسه‌ها", "comparisons", comparisons_hash()),
    ]
    return [(fa, en, str(value)) for fa, en, value in facts if value not in (None, "")]


def _together(model: Model, name: str) -> str | None:
    """Rarer names with the sound of the commoner one that each counts for: the first of them, and how many there are. Each
    is set apart, since scripts of both directions stand side by side."""
    told = [f"\u2068{key}\u2069 → \u2068{sound}\u2069" for key, sound in sorted(model.together.get(name, {}).items())]
    if not told:
        return None
    more = [f"… {len(told):,}"] if len(told) > MOST_NAMES_SHOWN else []
    return listed([*told[:MOST_NAMES_SHOWN], *more])


def _count(value: int | None) -> str | None:
    return None if value is None else f"{value:,}"
