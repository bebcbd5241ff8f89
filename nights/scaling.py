"""What larger nations take, told from two measured ones: time = a × persons ^ exponent, for each figure apart.

An exponent of 1 grows with the nation, of 2 with its pairs; memory that stays under its limit has one near 0. Two points
give a line, not its error, so a figure far outside both is an order of magnitude.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

from hub.errors import SettingsError

# Figures of `databank bench linkage --json` that grow: place in the document, what it is, unit.
FIGURES = (
    (("records",), "records", ""),
    (("nation", "stage", "seconds"), "staging all deliveries", "s"),
    (("standardise", "seconds"), "standardise", "s"),
    (("ours", "seconds"), "link and identify", "s"),
    (("floor", "seconds"), "floor: read, join, write", "s"),
    (("splink", "seconds"), "plain Splink", "s"),
    (("incremental", "seconds"), "night with few changes", "s"),
    (("standardise", "peak_mb"), "memory, standardise", "MB"),
    (("ours", "peak_mb"), "memory, link and identify", "MB"),
    (("splink", "peak_mb"), "memory, plain Splink", "MB"),
    (("disk", "delivered_mb"), "disk, deliveries as they came", "MB"),
    (("disk", "staging_mb"), "disk, staged deliveries of one night", "MB"),
    (("disk", "run_mb"), "disk, run folder of one night", "MB"),
    (("standardise", "spill_mb"), "disk, spilled while standardising", "MB"),
    (("ours", "spill_mb"), "disk, spilled while linking", "MB"),
)


@dataclass(frozen=True)
class Growth:
    """One figure at two sizes, its exponent, and what the line says at a third size; None where nothing can be said."""

    name: str
    unit: str
    small: float
    large: float
    exponent: float | None
    expected: float | None


def read_figures(path: Path) -> dict[str, Any]:
    """What `databank bench linkage --json` printed.

    Raises:
        SettingsError: there is no such file, or it holds something else.
    """
    hint = "Give a file with what `databank bench linkage --json` printed."
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SettingsError(f"{path} cannot be read as JSON; nothing was told.", hint=hint) from None
    if not isinstance(found, dict) or not {"variant", "persons"} <= found.keys():
        raise SettingsError(f"{path} holds no figures of linking; nothing was told.", hint=hint)
    return found


def growth(small: Mapping[str, Any], large: Mapping[str, Any], persons: int) -> list[Growth]:
    """Every figure that both documents hold.

    Args:
        small, large: what `databank bench linkage --json` printed, of two sizes.
        persons: the size that is wanted.

    Raises:
        SettingsError: the documents are of one size, or not of one variant.
    """
    if small["variant"] != large["variant"] or not 0 < small["persons"] < large["persons"]:
        raise SettingsError(
            f"{small['persons']:,} persons ({small['variant']}) and {large['persons']:,} ({large['variant']}) give no line; "
            "nothing was told.",
            hint="Give figures of one variant, the smaller nation first.",
        )
    found = []
    for place, name, unit in FIGURES:
        one, two = _at(small, place), _at(large, place)
        if one is None or two is None:
            continue
        exponent = log(two / one) / log(large["persons"] / small["persons"]) if one > 0 and two > 0 else None
        expected = None if exponent is None else two * (persons / large["persons"]) ** exponent
        found.append(Growth(name, unit, one, two, exponent, expected))
    return found


def _at(document: Mapping[str, Any], place: tuple[str, ...]) -> float | None:
    value: Any = document
    for name in place:
        value = value.get(name) if isinstance(value, Mapping) else None
    return None if value is None else float(value)
