"""A night's conflicts against those that are true, on a nation of any size. Nothing is published: no database is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connectors.ledger import collect
from hub.progress import Progress, quiet
from hub.runs import find_run, open_run
from hub.settings import Settings
from matching.golden import golden
from nights.conflict_scores import KindScore, conflict_scores
from nights.intake import take_in_all
from nights.measure import measured
from nights.second_try import with_second_try
from nights.stages import at_work, draw_conclusions, find_persons, keep_deliveries, staged_deliveries
from nights.truth import read_truth
from schemas.contracts import load_feeds


@dataclass(frozen=True)
class ConflictFigures:
    """What judging conflicts took and found. Units: ``cpu_seconds`` of the processor, for cover and conflicts alone."""

    seconds: float
    cpu_seconds: float
    peak_mb: int
    scores: tuple[KindScore, ...]


def bench_conflicts(settings: Settings, business_date: date, progress: Progress = quiet) -> ConflictFigures:
    """Take in and link what lies in the inbox, judge cover, and hold the conflicts against ``home/truth``."""
    progress("take in and link", 0)
    run_id = measured(_linked, settings, business_date).result
    progress("judge cover", 0)
    judged = measured(_judged, settings, run_id)
    return ConflictFigures(
        judged.seconds, judged.cpu_seconds, judged.peak_mb, tuple(measured(_scores, settings, run_id).result)
    )


def _linked(settings: Settings, business_date: date) -> str:
    take_in_all(settings, business_date)
    feeds = load_feeds(settings.contracts)
    deliveries = staged_deliveries(settings, feeds, business_date)
    run = open_run(settings, business_date, {"deliveries": {each.feed: each.delivery_id for each in deliveries}}, None)
    with run.runner(settings) as runner:
        keep_deliveries(runner, deliveries)
        collect(settings, runner)
    _find(settings, run.run_id)
    return run.run_id


@with_second_try
def _find(settings: Settings, run_id: str) -> None:
    with at_work(settings, find_run(settings, run_id), quiet) as stage:
        find_persons(stage, settings)
        golden(stage.runner, stage.feeds, stage.deliveries)


@with_second_try
def _judged(settings: Settings, run_id: str) -> None:
    with at_work(settings, find_run(settings, run_id), quiet) as stage:
        draw_conclusions(stage)


def _scores(settings: Settings, run_id: str) -> list[KindScore]:
    with find_run(settings, run_id).runner(settings) as runner:
        read_truth(runner.con, settings.home / "truth")
        return conflict_scores(runner.con, settings.home / "truth")
