"""Days that an agency writes in three columns, put together as a contract does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pyarrow as pa
import pyarrow.compute as pc

from connectors.drafting.shapes import GREGORIAN_YEARS, PLAIN_SHARE
from schemas.feed import JOINT
from schemas.jalali import FIRST_YEAR, LAST_YEAR

MONTHS, DAYS = (1, 12), (1, 31)
LEAST_YEARS, LEAST_MONTHS, LEAST_DAYS = 3, 9, 20
"""Fewer distinct numbers may be the codes of anything."""


def with_days(rows: pa.Table) -> tuple[pa.Table, dict[str, tuple[str, str, str]]]:
    """Put days together whose year, month and day stand in three columns side by side, in whatever order.

    Returns: the columns with those days, written yyyy-mm-dd, in place of their parts; the parts of each such column.
    """
    parts: dict[str, tuple[str, str, str]] = {}
    place = 0
    while place + 3 <= rows.num_columns:
        if found := _day(rows, rows.column_names[place : place + 3]):
            name = JOINT.join(found)
            day = pc.binary_join_element_wise(*(rows.column(part) for part in found), "-")
            rows = rows.drop_columns(list(found)).add_column(place, name, day)
            parts[name] = found
        place += 1
    return rows, parts


def _day(rows: pa.Table, names: Sequence[str]) -> tuple[str, str, str] | None:
    numbers = [_numbers(rows.column(name)) for name in names]
    for year, month, day in permutations(range(3)):
        if (
            any(_are(numbers[year], years, LEAST_YEARS) for years in ((FIRST_YEAR, LAST_YEAR), GREGORIAN_YEARS))
            and _are(numbers[month], MONTHS, LEAST_MONTHS)
            and _are(numbers[day], DAYS, LEAST_DAYS)
        ):
            return names[year], names[month], names[day]
    return None


def _numbers(texts: pa.ChunkedArray) -> list[int]:
    return [int(text) for text in texts.to_pylist() if text and text.isdecimal() and len(text) <= len("1404")]


def _are(numbers: Sequence[int], bounds: tuple[int, int], least_distinct: int) -> bool:
    """Whether nearly all numbers lie within bounds, and differ as those of many people do."""
    first, last = bounds
    held = [number for number in numbers if first <= number <= last]
    return len(held) >= PLAIN_SHARE * len(numbers) and len(set(held)) >= least_distinct
