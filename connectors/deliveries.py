"""Deliveries: what landed, and what became of it. All of it is read from files; nothing is remembered elsewhere."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connectors.retractions import retractions
from connectors.seen import REPEAT, SeenIndex
from connectors.staged import COUNTS, Order, held_path, refused_path, staged_folder
from hub.errors import DeliveryError, DeliveryMissing
from hub.settings import Settings
from hub.storage import read_json, write_json
from schemas.feed import Layout
from schemas.suites import may_be_cut

ID_DIGITS = 12
SNAPSHOT, DELTA, SUPPLEMENT, CORRECTION = "snapshot", "delta", "supplement", "correction"


@dataclass(frozen=True)
class Delivery:
    """One landed delivery, as ``landing/<feed>/<delivery_id>/delivery.json`` says.

    ``supersedes_delivery_id``: the delivery of the same business date that this one corrects (D02). ``is_late``: a later
    business date had already landed (D03). ``manifest``: the agency's own facts. ``kind``, ``sequence`` and
    ``supplements_delivery_id``: see ``connectors.following``.
    """

    delivery_id: str
    feed: str
    business_date: date
    file_name: str
    sha256: str
    bytes: int
    landed_at: datetime
    contract_hash: str
    supersedes_delivery_id: str | None = None
    is_late: bool = False
    manifest: dict[str, Any] = field(default_factory=dict)
    kind: str = SNAPSHOT
    sequence: int | None = None
    supplements_delivery_id: str | None = None

    @property
    def told_kind(self) -> str:
        """What people are told it is: a correction, where it takes another's place; else its kind."""
        return CORRECTION if self.supersedes_delivery_id else self.kind

    @property
    def order(self) -> Order:
        """By business date, then by number, then by arrival."""
        return self.business_date, self.sequence or 0, self.landed_at, self.delivery_id

    def path(self, settings: Settings) -> Path:
        """The file as delivered."""
        return settings.landing / self.feed / self.delivery_id / self.file_name

    def own(self, layout: Layout) -> Layout:
        """The feed's layout as this very file has it: what lists everything may say nothing of operations, and single mended
        rows do not make the totals of their lists."""
        return {SNAPSHOT: layout.of_snapshot, SUPPLEMENT: layout.of_supplement}.get(self.kind, lambda: layout)()

    def state(self, settings: Settings) -> str:
        """landed (to be staged), staged, held, refused or retracted; a held delivery that was released is landed again."""
        if self.delivery_id in retractions(settings):
            return "retracted"
        if (staged_folder(settings, self.feed, self.delivery_id) / COUNTS).exists():
            return "staged"
        if refused_path(settings, self.feed, self.delivery_id).exists():
            return "refused"
        is_held = held_path(settings, self.feed, self.delivery_id).exists()
        return "held" if is_held and acceptance(settings, self) is None else "landed"

    def refused_as(self, settings: Settings) -> str | None:
        """Name of the error that it was refused by; None where it was not."""
        path = refused_path(settings, self.feed, self.delivery_id)
        return read_json(path).get("reason_code") if path.exists() else None


@dataclass(frozen=True)
class Refusal:
    """A file that landing refused. Reason and hint are what the agency is told."""

    feed: str
    file_name: str
    sha256: str
    business_date: date | None
    refused_at: datetime
    reason_code: str
    reason: str
    hint: str

    @property
    def delivery_id(self) -> str:
        """The id that it would have had."""
        return delivery_id_of(self.feed, self.business_date, self.sha256)


def delivery_id_of(feed: str, business_date: date | None, sha256: str) -> str:
    """``<feed>-<business date>-<first 12 of sha256>``; ``undated`` where the file does not say its day."""
    return f"{feed}-{business_date.isoformat() if business_date else 'undated'}-{sha256[:ID_DIGITS]}"


def deliveries_of(settings: Settings, feed: str) -> list[Delivery]:
    """All deliveries of a feed that ever landed, by business date, then by number, then in order of arrival."""
    found = [_load(path) for path in (settings.landing / feed).glob("[!.]*/delivery.json")]
    return sorted(found, key=lambda each: each.order)


