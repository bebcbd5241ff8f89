"""What each delivery's agency is to be told, gathered from what landing and staging left: the content of receipts.

Counts, reasons and line numbers; no value of any row. Equal states give equal documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.deliveries import Delivery, acceptance, deliveries_of, refusals_of
from connectors.retractions import retractions
from connectors.staged import RECEIPT, held_path, refused_path, staged_folder
from hub.errors import VolumeBreach
from hub.settings import Settings
from hub.storage import read_json
from schemas.feed import Feed

VERSION = 1


def documents(settings: Settings, feed: Feed) -> Iterator[dict[str, Any]]:
    """One document a delivery that was judged, by business date; then files that landing refused..

    state: accepted, late (kept as evidence only), superseded (a correction replaced it), held, refused, retracted.
    """
    known = deliveries_of(settings, feed.name)
    staged = {each.delivery_id for each in known if each.state(settings) == "staged"}
    replaced = {each.supersedes_delivery_id for each in known if each.delivery_id in staged}
    for delivery in known:
        state = delivery.state(settings)
        if state == "staged":
            state = "superseded" if delivery.delivery_id in replaced else "late" if delivery.is_late else "accepted"
        if state != "landed":
            yield _head(feed, state) | _facts(delivery) | _told(settings, feed, delivery, state)
    for refusal in refusals_of(settings, feed.name):
        yield _head(feed, "refused") | {
            "delivery_id": refusal.delivery_id,
            "file_name": refusal.file_name,
            "sha256": refusal.sha256,
            "as_of": refusal.business_date.isoformat() if refusal.business_date else None,
            "landed_at": refusal.refused_at.isoformat(),
            "reason_code": refusal.reason_code,
            "reason": refusal.reason,
            "hint": refusal.hint,
        }


def _head(feed: Feed, state: str) -> dict[str, Any]:
    return {"receipt_version": VERSION, "feed": feed.name, "title_fa": feed.title_fa, "state": state}


def _facts(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": delivery.delivery_id,
        "file_name": delivery.file_name,
        "sha256": delivery.sha256,
        "as_of": delivery.business_date.isoformat(),
        "landed_at": delivery.landed_at.isoformat(),
        "kind": delivery.kind,
        "supersedes": delivery.supersedes_delivery_id,
        "supplements": delivery.supplements_delivery_id,
    }


def _told(settings: Settings, feed: Feed, delivery: Delivery, state: str) -> dict[str, Any]:
    """What was found in it, or why it is not used."""
    if state == "refused":
        said = read_json(refused_path(settings, delivery.feed, delivery.delivery_id))
        return {name: said[name] for name in ("reason_code", "reason", "hint")}
    if state == "held":
        said = read_json(held_path(settings, delivery.feed, delivery.delivery_id))
        return {"rows": said.get("counts"), "reason_code": VolumeBreach.__name__, "reason": said["reason"]}
    told: dict[str, Any] = {}
    path = staged_folder(settings, delivery.feed, delivery.delivery_id) / RECEIPT
    if path.exists():
        found = read_json(path)
        told = {name: found[name] for name in ("rows", "control_totals", "quarantined")}
        named = {*told["control_totals"], *(each["column"] for each in told["quarantined"])}
        told["columns"] = _sources(feed, delivery, named)
    if released := acceptance(settings, delivery):
        told["released_because"] = released["reason"]
    if state == "retracted":
        told["reason"] = retractions(settings)[delivery.delivery_id].reason
    return told


def _sources(feed: Feed, delivery: Delivery, names: set[str]) -> dict[str, str]:
    """The agency's own names of columns, by ours."""
    layout = feed.layout_on(delivery.business_date)
    return {column.name: column.source for column in layout.columns if column.name in names} if layout else {}
