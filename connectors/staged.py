"""What staging leaves on disk, and how others find it.

staging/<feed>/<delivery_id>/           a staged delivery; its counts.json says what became of the rows
staging/<feed>/<delivery_id>.held.json  held at the gate: the figures that are outside their limits (D07)
staging/<feed>/<delivery_id>.refused.json  refused: what is wrong with the file (D04, D05)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connectors.retractions import retractions
from hub.settings import Settings
from hub.storage import read_json
from schemas.delivery import FORMER_ROWS

ROWS = "rows.parquet"
QUARANTINE = "quarantine.parquet"
FATES = "fates.parquet"
ENDED = "ended.parquet"
CHANGES = "changes.parquet"
FORMER = FORMER_ROWS
PROFILE = "profile.parquet"
VALIDATION = "validation.json"
COUNTS = "counts.json"
RECEIPT = "receipt.json"
LINEAGE_DIGITS = 12
Order = tuple[date, int, datetime, str]


@dataclass(frozen=True)
class StageCounts:
    """Where the rows of one delivery went: received = accepted + quarantined + unchanged + superseded."""

    received: int
    accepted: int
    quarantined: int
    unchanged: int
    superseded: int


@dataclass(frozen=True)
class Staged:
    """One staged delivery. ``hash_method`` says how its row hashes were made, ``row_count`` how many records the feed has
    as of it, carried ones of a snapshot left out; ``lineage``: hash of its id and of all that it followed."""

    feed: str
    delivery_id: str
    business_date: date
    landed_at: datetime
    file_name: str
    base_delivery_id: str | None
    hash_method: str
    counts: StageCounts
    folder: Path
    row_count: int
    kind: str
    sequence: int | None
    lineage: str

    @property
    def order(self) -> Order:
        """By business date, then by number, then by arrival."""
        return self.business_date, self.sequence or 0, self.landed_at, self.delivery_id

    @property
    def rows(self) -> Path:
        """Every valid or carried row: the feed's full state as of this delivery."""
        return self.folder / ROWS

    @property
    def former(self) -> Path:
        """Every record that the feed listed once and lists no more; a delivery staged by an early version has none."""
        return self.folder / FORMER


def staged_folder(settings: Settings, feed: str, delivery_id: str) -> Path:
    """Where a delivery's staged tables are or will be."""
    return settings.staging / feed / delivery_id


def held_path(settings: Settings, feed: str, delivery_id: str) -> Path:
    """Where the figures of a held delivery are."""
    return settings.staging / feed / f"{delivery_id}.held.json"


def refused_path(settings: Settings, feed: str, delivery_id: str) -> Path:
    """Where it is said why a delivery was refused."""
    return settings.staging / feed / f"{delivery_id}.refused.json"


def find_staged(settings: Settings, feed: str, delivery_id: str) -> Staged | None:
    """A staged delivery; None when it is not staged."""
    return _staged(staged_folder(settings, feed, delivery_id))


def staged_deliveries(settings: Settings, feed: str, *, is_with_retracted: bool = False) -> list[Staged]:
    """All staged deliveries of a feed, by business date, then by number, then by when they landed.

    Args:
        is_with_retracted: those too that count as if they had never come.
    """
    gone = {} if is_with_retracted else retractions(settings)
    found = [_staged(path.parent) for path in (settings.staging / feed).glob(f"[!.]*/{COUNTS}")]
    return sorted((item for item in found if item and item.delivery_id not in gone), key=lambda item: item.order)


def lineage_of(delivery_id: str, base: Staged | None) -> str:
    """What a staged delivery says depends on its file and on what it followed: equal lineages, equal contents."""
    return hashlib.sha256(f"{base.lineage if base else ''} {delivery_id}".encode()).hexdigest()[:LINEAGE_DIGITS]


def _staged(folder: Path) -> Staged | None:
    if not (folder / COUNTS).exists():
        return None
    value: dict[str, Any] = read_json(folder / COUNTS)
    counts = StageCounts(**value["counts"])
    return Staged(
        feed=value["feed"],
        delivery_id=value["delivery_id"],
        business_date=date.fromisoformat(value["business_date"]),
        landed_at=datetime.fromisoformat(value["landed_at"]),
        file_name=value["file_name"],
        base_delivery_id=value["base_delivery_id"],
        hash_method=value["hash_method"],
        counts=counts,
        folder=folder,
        row_count=value.get("row_count", counts.accepted + counts.unchanged),
        kind=value.get("kind", "snapshot"),
        sequence=value.get("sequence"),
        lineage=value.get("lineage", ""),
    )
