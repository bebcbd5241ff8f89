"""A current delivery, as rooms that never import each other know it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Protocol

FORMER_ROWS = "former.parquet"


class Delivery(Protocol):
    """The delivery of a feed that a night uses: one row of ``staging.current_delivery``."""

    @property
    def feed(self) -> str:
        """The feed's name."""

    @property
    def business_date(self) -> date:
        """The day it speaks of."""

    @property
    def rows_path(self) -> Path:
        """Its ``rows.parquet``."""


def former_rows(delivery: Delivery) -> Path | None:
    """Rows of records that the feed listed once and lists no more, as of a delivery; None where nothing is known of any.

    Grain: record_key, none of which is in ``rows_path``. Columns: those of the staging table, as the last good row said; and
    ``ended_date``, the first day on which the feed no longer listed the record (D09). ``person.former`` knows its person.
    """
    path = delivery.rows_path.with_name(FORMER_ROWS)
    return path if path.exists() else None
