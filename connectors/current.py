"""Which delivery of each feed a night works with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from connectors.deliveries import Delivery, deliveries_of
from connectors.staged import Staged, find_staged
from hub.settings import Settings
from schemas.feed import Feed


@dataclass(frozen=True)
class CurrentDelivery:
    """A feed's state as a night sees it: one row of ``staging.current_delivery``.

    ``as_of_days``: how old it is on the night's business date; above 0 the feed's figures carry "as of" (D12).
    ``lineage``: see ``connectors.staged.lineage_of``; not a column of the table.
    """

    feed: str
    delivery_id: str
    business_date: date
    sha256: str
    row_count: int
    rows_path: Path
    as_of_days: int
    lineage: str = ""


def current_deliveries(settings: Settings, feeds: Sequence[Feed], business_date: date) -> list[CurrentDelivery]:
    """The newest staged delivery of each feed up to a business date, in order of feeds.

    Newest by business date, then by number, then by arrival: a correction supersedes (D02), a late one of an older day does
    not (D03). Held, refused and retracted ones never count; a feed without any is left out.
    """
    return Shelf(settings, feeds).on(business_date)


class Shelf:
    """What all feeds have delivered; read once, asked for several nights."""

    def __init__(self, settings: Settings, feeds: Sequence[Feed]) -> None:
        self.settings = settings
        self.deliveries = {feed.name: deliveries_of(settings, feed.name) for feed in feeds}
        self.staged: dict[str, Staged | None] = {}
        self._occasional = {feed.name for feed in feeds if feed.is_occasional}

    def on(self, business_date: date, known: Collection[str] | None = None) -> list[CurrentDelivery]:
        """The current delivery of each feed on a day.

        Args:
            known: ids of the deliveries that there were at the time; left out, all that there are.
        """
        found = (self._of(feed, business_date, known) for feed in self.deliveries)
        return [each for each in found if each is not None]

    def _of(self, feed: str, business_date: date, known: Collection[str] | None) -> CurrentDelivery | None:
        for delivery in reversed(self.deliveries[feed]):
            if delivery.business_date > business_date or not (known is None or delivery.delivery_id in known):
                continue
            staged = self._in_use(delivery)
            if staged is not None:
                return CurrentDelivery(
                    feed=feed,
                    delivery_id=delivery.delivery_id,
                    business_date=delivery.business_date,
                    sha256=delivery.sha256,
                    row_count=pq.read_metadata(staged.rows).num_rows,
                    rows_path=staged.rows,
                    as_of_days=0 if feed in self._occasional else (business_date - delivery.business_date).days,
                    lineage=staged.lineage,
                )
        return None

    def _in_use(self, delivery: Delivery) -> Staged | None:
        if delivery.delivery_id not in self.staged:
            is_staged = delivery.state(self.settings) == "staged"
            self.staged[delivery.delivery_id] = (
                find_staged(self.settings, delivery.feed, delivery.delivery_id) if is_staged else None
            )
        return self.staged[delivery.delivery_id]
