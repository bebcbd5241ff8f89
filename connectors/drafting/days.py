"""Days that an agency writes in three columns, put together as a contract does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import pyarrow as pa
import pyarrow.compute as pc

from connectors.drafting.shapes import GREGORIAN_YEARS, PLAIN_SHARE
from connectors.kinds.kind import MISSING_WORDS
from schemas.feed import JOINT
from schemas.jalali import FIRST_YEAR, LAST_YEAR

PARTS = {
    "year": (((FIRST_YEAR, LAST_YEAR), GREGORIAN_YEARS), 3),
    "month": (((1, 12),), 9),
    "day": (((1, 31),), 20),
}
"""Within which bounds the numbers of each part lie, and how many differ at the least: fewer may be the codes of anything."""


def with_days(rows: pa.Table) -> tuple[pa.Table, dict[str, tuple[str, str, str]]]:
    """Put days together whose year, month and day stand in three columns side by side, in whatever order.

    Returns: the columns with those days, written yyyy-mm-dd, in place of their parts; the parts of each such column.
    """
    told = {name: _told(rows.column(name)) for name in rows.column_names}
    parts: dict[str, tuple[str, str, str]] = {}
    place = 0
    while place + len(PARTS) <= rows.num_columns:
        if found := _day(rows.column_names[place : place + len(PARTS)], told):
            name = JOINT.join(found)
            day = pc.binary_join_element_wise(*(rows.column(part) for part in found), "-")
            rows = rows.drop_columns(list(found)).add_column(place, name, day)
            parts[name], told[name] = found, frozenset()
        place += 1
    return rows, parts


def _day(names: Sequence[str], told: Mapping[str, frozenset[str]]) -> tuple[str, str, str] | None:
    """These columns as year, month and day; None where they are none."""
    for year, month, day in permutations(names):
        if "year" in told[year] and "month" in told[month] and "day" in told[day]:
            return year, month, day
    return None


def _told(texts: pa.ChunkedArray) -> frozenset[str]:
    """Which parts of a date a column may be: nearly all it tells are numbers within the bounds, and many differ."""
    filled = [text for text in (value.strip() for value in texts.to_pylist() if value) if text not in MISSING_WORDS]
    numbers = [int(text) for text in filled if text.isdecimal() and len(text) <= len("1404")]
    return frozenset(
        part
        for part, (bounds, least_distinct) in PARTS.items()
        for first, last in bounds
        if len(held := [number for number in numbers if first <= number <= last]) >= PLAIN_SHARE * len(filled)
        and len(set(held)) >= least_distinct
    )
