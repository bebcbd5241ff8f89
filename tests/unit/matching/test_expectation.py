"""Training finds the odds that made the data, though nobody tells which pairs are one person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.comparisons import COMPARISONS, Comparison
from matching.expectation import Lesson, estimate
from matching.patterns import Patterns

SEEN = ("given_name", "surname", "father_name", "sex", "residence")
DECLARED = {comparison.name: comparison for comparison in COMPARISONS}
PAIRS, SHARE_OF_MATCHES = 40_000, 0.02
TRUE_M_BEST = {"given_name": 0.9, "surname": 0.8, "father_name": 0.85, "sex": 0.99, "residence": 0.6}
TRUE_U_BEST = {"given_name": 0.01, "surname": 0.005, "father_name": 0.02, "sex": 0.5, "residence": 0.001}


def made(pairs: int, share_of_matches: float, seed: int) -> Patterns:
    """Pairs that agree wholly or not at all, as the true odds have it; what is not seen is unknown."""
    chance = np.random.default_rng(seed)
    is_one = chance.random(pairs) < share_of_matches
    levels = {}
    for name, comparison in DECLARED.items():
        if name not in SEEN:
            levels[name] = np.full(pairs, -1)
            continue
        best = np.where(is_one, TRUE_M_BEST[name], TRUE_U_BEST[name])
        levels[name] = np.where(chance.random(pairs) < best, 0, len(comparison.levels))
    return Patterns(levels, np.ones(pairs))


def lesson(*taught: str, is_rough: bool = False, seed: int = 2) -> Lesson:
    return Lesson(made(PAIRS, 0.4, seed), [DECLARED[name] for name in taught], is_rough)


@pytest.mark.parametrize("name", SEEN)
def test_m_and_u_come_out_as_they_went_in(name: str) -> None:
    found = estimate(made(PAIRS * 5, SHARE_OF_MATCHES, seed=1), [lesson(*SEEN)])
    assert found.m[name][0] == pytest.approx(TRUE_M_BEST[name], abs=0.02)
    assert found.u[name][0] == pytest.approx(TRUE_U_BEST[name], rel=0.1, abs=5e-4), "freed of the pairs of one person"
    assert found.match_share == pytest.approx(SHARE_OF_MATCHES, rel=0.1)


def test_what_no_block_teaches_is_left_out() -> None:
    found = estimate(made(PAIRS, SHARE_OF_MATCHES, seed=1), [lesson("given_name", "surname", "sex")])
    assert set(found.m) == {"given_name", "surname", "sex"}


def test_rough_blocks_teach_only_what_the_others_cannot() -> None:
    misleading = Lesson(made(PAIRS, 0.0, seed=3), [DECLARED[name] for name in SEEN], is_rough=True)
    fine = lesson("given_name", "surname", "father_name", "sex")
    found = estimate(made(PAIRS, SHARE_OF_MATCHES, seed=1), [fine, misleading])
    assert found.m["surname"][0] == pytest.approx(TRUE_M_BEST["surname"], abs=0.02)


def test_too_few_pairs_of_one_person_teach_nothing() -> None:
    few = Lesson(made(60, 0.4, seed=4), [DECLARED[name] for name in SEEN], is_rough=False)
    assert estimate(made(PAIRS, SHARE_OF_MATCHES, seed=1), [few]).m == {}


def test_equal_patterns_give_equal_odds() -> None:
    def once() -> dict[str, list[float]]:
        found = estimate(made(PAIRS, SHARE_OF_MATCHES, seed=1), [lesson(*SEEN)])
        return {name: list(value) for name, value in found.m.items()}

    assert once() == once()


def test_a_comparison_has_a_share_for_each_level() -> None:
    found = estimate(made(PAIRS, SHARE_OF_MATCHES, seed=1), [lesson(*SEEN)])
    sizes: dict[str, Comparison] = {name: DECLARED[name] for name in found.m}
    assert all(len(found.m[name]) == len(each.labels) for name, each in sizes.items())
    assert all(sum(found.m[name]) == pytest.approx(1.0) for name in sizes)


def test_relatives_in_a_block_are_not_learnt_as_one_person() -> None:
    family = made(PAIRS, 0.4, seed=6)
    is_sister = np.random.default_rng(7).random(PAIRS) < 0.3
    levels = dict(family.levels)
    for name, best in (
        ("surname", 0),
        ("father_name", 0),
        ("residence", 0),
        ("given_name", len(DECLARED["given_name"].levels)),
    ):
        levels[name] = np.where(is_sister, best, levels[name])
    levels["sex"] = np.where(is_sister, np.random.default_rng(8).integers(2, size=PAIRS), levels["sex"])
    rough = Lesson(Patterns(levels, family.count), [DECLARED[name] for name in SEEN], is_rough=True)
    found = estimate(made(PAIRS * 5, SHARE_OF_MATCHES, seed=1), [rough])
    assert found.m["given_name"][0] == pytest.approx(TRUE_M_BEST["given_name"], abs=0.03)
    alone = estimate(made(PAIRS * 5, SHARE_OF_MATCHES, seed=1), [replace(rough, has_relatives=False)])
    assert alone.m["given_name"][0] < TRUE_M_BEST["given_name"] - 0.1


def _counted(told: dict[str, np.ndarray]) -> Patterns:
    """Patterns of pairs that agree wholly or not at all, each once."""
    rows, count = np.unique(np.array(list(told.values())), axis=1, return_counts=True)
    levels = {name: np.full(len(count), -1) for name in DECLARED}
    for name, agrees in zip(told, rows, strict=True):
        levels[name] = np.where(agrees, 0, len(DECLARED[name].levels))
    return Patterns(levels, count.astype(np.float64))


def _families(share_of_one_birth: float) -> Lesson:
    """A block of homes: for two pairs of one person there are three of relatives, of whom some tell one birth."""
    chance = np.random.default_rng(7)
    is_one = chance.random(PAIRS) < 0.4
    is_one_birth = is_one | (chance.random(PAIRS) < share_of_one_birth)
    told = {"given_name": is_one, "surname": np.full(PAIRS, True), "birth": is_one_birth}
    block = _counted({name: agrees & (chance.random(PAIRS) < 0.95) for name, agrees in told.items()})
    return Lesson(block, [DECLARED[name] for name in told], is_rough=True)


def _strangers() -> Patterns:
    chance = np.random.default_rng(9)
    shares = {"given_name": 0.01, "surname": 0.005, "birth": 1e-3}
    return _counted({name: chance.random(PAIRS) < share for name, share in shares.items()})


def test_relatives_whose_birth_was_copied_are_not_learnt_as_one_person_either() -> None:
    found = estimate(_strangers(), [_families(share_of_one_birth=0.06)])
    assert found.m["given_name"][0] == pytest.approx(0.95, abs=0.04)


def test_how_many_relatives_come_with_a_person_is_learnt() -> None:
    found = estimate(_strangers(), [_families(share_of_one_birth=0.06)])
    assert found.relatives == pytest.approx(0.6 / 0.4, rel=0.1)
    assert found.one_birth == pytest.approx(0.6 * 0.06 / 0.4, abs=0.05)
    assert estimate(_strangers(), []).relatives == 0
