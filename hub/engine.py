"""The connection that a stage has to the engine that computes it: DuckDB's own, or ``hub.spark.SparkConnection``.

SQL is DuckDB's on every engine, kept within what ``hub.spark_sql`` carries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
