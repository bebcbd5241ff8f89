"""Judgements of stewards: which records are, or are not, the same person. They outlive every model; undo is a tombstone."""

from __future__ import annotations

from hub.errors import IdentityError
from hub.runs import Run
from hub.settings import Settings
from hub.steps import Step
from schemas.tables import JUDGEMENT
from warehouse.database import connect

_IN_FORCE = f"select {', '.join(JUDGEMENT.columns)} from person.judgement where undone_at is null order by judgement_id"


def export_judgements(settings: Settings, run: Run) -> int:
    """Write the judgements in force to ``person.judgement`` in the run folder; returns how many there are."""
    with connect(settings) as connection:
        rows = connection.execute(_IN_FORCE).fetchall()
    with run.runner(settings) as runner:
        columns = ", ".join(f"{name} {kind}" for name, kind in JUDGEMENT.columns.items())
        runner.con.execute(f"create temp table judgement_in_force ({columns})")
        if rows:
            marks = ", ".join("?" for _ in JUDGEMENT.columns)
            runner.con.executemany(f"insert into judgement_in_force values ({marks})", rows)
        sql = "select * from temp.judgement_in_force where $content <> ''"
        runner.run(Step(JUDGEMENT.name, JUDGEMENT.grain, sql, {"content": judgements_version(settings)}))
    return len(rows)


def judgements_version(settings: Settings) -> str:
    """A hash of the judgements in force: part of what makes a run the run it is."""
    with connect(settings) as connection:
        row = connection.execute(f"select md5(coalesce(string_agg(j::text, '|'), '')) from ({_IN_FORCE}) as j").fetchone()
    return "" if row is None else str(row[0])


def add_judgement(settings: Settings, pair: tuple[str, str], *, is_same: bool, judged_by: str, reason: str) -> int:
    """Record a decision on two records; returns its judgement_id.

    Raises:
        IdentityError: a judgement on this pair is in force already.
    """
    first, second = sorted(pair)
    with connect(settings) as connection:
        row = connection.execute(
            "insert into person.judgement (record_key_a, record_key_b, is_same, judged_by, reason) "
            "values (%s, %s, %s, %s, %s) "
            "on conflict (record_key_a, record_key_b) where undone_at is null do nothing returning judgement_id",
            (first, second, is_same, judged_by, reason),
        ).fetchone()
    if row is None:
        raise IdentityError(
            "A judgement on this pair is in force already; nothing was changed.",
            hint="Look at it in person.judgement; undo it first if it is wrong.",
        )
    return int(row[0])


def undo_judgement(settings: Settings, judgement_id: int, *, undone_by: str, reason: str) -> None:
    """End a judgement; who, why and when stay on its row.

    Raises:
        IdentityError: there is no such judgement in force.
    """
    with connect(settings) as connection:
        done = connection.execute(
            "update person.judgement set undone_by = %s, undo_reason = %s, undone_at = clock_timestamp() "
            "where judgement_id = %s and undone_at is null",
            (undone_by, reason, judgement_id),
        ).rowcount
    if not done:
        raise IdentityError(
            f"There is no judgement {judgement_id} in force; nothing was changed.",
            hint="person.judgement lists them.",
            judgement_id=judgement_id,
        )