def delivery_named(settings: Settings, delivery_id: str) -> Delivery:
    """One delivery.

    Raises:
        DeliveryMissing: none of that id has landed.
    """
    found = next(settings.landing.glob(f"*/{delivery_id}/delivery.json"), None) if _is_plain(delivery_id) else None
    if found is None:
        raise DeliveryMissing(
            f"No delivery {delivery_id} has landed; nothing was changed.", hint="`databank feeds` lists what there is."
        )
    return _load(found)


def unstaged_deliveries(settings: Settings, feed: str) -> list[str]:
    """Ids of deliveries that wait for staging, oldest business date first: new ones, and held ones that were released."""
    return [each.delivery_id for each in deliveries_of(settings, feed) if each.state(settings) == "landed"]


def repeat_count(settings: Settings, delivery: Delivery) -> int:
    """How often the same file arrived again (D01)."""
    entries = SeenIndex(settings.landing / delivery.feed / "seen.jsonl").entries
    return sum(each.delivery_id == delivery.delivery_id and each.outcome == REPEAT for each in entries)


def accept(settings: Settings, delivery_id: str, reason: str, who: str | None = None) -> None:
    """Release a held delivery; staging then lets it pass, and the reason is kept (D07).

    Args:
        who: who answers for it; left out, the user who runs this.

    Raises:
        DeliveryError: it is not held, or no reason is given.
    """
    delivery = delivery_named(settings, delivery_id)
    state = delivery.state(settings)
    if state != "held" or not reason.strip():
        what = f"is {state}, not held" if state != "held" else "was to be released without a reason"
        raise DeliveryError(
            f"Delivery {delivery_id} {what}; nothing was changed.", hint="Release held deliveries only, with a reason."
        )
    record = {
        "delivery_id": delivery_id,
        "reason": reason,
        "who": who or getpass.getuser(),
        "at": datetime.now(UTC).isoformat(),
    }
    write_json(_accepted_path(settings, delivery), record)


def acceptance(settings: Settings, delivery: Delivery) -> dict[str, Any] | None:
    """Who released a held delivery, why and when; None where nobody did."""
    path = _accepted_path(settings, delivery)
    return dict(read_json(path)) if path.exists() else None


def reopen_stopped(settings: Settings, feed: str, contract_hash: str) -> None:
    """Let deliveries that another version of the contract refused or held be tried again; what it said stays on disk. Where
    that version is not written down, it is the one by which the delivery landed.

    One that may be cut, or waits for another delivery, stays held: no limit says that it is whole.
    """
    for delivery in deliveries_of(settings, feed):
        for path in (where(settings, feed, delivery.delivery_id) for where in (refused_path, held_path)):
            old = _stopped_by(read_json(path), delivery) if path.exists() else None
            if old not in (None, contract_hash):
                path.rename(path.with_suffix(f".{old[:ID_DIGITS]}.json"))


def _stopped_by(said: Mapping[str, Any], delivery: Delivery) -> str | None:
    """Hash of the contract that refused or held a delivery; None where another contract would do the same."""
    if said.get("is_waiting") or may_be_cut(said.get("validation", {})):
        return None
    return str(said.get("contract_hash", delivery.contract_hash))


def refusals_of(settings: Settings, feed: str) -> list[Refusal]:
    """Files of a feed that landing refused, in order."""
    found = []
    for path in (settings.landing / feed / "refused").glob("[!.]*.json"):
        value = read_json(path)
        day = value["business_date"]
        found.append(
            Refusal(
                **value
                | {
                    "business_date": date.fromisoformat(day) if day else None,
                    "refused_at": datetime.fromisoformat(value["refused_at"]),
                }
            )
        )
    return sorted(found, key=lambda each: (each.refused_at, each.file_name))


def try_held_again(settings: Settings, feed: str) -> None:
    """Let deliveries that waited for one before them be tried again: the feed's state has moved on."""
    for path in (settings.staging / feed).glob("*.held.json"):
        if read_json(path).get("is_waiting"):
            path.unlink(missing_ok=True)


def _load(path: Path) -> Delivery:
    value = read_json(path)
    days = {"business_date": date.fromisoformat(value["business_date"])}
    return Delivery(**value | days | {"landed_at": datetime.fromisoformat(value["landed_at"])})


def _accepted_path(settings: Settings, delivery: Delivery) -> Path:
    return settings.landing / delivery.feed / f"{delivery.delivery_id}.accepted.json"


def _is_plain(delivery_id: str) -> bool:
    return all(character.isalnum() or character in "-_" for character in delivery_id)
