"""A delivery's figures, in one pass over its typed rows and a look at its dictionaries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.kinds.dates import PARTIAL
from connectors.staged import PROFILE, StageCounts, Staged
from connectors.typed import IS_NO_PERSON, TYPED, TypedColumn
from hub.duck import PARQUET, Connection, literal, quote
from schemas.profile import WHOLE, Profile, profile_of

_BOUNDED = ("date", "int")
BIRTH_DATE = "birth_date"
EXACT_ROWS = 100_000
"""Distinct values of a delivery of at most so many rows are counted, of a larger one estimated."""


@dataclass(frozen=True)
class Sizes:
    """How many records a feed had as of the delivery before (None without one), and has now."""

    before: int | None
    now: int


def profile(
    con: Connection, columns: list[TypedColumn], counts: StageCounts, changes: dict[str, int], sizes: Sizes
) -> Profile:
    """Figures of the delivery in the connection. Percent are of received rows; of the feed's records for changed_percent.

    Rows of organisations are no fault of the delivery: quarantined_percent is without them. Should too many rows become
    such, there are fewer records than before.
    """
    organisations = int(con.execute(f"select count(*) from {TYPED} where {IS_NO_PERSON}").fetchall()[0][0])
    figures: dict[tuple[str, str], float] = {
        (WHOLE, "received_count"): counts.received,
        (WHOLE, "row_count"): sizes.now,
        (WHOLE, "quarantined_percent"): _percent(counts.quarantined - organisations, counts.received - organisations),
    }
    if sizes.before is not None:
        figures[WHOLE, "changed_percent"] = _percent(changes["new"] + changes["changed"], sizes.now)
        figures[WHOLE, "row_count_change_percent"] = _percent(abs(sizes.now - sizes.before), sizes.before)
    dates: dict[tuple[str, str], str] = {}
    bounds = _bounds(con, columns, is_exact=counts.received <= EXACT_ROWS)
    for item in columns:
        filled, distinct, least, most = bounds[item.name]
        # A birth of which the agency knows the year alone is a birth: that part is compared. Of a death nothing is kept.
        is_kept = item.name == BIRTH_DATE
        in_part = _count(con, item, f"value is null and note = {literal(f'{item.name}:{PARTIAL}')}") if is_kept else 0
        invalid = _count(con, item, "value is null and not is_missing") - in_part
        filled += in_part
        figures[item.name, "filled_count"] = filled + invalid
        figures[item.name, "null_percent"] = _percent(bounds[""][0] - filled - invalid, counts.received)
        figures[item.name, "invalid_count"] = invalid
        figures[item.name, "invalid_percent"] = _percent(invalid, counts.received)
        if invalid and (partial := _count(con, item, "value is null and extra is not null") - in_part):
            figures[item.name, "partial_count"] = partial
        figures[item.name, "distinct_count"] = distinct
        if least is not None and item.column.field.type == "int":
            figures[item.name, "least"], figures[item.name, "most"] = float(least), float(most)
        elif least is not None:
            dates[item.name, "least"], dates[item.name, "most"] = str(least), str(most)
    return Profile(figures, dates)


def control_totals(con: Connection, columns: list[TypedColumn]) -> dict[str, int]:
    """Sums of all whole-number columns over every row that was read, by our name."""
    numbers = [item.name for item in columns if item.column.field.type == "int"]
    if not numbers:
        return {}
    sums = con.execute(f"select {', '.join(f'sum({quote(name)})' for name in numbers)} from {TYPED}").fetchall()[0]
    return {name: int(total or 0) for name, total in zip(numbers, sums, strict=True)}


def read_profile(con: Connection, staged: Staged | None) -> Profile | None:
    """The profile that a staged delivery left; None without one."""
    if staged is None:
        return None
    path = literal(staged.folder / PROFILE)
    rows = con.execute(f"select column_name, figure_code, figure from read_parquet({path})").fetchall()
    return profile_of(iter(rows))


def write_profile(con: Connection, found: Profile, feed: str, delivery_id: str, path: Path) -> None:
    """``profile.parquet``: the rows of ``ops.profile`` of one delivery."""
    con.register("profile_table", found.table(feed, delivery_id))
    con.execute(f"copy profile_table to {literal(path)} {PARQUET}")
    con.unregister("profile_table")


def _bounds(con: Connection, columns: list[TypedColumn], *, is_exact: bool) -> dict[str, tuple[int, int, Any, Any]]:
    """By column: filled, distinct, least, most; under '' the number of rows that were read."""
    asked, distinct = ["count(*)"], "count(distinct {0})" if is_exact else "least(approx_count_distinct({0}), count({0}))"
    for item in columns:
        name = quote(item.name)
        bounded = item.column.field.type in _BOUNDED
        asked += [f"count({name})", distinct.format(name)]
        asked += [f"min({name})", f"max({name})"] if bounded else ["null", "null"]
    rows = f"{TYPED} where (reason is null or reason not like ':%') and not is_delete"
    row = con.execute(f"select {', '.join(asked)} from {rows}").fetchall()[0]
    found: dict[str, tuple[int, int, Any, Any]] = {"": (int(row[0]), 0, None, None)}
    return found | {item.name: tuple(row[1 + 4 * n : 5 + 4 * n]) for n, item in enumerate(columns)}


def _count(con: Connection, item: TypedColumn, where: str) -> int:
    """Cells whose text is as the condition over the column's dictionary says."""
    if not item.is_used:
        return 0
    asked = f"select coalesce(sum(row_count), 0) from {item.dictionary} where {where}"
    return int(con.execute(asked).fetchall()[0][0])


def _percent(part: float, whole: float) -> float:
    if whole == 0:
        return 0.0 if part == 0 else 100.0
    return round(100 * part / whole, 6)
