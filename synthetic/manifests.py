"""Sidecars that some agencies put beside their file: checksum, rows, business date, control totals."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from hub.storage import sha256_of, write_json
from schemas.feed import Feed
from synthetic.sheet import Sheet

#: Roles whose agencies send a sidecar; of insurers those that compress.
ROLES = ("registry", "employment")


def has_manifest(feed: Feed) -> bool:
    """Whether a feed's files come with a sidecar."""
    return feed.role in ROLES or (feed.role == "insurer" and feed.files.endswith(".gz"))


def write_manifest(path: Path, sheet: Sheet, business_date: date) -> None:
    """Write ``<file>.manifest.json``. Control totals are sums of numeric columns, by physical name."""
    totals = {name: pc.sum(pc.cast(sheet.cells[name], pa.int64())).as_py() or 0 for name in sorted(sheet.numeric)}
    manifest = {
        "sha256": sha256_of(path),
        "rows": len(sheet),
        "business_date": business_date.isoformat(),
        "control_totals": totals,
    }
    write_json(path.with_name(f"{path.name}.manifest.json"), manifest)
