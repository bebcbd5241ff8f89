"""How numbers and days look to people: Persian digits and the Jalali calendar, or Latin digits and ISO days."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from schemas.jalali import jalali

_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@lru_cache(maxsize=1 << 16)
def jalali_text(day: date) -> str:
    """A day as ``1405/08/29``; empty outside the years that the calendar knows."""
    try:
        year, month, day_no = jalali(day)
    except ValueError:
        return ""
    return f"{year:04d}/{month:02d}/{day_no:02d}"


def persian_digits(text: object) -> str:
    """Any text with its Latin digits as Persian ones."""
    return str(text).translate(_DIGITS)


def number(value: float, *, is_persian: bool) -> str:
    """A whole number with separators: ``۱۲٬۳۴۵`` or ``12,345``."""
    text = f"{value:,.0f}"
    return persian_digits(text.replace(",", "٬")) if is_persian else text
