"""The lunar calendar's table: known days, and no day left out or told twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schemas.hijri import hijri_table

DAYS = dict(zip(*(hijri_table()[name].to_pylist() for name in ("hijri_int", "iso_date")), strict=True))


@pytest.mark.parametrize(
    ("number", "day"),
    [
        (14000101, date(1979, 11, 20)),
        (14440901, date(2023, 3, 23)),
        (14450101, date(2023, 7, 19)),
        (14460101, date(2024, 7, 7)),
    ],
)
def test_S04_known_days(number: int, day: date) -> None:
    assert DAYS[number] == day


def test_S04_every_day_has_a_date() -> None:
    told = sorted(set(DAYS.values()))
    assert told[-1] - told[0] == timedelta(days=len(told) - 1)
    assert len(DAYS) == hijri_table().num_rows
