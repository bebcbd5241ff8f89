"""A night: the order of its stages. Each stage is one call; ``sync`` makes them in order.

intake (land, stage) → open_night → link_persons → judge_cover → publish_night → report_night
"""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.contracts_then import keep_contract
from connectors.ledger import collect
from hub.errors import PublishError
from hub.progress import Progress, quiet
from hub.runs import find_run, open_run
from hub.settings import Settings
from matching.golden import golden
from matching.model import model_version
from nights.failures import with_failure_kept
from nights.outbox import tell_agency
from nights.retraction import settle
from nights.sealing import seal_returns
from nights.second_try import with_second_try
from nights.stages import at_work, draw_conclusions, find_persons, keep_deliveries, staged_deliveries
from reports.pages import write_pages
from reports.returns import write_returns
from schemas.contracts import load_feeds
from schemas.feed import ANSWERS_ROLE
from warehouse.issuing import acts_version, export_acts
from warehouse.judgements import export_judgements, judgements_version
from warehouse.publish import ORDINARY, Manner, PublishCounts, publish
from warehouse.rule_review import export_rules, rules_version
from warehouse.runs import is_published, live_run_id


@dataclass(frozen=True)
class Opening:
    """What a night found when it opened: its run, and whether there is anything to do."""

    run_id: str
    is_live: bool
    is_past: bool = False


@with_failure_kept
@with_second_try
def open_night(settings: Settings, business_date: date) -> Opening:
    """Decide which deliveries, judgements and base a night works with, and open its run folder.

    Nothing is left to do when the live run was made of the same inputs, or when a later night is already live (a late
    delivery is then evidence, case D03). A retraction that was not carried through is, first (case D13).

    Raises:
        DeliveryError: no feed has a staged delivery up to this date.
    """
    settle(settings)
    feeds = load_feeds(settings.contracts)
    deliveries = staged_deliveries(settings, feeds, business_date)
    live = live_run_id(settings)
    inputs = {
        "deliveries": {item.feed: item.delivery_id for item in deliveries},
        "staged": {item.feed: item.lineage for item in deliveries},
        "contracts": {feed.name: feed.contract_hash for feed in feeds},
        "judgements": judgements_version(settings),
        "booklet_acts": acts_version(settings),
        "rules": rules_version(settings),
        "model": model_version(settings),
        "databank": importlib.metadata.version("databank"),
    }
    if live is not None:
        base = find_run(settings, live)
        if base.business_date == business_date and inputs.items() <= dict(base.inputs).items():
            return Opening(live, is_live=True)
        if base.business_date > business_date:
            return Opening(live, is_live=True, is_past=True)
    run = open_run(settings, business_date, inputs, live)
    for feed in feeds:
        keep_contract(settings, feed)
    export_judgements(settings, run)
    export_acts(settings, run)
    export_rules(settings, run)
    with run.runner(settings) as runner:
        keep_deliveries(runner, deliveries)
        collect(settings, runner)
    return Opening(run.run_id, is_live=False)


@with_failure_kept
@with_second_try
def link_persons(settings: Settings, run_id: str, progress: Progress = quiet) -> None:
    """Standardise, link, give identities and choose golden values."""
    progress("link persons", 0)
    with at_work(settings, find_run(settings, run_id), progress) as stage:
        find_persons(stage, settings)
        golden(stage.runner, stage.feeds, stage.deliveries)


@with_failure_kept
@with_second_try
def judge_cover(settings: Settings, run_id: str, progress: Progress = quiet) -> None:
    """Cover periods, conflicts, booklets, contributions, marts."""
    progress("judge cover", 0)
    with at_work(settings, find_run(settings, run_id), progress) as stage:
        draw_conclusions(stage)


@with_failure_kept
@with_second_try
def publish_night(settings: Settings, run_id: str, progress: Progress = quiet, manner: Manner = ORDINARY) -> PublishCounts:
    """Audit the run and make it live, in one transaction."""
    progress("publish", 0)
    return publish(settings, find_run(settings, run_id), progress, manner)


@with_failure_kept
@with_second_try
def report_night(settings: Settings, run_id: str) -> Path:
    """Write what leaves of a published night: conflict returns, sealed too, and, of the live one, pages; returns the first.

    Raises:
        PublishError: the run was never live, so nothing of it may leave.
    """
    run = find_run(settings, run_id)
    if not is_published(settings, run_id):
        raise PublishError(
            f"Run {run_id} was never published, so nothing of it leaves; nothing was written.",
            hint=f"`databank publish {run_id}` makes it live and writes its returns and pages.",
        )
    write_returns(settings, run)
    for feed in load_feeds(settings.contracts):
        if feed.role == ANSWERS_ROLE:
            tell_agency(settings, feed)
    seal_returns(settings)
    return write_pages(settings, run) if run_id == live_run_id(settings) else settings.pages / "index.html"
