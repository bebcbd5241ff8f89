"""The Jalali calendar, the only one of the house: conversion of single days, and a table of all days for joins and arrays.

Source: 33-year rule of leap years, equal to jdatetime and persiantools for 1280-1600; Nowruz 1403 was 20 March 2024.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

TEHRAN = ZoneInfo("Asia/Tehran")
FIRST_YEAR, LAST_YEAR = 1200, 1500
_LEAP_REMAINDERS = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
_CYCLE_YEARS = 33
_ANCHOR_YEAR, _ANCHOR = 1403, date(2024, 3, 20)


def today() -> date:
    """The day that it is in Iran, wherever this machine stands."""
    return datetime.now(TEHRAN).date()


def is_leap(year: int) -> bool:
    """Whether Esfand of a Jalali year has 30 days."""
    return year % _CYCLE_YEARS in _LEAP_REMAINDERS


def month_days(year: int, month: int) -> int:
    """Days of a Jalali month."""
    if month <= 6:
        return 31
    return 30 if month < 12 or is_leap(year) else 29


def gregorian(year: int, month: int, day: int) -> date:
    """The day as Python knows it.

    Raises:
        ValueError: there is no such day, or its year is outside 1200-1500.
    """
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= month_days(year, month)):
        raise ValueError("there is no such Jalali day")
    return _new_years()[year] + timedelta(days=_days_before(month) + day - 1)


def jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day in the Jalali calendar.

    Raises:
        ValueError: outside the Jalali years 1200-1500.
    """
    year = day.year - 621
    if year in _new_years() and day < _new_years()[year]:
        year -= 1
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"outside the Jalali years {FIRST_YEAR}-{LAST_YEAR}")
    month, rest = 1, (day - _new_years()[year]).days
    while rest >= month_days(year, month):
        rest -= month_days(year, month)
        month += 1
    return year, month, rest + 1


@cache
def jalali_table() -> pa.Table:
    """Every day of the Jalali years 1200-1500, in order.

    Grain: jalali_int, and iso_date.
    Columns: jalali_int int32 as 13920701, iso_date date32, jalali_year, jalali_month, jalali_day int32.
    """
    lengths = [month_days(year, month) for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)]
    months = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    month_starts = np.cumsum([0, *lengths[:-1]])
    day_numbers = np.arange(len(months))
    parts = (FIRST_YEAR + months // 12, months % 12 + 1, day_numbers - month_starts[months] + 1)
    first_day = np.datetime64(_new_years()[FIRST_YEAR], "D")
    year, month, day = (pa.array(part, pa.int32()) for part in parts)
    return pa.table(
        {
            "jalali_int": pa.array(parts[0] * 10_000 + parts[1] * 100 + parts[2], pa.int32()),
            "iso_date": pa.array(first_day + day_numbers, pa.date32()),
            "jalali_year": year,
            "jalali_month": month,
            "jalali_day": day,
        }
    )


def _days_before(month: int) -> int:
    return 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)


@cache
def _new_years() -> dict[int, date]:
    starts = {_ANCHOR_YEAR: _ANCHOR}
    for year in range(_ANCHOR_YEAR, LAST_YEAR + 1):
        starts[year + 1] = starts[year] + timedelta(days=366 if is_leap(year) else 365)
    for year in range(_ANCHOR_YEAR - 1, FIRST_YEAR - 1, -1):
        starts[year] = starts[year + 1] - timedelta(days=366 if is_leap(year) else 365)
    return starts
