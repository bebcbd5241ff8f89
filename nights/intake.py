"""Intake of one feed: what lies in the inbox becomes landed evidence, then staged rows.

A feed that fails does not stop the others, nor the night: its previous delivery stays current.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from connectors.landing import land
from connectors.staging import StageCounts, stage
from hub.errors import DeliveryError, HubError
from hub.progress import Progress, quiet
from hub.settings import Settings
from hub.storage import exclusive
from schemas.contracts import load_feeds
from schemas.feed import Feed


@dataclass(frozen=True)
class FeedIntake:
    """What came of one feed: staged counts by delivery, repeats, and the error that stopped it, if any."""

    feed: str
    staged: dict[str, StageCounts]
    repeats: int = 0
    error: HubError | None = None


def feed_named(settings: Settings, name: str) -> Feed:
    """The declared feed of that name.

    Raises:
        DeliveryError: no contract declares it; lists those that are.
    """
    feeds = {feed.name: feed for feed in load_feeds(settings.contracts)}
    if name not in feeds:
        raise DeliveryError(f"No contract declares the feed {name}; nothing ran.", hint=f"Use one of: {', '.join(feeds)}.")
    return feeds[name]


def feed_names(settings: Settings) -> list[str]:
    """Names of all declared feeds; a scheduler makes one task of each."""
    return [feed.name for feed in load_feeds(settings.contracts)]


def land_feed(settings: Settings, name: str, business_date: date, progress: Progress = quiet) -> list[str]:
    """Land whatever has arrived for a feed up to a date. Returns the ids of new deliveries, oldest first."""
    with exclusive(settings.home / "locks" / f"{name}.lock", f"the intake of {name}"):
        landed = land(settings, feed_named(settings, name), business_date, progress)
    return [item.delivery_id for item in landed if not item.is_repeat]


def stage_feed(
    settings: Settings, name: str, delivery_ids: Sequence[str], progress: Progress = quiet
) -> dict[str, StageCounts]:
    """Stage deliveries of one feed, in order."""
    feed = feed_named(settings, name)
    with exclusive(settings.home / "locks" / f"{name}.lock", f"the intake of {name}"):
        return {delivery_id: stage(settings, feed, delivery_id, progress) for delivery_id in delivery_ids}
