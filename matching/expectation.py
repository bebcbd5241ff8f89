"""Expectation maximisation over agreement patterns: m and u of each comparison level, without any truth.

u starts as the levels of random pairs, and is then freed of the pairs of one person that are among them: in a small set
they are many, and would make every code look common. m comes from blocks that hold mostly one person each; within a block
the comparisons that read its fields say nothing and are left out, so each comparison learns from the other blocks, and takes
the median of what they say. Blocks that also bring twins or neighbours together teach only what no better block could.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.comparisons import COMPARISONS, Comparison
from matching.patterns import Numbers, Patterns, Shares

ROUNDS = 2  # m with u as seen; u freed of matches; both again
MOST_ITERATIONS, SMALL_CHANGE = 200, 1e-6
START_BEST, START_BLOCK, START_RANDOM = 0.95, 0.5, 1e-3
# With fewer expected pairs of one person, what a block says about a comparison is chance.
LEAST_MATCHES = 50.0


@dataclass(frozen=True)
class Estimate:
    """``m`` lacks the comparisons about which no block taught anything; ``u`` those that no random pair shows."""

    m: Shares
    u: Shares


@dataclass(frozen=True)
class Lesson:
    """The patterns of one block, and the comparisons that may learn from them. ``is_rough``: only what no other teaches."""

    block: Patterns
    comparisons: Sequence[Comparison]
    is_rough: bool


def estimate(random: Patterns, lessons: Sequence[Lesson]) -> Estimate:
    """Estimate m and u from the patterns of random pairs and those of blocks."""
    u = {c.name: shares for c in COMPARISONS if (shares := _shares(random.counted(c, random.count))) is not None}
    m: dict[str, Numbers] = {}
    for _ in range(ROUNDS):
        learnt = [_learn_m(each.block, [c for c in each.comparisons if c.name in u], u) for each in lessons]
        fine = [said for each, said in zip(lessons, learnt, strict=True) if not each.is_rough]
        m = _medians(learnt) | _medians(fine)
        u |= _free_of_matches(random, m, u)
    return Estimate({name: value for name, value in m.items() if _tells(value, u[name])}, u)


def _medians(learnt: Sequence[Shares]) -> dict[str, Numbers]:
    said = {c.name: [each[c.name] for each in learnt if c.name in each] for c in COMPARISONS}
    return {name: np.median(shares, axis=0) for name, shares in said.items() if shares}


def _learn_m(block: Patterns, comparisons: Sequence[Comparison], u: Shares) -> dict[str, Numbers]:
    m = {c.name: _start(c) for c in comparisons}
    prior = START_BLOCK
    for _ in range(MOST_ITERATIONS):
        matches = block.matches(m, u, prior)
        found = {c.name: _shares(block.counted(c, matches)) for c in comparisons}
        after = {name: m[name] if shares is None else shares for name, shares in found.items()}
        change = max((float(np.abs(after[name] - m[name]).max()) for name in m), default=0.0)
        m, prior = after, _within(matches.sum() / block.pairs)
        if change < SMALL_CHANGE:
            break
    matches = block.matches(m, u, prior)
    return {c.name: m[c.name] for c in comparisons if block.counted(c, matches).sum() >= LEAST_MATCHES}


def _free_of_matches(random: Patterns, m: Mapping[str, Numbers], u: Shares) -> dict[str, Numbers]:
    free = dict(u)
    prior = START_RANDOM
    for _ in range(MOST_ITERATIONS):
        matches = random.matches(m, free, prior)
        found = {c.name: _shares(random.counted(c, random.count - matches)) for c in COMPARISONS if c.name in u}
        after = {name: free[name] if shares is None else shares for name, shares in found.items()}
        change = abs(matches.sum() / random.pairs - prior)
        free, prior = after, _within(matches.sum() / random.pairs)
        if change < SMALL_CHANGE * prior:
            break
    return free


def _tells(m: Numbers, u: Numbers) -> bool:
    """Whether one person's records differ less than those of two; else what was learnt was something else."""
    return bool(m[-1] < u[-1])


def _start(comparison: Comparison) -> Numbers:
    others = len(comparison.labels) - 1
    return np.array([START_BEST, *[(1 - START_BEST) / others] * others])


def _shares(counted: Numbers) -> Numbers | None:
    total = counted.sum()
    return counted / total if total > 0 else None


def _within(prior: float) -> float:
    return float(min(max(prior, 1e-9), 1 - 1e-9))
