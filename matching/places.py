"""Places: a row's number in order of its table's key, which a run folder's file knows without counting."""

from __future__ import annotations

from hub.duck import literal, quote
from hub.steps import Runner
from matching.engine import keeps_order
from schemas.tables import Table


def placed(runner: Runner, table: Table, name: str) -> str:
    """SQL of a whole table of the run folder with each row's place, from 0, as column ``name``.

    DuckDB reads places with all its threads, while counting rows takes one.
    """
    if keeps_order(runner.con):
        rows = f"read_parquet({literal(runner.folder / f'{table.name}.parquet')}, file_row_number = true)"
        return f"select file_row_number as {name}, * exclude (file_row_number) from {rows}"
    order = ", ".join(quote(column) for column in table.grain)
    return f"select row_number() over () - 1 as {name}, * from (select * from {table.name} order by {order}) as ordered"
