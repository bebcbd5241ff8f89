"""Receipts: what an agency is told about a delivery. Counts, reasons and line numbers; no value of any row."""

from __future__ import annotations

from typing import Any

from connectors.deliveries import Delivery
from connectors.fates import bad_lines
from connectors.staged import StageCounts
from hub.duck import Connection
from hub.errors import DeliveryError
from schemas.feed import Feed

LINES_PER_REASON = 100  # the rest is in the quarantine that the agency can fetch


def receipt(
    con: Connection, delivery: Delivery, counts: StageCounts, changes: dict[str, int], totals: dict[str, int]
) -> dict[str, Any]:
    """The receipt of a staged delivery, as JSON values.

    Args:
        totals: sums of the whole-number columns over all rows read, by our name.
    """
    return {
        "delivery_id": delivery.delivery_id,
        "feed": delivery.feed,
        "file_name": delivery.file_name,
        "sha256": delivery.sha256,
        "as_of": delivery.business_date.isoformat(),
        "landed_at": delivery.landed_at.isoformat(),
        "rows": vars(counts) | {"changes": changes},
        "control_totals": totals,
        "quarantined": _reasons(con),
    }


def refused(feed: Feed, delivery: Delivery, error: DeliveryError) -> dict[str, Any]:
    """The receipt of a refused delivery: which line, total or column is wrong. Holds until the contract changes."""
    return {
        "delivery_id": delivery.delivery_id,
        "feed": feed.name,
        "file_name": delivery.file_name,
        "sha256": delivery.sha256,
        "as_of": delivery.business_date.isoformat(),
        "landed_at": delivery.landed_at.isoformat(),
        "reason_code": type(error).__name__,
        "reason": error.summary,
        "hint": error.hint,
        "facts": error.facts,
        "contract_hash": feed.contract_hash,
    }


def _reasons(con: Connection) -> list[dict[str, Any]]:
    rows = con.execute(f"""
        with bad as ({bad_lines()})
        select column_name, reason_code, count(*), min(line_no, {LINES_PER_REASON})
        from bad group by column_name, reason_code order by reason_code, column_name
    """).fetchall()
    return [
        {"column": column, "reason": reason, "rows": count, "lines": lines, "is_cut": count > len(lines)}
        for column, reason, count, lines in rows
    ]
