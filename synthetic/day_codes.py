"""Days and dates of the synthetic nation: ordinals inside, Jalali or Gregorian text outside.

A date of a record is a *day code*: 0 .. DAYS-1 are real days from 1290/01/01 on; codes above them are dates that are no
day, as files really hold them: day 00, month 00, month 13. So a column of dates, right and wrong, is one integer array.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np

from schemas.jalali import gregorian, jalali_table
from synthetic.chance import Ints

FIRST_YEAR, LAST_YEAR = 1290, 1420
YEARS = LAST_YEAR - FIRST_YEAR
#: Gregorian ordinal of 1290/01/01.
FIRST_DAY = gregorian(FIRST_YEAR, 1, 1).toordinal()


@cache
def _calendar() -> tuple[Ints, Ints, Ints]:
    table = jalali_table()
    parts = [table[name].to_numpy().astype(np.int64) for name in ("jalali_year", "jalali_month", "jalali_day")]
    first, end = np.searchsorted(parts[0], [FIRST_YEAR, LAST_YEAR])
    years, months, days = (part[first:end] for part in parts)
    return years, months, days


@cache
def _starts() -> Ints:
    """Day code of the first day of each month, by (year - FIRST_YEAR) * 12 + month - 1, and of the day after the last."""
    years, _, days = _calendar()
    return np.append(np.flatnonzero(days == 1), len(years)).astype(np.int64)


def day_count() -> int:
    """How many real days there are; day codes from here on are no days."""
    return len(_calendar()[0])


def year_of(days: Ints) -> Ints:
    """Jalali years of real days."""
    return _calendar()[0][days]


def month_of(days: Ints) -> Ints:
    """Jalali months of real days."""
    return _calendar()[1][days]


def day_of_month(days: Ints) -> Ints:
    """Jalali days of the month of real days."""
    return _calendar()[2][days]


def day_code(years: Ints, months: Ints, days: Ints) -> Ints:
    """Real days from Jalali parts; a day beyond the month's end becomes its last day."""
    index = (years - FIRST_YEAR) * 12 + months - 1
    starts = _starts()
    code: Ints = np.minimum(starts[index] + days - 1, starts[index + 1] - 1)
    return code


def year_start(year: int) -> int:
    """Day code of the first of Farvardin."""
    return int(_starts()[(year - FIRST_YEAR) * 12])


def from_date(value: date) -> int:
    """Day code of a Gregorian date."""
    return value.toordinal() - FIRST_DAY


def to_date(code: int) -> date:
    """Gregorian date of a day code."""
    return date.fromordinal(int(code) + FIRST_DAY)


def zero_day(days: Ints) -> Ints:
    """Day codes for 'day 00' of the same month."""
    return day_count() + (year_of(days) - FIRST_YEAR) * 12 + month_of(days) - 1


def zero_month(days: Ints) -> Ints:
    """Day codes for 'month 00, day 00' of the same year."""
    return day_count() + YEARS * 12 + year_of(days) - FIRST_YEAR


def impossible(days: Ints) -> Ints:
    """Day codes for 'month 13, day 45' of the same year: a bad date."""
    return day_count() + YEARS * 13 + year_of(days) - FIRST_YEAR


@cache
def date_texts(form: str) -> list[str]:
    """Text of every day code in a contract's date format, such as ``jalali:yyyy/mm/dd`` or ``excel:serial``."""
    calendar, _, pattern = form.partition(":")
    return [_text(parts, pattern, calendar) for parts in _all_parts(calendar)]


def _all_parts(calendar: str) -> list[tuple[int, int, int]]:
    real = [tuple(map(int, row)) for row in zip(*_calendar(), strict=True)]
    if calendar != "jalali":
        real = [(value.year, value.month, value.day) for value in map(to_date, range(len(real)))]
    shift = 0 if calendar == "jalali" else 621
    years = range(FIRST_YEAR + shift, LAST_YEAR + shift)
    unreal = [(y, m, 0) for y in years for m in range(1, 13)] + [(y, 0, 0) for y in years] + [(y, 13, 45) for y in years]
    return [(y, m, d) for y, m, d in [*real, *unreal]]


def _text(parts: tuple[int, int, int], pattern: str, calendar: str) -> str:
    year, month, day = parts
    if calendar == "excel":
        real = 1 <= month <= 12 and day >= 1
        return str(date(year, month, day).toordinal() - date(1899, 12, 30).toordinal()) if real else "0"
    if pattern.startswith("yyyy"):
        return pattern.replace("yyyy", f"{year:04d}").replace("mm", f"{month:02d}").replace("dd", f"{day:02d}")
    return pattern.replace("yy", f"{year % 100:02d}").replace("mm", f"{month:02d}").replace("dd", f"{day:02d}")
