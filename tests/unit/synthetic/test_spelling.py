"""Names as clerks write them."""

from __future__ import annotations

import numpy as np
import pytest

from synthetic.names import name_pool
from synthetic.spelling import HAMZA, JOINED, LETTERS, MISTAKES, SPACED, mistaken, spelled, styled


@pytest.mark.parametrize(
    ("text", "style", "written"),
    [
        ("محمدرضا", SPACED, "محمد رضا"),
        ("حسن\u200cزاده", SPACED, "حسن زاده"),
        ("حسن\u200cزاده", JOINED, "حسنزاده"),
        ("رضائی", HAMZA, "رضایی"),
        ("کریمی", LETTERS, "كريمي"),
        ("احمد", SPACED | HAMZA | LETTERS, "احمد"),
    ],
)
def test_styles(text: str, style: int, written: str) -> None:
    assert styled(text, style) == written


def test_each_mistake_changes_some_names_and_the_same_way_each_time() -> None:
    for kind in range(1, len(MISTAKES) + 1):
        first = [mistaken(name, kind, 3) for name in name_pool().surnames[:300]]
        assert first != list(name_pool().surnames[:300]), MISTAKES[kind - 1]
        assert first == [mistaken(name, kind, 3) for name in name_pool().surnames[:300]]


def test_spelled_says_what_it_changed() -> None:
    nothing = np.zeros(2, dtype=np.int64)
    result = spelled(("کریمی", "احمد"), np.array([0, 1]), nothing, np.full(2, LETTERS), (nothing, nothing))
    assert result.texts.to_pylist() == ["كريمي", "احمد"]
    assert result.is_changed.tolist() == [True, False]


def test_surnames_are_heavy_headed_and_many() -> None:
    pool = name_pool()
    share = pool.surname_weights / pool.surname_weights.sum()
    assert pool.surnames[0] == "محمدی"
    assert 0.008 < share[0] < 0.03
    assert (share > 0).sum() > 5000
