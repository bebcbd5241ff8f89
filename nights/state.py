"""Where the databank stands: what is live, what is being worked on or waits, what was late."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from connectors.deliveries import Delivery, Refusal, deliveries_of, refusals_of
from connectors.landing import waiting_files
from connectors.staged import held_path, refused_path
from connectors.transports.folder import strangers
from hub.envelopes import RENEWED_DAYS, certificate_ends
from hub.runs import Run, all_runs
from hub.settings import Settings
from hub.storage import read_json
from nights.alerts import LateNight, late_night
from nights.business_date import business_date_of
from nights.failures import NightFailure, night_failure
from nights.lock import is_night_at_work
from nights.returns import ReturnState, return_states
from nights.summary import NightSummary, summarise
from schemas.contracts import load_feeds
from schemas.feed import Feed
from warehouse.runs import RunState, latest_runs, live_run_id

# The last table of each stage: with it in the run folder, the stage is done.
STAGES = (
    ("opened", "ops.ledger"),
    ("linked", "person.golden"),
    ("cover judged", "mart.night"),
)
WAITING = {"held": held_path, "refused": refused_path}


@dataclass(frozen=True)
class OpenRun:
    """A run that is not live: being worked on, interrupted, held or failed.

    Args:
        stage: the last stage that is done: opening, opened, linked, cover judged.
        state_code: running, unfinished, held, failed.
        reason: why it was held or failed.
        hint: what to do about it.
    """

    run_id: str
    business_date: date
    stage: str
    state_code: str
    reason: str | None
    last_step_at: str | None
    hint: str | None = None


@dataclass(frozen=True)
class WaitingDelivery:
    """A delivery that a person must look at: held or refused, and why. ``kind``: as ``ops.delivery`` has it; None of a file
    that never landed."""

    feed: str
    delivery_id: str
    state: str
    reason: str
    kind: str | None = None


@dataclass(frozen=True)
class State:
    """Everything `databank status` says."""

    live: NightSummary | None
    open_run: OpenRun | None
    is_working: bool
    waiting: tuple[WaitingDelivery, ...]
    late: LateNight | None
    strangers: tuple[str, ...] = ()
    """Files in the inbox that no contract knows, as folder/name."""
    later: tuple[str, ...] = ()
    """Files in the inbox that are about a day still to come, as folder/name."""
    failure: NightFailure | None = None
    """What stopped a night that has no open run: it could not be opened, or its returns and pages are not written."""
    returns: tuple[ReturnState, ...] = ()
    """Every return, delivered or not."""
    certificate_ends: date | None = None
    """Last day of the hub's own certificate, once that is near or over."""


def state_of(settings: Settings) -> State:
    """Look at the run folders, the database and the landing zone; nothing is changed."""
    known = {run.run_id: run for run in latest_runs(settings)}
    live_id = live_run_id(settings)
    live = summarise(settings, live_id) if live_id else None
    is_working = is_night_at_work(settings)
    failure = None if is_working else night_failure(settings)
    feeds = {feed.name: feed for feed in load_feeds(settings.contracts)}
    return State(
        live,
        _open_run(settings, known, live_id, is_working, failure),
        is_working,
        _waiting(settings),
        _late(settings, live),
        tuple(strangers(settings.inbox, feeds)),
        _later(settings, feeds, live),
        failure if failure and _is_without_open_run(failure, live) else None,
        tuple(return_states(settings)),
        _certificate_ends(settings),
    )


def _later(settings: Settings, feeds: Mapping[str, Feed], live: NightSummary | None) -> tuple[str, ...]:
    """Files about a day that has not come yet: perhaps the agency wrote a wrong date."""
    today = business_date_of(settings)
    last = max(today, date.fromisoformat(live.business_date)) if live else today
    return tuple(f"{name}/{file}" for name, feed in feeds.items() for file in waiting_files(settings, feed, last))


def _certificate_ends(settings: Settings) -> date | None:
    last = certificate_ends(settings)
    return last if last and (last - datetime.now(UTC).date()).days <= RENEWED_DAYS else None


def _is_without_open_run(failure: NightFailure, live: NightSummary | None) -> bool:
    """Whether a failure that still matters is of no run that waits to be published."""
    if failure.run_id:
        return live is not None and failure.run_id == live.run_id
    return live is None or failure.business_date.isoformat() >= live.business_date


def _open_run(
    settings: Settings, known: dict[str, RunState], live_id: str | None, is_working: bool, failure: NightFailure | None
) -> OpenRun | None:
    """The newest run folder that is not published and builds on what is live."""
    published = {name for name, run in known.items() if run.state_code == "published"}
    found = [run for run in all_runs(settings) if run.run_id not in published and run.base_run_id == live_id]
    if not found:
        return None
    run = found[-1]
    done = [name for name, table in STAGES if run.table(table).exists()]
    stage, at = done[-1] if done else "opening", _last_step_at(run)
    if failure and failure.run_id == run.run_id:
        return OpenRun(run.run_id, run.business_date, stage, failure.state_code, failure.reason, at, failure.hint)
    row = known.get(run.run_id)
    if row and row.state_code in ("held", "failed") and not is_working:
        return OpenRun(run.run_id, run.business_date, stage, row.state_code, row.reason, at)
    return OpenRun(run.run_id, run.business_date, stage, "running" if is_working else "unfinished", None, at)


def _last_step_at(run: Run) -> str | None:
    log = run.folder / "steps.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    for line in reversed(lines):
        try:
            return str(json.loads(line)["at"])
        except json.JSONDecodeError:
            continue
    return None


def _waiting(settings: Settings) -> tuple[WaitingDelivery, ...]:
    """Held and refused deliveries that are newer than the feed's last good one, those that never landed included."""
    found: list[WaitingDelivery] = []
    for feed in load_feeds(settings.contracts):
        good: Delivery | None = None
        for delivery in reversed(deliveries_of(settings, feed.name)):
            state = delivery.state(settings)
            if state == "staged":
                good = delivery
                break
            if state in WAITING:
                reason = str(read_json(WAITING[state](settings, feed.name, delivery.delivery_id))["reason"])
                found.append(WaitingDelivery(feed.name, delivery.delivery_id, state, reason, delivery.told_kind))
        for refusal in refusals_of(settings, feed.name):
            if good is None or _is_newer(refusal, good):
                found.append(WaitingDelivery(feed.name, refusal.delivery_id, "refused", refusal.reason))
    return tuple(found)


def _is_newer(refusal: Refusal, good: Delivery) -> bool:
    """Whether a file was refused after the last good one came; one that does not say its day counts as of that day."""
    return (refusal.business_date or good.business_date, refusal.refused_at) > (good.business_date, good.landed_at)


def _late(settings: Settings, live: NightSummary | None) -> LateNight | None:
    """A late night that is still not published."""
    late = late_night(settings)
    if late and live and late.business_date and late.business_date.isoformat() <= live.business_date:
        return None
    return late
