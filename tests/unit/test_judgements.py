"""Judgements that contradict each other, directly and over chains (I05)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from warehouse.judgements import Judgement, contradicting


def judged(*rows: tuple[str, str, bool]) -> list[Judgement]:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return [Judgement(number, *sorted((a, b)), same, "s", "r", at) for number, (a, b, same) in enumerate(rows, 1)]


CHAIN = judged(("a", "b", True), ("b", "c", True), ("c", "d", False), ("e", "f", True))


@pytest.mark.parametrize(
    ("pair", "is_same", "against"),
    [
        (("a", "b"), False, [1]),
        (("a", "c"), False, [1, 2]),
        (("c", "a"), False, [2, 1]),
        (("c", "d"), True, [3]),
        (("a", "d"), True, [1, 2, 3]),
        (("d", "a"), True, [3, 2, 1]),
        (("a", "c"), True, []),
        (("a", "d"), False, []),
        (("a", "e"), True, []),
        (("d", "f"), True, []),
        (("x", "y"), False, []),
    ],
)
def test_I05_what_judgements_in_force_say_together_binds_a_new_one(
    pair: tuple[str, str], is_same: bool, against: list[int]
) -> None:
    assert [each.judgement_id for each in contradicting(CHAIN, pair, is_same=is_same)] == against
