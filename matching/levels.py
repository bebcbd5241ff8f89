"""The comparison level that two records are on, as SQL over the aliases ``l`` and ``r``."""

from __future__ import annotations

import re

from matching.comparisons import Comparison

UNKNOWN = -1
_SIDED = re.compile(r"\b(\w+)_([lr])\b")


def aliased(sql: str) -> str:
    """A comparison's condition over ``column_l`` as one over ``l.column``."""
    return _SIDED.sub(r"\2.\1", sql)


def level_of(comparison: Comparison) -> str:
    """The level's place among ``labels``: best 0, ``differs`` last, UNKNOWN."""
    cases = " ".join(f"when {aliased(level.sql)} then {place}" for place, level in enumerate(comparison.levels))
    return f"case when {aliased(comparison.unknown)} then {UNKNOWN} {cases} else {len(comparison.levels)} end"
