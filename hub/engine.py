"""The connection that a stage has to the engine that computes it: DuckDB's own, or ``hub.spark.SparkConnection``.

SQL is DuckDB's on every engine, kept within what ``hub.spark_sql`` carries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import pyarrow as pa


class Rows(Protocol):
    """What a statement returned."""

    @property
    def description(self) -> Any:
        """One sequence a column, its name first."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows."""


class Connection(Protocol):
    """Runs SQL over its own temporary tables and the tables of a run folder."""

    def execute(self, query: str, parameters: Any = None, /) -> Rows:
        """Run one or more statements; the rows are those of the last."""

    def register(self, view_name: str, python_object: Any, /) -> Any:
        """Make an Arrow table readable under a name."""

    def unregister(self, view_name: str, /) -> Any:
        """Forget a registered table."""


def insert_rows(con: Connection, table: str, columns: Collection[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows from Python to a temporary table that has these columns."""
    values = list(zip(*rows, strict=True))
    if values:
        con.register("inserted_row", pa.table(dict(zip(columns, map(list, values), strict=True))))
        con.execute(f"insert into {table} select * from inserted_row")
        con.unregister("inserted_row")


@contextmanager
def passing_tables(con: Connection, *, keep: Collection[str] = ()) -> Iterator[None]:
    """Drop the temporary tables and views that are made inside the block when it ends; after an error the connection goes.

    Args:
        keep: names of those that stay, as they are asked for later. What was there before stays too, be it made anew.
    """
    stays = {*keep, *(name for name, _ in _temporary(con))}
    yield
    for name, kind in _temporary(con):
        if name not in stays:
            con.execute(f'drop {kind} "{name}"')


def _temporary(con: Connection) -> list[tuple[Any, ...]]:
    return con.execute(
        """select table_name, case table_type when 'VIEW' then 'view' else 'table' end as kind
           from information_schema.tables where table_catalog = 'temp' order by table_name"""
    ).fetchall()
