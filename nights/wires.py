"""Wires within a night: each feed's is fetched before its files land; one that fails makes its feed late, nothing else."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.connections import connections_set, place_of
from connectors.fetching import PATIENCE, clear_landed, fetch, look
from connectors.transports.receiving import Fetched
from hub.errors import DeliveryError, WireError
from hub.progress import Progress, quiet
from hub.settings import Settings
from schemas.contracts import load_feeds
from schemas.feed import Feed

log = logging.getLogger("databank")


@dataclass(frozen=True)
class FeedFetch:
    """What a feed's wire brought, or why it did not."""

    feed: str
    files: list[Fetched] = field(default_factory=list)
    error: DeliveryError | None = None


@dataclass(frozen=True)
class ConnectionUse:
    """A connection: where it would be read from (None: not set), and which feeds use it."""

    name: str
    place: str | None
    feeds: tuple[str, ...]


@dataclass(frozen=True)
class WireCheck:
    """What came of trying a feed's wire."""

    feed: str
    connection: str
    answer: str
    error: DeliveryError | None = None


def fetch_feed(settings: Settings, feed: Feed, business_date: date, progress: Progress = quiet) -> FeedFetch:
    """Fetch one feed; what fails is said, not raised, so that what already lies in the inbox is still used."""
    try:
        files = fetch(settings, feed, business_date, progress, PATIENCE)
        for grown in (each.file_name for each in files if each.is_grown):
            log.warning(
                "%s of %s had been taken before it was whole; the whole file counts as a correction.", grown, feed.name
            )
        return FeedFetch(feed.name, files)
    except DeliveryError as error:
        log.warning("%s was not fetched: %s", feed.name, error)
        return FeedFetch(feed.name, error=error)


def fetch_feeds(
    settings: Settings, names: Sequence[str], business_date: date, progress: Progress = quiet
) -> list[FeedFetch]:
    """Fetch the feeds that are named, or all that have a wire, one after the other."""
    feeds = [feed for feed in load_feeds(settings.contracts) if (feed.name in names if names else feed.wire is not None)]
    return [fetch_feed(settings, feed, business_date, progress) for feed in feeds]


def clear_wire(settings: Settings, feed: Feed) -> None:
    """Archive on the agency's side what has landed; where that fails the files stay there until the next night."""
    try:
        clear_landed(settings, feed)
    except WireError as error:
        log.warning("Files of %s could not be archived: %s", feed.name, error)


def connection_uses(settings: Settings) -> list[ConnectionUse]:
    """Every connection that a contract names or that is set, by name."""
    feeds = [feed for feed in load_feeds(settings.contracts) if feed.wire is not None]
    names = {feed.wire.connection for feed in feeds if feed.wire} | set(connections_set(settings))
    return [
        ConnectionUse(name, place_of(settings, name), tuple(f.name for f in feeds if f.wire and f.wire.connection == name))
        for name in sorted(names)
    ]


def check_wires(settings: Settings, connection: str | None = None) -> list[WireCheck]:
    """Try the wire of each feed, or of those that use one connection; fetches nothing."""
    found: list[WireCheck] = []
    for feed in load_feeds(settings.contracts):
        if feed.wire is None or connection not in (None, feed.wire.connection):
            continue
        try:
            found.append(WireCheck(feed.name, feed.wire.connection, look(settings, feed.wire)))
        except DeliveryError as error:
            found.append(WireCheck(feed.name, feed.wire.connection, "", error))
    return found
