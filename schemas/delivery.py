"""A current delivery, as rooms that never import each other know it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Protocol


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
