"""How a delivery follows those before it: what it is (snapshot, delta, supplement), its place in the order, its base.

A snapshot lists everything, and whoever it no longer lists has ended. A delta says what changed since the delivery before;
deltas may be numbered, and one that is missing stops those after it until it comes or a snapshot begins anew. A supplement
brings mended rows of a delivery that we have (``supplements`` in its manifest): only they are added, nothing ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from connectors.deliveries import DELTA, SNAPSHOT, SUPPLEMENT, Delivery, delivery_named
from connectors.manifests import Manifest, business_date_of
from connectors.staged import Staged
from hub.errors import ContractBreach, DeliveryMissing, SequenceBreach
from hub.settings import Settings
from schemas.deltas import NUMBER
from schemas.feed import Delta, Feed


@dataclass(frozen=True)
class Place:
    """Where a file belongs: the day it is about, what kind of delivery it is, its number, what it adds rows to."""

    business_date: date
    kind: str = SNAPSHOT
    sequence: int | None = None
    supplements_delivery_id: str | None = None


def place_of(settings: Settings, feed: Feed, file_name: str, manifest: Manifest) -> Place:
    """What a file's name and manifest say about its place; the manifest's word counts first.

    Raises:
        ContractBreach: it does not say its day, or supplements a delivery that we do not have.
    """
    if manifest.supplements is not None:
        mended = _supplemented(settings, feed, file_name, manifest.supplements)
        return Place(mended.business_date, SUPPLEMENT, mended.sequence, mended.delivery_id)
    day = business_date_of(file_name, manifest, feed)
    layout = feed.layout_on(day)
    if layout is None or layout.delta is None:
        return Place(day)
    is_full = layout.delta.snapshot is not None and re.search(layout.delta.snapshot, file_name) is not None
    kind = manifest.kind or (SNAPSHOT if is_full else DELTA)
    sequence = manifest.sequence if manifest.sequence is not None else _number(layout.delta, file_name)
    if kind == DELTA and layout.delta.sequence is not None and sequence is None:
        raise ContractBreach(
            f"{file_name} does not say which number it has among the deltas of {feed.name}; it was not taken over.",
            hint=f"Name it as the contract says ({layout.delta.sequence}), or give sequence in a manifest beside it.",
        )
    return Place(day, kind, sequence)


def base_of(delivery: Delivery, staged: Sequence[Staged]) -> Staged | None:
    """The staged delivery that one follows: the last before it in the order. Before a correction that is the delivery that
    it corrects; before a delta that comes again with other content, the one before both.

    Args:
        staged: the feed's staged deliveries, in order.
    """
    earlier = [each for each in staged if each.order < delivery.order]
    if delivery.kind == SNAPSHOT:  # so that staging it again, later, finds the same
        earlier = [each for each in earlier if each.landed_at <= delivery.landed_at]
    elif delivery.kind == DELTA and delivery.sequence is not None:
        earlier = [each for each in earlier if each.kind == SNAPSHOT or each.sequence != delivery.sequence]
    return earlier[-1] if earlier else None


def check_sequence(
    delivery: Delivery, staged: Sequence[Staged], base: Staged | None, void: Collection[int | None] = ()
) -> None:
    """Prove that nothing is missing between a delivery and its base, and that nothing was built on its absence.

    Args:
        void: numbers of retracted deltas; they are not missing.

    Raises:
        SequenceBreach: a delta is missing before it, or deltas after it were applied already. It is held.
        DeliveryMissing: the delivery that it supplements is not in use.
    """
    if delivery.kind == SNAPSHOT:
        return
    after = next((each for each in staged if each.order > delivery.order), None)
    if after is not None and after.kind == DELTA:
        raise SequenceBreach(
            f"{delivery.delivery_id} came after {after.delivery_id} had been applied without it; it is held, and the "
            "feed's state stays as it is.",
            hint="Ask the agency for a full snapshot, or for the same rows in its next delta. "
            "Released with `databank land --accept`, it is kept as evidence only.",
            delivery_id=delivery.delivery_id,
        )
    if delivery.kind == SUPPLEMENT and (
        base is None or delivery.supplements_delivery_id not in {e.delivery_id for e in staged}
    ):
        raise DeliveryMissing(
            f"{delivery.delivery_id} mends rows of {delivery.supplements_delivery_id}, which is not in use; it waits.",
            hint="Release or mend that delivery first (`databank feeds`), or ask the agency for a whole one.",
            delivery_id=delivery.delivery_id,
        )
    number = delivery.sequence
    if delivery.kind == SUPPLEMENT or number is None:
        return
    known = 0 if base is None else base.sequence
    if known is None or number <= known:
        return
    absent = [each for each in range(known + 1, number) if each not in void]
    if not absent:
        return
    missing = str(absent[0]) if len(absent) == 1 else f"{absent[0]} to {absent[-1]}"
    raise SequenceBreach(
        f"Delta {number} of {delivery.feed} came, but {missing} did not; it is held, and the feed's state stays as it is.",
        hint=f"Ask the agency for delta {missing}, or for a full snapshot: it goes on by itself then. If they never were, "
        f'`databank land --accept {delivery.delivery_id} --reason "…"` applies it to what there is.',
        delivery_id=delivery.delivery_id,
        sequence=number,
        expected=absent[0],
    )


def _number(delta: Delta, file_name: str) -> int | None:
    match = re.search(delta.sequence, file_name) if delta.sequence else None
    return int(match[NUMBER]) if match and match[NUMBER].isdigit() else None


def _supplemented(settings: Settings, feed: Feed, file_name: str, delivery_id: str) -> Delivery:
    try:
        found = delivery_named(settings, delivery_id)
    except DeliveryMissing:
        found = None
    if found is None or found.feed != feed.name:
        raise ContractBreach(
            f"The manifest of {file_name} names a delivery of {feed.name} that never landed; the file was not taken over.",
            hint="Name in supplements the delivery whose rows are mended, as its receipt calls it.",
        )
    return found
