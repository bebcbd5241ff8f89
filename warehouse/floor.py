"""The floor of publishing, for benchmarks: plain COPY of a run's published rows into tables without indexes."""

from __future__ import annotations

from psycopg import sql

from hub.duck import connection as duckdb_connection
from hub.runs import Run
from hub.settings import Settings
from warehouse.changes import batches, change, published_tables
from warehouse.database import connect, translated
from warehouse.load import copy_rows, name_of


def copy_floor(settings: Settings, run: Run) -> int:
    """COPY every published row of a run into throw-away tables, in one transaction that is rolled back. Returns rows."""
    copied = 0
    with connect(settings) as connection, duckdb_connection(settings) as con, translated():
        connection.execute("begin")
        for table in published_tables():
            part = change(con, table, run, None)
            floor = sql.Identifier("floor_" + table.name.replace(".", "_"))
            statement = "create table {} as select {} from {} with no data"
            columns = sql.SQL(", ").join(map(sql.Identifier, part.columns))
            connection.execute(sql.SQL(statement).format(floor, columns, name_of(table.name)))
            copied += copy_rows(connection, floor, part.columns, batches(con, part.fresh))
        connection.execute("rollback")
    return copied
