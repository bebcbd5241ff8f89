"""Which delivery of each feed a night works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from connectors.deliveries import deliveries_of
from hub.settings import Settings
from schemas.feed import Feed


@dataclass(frozen=True)
class CurrentDelivery:
    """A feed's state as a night sees it: one row of ``staging.current_delivery``.

    ``as_of_days``: how old it is on the night's business date; above 0 the feed's figures carry "as of" (D12).
    """

    feed: str
    delivery_id: str
    business_date: date
    sha256: str
    row_count: int
    rows_path: Path
    as_of_days: int


def current_deliveries(settings: Settings, feeds: Sequence[Feed], business_date: date) -> list[CurrentDelivery]:
    """The newest staged delivery of each feed up to a business date, in order of feeds.

    Newest by business date, then by arrival: a correction supersedes (D02), a late one of an older day does not (D03).
    Held and refused ones never count; a feed without any is left out.
    """
    found = (_current(settings, feed.name, business_date) for feed in feeds)
    return [each for each in found if each is not None]


def _current(settings: Settings, feed: str, business_date: date) -> CurrentDelivery | None:
    for delivery in reversed(deliveries_of(settings, feed)):
        if delivery.business_date > business_date or delivery.state(settings) != "staged":
            continue
        rows = settings.staging / feed / delivery.delivery_id / "rows.parquet"
        return CurrentDelivery(
            feed=feed,
            delivery_id=delivery.delivery_id,
            business_date=delivery.business_date,
            sha256=delivery.sha256,
            row_count=pq.read_metadata(rows).num_rows,
            rows_path=rows,
            as_of_days=(business_date - delivery.business_date).days,
        )
    return None
