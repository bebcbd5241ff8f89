"""Linking only what changed.

A night takes over from the night before what no news can have reached, and links the rest: *affected* records (changed ones,
those that share a code or equal evidence with them, those that judgements bind), *fresh* ones (affected and open: all their
pairs are weighed anew), *touched* persons (of whom something else may be told than before: so are theirs), and *mates* (open
records that meet these; their other pairs are taken over). The part runs through the same code as the nation
(``matching.link``), under the same reference (``matching.reference``), so what it finds is what a full re-scoring would find
(decision 0008). When the part turns out too small, because a link moved that was not foreseen, whom it should have held is
linked in a further pass, which begins with what the pass before found as with a night before.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from hub.duck import Connection, table_or_empty
from hub.engine import passing_tables
from hub.layers import amend, difference
from hub.settings import FULL, Settings
from hub.steps import Runner, Step
from hub.storage import disk_errors
from matching import loaded, mates, passes, reference, splice, surroundings
from matching.link import LinkCounts, find_profiles, link, link_by_code, link_counts, weigh_and_decide
from matching.model import Model, current_model
from matching.part import NATION, ChangedPart, count_values, find_decided, find_judged, find_moved, part_of
from matching.scorer import rules_under
from matching.sources import MOST_CHANGED_RATIO
from matching.weights import frequency_tables
from schemas.tables import (
    BLOCKING_YIELD,
    CLUSTER,
    CROSSWALK,
    IDENTITY_EVENT,
    JUDGEMENT,
    NEAR_PAIR,
    PERSON_RECORD,
    REVIEW_PAIR,
    SCORED_PAIR,
    SCORING,
    Table,
)

# So often at most whom a pass should have held too is linked in a further one, before everything is scored.
MOST_PASSES = 8
# Where in the run folder what passes found lies, until the last one has.
PASSES = "passes"
_BASE = (PERSON_RECORD, CLUSTER, CROSSWALK, NEAR_PAIR, SCORED_PAIR, REVIEW_PAIR, IDENTITY_EVENT)


@dataclass(frozen=True)
class Increment:
    """How a night was linked.

    ``full_because``: why everything was scored; None when only what changed was. ``changed``: records that are new, gone or
    say something else; None when nobody looked.
    """

    counts: LinkCounts
    full_because: str | None
    changed: int | None
    passes: int = 0


def scoring(full_because: str | None, changed: int | None, passes: int) -> Step:
    """How this night was linked, for those who wonder why it took so long.

    Grain:   way_code
    """
    return Step(
        SCORING.name,
        SCORING.grain,
        """
        select case when $because is null then 'changes' else 'full' end as way_code, $because::varchar as reason,
               $changed::bigint as changed_count, $passes::integer as pass_count
        """,
        {"because": full_because, "changed": changed, "passes": passes},
    )


def link_changes(runner: Runner, settings: Settings, base_folder: Path | None, *, is_full: bool = False) -> Increment:
    """Link this night, scoring only what changed since the night before where that can be trusted to give the same.

    Args:
        base_folder: folder of the live run; None in a new nation.
        is_full: score everything, under the reference that the night carries; so does the setting DATABANK_SCORING=full.

    Reads:   linkage.person_record, person.judgement, and what ``matching.identity.attach_previous`` attaches
    Leaves:  as ``matching.link.link``, and linkage.scoring
    """
    model = current_model(settings)
    because = reference.adopt(runner, base_folder, model)
    if because is None and (is_full or settings.scoring == FULL):
        because = "asked for"
    if because is None and settings.engine != "duckdb":
        because = f"not on {settings.engine}"
    changed, pass_count = None, 0
    if because is None and base_folder is not None:
        with passing_tables(runner.con):
            because, changed, pass_count = _link_changed(runner, model, base_folder)
    shutil.rmtree(runner.folder / PASSES, ignore_errors=True)
    if because is None:
        return Increment(link_counts(runner.con), None, changed, pass_count)
    runner.run(scoring(because, changed, 0))
    return Increment(link(runner, settings), because, changed)


def _link_changed(runner: Runner, model: Model, base_folder: Path) -> tuple[str | None, int, int]:
    """Why this cannot be done, else None; how many records changed; how many passes it took."""
    _attach_base(runner, base_folder)
    surroundings.load_nation(runner.con)
    before, now = (folder / f"{PERSON_RECORD.name}.parquet" for folder in (base_folder, runner.folder))
    changed, records = surroundings.find_changed(runner.con, difference(before, now))
    if changed > MOST_CHANGED_RATIO * records:
        return "too much has changed", changed, 0
    done = _link_part(runner, model, base_folder)
    if done is None:
        return "what changed reaches too far", changed, 0
    reference.carry(runner, base_folder, BLOCKING_YIELD.name)
    runner.run(scoring(None, changed, done.passes))
    for amendment in splice.spliced(done.begun_with):
        runner.amend(amendment)
    return None, changed, done.passes


@dataclass(frozen=True)
class _LinkedPart:
    """How many passes it took, and the folder of what the last one began with."""

    passes: int
    begun_with: Path


def _link_part(runner: Runner, model: Model, base_folder: Path) -> _LinkedPart | None:
    con = runner.con
    con.execute("create or replace temp table also_affected (record_key varchar)")
    affected, folder = -1, base_folder
    for number in range(1, MOST_PASSES + 1):
        if affected != (affected := _count(con, "also_affected")):
            folder = base_folder
            _attach_pass(runner, folder)
            _begin(con)
        else:
            folder = _put_in_place(runner, folder, runner.folder / PASSES / str(number))
            _attach_pass(runner, folder)
            passes.begin_further_part(con)
        reference.recall(runner)
        mates.find_mates(con, rules_under(model))
        with passing_tables(con, keep=(*splice.LAID_OUT, *frequency_tables())), part_of(con):
            find_profiles(con, ChangedPart(), numbered=loaded.NUMBERED, nation=NATION)
            count_values(con)
            weigh_and_decide(con, model, is_carried=True, part=ChangedPart())
            find_moved(con)
            find_judged(con)
            find_decided(con)
            splice.lay_out(con)
        if not sum(_count(con, name) for name in ("new_fresh", "new_touched")) and affected == _count(con, "also_affected"):
            return _LinkedPart(number, folder)
    return None


def _put_in_place(runner: Runner, earlier: Path, folder: Path) -> Path:
    """Let what a pass found be what the next one begins with, as if a night lay between them."""
    folder.mkdir(parents=True, exist_ok=True)
    for amendment in splice.spliced(earlier):
        path = folder / f"{amendment.step.table}.parquet"
        with disk_errors(path):
            amend(runner.files, amendment, path)
    return folder


def _begin(con: Connection) -> None:
    loaded.unload(con)
    con.execute("create or replace temp table renewed as from changed")
    passes.list_open(con)
    surroundings.find_affected(con)
    con.execute("create or replace temp table ever_affected as from affected")
    passes.list_speaking(con)
    loaded.load(
        con, "(select record_key from affected union select record_key from open_then union select record_key from speaking)"
    )
    loaded.number(con, "affected")
    with passing_tables(con, keep=surroundings.TOUCHED):
        with part_of(con):
            link_by_code(con, loaded.NUMBERED, NATION)
            passes.note_speakers(con)
        surroundings.find_touched(con)
    passes.begin_part(con)


def _count(con: Connection, table: str) -> int:
    return int(con.execute(f"select count(*) from {table}").fetchall()[0][0])


def _attach_base(runner: Runner, base_folder: Path) -> None:
    for table in _BASE:
        runner.attach(_base_name(table), base_folder / f"{table.name}.parquet")
    con = runner.con
    before = table_or_empty(con, "person.previous_judgement", JUDGEMENT.columns)
    con.execute(f"create or replace view base.judgement as from {before}")
    tonight = table_or_empty(con, JUDGEMENT.name, JUDGEMENT.columns)
    if tonight.startswith("("):
        con.execute(f"create or replace view {JUDGEMENT.name} as from {tonight}")


def _attach_pass(runner: Runner, folder: Path) -> None:
    for table in (CLUSTER, NEAR_PAIR):
        runner.attach(_base_name(table), folder / f"{table.name}.parquet")


def _base_name(table: Table) -> str:
    return f"base.{table.name.partition('.')[2]}"
