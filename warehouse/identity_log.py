"""The identity log in the database, held against the run folders that wrote it.

The log only grows; publishing never rewrites it. Where somebody changed it by hand, the folders of the published nights are
the evidence: each holds the rows that its night appended, and all of them bear the moment at which it went live.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hub.duck import DuckConnection
from hub.runs import Run, find_run, has_folder
from hub.settings import Settings
from schemas.tables import IDENTITY_EVENT
from warehouse.changes import APPENDED, batches, change, stamp_with
from warehouse.database import Postgres
from warehouse.load import copy_rows, name_of

LOG, MOMENT = IDENTITY_EVENT.name, APPENDED[IDENTITY_EVENT.name]
TOLD = "told_event"
COLUMNS = (*IDENTITY_EVENT.columns, MOMENT)


@dataclass(frozen=True)
class LogMending:
    """Rows of the log that were not as the run folders tell, and what became of them.

    Args:
        restored: were missing, and are back with the moment of their night.
        rewritten: said something else.
        removed: belong to no published night.
        unproven: of nights whose folders are gone; left as they stand.
        undated_runs: nights of which nothing in the database says when they went live; their missing rows stay missing.
    """

    restored: int = 0
    rewritten: int = 0
    removed: int = 0
    unproven: int = 0
    undated_runs: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether every row stood there as told, and each could be held against a folder."""
        return self == LogMending()


@dataclass(frozen=True)
class PublishedHistory:
    """The nights that wrote the log: those whose folders exist, and those whose folders are gone."""

    runs: tuple[Run, ...]
    gone: tuple[str, ...]
    is_complete: bool


def mend_log(connection: Postgres, con: DuckConnection, settings: Settings, run_id: str) -> LogMending:
    """Make the log what the folders of all nights up to a published run tell. Rows that are right are not touched.

    Belongs into the transaction of a publish.
    """
    history = published_history(connection, settings, run_id)
    connection.execute(f"create temp table {TOLD} (like {LOG}) on commit drop")
    moments = _moments(connection)
    undated = []
    for run in history.runs:
        if moment := moments.get(run.run_id):
            stamp_with(con, MOMENT, moment)
            rows = change(con, IDENTITY_EVENT, run, None)
            copy_rows(connection, name_of(TOLD), rows.columns, batches(con, rows.fresh))
        else:
            undated.append(run.run_id)
    connection.execute(f"create index on {TOLD} (event_no)")
    connection.execute(f"analyze {TOLD}")
    return _mended(connection, history, tuple(undated))


def _mended(connection: Postgres, history: PublishedHistory, undated: tuple[str, ...]) -> LogMending:
    # Numbers only grow: what stands below the oldest night known may be of a night of which nobody knows any more.
    oldest = "0" if history.is_complete else f"coalesce((select min(event_no) from {TOLD}), 0)"
    is_told = f"exists (select from {TOLD} as t where t.event_no = l.event_no)"
    removed = connection.execute(
        f"delete from {LOG} as l where not {is_told} and run_id <> all(%s) and event_no >= {oldest}", (list(history.gone),)
    ).rowcount
    old, new = (", ".join(f"{side}.{name}" for name in COLUMNS) for side in ("l", "t"))
    rewritten = connection.execute(
        f"delete from {LOG} as l using {TOLD} as t where t.event_no = l.event_no and row({old}) is distinct from row({new})"
    ).rowcount
    columns = ", ".join(COLUMNS)
    written = connection.execute(
        f"insert into {LOG} ({columns}) select {columns} from {TOLD} as t "
        f"where not exists (select from {LOG} as l where l.event_no = t.event_no)"
    ).rowcount
    ((unproven,),) = connection.execute(f"select count(*) from {LOG} as l where not {is_told}").fetchall()
    return LogMending(written - rewritten, rewritten, removed, int(unproven), undated)


def published_history(connection: Postgres, settings: Settings, run_id: str) -> PublishedHistory:
    """The nights up to a published run.

    Bases are followed by their folders; over a folder that is gone, by what the database says of that run.
    """
    bases: dict[str, str | None] = dict(connection.execute("select run_id, base_run_id from ops.run").fetchall())
    runs: list[Run] = []
    gone: list[str] = []
    following: str | None = run_id
    while following is not None:
        run = find_run(settings, following) if has_folder(settings, following) else None
        if run and run.table(LOG).exists():
            runs.append(run)
            following = run.base_run_id
        else:
            gone.append(following)
            if following not in bases:
                return PublishedHistory(tuple(runs), tuple(gone), False)
            following = bases[following]
    return PublishedHistory(tuple(runs), tuple(gone), True)


def _moments(connection: Postgres) -> dict[str, datetime]:
    """When each night went live; where its row is gone, as the log's own rows of that night say."""
    known = connection.execute(f"select run_id, min({MOMENT}) from {LOG} group by run_id").fetchall()
    published = connection.execute("select run_id, published_at from ops.run where published_at is not null").fetchall()
    return dict(known) | dict(published)
