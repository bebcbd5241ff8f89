"""A state folder whose one feed comes by a wire."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.fetching import Patience, clear_landed, fetch
from connectors.landing import Landed, land
from connectors.transports.receiving import Fetched
from hub.settings import Settings
from schemas.feed import Feed
from schemas.wires import Wire
from tests.integration.oil import FEED, NIGHT

NAME = "OIL_14050829.csv"
QUICK = Patience(attempts=3, first_wait_seconds=0.05, longest_wait_seconds=0.2)
ONCE = Patience(attempts=1)


class WireWorld:
    """What fetching and landing leave of one feed."""

    def __init__(self, home: Path, wire: Wire, feed: Feed = FEED) -> None:
        self.settings = Settings(home=home)
        self.wire = wire
        self.take(feed)

    def take(self, feed: Feed) -> None:
        """Let another feed come by the wire."""
        self.feed = replace(feed, wire=self.wire)
        self.inbox = self.settings.inbox / feed.name

    def connect(self, monkeypatch: pytest.MonkeyPatch, **access: object) -> None:
        assert self.feed.wire is not None
        monkeypatch.setenv(f"DATABANK_CONNECTION_{self.feed.wire.connection.upper()}", json.dumps(access))

    def fetch(self, night: date = NIGHT, patience: Patience = ONCE) -> list[Fetched]:
        return fetch(self.settings, self.feed, night, patience=patience)

    def land(self, night: date = NIGHT) -> list[Landed]:
        return land(self.settings, self.feed, night)

    def clear(self) -> list[str]:
        return clear_landed(self.settings, self.feed)

    def manifest(self, name: str = NAME) -> dict[str, object]:
        return dict(json.loads((self.inbox / f"{name}.manifest.json").read_text()))

    def names(self) -> list[str]:
        """What lies in the inbox, unfinished things too."""
        return sorted(path.name for path in self.inbox.iterdir()) if self.inbox.exists() else []
