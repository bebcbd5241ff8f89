"""Publish: a run folder goes live in PostgreSQL. Audit, compare and swap, changes only, one transaction.

A kill at any point, of this process or of the server, leaves the old night or the new one; publishing again goes on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import cast

import pyarrow as pa
from psycopg import sql

from hub.duck import DuckConnection
from hub.errors import NightHeld, PublishError
from hub.progress import Progress, quiet
from hub.runs import Run, find_run
from hub.settings import Settings
from warehouse.audit import audit, hold_unusual
from warehouse.changes import (
    APPENDED,
    REMEMBERED,
    Change,
    batches,
    bears_moment,
    change,
    published_tables,
    require_tables,
    stamp_with,
)
from warehouse.database import LOCK_WAIT, Postgres, connect, translated
from warehouse.identity_log import LogMending, mend_log
from warehouse.issuing import take_over
from warehouse.load import (
    as_the_live_run_left,
    copy_rows,
    delete_rows,
    emptied,
    holds_rows,
    name_of,
    replace_rows,
)
from warehouse.runs import keep_steps, live_run, make_live, mark, register, was_published

PUBLISH_LOCK = 7_211_002
"""Key of the advisory lock under which a night goes live."""
BUILD_MEMORY = "256MB"
SAMPLED = 20
"""Statistics target of the tables that are written whole: lookups go by key, and wide columns are dear to sample."""


@dataclass(frozen=True)
class TableCounts:
    """Rows written to and taken out of one table; a changed row counts in both."""

    written: int
    removed: int


@dataclass(frozen=True)
class PublishCounts:
    """What a publish did.

    Args:
        is_repeat: the run was live already and nothing was touched.
        log: what was mended in the identity log; None where publishing did not look.
    """

    run_id: str
    is_repeat: bool
    seconds: float
    tables: dict[str, TableCounts] = field(default_factory=dict)
    log: LogMending | None = None

    @property
    def written(self) -> int:
        """Rows written in all tables."""
        return sum(counts.written for counts in self.tables.values())


@dataclass(frozen=True)
class Manner:
    """How to publish out of the ordinary.

    Args:
        is_whole: write every table anew instead of what changed, and mend the identity log, also when the run is live
            already; for a database that was changed by hand.
        release_reason: why a night that is held goes live all the same.
    """

    is_whole: bool = False
    release_reason: str | None = None


ORDINARY = Manner()


def publish(settings: Settings, run: Run, progress: Progress = quiet, manner: Manner = ORDINARY) -> PublishCounts:
    """Make a run live.

    Raises:
        PublishError: an audit failed, or another night was published meanwhile; the last good night stays live.
        NightHeld: it would change far more than usual.
        DatabaseAway: PostgreSQL broke off; nothing was half-published.
    """
    started = time.monotonic()
    with connect(settings) as connection:
        is_live = live_run(connection) == run.run_id
        if is_live and not manner.is_whole:
            return PublishCounts(run.run_id, True, time.monotonic() - started)
        base = find_run(settings, run.base_run_id) if run.base_run_id and not is_live else None
        register(connection, run)
        try:
            with run.runner(settings, progress) as runner:
                require_tables(run)
                audit(runner.files)
                progress("publish: audit", 1, 1)
                if manner.release_reason is None:
                    hold_unusual(runner.files, run, base)
                with translated(), connection.transaction():
                    live = _locked_live_run(connection, run)
                    if live == run.run_id and not manner.is_whole:
                        return PublishCounts(run.run_id, True, time.monotonic() - started)
                    log = mend_log(connection, runner.files, settings, live) if live and manner.is_whole else None
                    tables = _apply(connection, runner.files, run, None if manner.is_whole else base, progress)
        except PublishError as error:
            mark(connection, run, "held" if isinstance(error, NightHeld) else "failed", error.summary)
            raise
    return PublishCounts(run.run_id, False, time.monotonic() - started, tables, log)


def _apply(
    connection: Postgres, con: DuckConnection, run: Run, base: Run | None, progress: Progress
) -> dict[str, TableCounts]:
    """Bring the run's rows in: what differs from the base, everything without one. A log gets what it does not have yet."""
    is_live = live_run(connection) == run.run_id
    counts: dict[str, TableCounts] = {}
    published_at = None
    take_over(connection, con, run)
    for table in published_tables():
        if table.name in APPENDED and is_live:
            continue
        if bears_moment(table) and published_at is None:
            published_at = _moment(connection)
            for column in APPENDED.values():
                stamp_with(con, column, published_at)
        counts[table.name] = _write(connection, con, change(con, table, run, base), progress)
    if is_live:
        keep_steps(connection, run)
    else:
        written = {name: asdict(count) for name, count in counts.items()}
        make_live(connection, run, published_at or _moment(connection), written)
    return counts


def _locked_live_run(connection: Postgres, run: Run) -> str | None:
    """Take the publish lock; the live run, which is this one or the one that it builds on.

    Raises:
        PublishError: another night is live.
    """
    connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_WAIT)))
    connection.execute("select pg_advisory_xact_lock(%s)", (PUBLISH_LOCK,))
    connection.execute("set local lock_timeout = 0")
    connection.execute(sql.SQL("set local maintenance_work_mem = {}").format(sql.Literal(BUILD_MEMORY)))
    connection.execute(sql.SQL("set local default_statistics_target = {}").format(sql.Literal(SAMPLED)))
    live = live_run(connection)
    if live != run.run_id and was_published(connection, run.run_id):
        raise PublishError(
            f"Run {run.run_id} was live before {live}; nights only go forward, and nothing was changed.",
            hint="Mend what made the live night wrong, then `databank sync`: it opens a new run on top of it.",
        )
    if live not in (run.run_id, run.base_run_id):
        raise PublishError(
            f"Another night was published meanwhile: {live or 'none'} is live, this run builds on "
            f"{run.base_run_id or 'none'}; nothing was changed.",
            hint="Start the night again: it will build on the live one.",
        )
    return live


def _write(connection: Postgres, con: DuckConnection, part: Change, progress: Progress) -> TableCounts:
    rows = _told(batches(con, part.fresh), part, progress) if part.fresh_count else ()
    table = name_of(part.table.name)
    if part.is_whole and part.table.name in REMEMBERED and holds_rows(connection, part.table.name):
        replace_rows(connection, part.table, rows)
    elif part.is_whole:
        with emptied(connection, part.table.name):
            copy_rows(connection, table, part.columns, rows, is_new=True)
    else:
        if part.gone_count:
            delete_rows(connection, part.table, batches(con, part.gone), part.gone_count)
        if part.fresh_count:
            with as_the_live_run_left(part.table.name):
                copy_rows(connection, table, part.columns, rows)
    return TableCounts(part.fresh_count, part.gone_count)


def _told(rows: Iterator[pa.RecordBatch], part: Change, progress: Progress) -> Iterator[pa.RecordBatch]:
    done = 0
    for batch in rows:
        yield batch
        done += batch.num_rows
        progress(f"publish: {part.table.name}", done, part.fresh_count)


def _moment(connection: Postgres) -> datetime:
    """The moment at which this night goes live; the database stamps what it remembers with the same."""
    row = connection.execute(
        "select m::timestamptz from (select set_config('databank.moment', clock_timestamp()::text, true)) as s(m)"
    ).fetchone()
    assert row is not None
    return cast(datetime, row[0])
