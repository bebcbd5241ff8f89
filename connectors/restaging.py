"""Staging again what followed a delivery that was retracted, or brought back: as if it had never come, or had always stayed.

Each is staged by the contract by which it was staged before. What was staged in the other world is set aside under
``staging/<feed>/.aside/``, not removed, and found again on the way back.
"""

from __future__ import annotations

from pathlib import Path

from connectors.contracts_then import feed_then
from connectors.deliveries import Delivery, deliveries_of
from connectors.following import base_of
from connectors.retractions import acts, retractions
from connectors.staged import COUNTS, Staged, find_staged, held_path, lineage_of, staged_folder
from connectors.staging import stage
from hub.errors import DeliveryMissing, SequenceBreach, VolumeBreach
from hub.progress import Progress, quiet
from hub.settings import Settings
from hub.storage import read_json
from schemas.feed import Feed


def restage(settings: Settings, feed: Feed, progress: Progress = quiet) -> list[str]:
    """Bring a feed's staged deliveries in line with the retractions in force. Safe to repeat, also after a kill.

    Returns: ids of those that were staged again or found again. One that is held now, measured by another delivery before
    it, waits as ever and is not among them.

    Raises:
        ContractBreach, DeliveryCorrupt: a delivery's own contract was not kept, and today's refuses it.
    """
    ever = {act.delivery_id for act in acts(settings) if act.feed == feed.name}
    if not ever:
        return []
    gone, usable, again = retractions(settings), dict[str, Staged](), list[str]()
    for delivery in deliveries_of(settings, feed.name):
        if delivery.delivery_id in gone or not _was_staged(settings, delivery):
            continue
        base = base_of(delivery, list(usable.values()))
        found = find_staged(settings, feed.name, delivery.delivery_id)
        if found is None or not _is_sound(found, base, usable, ever):
            if found is not None:
                _move(found.folder, _aside(settings, delivery, found.lineage))
            found = _staged_again(settings, feed, delivery, base, progress)
            again.append(delivery.delivery_id)
        if found is not None:
            usable[delivery.delivery_id] = found
    return [each for each in again if each in usable]


def _is_sound(found: Staged, base: Staged | None, usable: dict[str, Staged], ever: set[str]) -> bool:
    """Whether a delivery was staged on what it would follow now; it keeps the base that it found when it was staged, unless
    a retraction has to do with it."""
    if found.lineage == lineage_of(found.delivery_id, base):
        return True
    kept = usable.get(found.base_delivery_id or "")
    is_kept = (found.base_delivery_id is None or kept is not None) and found.lineage == lineage_of(found.delivery_id, kept)
    return is_kept and (base is None or base.delivery_id not in ever)


def _staged_again(
    settings: Settings, feed: Feed, delivery: Delivery, base: Staged | None, progress: Progress
) -> Staged | None:
    before = _aside(settings, delivery, lineage_of(delivery.delivery_id, base))
    if before.is_dir():
        held_path(settings, feed.name, delivery.delivery_id).unlink(missing_ok=True)
        _move(before, staged_folder(settings, feed.name, delivery.delivery_id))
    else:
        try:
            stage(settings, _as_then(settings, feed, delivery), delivery.delivery_id, progress)
        except (VolumeBreach, SequenceBreach, DeliveryMissing):
            return None
    return find_staged(settings, feed.name, delivery.delivery_id)


def _as_then(settings: Settings, feed: Feed, delivery: Delivery) -> Feed:
    """The feed by the contract by which a delivery was staged last, in whatever world."""
    aside = _aside(settings, delivery, "").parent.glob(f"{delivery.delivery_id}@*/{COUNTS}")
    last = max(aside, key=lambda path: (path.stat().st_mtime_ns, path), default=None)
    return feed_then(settings, feed, str(read_json(last)["contract_hash"])) if last else feed


def _was_staged(settings: Settings, delivery: Delivery) -> bool:
    """Whether a delivery is staged or was staged in another world."""
    is_aside = any(_aside(settings, delivery, "").parent.glob(f"{delivery.delivery_id}@*"))
    return is_aside or staged_folder(settings, delivery.feed, delivery.delivery_id).is_dir()


def _aside(settings: Settings, delivery: Delivery, lineage: str) -> Path:
    return settings.staging / delivery.feed / ".aside" / f"{delivery.delivery_id}@{lineage}"


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
