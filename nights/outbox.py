"""Telling agencies what became of their deliveries: receipts, and the rows that wait to be mended."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from connectors.mending import write_mendable
from connectors.outgoing import documents
from hub.errors import DeliveryError
from hub.settings import Settings
from hub.storage import whole_folder
from reports.receipts import write_receipt
from schemas.feed import Feed

MEND = "mend"


def tell_agency(settings: Settings, feed: Feed) -> int:
    """Write the receipts of a feed that are new or no longer true into ``outbox/<feed>/``. Returns how many were written."""
    written = 0
    for document in documents(settings, feed):
        if document.get("quarantined"):
            _rows_to_mend(settings, feed, document)
        written += write_receipt(settings, document)
    return written


def _rows_to_mend(settings: Settings, feed: Feed, document: dict[str, Any]) -> None:
    """The rows set aside, in the delivery's own format; formats that cannot be written have none."""
    target = settings.outbox / feed.name / document["delivery_id"] / MEND
    if target.exists():
        return
    with suppress(DeliveryError), whole_folder(target) as folder:
        write_mendable(settings, feed, document["delivery_id"], folder / Path(document["file_name"]).name)
