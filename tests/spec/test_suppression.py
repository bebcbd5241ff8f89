"""Few persons are never counted apart: small cells are drawn together under "other", and totals stay exact."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from warehouse.marts import SUPPRESSIONS
from warehouse.suppression import OTHER, SMALLEST_COUNT, suppressed

RULE = SUPPRESSIONS["mart.uninsured"]
Row = tuple[Any, ...]
COLUMNS = ("world", "province_code", "age_band", "sex_code", "living_count", "uninsured_count")


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect(config={"threads": 1})
    found.execute(
        "create table cell (province_code varchar, age_band varchar, sex_code varchar, living_count bigint, "
        "uninsured_count bigint, as_of_feeds varchar)"
    )
    return found


def shown(con: duckdb.DuckDBPyConnection, cells: Sequence[Row]) -> list[Row]:
    con.execute("delete from cell")
    con.executemany("insert into cell values (?, ?, ?, ?, ?, 'f@2026-11-20')", cells)
    return con.execute(f"{suppressed('select * from cell', RULE)} order by all").fetchall()


def test_P02_a_small_cell_joins_the_smallest_large_one_beside_it(con: duckdb.DuckDBPyConnection) -> None:
    rows = shown(con, [("23", "00-04", "male", 500, 40), ("23", "00-04", "female", 300, 3), ("24", "00-04", "male", 90, 20)])
    assert [row[:5] for row in rows] == [("23", "00-04", OTHER, 800, 43), ("24", "00-04", "male", 90, 20)]


def test_P02_few_who_are_insured_are_as_small_as_few_who_are_not(con: duckdb.DuckDBPyConnection) -> None:
    rows = shown(con, [("23", "00-04", "male", 100, 97), ("23", "00-04", "female", 100, 50), ("23", "05-09", "male", 70, 0)])
    assert [row[:5] for row in rows] == [("23", "00-04", OTHER, 200, 147), ("23", "05-09", "male", 70, 0)]


def test_P02_several_small_cells_that_are_large_together_need_no_other(con: duckdb.DuckDBPyConnection) -> None:
    cells = [("23", "00-04", sex, 9, 0) for sex in ("male", "female")]
    assert [row[:5] for row in shown(con, [*cells, ("23", "05-09", "male", 50, 0)])] == [
        ("23", "00-04", OTHER, 18, 0),
        ("23", "05-09", "male", 50, 0),
    ]


def test_P02_where_all_is_small_nothing_is_counted(con: duckdb.DuckDBPyConnection) -> None:
    assert [row[:5] for row in shown(con, [("23", "00-04", "male", 3, 0)])] == [(OTHER, OTHER, OTHER, None, None)]


def test_P02_P03_no_difference_of_rows_is_small_and_totals_are_exact(con: duckdb.DuckDBPyConnection) -> None:
    """Random worlds, all at once: rows part the persons and each count is 0 or large, so any difference of rows is too."""
    chance = random.Random(7)
    cells = [
        (f"w{world}", province, band, sex, living, chance.choice((0, living, chance.randint(0, living))))
        for world in range(1_000)
        for most in (chance.choice((15, 60, 400)),)
        for province in ("08", "23", "unknown")[: chance.randint(1, 3)]
        for band in ("00-04", "05-09", "85+")
        for sex in ("male", "female")
        if chance.random() < 0.8
        for living in (chance.randint(1, most),)
    ]
    con.execute("alter table cell add column world varchar")
    con.register("given", pa.Table.from_pylist([dict(zip(COLUMNS, cell, strict=True)) for cell in cells]))
    con.execute(f"insert into cell ({', '.join(COLUMNS)}) select * from given")
    rule = replace(RULE, dimensions=COLUMNS[:4])
    rows = con.execute(f"select * from ({suppressed('select * from cell', rule)})").fetchall()
    assert len({row[:4] for row in rows}) == len(rows)
    counts = [(row[4], row[5], row[4] - row[5]) for row in rows if row[4] is not None]
    assert all(count == 0 or count >= SMALLEST_COUNT for row in counts for count in row)
    hidden = {row[0] for row in rows if row[4] is None}
    assert {key: total for key, total in totals(rows, 1).items() if key[0] not in hidden} == {
        key: total for key, total in totals(cells, 1).items() if key[0] not in hidden
    }
    assert len(hidden) < 500
    told = totals(rows, 2)
    mixed = {row[0] for row in rows if row[1] == OTHER}
    for key, total in totals(cells, 2).items():  # a province whose total is large keeps it
        if key[0] not in mixed and min(*total, total[0] - total[1]) >= SMALLEST_COUNT:
            assert told[key] == total


def totals(rows: Sequence[Row], width: int) -> dict[Row, tuple[int, int]]:
    """Living and uninsured by the first columns."""
    found: dict[Row, tuple[int, int]] = {}
    for row in rows:
        living, uninsured = found.get(row[:width], (0, 0))
        found[row[:width]] = living + (row[4] or 0), uninsured + (row[5] or 0)
    return found
