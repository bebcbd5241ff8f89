"""Whether the database holds what the live run left: somebody may have changed it by hand, or restored an old backup."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from hub.duck import connection as duck
from hub.layers import rows_of
from hub.runs import find_run
from hub.settings import Settings
from warehouse.changes import APPENDED, published_tables
from warehouse.database import connect
from warehouse.load import name_of
from warehouse.runs import live_run


@dataclass(frozen=True)
class TableDifference:
    """Rows of one published table, in the database and in the live run's folder."""

    table: str
    in_database: int
    in_run: int


@dataclass(frozen=True)
class Consistency:
    """What was compared. ``run_id`` is None when nothing was ever published."""

    run_id: str | None
    table_count: int = 0
    differences: tuple[TableDifference, ...] = ()


def compare(settings: Settings) -> Consistency:
    """Compare row counts of every published table with the live run's folder; of a log, the rows of that night.

    Raises:
        PublishError: the live run has no folder.
    """
    with connect(settings) as connection, duck(settings) as con:
        run_id = live_run(connection)
        if run_id is None:
            return Consistency(None)
        run = find_run(settings, run_id)
        tables = [table.name for table in published_tables()]
        different = []
        for table in tables:
            of_night = sql.SQL("where run_id = {}").format(run_id) if table in APPENDED else sql.SQL("")
            count = connection.execute(sql.SQL("select count(*) from {} {}").format(name_of(table), of_night)).fetchone()
            there = (
                con.execute(f"select count(*) from {rows_of(run.table(table))}").fetchall()[0][0]
                if run.table(table).exists()
                else 0
            )
            here = int(count[0]) if count else 0
            if here != there:
                different.append(TableDifference(table, here, int(there)))
    return Consistency(run_id, len(tables), tuple(different))
