"""Agreement patterns: how many pairs of records agree in which way; all that training needs to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import inf, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub.duck import DuckConnection
from matching.comparisons import COMPARISONS, Comparison
from matching.levels import UNKNOWN, level_of

Numbers = NDArray[np.float64]
Shares = Mapping[str, Numbers]
"""By comparison: one number for each level, best first, ``differs`` last."""
_LEAST = 1e-9  # a share is never nothing, so that its logarithm is a number
_STEEPEST = 500.0  # logarithm of odds that a double still holds


@dataclass(frozen=True)
class Relatives:
    """Pairs of two relatives of one kind: their share of all pairs, and the comparisons in which they agree as one person
    does; in the others they agree as strangers.

    ``most``: relatives that a person has at the most, on average; ``most_of_others``: in place of that, so many for each
    pair of relatives of the other kinds.
    """

    share: float
    common: AbstractSet[str]
    most: float = inf
    most_of_others: float | None = None


@dataclass(frozen=True)
class Patterns:
    """Each row a pattern. ``levels``: by comparison the level's place, best 0, unknown -1; ``count``: pairs that show it."""

    levels: Mapping[str, NDArray[np.int64]]
    count: Numbers

    @property
    def pairs(self) -> float:
        """How many pairs were counted."""
        return float(self.count.sum())

    def weight(self, m: Shares, u: Shares) -> Numbers:
        """Logarithm of the odds of each pattern; comparisons without m say nothing."""
        total = np.zeros(len(self.count))
        for name in m:
            odds = np.append(np.log(np.maximum(m[name], _LEAST)) - np.log(np.maximum(u[name], _LEAST)), 0.0)
            total += odds[self.levels[name]]  # unknown, -1, is the last: no evidence
        return total

    def matches(self, m: Shares, u: Shares, prior: float) -> Numbers:
        """Expected number of pairs of one person behind each pattern."""
        odds = self._odds(m, u, prior / (1 - prior))
        return np.asarray(self.count * odds / (1 + odds), dtype=np.float64)

    def classes(self, m: Shares, u: Shares, prior: float, relatives: Sequence[Relatives]) -> list[Numbers]:
        """Expected numbers of pairs behind each pattern: of one person, then of two relatives, kind by kind.

        Args:
            prior: share of pairs of one person; the pairs that are neither this nor relatives are strangers.
        """
        rest = max(1 - prior - sum(kind.share for kind in relatives), _LEAST)
        odds = [self._odds(m, u, prior / rest)]
        odds += [
            self._odds({name: m[name] for name in m if name in kind.common}, u, kind.share / rest) for kind in relatives
        ]
        total = np.sum(odds, axis=0) + 1
        return [self.count * each / total for each in odds]

    def _odds(self, m: Shares, u: Shares, odds: float) -> Numbers:
        if not odds:
            return np.zeros(len(self.count))
        return np.asarray(np.exp(np.clip(self.weight(m, u) + log(odds), -_STEEPEST, _STEEPEST)), dtype=np.float64)

    def counted(self, comparison: Comparison, count: Numbers) -> Numbers:
        """How often each level of a comparison occurs, where something is known."""
        levels = self.levels[comparison.name]
        known = levels != UNKNOWN
        return np.bincount(levels[known], count[known], len(comparison.labels)).astype(np.float64)


def patterns(con: DuckConnection, records: str, pairs: str) -> Patterns:
    """Count the patterns of pairs.

    Args:
        records: table of record_no and the compared columns.
        pairs: SQL of record_no_l, record_no_r.
    """
    levels = ", ".join(f"{level_of(comparison)} as {comparison.name}" for comparison in COMPARISONS)
    found: dict[str, Any] = con.execute(
        f"""select {levels}, count(*) as n from ({pairs}) as p
            join {records} as l on l.record_no = p.record_no_l join {records} as r on r.record_no = p.record_no_r
            group by all order by all"""
    ).fetchnumpy()
    count = found.pop("n").astype(np.float64)
    return Patterns({name: values.astype(np.int64) for name, values in found.items()}, count)
