"""The Jalali calendar: known days, every day there and back, no day that is none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schemas.jalali import gregorian, is_leap, jalali, jalali_table


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ((1403, 12, 30), date(2025, 3, 20)),
        ((1404, 1, 1), date(2025, 3, 21)),
        ((1357, 11, 22), date(1979, 2, 11)),
        ((1300, 1, 1), date(1921, 3, 21)),
        ((1405, 8, 29), date(2026, 11, 20)),
    ],
)
def test_S04_known_days(parts: tuple[int, int, int], day: date) -> None:
    assert gregorian(*parts) == day
    assert jalali(day) == parts


@pytest.mark.parametrize("parts", [(1404, 12, 30), (1403, 7, 31), (1403, 0, 1), (1403, 13, 1), (1403, 1, 0), (1199, 1, 1)])
def test_S04_days_that_do_not_exist(parts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no such"):
        gregorian(*parts)


def test_leap_years_of_our_century() -> None:
    assert [year for year in range(1375, 1413) if is_leap(year)] == [
        1375,
        1379,
        1383,
        1387,
        1391,
        1395,
        1399,
        1403,
        1408,
        1412,
    ]


def test_the_table_holds_every_day_once() -> None:
    table = jalali_table()
    codes, days = table["jalali_int"].to_pylist(), table["iso_date"].to_pylist()
    assert codes == sorted(set(codes))
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    for code, day in list(zip(codes, days, strict=True))[::11]:
        year, month, day_no = jalali(day)
        assert (year * 100 + month) * 100 + day_no == code
