"""Models: how much each comparison level weighs, as dated JSON that people review; never trained while linking.

A model belongs to exactly the comparisons it was trained for; any other is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.errors import ModelNotTrained
from hub.settings import Settings
from hub.storage import read_json, write_json
from matching.comparisons import COMPARISONS, DIFFERS, comparisons_hash

IN_TREE = Path(__file__).parent / "models"
# Switched by a reviewed change.
CURRENT = "2026-11-21"
UNIQUE_ID = "record_no"


@dataclass(frozen=True)
class Odds:
    """m: how often matching records are on this level; u: how often records of two people are."""

    m: float
    u: float


@dataclass(frozen=True)
class Model:
    """One version: odds by comparison and level label; comparisons that its data never held are left out.

    ``training`` says from what it was made: description, records, seed, date.
    """

    name: str
    odds: Mapping[str, Mapping[str, Odds]]
    training: Mapping[str, Any]

    def splink_settings(self, prior: float) -> dict[str, Any]:
        """The settings of Splink for this model.

        Args:
            prior: probability that two random records are one person.
        """
        return splink_settings(self.odds, prior)


def splink_settings(odds: Mapping[str, Mapping[str, Odds]] | None, prior: float) -> dict[str, Any]:
    """Settings of Splink for the declared comparisons, with odds where they are known."""
    comparisons = []
    for comparison in COMPARISONS:
        if odds is not None and comparison.name not in odds:
            continue
        levels: list[dict[str, Any]] = [
            {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}
        ]
        for level in comparison.levels:
            entry: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.label}
            if level.term_frequency:
                entry |= {"tf_adjustment_column": level.term_frequency, "disable_tf_exact_match_detection": True}
            levels.append(entry)
        levels.append({"sql_condition": "ELSE", "label_for_charts": DIFFERS})
        if odds is not None:
            for entry in levels[1:]:
                known = odds[comparison.name][entry["label_for_charts"]]
                entry |= {"m_probability": known.m, "u_probability": known.u}
        comparisons.append({"output_column_name": comparison.name, "comparison_levels": levels})
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": UNIQUE_ID,
        "probability_two_random_records_match": prior,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


def current_model(settings: Settings) -> Model:
    """The model in force: the one trained on the data at hand (``home/models/current.json``) if there is one, else the
    tree's."""
    own = settings.home / "models" / "current.json"
    return load_model(own if own.exists() else IN_TREE / f"{CURRENT}.json")


def model_version(settings: Settings) -> str:
    """Name and content hash of the model in force; part of what a night depends on."""
    model = current_model(settings)
    text = json.dumps([model.name, {name: sorted(levels.items()) for name, levels in model.odds.items()}], default=str)
    return f"{model.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def load_model(path: Path) -> Model:
    """Read and check one model.

    Raises:
        ModelNotTrained: it is missing, untrained, or belongs to other comparisons.
    """
    if not path.exists():
        raise _refused(path, "does not exist")
    value = read_json(path)
    if value.get("comparisons_hash") != comparisons_hash():
        raise _refused(path, "was trained for other comparisons")
    declared = {comparison.name: comparison for comparison in COMPARISONS}
    odds: dict[str, dict[str, Odds]] = {}
    for name, levels in value["comparisons"].items():
        if name not in declared or set(levels) != set(declared[name].labels):
            raise _refused(path, f"has other levels for {name}")
        if any(not _is_trained(level) for level in levels.values()):
            raise _refused(path, f"is not trained for {name}")
        odds[name] = {label: Odds(level["m"], level["u"]) for label, level in levels.items()}
    if not odds:
        raise _refused(path, "holds no trained comparison")
    return Model(value["name"], odds, value["training"])


def save_model(path: Path, model: Model) -> None:
    """Write a model as reviewed JSON."""
    write_json(
        path,
        {
            "name": model.name,
            "comparisons_hash": comparisons_hash(),
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
    return ModelNotTrained(
        f"The linkage model {path.name} {why}; nothing was linked.",
        hint="Restore the model that came with this version of the databank (matching/models).",
    )
