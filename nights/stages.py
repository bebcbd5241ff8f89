"""What stages of a night share: the open run with its feeds and deliveries, and how persons are found in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from connectors.current import CurrentDelivery, current_deliveries
from hub.errors import DeliveryError
from hub.progress import Progress
from hub.runs import Run, find_run
from hub.settings import FULL, Settings
from hub.steps import Runner
from matching.engine import linking_engine
from matching.identity import attach_previous, identify
from matching.incremental import link_changes
from matching.model import current_model
from matching.standardise import standardise
from schemas.contracts import load_feeds
from schemas.feed import Feed
from schemas.tables import CURRENT_DELIVERY
from warehouse import cover, employment, marts
from warehouse.scores import insurer_scores


@dataclass(frozen=True)
class Stage:
    """An open run at work. ``base_folder``: the run that it builds on; None in a new nation."""

    run: Run
    runner: Runner
    feeds: list[Feed]
    deliveries: list[CurrentDelivery]
    base_folder: Path | None


def staged_deliveries(settings: Settings, feeds: Sequence[Feed], business_date: date) -> list[CurrentDelivery]:
    """The deliveries that a night of this date works with.

    Raises:
        DeliveryError: there is none.
    """
    deliveries = current_deliveries(settings, feeds, business_date)
    if not deliveries:
        raise DeliveryError(
            f"No feed has a staged delivery up to {business_date}; there is nothing to work on, and nothing was changed.",
            hint="See `databank feeds` for what is due, put files under inbox/<feed>/, then `databank sync` for a whole "
            "night, or `databank land` and `databank stage` for each feed; `databank feeds <feed>` tells what was refused.",
        )
    return deliveries


@contextmanager
def at_work(settings: Settings, run: Run, progress: Progress) -> Iterator[Stage]:
    """A run with the deliveries that were kept when it was opened."""
    feeds = load_feeds(settings.contracts)
    base = find_run(settings, run.base_run_id).folder if run.base_run_id else None
    with run.runner(settings, progress) as runner:
        yield Stage(run, runner, feeds, _kept_deliveries(runner), base)


def find_persons(stage: Stage, settings: Settings) -> None:
    """Standardise, link and give identities."""
    is_full = settings.scoring == FULL
    together = current_model(settings).together
    standardise(stage.runner, stage.feeds, stage.deliveries, stage.base_folder, is_full=is_full, together=together)
    with linking_engine(stage.runner, settings):
        attach_previous(stage.runner, stage.base_folder)
        link_changes(stage.runner, settings, stage.base_folder)
        identify(stage.runner, stage.run, stage.base_folder)


def draw_conclusions(stage: Stage) -> None:
    """Make of persons and deliveries what is published: cover, conflicts, booklets, contributions, marts."""
    employment.build(stage.runner, stage.feeds, stage.deliveries)
    cover.build(stage.runner, stage.run, stage.feeds, stage.deliveries, stage.base_folder)
    stage.runner.run(insurer_scores(stage.run.business_date))
    marts.build(stage.runner, stage.run)


def keep_deliveries(runner: Runner, deliveries: list[CurrentDelivery]) -> None:
    """Write down which deliveries a run works with."""
    names = list(CURRENT_DELIVERY.columns)
    table = pa.table(
        {name: [str(v) if isinstance(v := getattr(item, name), Path) else v for item in deliveries] for name in names}
    )
    runner.keep(CURRENT_DELIVERY.name, CURRENT_DELIVERY.grain, table)


def _kept_deliveries(runner: Runner) -> list[CurrentDelivery]:
    names = list(CURRENT_DELIVERY.columns)
    rows = runner.con.execute(f"select {', '.join(names)} from {CURRENT_DELIVERY.name} order by feed").fetchall()
    return [
        CurrentDelivery(**(dict(zip(names, row, strict=True)) | {"rows_path": Path(row[names.index("rows_path")])}))
        for row in rows
    ]
