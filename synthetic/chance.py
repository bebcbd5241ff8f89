"""Chance that belongs to a record: a number drawn from its id, its column and the nation's seed, the same every night.

Counter-based (SplitMix64), so a draw depends on nothing but its names: neither on the order of rows nor on what else was
drawn. The world itself (who lives, who marries) uses ordinary seeded generators, one for each purpose and night.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


def _mix(words: Words) -> Words:
    words = words + _GOLDEN
    words = (words ^ (words >> np.uint64(30))) * _MIX_A
    words = (words ^ (words >> np.uint64(27))) * _MIX_B
    return words ^ (words >> np.uint64(31))


def salt(seed: int, *names: str) -> np.uint64:
    """A number for a purpose: the seed and the purpose's names."""
    return np.uint64((seed & 0xFFFFFFFF) << 32 | zlib.crc32("/".join(names).encode()))


def words(uid: Words, purpose: np.uint64) -> Words:
    """64 random bits for each id."""
    return _mix(uid ^ _mix(np.array([purpose], dtype=np.uint64)))


def uniform(bits: Words) -> Floats:
    """Numbers in [0, 1) from random bits (their upper half)."""
    return (bits >> np.uint64(32)).astype(np.float64) / 2.0**32


def below(bits: Words, limit: int) -> Ints:
    """Whole numbers below a limit from random bits (their lower half)."""
    return ((bits & np.uint64(0xFFFFFFFF)) % np.uint64(limit)).astype(np.int64)


def which(bits: Words, rates: Sequence[float]) -> Ints:
    """Which of several exclusive things happens, by their rates: 0 nothing, 1 the first, 2 the second, …"""
    bounds = np.cumsum(np.asarray(rates, dtype=np.float64))
    drawn = np.searchsorted(bounds, uniform(bits), side="right")
    return np.where(drawn < len(bounds), drawn + 1, 0).astype(np.int64)


def generator(seed: int, *names: str) -> np.random.Generator:
    """A generator for one purpose of world building."""
    return np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32("/".join(names).encode())])


def choose(rng: np.random.Generator, weights: Sequence[float] | Floats, count: int) -> Ints:
    """Draw indexes by weight."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn: Ints = np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right").astype(np.int64)
    return drawn
