"""What an agency says about a file beside the file (``<file>.manifest.json``), and the day that a file is about."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hub.errors import ContractBreach, DeliveryCorrupt
from schemas.feed import Feed
from schemas.jalali import gregorian

MAX_MANIFEST_BYTES = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """The facts of a sidecar; what it does not say is None. ``facts`` holds the whole document.

    ``kind``: snapshot or delta, where a feed has both. ``supplements``: the delivery whose mended rows these
    are.
    """

    sha256: str | None = None
    rows: int | None = None
    business_date: date | None = None
    kind: str | None = None
    sequence: int | None = None
    supplements: str | None = None
    control_totals: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def read_manifest(path: Path | None) -> Manifest:
    """The sidecar's facts; an empty manifest where there is no sidecar.

    Raises:
        DeliveryCorrupt: it is no JSON object, or one of its facts cannot be read; names the fact.
    """
    if path is None:
        return Manifest()
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ValueError("it is too large")
        facts = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(facts, dict):
            raise ValueError("it is no JSON object")
        sha256, rows, day = facts.get("sha256"), facts.get("rows"), facts.get("business_date")
        if sha256 is not None and not re.fullmatch("[0-9a-fA-F]{64}", str(sha256)):
            raise ValueError("sha256 is not 64 hexadecimal digits")
        if rows is not None and (not _is_whole(rows) or rows < 0):
            raise ValueError("rows is no whole number")
        totals = facts.get("control_totals") or {}
        if not isinstance(totals, dict) or not all(_is_whole(total) for total in totals.values()):
            raise ValueError("control_totals is no JSON object of whole numbers")
        if day is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(day)):
            raise ValueError("business_date is not written as 2026-11-20")
        business_date = date.fromisoformat(day) if day is not None else None
        kind, sequence, supplements = facts.get("delivery"), facts.get("sequence"), facts.get("supplements")
        if kind not in (None, "snapshot", "delta"):
            raise ValueError("delivery is neither snapshot nor delta")
        if sequence is not None and (not _is_whole(sequence) or sequence < 0):
            raise ValueError("sequence is no whole number")
        if supplements is not None and not isinstance(supplements, str):
            raise ValueError("supplements is no delivery's id")
    except (ValueError, RecursionError) as error:
        # A decoder's message quotes no value beyond a position.
        what = "it is no JSON" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)
        raise DeliveryCorrupt(
            f"The manifest {path.name} cannot be used: {what}. Its file was not taken over; the delivery before stays "
            "current.",
            hint="Ask the agency to send the manifest again.",
        ) from error
    checksum = str(sha256).lower() if sha256 is not None else None
    return Manifest(checksum, rows, business_date, kind, sequence, supplements, totals, facts)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def check_sha256(manifest: Manifest, file_name: str, sha256: str) -> None:
    """Compare the announced checksum with the file's own.

    Raises:
        DeliveryCorrupt: they differ (case D04).
    """
    if manifest.sha256 is not None and manifest.sha256 != sha256:
        raise DeliveryCorrupt(
            f"{file_name} has another SHA-256 ({sha256[:12]}…) than its manifest says ({manifest.sha256[:12]}…); "
            "it was not taken over, the delivery before stays current.",
            hint="Ask the agency to send file and manifest again.",
        )


def business_date_of(file_name: str, manifest: Manifest, feed: Feed) -> date:
    """The day a file is about: the manifest's word, else the feed's pattern over the file's name.

    Raises:
        ContractBreach: neither says a day that exists.
    """
    if manifest.business_date is not None:
        return manifest.business_date
    match = re.search(feed.business_date_pattern, file_name)
    try:
        if match is None:
            raise ValueError("the name does not fit")
        year, month, day = (int(match[part]) for part in "ymd")
        return gregorian(year, month, day) if feed.business_date_calendar == "jalali" else date(year, month, day)
    except (ValueError, IndexError) as error:
        raise ContractBreach(
            f"{file_name} does not say which day it is about; it was not taken over, the delivery before stays current.",
            hint=f"Name it as the contract of {feed.name} says ({feed.business_date_pattern}), or give business_date in a "
            "manifest beside it.",
        ) from error
