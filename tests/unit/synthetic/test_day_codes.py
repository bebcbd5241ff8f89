"""Days of the synthetic nation."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from synthetic import day_codes


@pytest.mark.parametrize(
    ("gregorian", "text"),
    [
        (date(1979, 2, 11), "1357/11/22"),
        (date(2025, 3, 20), "1403/12/30"),
        (date(2025, 3, 21), "1404/01/01"),
        (date(2026, 11, 19), "1405/08/28"),
    ],
)
def test_known_days(gregorian: date, text: str) -> None:
    assert day_codes.date_texts("jalali:yyyy/mm/dd")[day_codes.from_date(gregorian)] == text


def test_incomplete_and_impossible_dates_have_texts_of_their_own() -> None:
    day = np.array([day_codes.from_date(date(1979, 2, 11))])
    texts = day_codes.date_texts("jalali:yyyymmdd")
    assert texts[day_codes.zero_day(day)[0]] == "13571100"
    assert texts[day_codes.zero_month(day)[0]] == "13570000"
    assert texts[day_codes.impossible(day)[0]] == "13571345"


def test_excel_counts_days_from_1900() -> None:
    assert day_codes.date_texts("excel:serial")[day_codes.from_date(date(2000, 1, 1))] == "36526"
