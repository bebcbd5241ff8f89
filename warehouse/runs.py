"""Runs as the database knows them: which night is live, which were held or failed, what their steps took."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from hub.runs import Run, find_run
from hub.settings import Settings
from warehouse.database import Postgres, connect


@dataclass(frozen=True)
class RunState:
    """One row of ``ops.run``."""

    run_id: str
    business_date: date
    base_run_id: str | None
    state_code: str
    is_live: bool
    started_at: datetime
    published_at: datetime | None
    reason: str | None
    counts: dict[str, Any] | None


def live_run_id(settings: Settings) -> str | None:
    """The run that readers see; None in a new nation."""
    with connect(settings) as connection:
        return live_run(connection)


def live_run(connection: Postgres) -> str | None:
    """The same on an open connection."""
    row = connection.execute("select run_id from ops.run where is_live").fetchone()
    return None if row is None else str(row[0])


def run_or_live(settings: Settings, run_id: str | None = None) -> Run | None:
    """The run of an id, by default the live one; None when no night was ever published.

    Raises:
        PublishError: there is no such run under this home.
    """
    run_id = run_id or live_run_id(settings)
    return None if run_id is None else find_run(settings, run_id)


def is_published(settings: Settings, run_id: str) -> bool:
    """Whether a run was ever live; its folder is evidence then."""
    with connect(settings) as connection:
        return was_published(connection, run_id)


def was_published(connection: Postgres, run_id: str) -> bool:
    """The same on an open connection."""
    statement = "select 1 from ops.run where run_id = %s and state_code = 'published'"
    return connection.execute(statement, (run_id,)).fetchone() is not None


def latest_runs(settings: Settings, limit: int = 20) -> list[RunState]:
    """The newest runs first."""
    with connect(settings) as connection, connection.cursor(row_factory=class_row(RunState)) as cursor:
        return cursor.execute(
            "select run_id, business_date, base_run_id, state_code, is_live, started_at, published_at, reason, counts "
            "from ops.run order by started_at desc, run_id limit %s",
            (limit,),
        ).fetchall()


def register(connection: Postgres, run: Run) -> None:
    """Note that a run is being worked on; a published run stays as it is."""
    connection.execute(
        "insert into ops.run (run_id, business_date, base_run_id, inputs_hash, state_code) "
        "values (%s, %s, %s, %s, 'running') "
        "on conflict (run_id) do update set state_code = 'running', reason = null where run.state_code <> 'published'",
        (run.run_id, run.business_date, run.base_run_id, run.inputs_hash),
    )


def mark(connection: Postgres, run: Run, state_code: str, reason: str) -> None:
    """Note that a run failed or is held, and why; a published run stays as it is."""
    connection.execute(
        "update ops.run set state_code = %s, reason = %s where run_id = %s and state_code <> 'published'",
        (state_code, reason, run.run_id),
    )


def make_live(connection: Postgres, run: Run, published_at: datetime, counts: dict[str, Any]) -> None:
    """Move the live pointer and keep the run's steps; part of the publish transaction."""
    connection.execute("update ops.run set is_live = false where is_live")
    connection.execute(
        "update ops.run set state_code = 'published', is_live = true, published_at = %s, reason = null, counts = %s "
        "where run_id = %s",
        (published_at, json.dumps(counts), run.run_id),
    )
    keep_steps(connection, run)


def keep_steps(connection: Postgres, run: Run) -> None:
    """Write the steps of a run as its folder tells them."""
    connection.execute("delete from ops.step where run_id = %s", (run.run_id,))
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.step (run_id, step_no, table_name, row_count, seconds, finished_at) "
            "values (%s, %s, %s, %s, %s, %s)",
            [(run.run_id, number, *step) for number, step in enumerate(_steps(run), start=1)],
        )


def _steps(run: Run) -> Iterator[tuple[str, int, float, str]]:
    log = run.folder / "steps.jsonl"
    if not log.exists():
        return
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            step = json.loads(line)
        except json.JSONDecodeError:
            continue  # cut by a kill; the step ran again and stands below
        yield step["table"], step["rows"], step["seconds"], step["at"]
