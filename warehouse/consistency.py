"""Whether the database holds what the nights left: somebody may have changed it by hand, or restored an old backup.

Every row of every published table is compared with the run folders. The rows of a table stream through DuckDB, which keeps
their keys and a hash of their content and spills what is too much for memory; no value leaves here, only counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from hub.duck import DuckConnection, quote
from hub.duck import connection as duck
from hub.progress import Progress, quiet
from hub.runs import Run, find_run
from hub.settings import Settings
from schemas.tables import Table
from warehouse.changes import APPENDED, change, published_tables
from warehouse.database import Postgres, connect
from warehouse.identity_log import published_history
from warehouse.load import name_of
from warehouse.runs import live_run
from warehouse.unload import read_rows

HELD, TOLD = "temp.held_row", "temp.told_row"


@dataclass(frozen=True)
class TableDifference:
    """Rows of one published table that are not as the nights left them.

    Args:
        in_database: how many rows stand in the database; ``in_run`` in the live run's folder (of a log, in all nights').
        missing: rows of the nights that the database lacks.
        strange: rows of the database that no night wrote.
        altered: rows that say something else.
    """

    table: str
    in_database: int
    in_run: int
    missing: int
    strange: int
    altered: int


@dataclass(frozen=True)
class Consistency:
    """What was compared. ``run_id`` is None when nothing was ever published."""

    run_id: str | None
    table_count: int = 0
    row_count: int = 0
    differences: tuple[TableDifference, ...] = ()


def compare(settings: Settings, progress: Progress = quiet) -> Consistency:
    """Compare every published table, row by row, with the live run's folder; a log with the folders of all nights.

    Raises:
        PublishError: the live run has no folder.
    """
    with connect(settings) as connection, duck(settings) as con, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        run_id = live_run(connection)
        if run_id is None:
            return Consistency(None)
        run = find_run(settings, run_id)
        tables = published_tables()
        found = []
        for number, table in enumerate(tables):
            progress("compare with the database", number, len(tables))
            runs, where = _nights(connection, settings, run, table)
            _take_in(connection, con, table, where)
            _tell(con, table, runs)
            found.append(_difference(con, table))
        progress("compare with the database", len(tables), len(tables))
    different = tuple(each for each in found if each.missing or each.strange or each.altered)
    return Consistency(run_id, len(tables), sum(each.in_database for each in found), different)


def _nights(connection: Postgres, settings: Settings, run: Run, table: Table) -> tuple[Sequence[Run], sql.Composable]:
    """The runs whose folders tell what a table holds, and which of its rows they can tell of."""
    if table.name not in APPENDED:
        return [run], sql.SQL("")
    history = published_history(connection, settings, run.run_id)
    if history.is_complete:
        return history.runs, sql.SQL("where run_id <> all({})").format(list(history.gone))
    return history.runs, sql.SQL("where run_id = any({})").format([each.run_id for each in history.runs])


def _take_in(connection: Postgres, con: DuckConnection, table: Table, where: sql.Composable) -> None:
    """Keys and content hashes of the rows in the database.

    Leaves: temp table held_row
    """
    names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    query = sql.SQL("select {} from {} {}").format(names, name_of(table.name), where)
    with read_rows(connection, query, table.columns) as rows:
        con.register("database_row", rows)
        con.execute(f"create or replace temp table held_row as {_hashed(table, 'database_row')}")
        con.unregister("database_row")


def _tell(con: DuckConnection, table: Table, runs: Sequence[Run]) -> None:
    """The same of the rows that run folders hold.

    Leaves: temp table told_row
    """
    told = [_hashed(table, f"({change(con, table, run, None).fresh})") for run in runs if run.table(table.name).exists()]
    rows = " union all ".join(told) or "select * from temp.held_row limit 0"
    con.execute(f"create or replace temp table told_row as {rows}")


def _hashed(table: Table, rows: str) -> str:
    keys = ", ".join(f"cast({quote(name)} as {table.columns[name]}) as {quote(name)}" for name in table.grain)
    values = ", ".join(f"cast({quote(name)} as {kind})" for name, kind in table.columns.items())
    return f"select {keys}, hash({values}) as row_hash from {rows}"


def _difference(con: DuckConnection, table: Table) -> TableDifference:
    held, told = (con.execute(_DIGEST.format(rows=rows)).fetchall()[0] for rows in (HELD, TOLD))
    if held == told:
        return TableDifference(table.name, held[0], told[0], 0, 0, 0)
    keys = ", ".join(quote(name) for name in table.grain)
    missing, strange, altered = con.execute(_DIFFERENCE.format(held=HELD, told=TOLD, keys=keys)).fetchall()[0]
    return TableDifference(table.name, held[0], told[0], missing, strange, altered)


_DIGEST = "select count(*), coalesce(sum(row_hash::hugeint), 0) from {rows}"
_DIFFERENCE = """
    select count(*) filter (where h.row_hash is null), count(*) filter (where t.row_hash is null),
           count(*) filter (where h.row_hash <> t.row_hash)
    from {held} as h full join {told} as t using ({keys})
"""
