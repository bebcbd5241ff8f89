"""National codes: each once, valid, adjacent for twins."""

from __future__ import annotations

import numpy as np
import pytest

from synthetic.chance import generator
from synthetic.codes import DUMMIES, CodeOffice, check_digit, is_valid, postal_codes


@pytest.mark.parametrize("code", [1250000019 // 10 * 10 + 9, 10350829, 499370899])
def test_check_digit_agrees_with_the_published_rule(code: int) -> None:
    digits = [int(d) for d in f"{code:010d}"[:9]]
    rest = sum(d * (10 - i) for i, d in enumerate(digits)) % 11
    assert check_digit(np.array([code // 10]))[0] == (rest if rest < 2 else 11 - rest)


def test_same_digit_codes_are_never_valid() -> None:
    assert not is_valid(np.array(DUMMIES)).any()


def test_the_office_issues_each_code_once_also_in_later_nights() -> None:
    rng, office = generator(1, "t"), CodeOffice()
    province = rng.integers(0, 31, 50_000)
    order = (np.arange(50_000) % 40 == 39).astype(np.int64)
    codes = np.concatenate([office.issue(rng, province, order), office.issue(rng, province, order)])
    assert is_valid(codes).all()
    assert len(np.unique(codes)) == len(codes)


def test_twins_get_adjacent_serials() -> None:
    office = CodeOffice()
    codes = office.issue(generator(1, "t"), np.array([3, 3, 9]), np.array([0, 1, 0]))
    assert codes[1] // 10 - codes[0] // 10 == 1


def test_postal_codes_hold_no_zero_and_no_two() -> None:
    codes = postal_codes(generator(1, "p"), np.arange(31).repeat(50))
    assert all(len(str(code)) == 10 and not set(str(code)) & {"0", "2"} for code in codes)
