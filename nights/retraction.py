"""Retracting a delivery: persons, golden values and conflicts become what they would be had it never come (case D13).

Deliveries staged after it are staged again without it, the nights since are gone through again (``nights.replay``), and a
run on top of the live one takes over who would belong together. Ids stay with most of their records (I01, I02), new events
are appended, and nothing of the log is rewritten. The act is kept in ``retractions.jsonl``; the file stays as evidence.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from connectors.contracts_then import feeds_ever
from connectors.deliveries import Delivery, delivery_named
from connectors.ledger import collect
from connectors.restaging import restage
from connectors.retractions import RETRACT, UNDO, acts, note_act, retractions
from hub.duck import connection
from hub.errors import DeliveryError, PublishError
from hub.layers import link_table, rows_of
from hub.progress import Progress, quiet
from hub.runs import Run, all_runs, find_run, open_run
from hub.settings import Settings
from hub.storage import write_text
from matching.golden import golden
from matching.identity import attach_previous, identify
from nights.replay import HISTORY, REPLAYS, Plan, as_then, plan, replay, told
from nights.stages import at_work, draw_conclusions
from reports.pages import write_pages
from reports.returns import write_returns
from schemas.contracts import load_feeds
from schemas.tables import CONFLICT, CROSSWALK, GOLDEN, IDENTITY_EVENT
from warehouse.publish import Manner, publish
from warehouse.runs import live_run_id

# What agencies did online has nothing to do with deliveries.
LEFT_AS_IT_IS = ("cover.booklet_act.parquet",)
# What the last night gone through again leaves for the run that settles.
TAKEN_OVER = (
    "linkage.*.parquet",
    "staging.current_delivery.parquet",
    "person.review_pair.parquet",
    "person.judgement.parquet",
)


@dataclass(frozen=True)
class Effect:
    """What a retraction, or its undoing, changes against the live night.

    Args:
        run_id: the run that settles it.
        nights: how many nights were gone through again.
        staged_again: deliveries that were staged again because they followed it.
        events: events of identity by kind.
        record_count: records that are in one of the two worlds only.
        person_count: persons with another golden record, new and gone ones included.
        conflicts: opened, resolved, changed.
    """

    run_id: str
    nights: int
    staged_again: tuple[str, ...]
    events: dict[str, int]
    record_count: int
    person_count: int
    conflicts: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Plain values for --json."""
        return asdict(self)


def retract(
    settings: Settings, delivery_id: str, reason: str, who: str | None = None, progress: Progress = quiet
) -> Effect | None:
    """Take a delivery out of use, and settle. Called again, it goes on where it was.

    Returns: what changed; None where no night had used the delivery.

    Raises:
        DeliveryError: it is not in use, or no reason is given.
        DeliveryMissing: none of that id has landed.
        PublishError: nothing would be left, or the audit failed; the act stands, the last good night stays live.
    """
    if delivery_id not in retractions(settings):
        delivery = _in_use(settings, delivery_id)
        note_act(settings, RETRACT, delivery.feed, delivery_id, reason, who)
    return settle(settings, progress)


def undo(
    settings: Settings, delivery_id: str, reason: str, who: str | None = None, progress: Progress = quiet
) -> Effect | None:
    """Bring a retracted delivery back, and settle.

    Raises:
        DeliveryError: it is not retracted, or no reason is given.
        PublishError: as for ``retract``.
    """
    act = retractions(settings).get(delivery_id)
    if act is not None:
        note_act(settings, UNDO, act.feed, delivery_id, reason, who)
    elif not any(each.delivery_id == delivery_id for each in acts(settings)):
        raise DeliveryError(
            f"Delivery {delivery_id} was never retracted; nothing was changed.", hint="`databank feeds FEED` lists states."
        )
    return settle(settings, progress)


def foresee(settings: Settings, delivery_id: str, progress: Progress = quiet) -> Effect | None:
    """What retracting a delivery, or bringing it back, would change. Works in scratch space; nothing is touched.

    Raises:
        as ``retract``.
    """
    live = live_run_id(settings)
    act = retractions(settings).get(delivery_id)
    feed = act.feed if act else _in_use(settings, delivery_id).feed
    scratch = settings.scratch / f"foreseen-{delivery_id}"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        beside = _beside(settings, scratch, feed)
        note_act(beside, UNDO if act else RETRACT, feed, delivery_id, "foreseen", None)
        found = _settled(beside, find_run(beside, live), progress) if live else None
        return found.effect if found else None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def settle(settings: Settings, progress: Progress = quiet) -> Effect | None:
    """Make the live night what the retractions in force ask for; None where it is so already. Safe to repeat.

    Raises:
        PublishError: nothing would be left, or the audit failed; the last good night stays live.
    """
    done = acts(settings)
    live = live_run_id(settings) if done else None
    if live is None:
        for feed in load_feeds(settings.contracts) if done else ():
            restage(settings, feed, progress)
        return None
    found = _settled(settings, find_run(settings, live), progress)
    if found is None:
        _sweep(settings)
        return None
    publish(settings, found.run, progress, Manner(release_reason=f"{done[-1].act_code}: {done[-1].reason}"))
    write_returns(settings, found.run)
    write_pages(settings, found.run)
    _sweep(settings)
    return found.effect


