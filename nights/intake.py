"""Intake: what an agency has for us comes into the inbox, becomes landed evidence, then staged rows.

A feed that fails does not stop the others, nor the night: its previous delivery stays current.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date

from connectors.deliveries import deliveries_of, unstaged_deliveries
from connectors.landing import Landed, land, reopen, waiting_dates
from connectors.staged import StageCounts
from connectors.staging import stage
from hub.errors import DeliveryError, DeliveryMissing
from hub.progress import Progress, quiet
from hub.settings import Settings
from nights.outbox import tell_agency
from nights.second_try import with_second_try
from nights.wires import clear_wire, fetch_feed
from schemas.contracts import SUFFIX, load_feed, load_feeds
from schemas.feed import Feed

# A feed waits for the disk half of its time, so two feeds a thread keep every thread at work.
FEEDS_PER_THREAD = 2


@dataclass(frozen=True)
class FeedIntake:
    """What came of one feed: staged counts by delivery, and the error that stopped it, if any."""

    feed: str
    staged: dict[str, StageCounts]
    error: DeliveryError | None = None


def feed_named(settings: Settings, name: str) -> Feed:
    """The declared feed of that name.

    Raises:
        DeliveryError: no contract declares it; lists those that are.
    """
    path = settings.contracts / f"{name}{SUFFIX}"
    if not path.is_file():
        known = ", ".join(feed_names(settings))
        raise DeliveryError(f"No contract declares the feed {name}; nothing ran.", hint=f"Use one of: {known}.")
    return load_feed(path)


def feed_names(settings: Settings) -> list[str]:
    """Names of all declared feeds; a scheduler makes one task of each."""
    return [feed.name for feed in load_feeds(settings.contracts)]


def inbox_dates(settings: Settings) -> list[date]:
    """Business dates of all files that lie in the inbox, oldest first."""
    return sorted({day for feed in load_feeds(settings.contracts) for day in waiting_dates(settings, feed)})


def land_feed(settings: Settings, name: str, business_date: date, progress: Progress = quiet) -> list[Landed]:
    """Land whatever has arrived for a feed up to a date; of what cannot be taken the agency is told."""
    feed = feed_named(settings, name)
    try:
        return land(settings, feed, business_date, progress)
    except DeliveryError:
        tell_agency(settings, feed)
        raise


def to_be_staged(settings: Settings, name: str) -> list[str]:
    """Ids of a feed's deliveries that wait for staging, those among them that its contract stopped before it was mended."""
    reopen(settings, feed_named(settings, name))
    return unstaged_deliveries(settings, name)


def stage_feed(
    settings: Settings, name: str, delivery_ids: Sequence[str], progress: Progress = quiet
) -> dict[str, StageCounts]:
    """Stage deliveries of one feed, in order, then those that waited for them, and tell the agency what became of them.

    One that fails does not stop the others.

    Raises:
        DeliveryError: the first that failed, after all others were staged.
    """
    feed = feed_named(settings, name)
    waiting, staged = list(delivery_ids), dict[str, StageCounts]()
    failed: dict[str, DeliveryError] = {}
    while waiting:
        for delivery_id in waiting:
            try:
                staged[delivery_id] = stage(settings, feed, delivery_id, progress)
            except DeliveryError as error:
                failed.setdefault(delivery_id, error)
        waiting = [each for each in unstaged_deliveries(settings, name) if each not in staged and each not in failed]
    tell_agency(settings, feed)
    if failed:
        raise next(iter(failed.values()))
    return staged


@with_second_try
def take_in(settings: Settings, name: str, business_date: date) -> FeedIntake:
    """Fetch, land and stage one feed.

    Raises:
        DeliveryError: its newest delivery cannot be used; the one before stays current.
        WireError: nothing for this business date has arrived because its wire failed.
        DeliveryMissing: nothing for this business date has arrived yet; trying later can help.
    """
    feed = feed_named(settings, name)
    fetched = fetch_feed(settings, feed, business_date)
    land_feed(settings, name, business_date)
    staged = stage_feed(settings, name, unstaged_deliveries(settings, name))
    clear_wire(settings, feed)
    if not any(delivery.business_date >= business_date for delivery in deliveries_of(settings, name)):
        if fetched.error is not None:
            raise fetched.error
        if not feed.is_occasional:
            raise DeliveryMissing(
                f"{name} has delivered nothing for {business_date}; the night uses its last good delivery.",
                hint=f"Put the file under inbox/{name}/ and start the night again.",
            )
    return FeedIntake(name, staged)


def take_in_all(settings: Settings, business_date: date, progress: Progress = quiet) -> list[FeedIntake]:
    """Fetch, land and stage every feed, several at a time; in the feeds' order.

    An unusable or late delivery is reported, not raised: the night goes on without it. Together the feeds stay within
    DATABANK_MEMORY.
    """
    names = feed_names(settings)
    workers = min(FEEDS_PER_THREAD * settings.threads, len(names))
    share = settings.sharing_memory(workers)
    progress("deliveries", 0, len(names))
    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(_take_in_or_say, share, name, business_date) for name in names]
        for done, _ in enumerate(as_completed(waiting), start=1):
            progress("deliveries", done, len(names))
        return [each.result() for each in waiting]


def _take_in_or_say(settings: Settings, name: str, business_date: date) -> FeedIntake:
    try:
        return take_in(settings, name, business_date)
    except DeliveryError as error:
        return FeedIntake(name, {}, error)
