"""What a night changes in a published table: the difference of two run folders, by key and row hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from hub.duck import DuckConnection, quote
from hub.errors import PublishError
from hub.layers import difference, rows_of
from hub.runs import Run
from schemas.tables import TABLES, Table

PUBLISHED_SCHEMAS = ("person", "cover", "employment", "special", "ops", "mart")
NOT_PUBLISHED = {
    "person.judgement": "comes from PostgreSQL",
    "cover.booklet_act": "comes from PostgreSQL",
    "person.former": "carried from run folder to run folder; identity_event tells the same",
    "cover.record": "one row per delivered cover row; cover.period holds what readers need",
}
APPENDED = {"person.identity_event": "committed_at"}
"""Logs: a run's folder holds only its own rows, and publish stamps them with the moment in this column."""
REMEMBERED = ("cover.period",)
"""Tables of which the database keeps former rows with the time in which they were believed: never emptied."""

BATCH_ROWS = 100_000


@dataclass(frozen=True)
class Change:
    """Rows to take out (by key) and to put in, as SQL; both empty when the night left the table alone."""

    table: Table
    gone: str
    fresh: str
    gone_count: int
    fresh_count: int
    is_whole: bool
    stamp: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of ``fresh``, in order."""
        return (*self.table.columns, *((self.stamp,) if self.stamp else ()))


def published_tables() -> list[Table]:
    """Declared tables that people see, those that bear the night's moment last; the others are found in run folders."""
    tables = [t for t in TABLES.values() if t.name.partition(".")[0] in PUBLISHED_SCHEMAS and t.name not in NOT_PUBLISHED]
    return sorted(tables, key=lambda table: bears_moment(table))


def bears_moment(table: Table) -> bool:
    """Whether rows of a table tell in the database at which moment they went live."""
    return table.name in APPENDED or table.name in REMEMBERED


def change(con: DuckConnection, table: Table, run: Run, base: Run | None) -> Change:
    """The difference of one table between a run and its base; everything when there is no base.

    Of a table that is its base's but for some rows, only these are read.

    Raises:
        PublishError: the run folder lacks the table or one of its columns.
    """
    path = run.table(table.name)
    new = _relation(con, table, rows_of(path))
    stamp = APPENDED.get(table.name)
    if base is None or stamp:
        is_whole = run.base_run_id is None if stamp else True  # a log keeps what earlier nights wrote
        fresh = new if stamp is None else f"select *, getvariable('{stamp}') as {quote(stamp)} from ({new})"
        return Change(table, "", fresh, 0, _count(con, new), is_whole, stamp)
    before = base.table(table.name)
    if apart := difference(before, path):
        new, old = _relation(con, table, f"({apart.now})"), _relation(con, table, f"({apart.before})")
    else:
        old = _relation(con, table, rows_of(before), is_earlier=True) if before.exists() else f"{new} limit 0"
    names = ", ".join(quote(name) for name in table.columns)
    keys = ", ".join(quote(name) for name in table.grain)
    hashed = f"select *, hash({names}) as row_hash from"
    using = f"using ({keys}, row_hash)"
    con.execute(
        f"create or replace temp table fresh as select {names} from ({hashed} ({new})) anti join ({hashed} ({old})) {using}"
    )
    con.execute(
        f"create or replace temp table gone as select {keys} from ({hashed} ({old})) anti join ({hashed} ({new})) {using}"
    )
    gone, fresh = "select * from temp.gone", "select * from temp.fresh"
    return Change(table, gone, fresh, _count(con, gone), _count(con, fresh), False)


def batches(con: DuckConnection, query: str) -> Iterator[pa.RecordBatch]:
    """A query's rows as Arrow batches."""
    yield from con.sql(query).to_arrow_reader(BATCH_ROWS)


def stamp_with(con: DuckConnection, name: str, moment: datetime) -> None:
    """Set the moment that a log's rows are stamped with."""
    con.execute(f"set variable {name} = cast(? as timestamptz)", [moment])


def require_tables(run: Run) -> None:
    """Refuse a run folder that lacks a published table: a stage has not run."""
    absent = [table.name for table in published_tables() if not run.table(table.name).exists()]
    if absent:
        raise PublishError(
            f"The run folder lacks {', '.join(absent)}; nothing was published and the last good night stays live.",
            hint="Run the stages that make these tables, then publish again.",
        )


def _relation(con: DuckConnection, table: Table, rows: str, *, is_earlier: bool = False) -> str:
    """SQL of rows of a run folder's table; a column that an earlier run did not have yet is null there."""
    found = {row[0] for row in con.execute(f"describe select * from {rows}").fetchall()}
    absent = [name for name in table.columns if name not in found]
    if absent and not is_earlier:
        raise PublishError(
            f"{table.name} in the run folder lacks {', '.join(absent)}; nothing was published.",
            hint="The stage that makes it and schemas/tables.py disagree: mend one of them.",
        )
    columns = ", ".join(
        f"cast({'null' if name in absent else quote(name)} as {kind}) as {quote(name)}"
        for name, kind in table.columns.items()
    )
    return f"select {columns} from {rows}"


def _count(con: DuckConnection, query: str) -> int:
    return int(con.execute(f"select count(*) from ({query})").fetchall()[0][0])
