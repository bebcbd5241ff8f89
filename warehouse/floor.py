"""The floor of publishing, for benchmarks: COPY of the same rows into bare tables, nothing else."""

from __future__ import annotations

from psycopg import sql

from hub.runs import Run
from hub.settings import Settings
from warehouse.changes import batches, change, published_tables
from warehouse.database import connect
from warehouse.load import copy_rows

SCHEMA = "floor"


def copy_tables(settings: Settings, run: Run) -> int:
    """COPY every published table of a run into a table without keys or indexes; returns the rows. Leaves nothing behind."""
    rows = 0
    with connect(settings) as connection, run.runner(settings) as runner:
        for table in published_tables():
            part = change(runner.con, table, run, None)
            bare = sql.Identifier(SCHEMA, table.name.replace(".", "_"))
            with connection.transaction(force_rollback=True):
                connection.execute(sql.SQL("create schema {}").format(sql.Identifier(SCHEMA)))
                connection.execute(
                    sql.SQL("create table {} (like {} including defaults)").format(
                        bare, sql.Identifier(*table.name.split("."))
                    )
                )
                rows += copy_rows(connection, bare, table.columns, batches(runner.con, _bare(part.fresh)))
    return rows


def _bare(fresh: str) -> str:
    return fresh if "getvariable" not in fresh else f"select * exclude (committed_at) from ({fresh})"
