"""Fetching: what a feed's wire has for us is brought into its inbox, where landing finds it like any other file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from connectors.transports.receiving import Fetched, Inbox
from connectors.transports.remote import OpenFolder, archive_files, fetch_files
from hub.errors import WireDown
from hub.progress import Progress, quiet
from hub.settings import Settings
from schemas.feed import Feed
from schemas.wires import HTTPS, S3, SFTP, SOAP, Wire


@dataclass(frozen=True)
class Patience:
    """How often a wire that is down is tried within one fetch, and how long is waited between; doubled each time."""

    attempts: int = 4
    first_wait_seconds: float = 2.0
    longest_wait_seconds: float = 60.0

    def retrying(self) -> Retrying:
        """As tenacity takes it; a server that says when to come again (``retry_after``) is believed, within limits."""
        usual = wait_exponential(multiplier=self.first_wait_seconds, max=self.longest_wait_seconds)

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            said = error.facts.get("retry_after") if isinstance(error, WireDown) else None
            return min(max(float(said or 0), usual(state)), self.longest_wait_seconds)

        return Retrying(
            stop=stop_after_attempt(self.attempts), wait=wait, retry=retry_if_exception_type(WireDown), reraise=True
        )


PATIENCE = Patience()


def fetch(
    settings: Settings, feed: Feed, business_date: date, progress: Progress = quiet, patience: Patience = PATIENCE
) -> list[Fetched]:
    """Bring what is new on a feed's wire into its inbox; a feed without a wire brings nothing.

    Killed or cut off at any moment, the next call goes on: nothing is fetched twice, lost or half there.

    Args:
        business_date: the night that what is asked for, not lying there as a file, belongs to.

    Returns: the files that are new in the inbox.

    Raises:
        WireDown: the agency's server does not answer, after all attempts.
        WireRefused: it does not let us in, is not who it should be, or its connection is not set.
        DeliveryError: what it gives is not what the contract asks for.
    """
    wire, inbox = feed.wire, Inbox(settings, feed)
    if wire is None or wire.kind == SOAP:  # inquiries are made by `databank verify`
        return []
    with inbox.held():
        return patience.retrying()(_fetch_once, settings, feed, wire, inbox, business_date, progress)


def clear_landed(settings: Settings, feed: Feed) -> list[str]:
    """Move remote files that have landed into the archive that the contract names; returns their names.

    Raises:
        WireError: they stay where they are until the next time.
    """
    wire = feed.wire
    if wire is None or wire.archive is None or (opener := _opener(wire)) is None:
        return []
    inbox = Inbox(settings, feed)
    with inbox.held(), opener(settings, wire) as remote:
        return archive_files(remote, wire, inbox)


def look(settings: Settings, wire: Wire) -> str:
    """Whether a wire answers, and what it shows, in a few words; fetches nothing.

    Raises:
        WireError: it does not. ContractBreach: it does not have what the contract asks for.
    """
    if opener := _opener(wire):
        with opener(settings, wire) as remote:
            return f"{len(remote.files())} files lie there"
    if wire.kind == SOAP:
        from connectors.transports import soap

        return soap.look(settings, wire)
    return _asked(wire).look(settings, wire)


def _fetch_once(
    settings: Settings, feed: Feed, wire: Wire, inbox: Inbox, business_date: date, progress: Progress
) -> list[Fetched]:
    if opener := _opener(wire):
        with opener(settings, wire) as remote:
            return fetch_files(remote, wire, inbox, progress)
    return _asked(wire).fetch(settings, feed, wire, inbox, business_date)


class _Asked(Protocol):
    """A wire that is asked for what belongs to a business date."""

    def fetch(self, settings: Settings, feed: Feed, wire: Wire, inbox: Inbox, business_date: date, /) -> list[Fetched]: ...

    def look(self, settings: Settings, wire: Wire, /) -> str: ...


def _asked(wire: Wire) -> _Asked:
    if wire.kind == HTTPS:
        from connectors.transports import https

        return https
    from connectors.transports import sql

    return sql


def _opener(wire: Wire) -> Callable[[Settings, Wire], OpenFolder] | None:
    """How to open a wire that holds files; libraries are loaded only when their wire is used."""
    if wire.kind == SFTP:
        from connectors.transports import sftp

        return sftp.open_folder
    if wire.kind == S3:
        from connectors.transports import s3

        return s3.open_folder
    return None