def _sweep(settings: Settings) -> None:
    """Remove the runs in which nights were gone through again: the run that settled holds what they found."""
    for run in all_runs(settings):
        if REPLAYS in run.inputs:
            shutil.rmtree(run.folder, ignore_errors=True)


@dataclass(frozen=True)
class _Settled:
    run: Run
    effect: Effect


def _settled(settings: Settings, live: Run, progress: Progress) -> _Settled | None:
    """The run that settles, made but not published."""
    feeds = feeds_ever(settings, load_feeds(settings.contracts), [live.inputs.get("contracts", {})])
    again = [delivery_id for feed in feeds for delivery_id in restage(settings, feed, progress)]
    what = plan(settings, feeds, live)
    if what.is_settled:
        return None
    replayed = replay(settings, what, progress)
    last = replayed[-1] if replayed else what.base
    if last is None:
        raise PublishError(
            "No night would be left without the retracted deliveries; the last good night stays live.",
            hint='Bring one back: `databank retract DELIVERY --undo --reason "…"`; or begin anew in an empty DATABANK_HOME.',
        )
    run = _taken_over(settings, live, last, what)
    with at_work(as_then(settings, last), run, progress) as stage:
        collect(settings, stage.runner)
        attach_previous(stage.runner, stage.base_folder)
        identify(stage.runner, stage.run, stage.base_folder)
        golden(stage.runner, stage.feeds, stage.deliveries)
        draw_conclusions(stage)
    return _Settled(run, _effect(settings, live, run, len(replayed), again))


def _taken_over(settings: Settings, live: Run, last: Run, what: Plan) -> Run:
    """A run on the live one that holds what the last night gone through again found."""
    inputs = {**told(live.inputs), **told(last.inputs), HISTORY: what.history}
    run = open_run(settings, live.business_date, inputs, live.run_id)
    for source in (*_files(last, TAKEN_OVER), *_files(live, LEFT_AS_IT_IS)):
        if not (run.folder / source.name).exists():
            link_table(source, run.folder / source.name)
    return run


def _files(run: Run, patterns: Sequence[str]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(run.folder.glob(pattern))]


def _effect(settings: Settings, live: Run, run: Run, nights: int, again: list[str]) -> Effect:
    def side(table: str, of: Run) -> str:
        return rows_of(of.table(table))

    keys = [f"select record_key from {side(CROSSWALK.name, each)}" for each in (run, live)]
    values = [f"select * from {side(GOLDEN.name, each)}" for each in (run, live)]
    open_conflicts = [
        f"select *exclude (changed_date) from {side(CONFLICT.name, each)} where status_code <> 'resolved'"
        for each in (run, live)
    ]
    differing = "(({0} except {1}) union all ({1} except {0}))"
    with connection(settings) as con:

        def count(sql: str) -> int:
            return int(con.execute(sql).fetchall()[0][0])

        events = con.execute(
            f"select event_code, count(*) from {side(IDENTITY_EVENT.name, run)} group by 1 order by 1"
        ).fetchall()
        opened, resolved = (
            count(f"select count(*) from ({open_conflicts[a]}) anti join ({open_conflicts[b]}) using (conflict_no)")
            for a, b in ((0, 1), (1, 0))
        )
        changed = count(f"select count(distinct conflict_no) from {differing.format(*open_conflicts)}") - opened - resolved
        return Effect(
            run_id=run.run_id,
            nights=nights,
            staged_again=tuple(again),
            events={str(code): int(number) for code, number in events},
            record_count=count(f"select count(*) from {differing.format(*keys)}"),
            person_count=count(f"select count(distinct person_id) from {differing.format(*values)}"),
            conflicts={"opened": opened, "resolved": resolved, "changed": changed},
        )


def _in_use(settings: Settings, delivery_id: str) -> Delivery:
    delivery = delivery_named(settings, delivery_id)
    state = delivery.state(settings)
    if state != "staged":
        raise DeliveryError(
            f"Delivery {delivery_id} is {state}, not in use; nothing was changed.",
            hint="Only staged deliveries can be retracted; `databank feeds FEED` lists states.",
        )
    return delivery


def _beside(settings: Settings, scratch: Path, feed: str) -> Settings:
    """A home of its own whose folders lead to the real ones, but for what would be written."""
    own = ("staging", "runs", settings.scratch.name, "retractions.jsonl")
    _lead_to(settings.home, scratch, own)
    _lead_to(settings.runs, scratch / "runs")
    _lead_to(settings.staging, scratch / "staging", (feed,))
    _lead_to(settings.staging / feed, scratch / "staging" / feed, (".aside",))
    _lead_to(settings.staging / feed / ".aside", scratch / "staging" / feed / ".aside")
    log = settings.home / "retractions.jsonl"
    if log.exists():
        write_text(scratch / log.name, log.read_text(encoding="utf-8"))
    return replace(settings, home=scratch)


def _lead_to(source: Path, target: Path, but: tuple[str, ...] = ()) -> None:
    target.mkdir(parents=True)
    for each in source.iterdir() if source.is_dir() else ():
        if each.name not in but:
            (target / each.name).symlink_to(each)
