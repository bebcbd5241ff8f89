"""Models: how much each comparison level weighs, as dated JSON that people review; never trained while linking.

A model belongs to exactly the comparisons it was trained for, and its file bears the hash of what it says: any other, and
one that was changed by hand, is refused. The tree's model is in force until a person puts another one in its place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

from hub.errors import ModelNotTrained
from hub.settings import Settings
from hub.storage import read_json, write_json
from matching.comparisons import COMPARISONS, DIFFERS, Comparison, Level, comparisons_hash
from matching.switches import switches

IN_TREE = Path(__file__).parent / "models"
# Switched by a reviewed change.
CURRENT = "2026-11-23"
UNIQUE_ID = "record_no"


@dataclass(frozen=True)
class Odds:
    """m: how often matching records are on this level; u: how often records of two people are."""

    m: float
    u: float

    @property
    def weight(self) -> float:
        """Match weight in bits."""
        return log2(self.m / self.u)


@dataclass(frozen=True)
class Model:
    """One version: odds by comparison and level label; comparisons that its data never held are left out.

    ``training`` says from what it was made (description, records, seed, date), and what rules read of that
    (``matching.scorer.rules_under``).
    """

    name: str
    odds: Mapping[str, Mapping[str, Odds]]
    training: Mapping[str, Any]

    def splink_settings(self, prior: float) -> dict[str, Any]:
        """The settings of Splink for this model.

        Args:
            prior: probability that two random records are one person.
        """
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": UNIQUE_ID,
            "probability_two_random_records_match": prior,
            "comparisons": [_spelt_out(each, self.odds[each.name]) for each in COMPARISONS if each.name in self.odds],
            "blocking_rules_to_generate_predictions": [],
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": False,
        }

    @property
    def together(self) -> Mapping[str, Mapping[str, str]]:
        """Names that go together (``matching.together``): by name the key of a rarer one, and the sound it counts for."""
        return dict(self.training.get("together", {}))

    @property
    def content_hash(self) -> str:
        """Hash of all that the model says."""
        odds = {name: {label: [each.m, each.u] for label, each in levels.items()} for name, levels in self.odds.items()}
        text = json.dumps([self.name, dict(self.training), odds], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def version(self) -> str:
        """Name and the beginning of the content hash."""
        return f"{self.name}-{self.content_hash[:12]}"


def _spelt_out(comparison: Comparison, odds: Mapping[str, Odds]) -> dict[str, Any]:
    """A comparison as Splink reads it."""
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}
    ]
    for level in (*comparison.levels, Level(DIFFERS, "ELSE")):
        known = odds[level.label]
        entry = {"sql_condition": level.sql, "label_for_charts": level.label}
        adjusted = {"tf_adjustment_column": level.term_frequency, "disable_tf_exact_match_detection": True}
        chances = {"m_probability": known.m, "u_probability": known.u}
        levels.append({**entry, **(adjusted if level.term_frequency else {}), **chances})
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def current_model(settings: Settings) -> Model:
    """The model in force: the one that was put there last, else the tree's.

    Raises:
        ModelNotTrained: it cannot be used, or is no longer what was reviewed when it was put in force.
    """
    if settings.trial_model:
        return load_model(settings.trial_model)
    done = switches(settings)
    if not done:
        return load_model(IN_TREE / f"{CURRENT}.json")
    path = model_path(settings, done[-1].model)
    model = load_model(path)
    # The tree's models are reviewed with the tree.
    if path.parent != IN_TREE and model.version != done[-1].version:
        raise _refused(path, "is not the one that was reviewed and put in force")
    return model


def in_force(settings: Settings) -> str:
    """Name of the model in force, whether it can be used or not."""
    done = switches(settings)
    return done[-1].model if done else CURRENT


def model_version(settings: Settings) -> str:
    """Name and content hash of the model in force; part of what a night depends on."""
    return current_model(settings).version


def model_path(settings: Settings, name: str) -> Path:
    """Where the model of a name lies: in ``home/models`` when it was trained here, else in the tree."""
    own = own_models(settings) / f"{name}.json"
    return own if own.exists() else IN_TREE / f"{name}.json"


def own_models(settings: Settings) -> Path:
    """The folder of models that were trained on the data at hand."""
    return settings.home / "models"


def load_model(path: Path) -> Model:
    """Read and check one model.

    Raises:
        ModelNotTrained: it is missing, unreadable, untrained, belongs to other comparisons, or was changed by hand.
    """
    if not path.exists():
        raise _refused(path, "does not exist")
    try:
        value = read_json(path)
        name, training, comparisons = value["name"], value["training"], dict(value["comparisons"])
    except (ValueError, KeyError, TypeError):
        raise _refused(path, "cannot be read as a model") from None
    if value.get("comparisons_hash") != comparisons_hash():
        raise _refused(path, "was trained for other comparisons")
    declared = {comparison.name: comparison for comparison in COMPARISONS}
    odds: dict[str, dict[str, Odds]] = {}
    for comparison, levels in comparisons.items():
        if comparison not in declared or set(levels) != set(declared[comparison].labels):
            raise _refused(path, f"has other levels for {comparison}")
        if any(not _is_trained(level) for level in levels.values()):
            raise _refused(path, f"is not trained for {comparison}")
        odds[comparison] = {label: Odds(level["m"], level["u"]) for label, level in levels.items()}
    if not odds:
        raise _refused(path, "holds no trained comparison")
    model = Model(name, odds, training)
    if name != path.stem or value.get("content_hash") != model.content_hash:
        raise _refused(path, "was changed after it was trained")
    return model


def save_model(path: Path, model: Model) -> None:
    """Write a model as reviewed JSON; the file bears the model's name."""
    write_json(
        path,
        {
            "name": model.name,
            "comparisons_hash": comparisons_hash(),
            "content_hash": model.content_hash,
            "training": dict(model.training),
            "comparisons": {
                name: {label: {"m": odds.m, "u": odds.u} for label, odds in levels.items()}
                for name, levels in model.odds.items()
            },
        },
    )


def _is_trained(level: Mapping[str, Any]) -> bool:
    return all(isinstance(level.get(key), float) and 0 < level[key] <= 1 for key in ("m", "u"))


def _refused(path: Path, why: str) -> ModelNotTrained:
    if path.parent == IN_TREE and path.stem == CURRENT:
        remedy = "Restore the model that came with this version of the databank (matching/models)."
    else:
        remedy = f"`databank models list` says which can be used: train one, or go back: `databank models use {CURRENT}`."
    return ModelNotTrained(f"The linkage model {path.stem} {why}; nothing was linked.", hint=remedy)
