"""The Jalali calendar as a table, so that dates of millions of records get their parts by a join.

Source: 33-year rule of leap years, equal to jdatetime and persiantools for 1280-1600.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import pyarrow as pa

FIRST_YEAR, LAST_YEAR = 1250, 1450
FIRST_DAY = date(1871, 3, 21)  # 1250/01/01
LEAP_REMAINDERS = frozenset((1, 5, 9, 13, 17, 22, 26, 30))


def month_days(year: int, month: int) -> int:
    """Days of a Jalali month."""
    if month <= 6:
        return 31
    return 30 if month < 12 or year % 33 in LEAP_REMAINDERS else 29


@cache
def jalali_days() -> pa.Table:
    """Every day from 1250/01/01 to 1449/12/29.

    Returns: one row per day: ``day`` (Gregorian date), ``birth_year``, ``birth_month``, ``birth_day`` (Jalali).
    """
    parts = [
        (year, month, day)
        for year in range(FIRST_YEAR, LAST_YEAR)
        for month in range(1, 13)
        for day in range(1, month_days(year, month) + 1)
    ]
    years, months, days = zip(*parts, strict=True)
    return pa.table(
        {
            "day": pa.array([FIRST_DAY + timedelta(days=n) for n in range(len(parts))], pa.date32()),
            "birth_year": pa.array(years, pa.int32()),
            "birth_month": pa.array(months, pa.int32()),
            "birth_day": pa.array(days, pa.int32()),
        }
    )
