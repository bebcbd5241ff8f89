"""Jalali text of a day, for what people read.

Source: the 33-year leap rule, equal to the official calendar on every day of 1296 to 1425.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import lru_cache

LEAP_REMAINDERS = (1, 5, 9, 13, 17, 22, 26, 30)
CYCLE_YEARS = 33
ANCHOR_YEAR, ANCHOR_DAY = 1290, date(1911, 3, 22).toordinal()
MONTH_STARTS = (0, 31, 62, 93, 124, 155, 186, 216, 246, 276, 306, 336)


def _year_start(year: int) -> int:
    """Ordinal of the first of Farvardin."""
    return ANCHOR_DAY + 365 * (year - ANCHOR_YEAR) + _leap_years_before(year) - _leap_years_before(ANCHOR_YEAR)


def _leap_years_before(year: int) -> int:
    cycles, rest = divmod(year, CYCLE_YEARS)
    return cycles * len(LEAP_REMAINDERS) + sum(remainder < rest for remainder in LEAP_REMAINDERS)


@lru_cache(maxsize=1 << 16)
def jalali(day: date) -> str:
    """A day as ``1405/08/29``."""
    ordinal = day.toordinal()
    year = ANCHOR_YEAR + (ordinal - ANCHOR_DAY) // 365
    while _year_start(year) > ordinal:
        year -= 1
    offset = ordinal - _year_start(year)
    month = bisect_right(MONTH_STARTS, offset)
    return f"{year:04d}/{month:02d}/{offset - MONTH_STARTS[month - 1] + 1:02d}"
