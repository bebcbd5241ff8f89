"""Landing: what arrived becomes write-once evidence under ``landing/<feed>/<delivery_id>/``. No row is read here."""

from __future__ import annotations

import contextlib
import fcntl
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from connectors.deliveries import (
    DELTA,
    SNAPSHOT,
    Delivery,
    Refusal,
    deliveries_of,
    delivery_id_of,
    delivery_named,
    reopen_stopped,
)
from connectors.following import Place, place_of
from connectors.gathering import Lone, forget_landed, gather, gathered_folder, loose_date
from connectors.manifests import Manifest, check_sha256, read_manifest
from connectors.seen import LANDED, REFUSED, REPEAT, SeenIndex
from connectors.transports.folder import Arrival, arrivals
from hub.errors import ContractBreach, DeliveryError
from hub.progress import Progress, quiet
from hub.settings import Settings
from hub.storage import exclusive, sha256_of, whole_folder, write_json
from schemas.feed import Feed

NEVER_CURRENT = ("refused", "retracted", "held")
_FICLONE = 0x40049409  # ioctl of Linux: share the blocks of another file


@dataclass(frozen=True)
class Landed:
    """One file that landing took: as a new delivery, or as a repeat of one that we have (D01)."""

    delivery_id: str
    feed: str
    file_name: str
    business_date: date
    is_repeat: bool = False
    is_late: bool = False
    supersedes_delivery_id: str | None = None


def land(settings: Settings, feed: Feed, business_date: date, progress: Progress = quiet) -> list[Landed]:
    """Take what has arrived for a feed up to a business date; files for later days wait in the inbox.

    A file that cannot be taken is recorded under ``landing/<feed>/refused/`` and not looked at again until it, or its
    manifest, changes. Killed at any moment, the next call goes on: no file is lost, taken twice or half there.

    Returns: new deliveries and repeats, by business date.

    Raises:
        DeliveryCorrupt: a checksum or manifest is wrong (D04), and nothing else could be taken.
        DeliveryMissing: a loose table waits too long for those that belong to it, and nothing else could be taken.
        ContractBreach: a file does not say its day, and nothing else could be taken.
        NightRunning: another process is landing this feed.
    """
    folder = settings.landing / feed.name
    with exclusive(folder / ".lock", f"the landing of {feed.name}"):
        _clear_scraps(folder)
        reopen_stopped(settings, feed.name, feed.contract_hash)
        seen = SeenIndex(folder / "seen.jsonl")
        lone = [each for each in gather(settings, feed, datetime.now(UTC)) if not seen.knows(each.arrival)]
        new = [each for each in _arrived(settings, feed) if not seen.knows(each)]
        try:
            return _Landing(settings, feed, seen).all(new, lone, business_date, progress)
        finally:
            forget_landed(settings, feed, seen)


def reopen(settings: Settings, feed: Feed) -> None:
    """Let deliveries be tried again that the contract refused as it was before it was mended.

    Raises:
        NightRunning: another process is landing this feed.
    """
    with exclusive(settings.landing / feed.name / ".lock", f"the landing of {feed.name}"):
        reopen_stopped(settings, feed.name, feed.contract_hash)


def waiting_dates(settings: Settings, feed: Feed) -> set[date]:
    """Business dates of the files that lie in a feed's inbox, taken or not; files that do not say their day are left out."""
    loose = loose_date(settings, feed)
    found = {loose} if loose else set[date]()
    for each in _arrived(settings, feed):
        with contextlib.suppress(DeliveryError):
            found.add(place_of(settings, feed, each.path.name, read_manifest(each.sidecar)).business_date)
    return found


def waiting_files(settings: Settings, feed: Feed, business_date: date) -> list[str]:
    """Names of the files in a feed's inbox that are about a later day, and so wait for it."""
    seen, found = SeenIndex(settings.landing / feed.name / "seen.jsonl"), []
    for each in (arrival for arrival in _arrived(settings, feed) if not seen.knows(arrival)):
        with contextlib.suppress(DeliveryError):
            place = place_of(settings, feed, each.path.name, read_manifest(each.sidecar))
            if place.business_date > business_date:
                found.append(each.path.name)
    return sorted(found)


def _arrived(settings: Settings, feed: Feed) -> list[Arrival]:
    """What lies in a feed's inbox, and the archives of what lies there loose."""
    folders = (settings.inbox / feed.name, gathered_folder(settings, feed))
    return [each for folder in folders for each in arrivals(folder, feed.files)]


class _Landing:
    """One feed's landing while the lock is held."""

    def __init__(self, settings: Settings, feed: Feed, seen: SeenIndex) -> None:
        self.settings, self.feed, self.seen = settings, feed, seen

    def all(self, new: list[Arrival], lone: list[Lone], business_date: date, progress: Progress) -> list[Landed]:
        """Land every file that is due; tables that wait too long for others are refused."""
        landed: list[Landed] = []
        errors: list[DeliveryError] = []
        placed: list[tuple[Place, Arrival, Manifest]] = []
        for each in lone:
            errors.append(each.error)
            self.refuse(each.arrival, None, each.error)
        for arrival in new:
            try:
                manifest = read_manifest(arrival.sidecar)
                placed.append((place_of(self.settings, self.feed, arrival.path.name, manifest), arrival, manifest))
            except DeliveryError as error:
                errors.append(error)
                self.refuse(arrival, None, error)
        due = [each for each in placed if each[0].business_date <= business_date]
        due.sort(key=lambda each: (each[0].business_date, each[0].sequence or 0))
        for done, (place, arrival, manifest) in enumerate(due):
            progress(f"land {self.feed.name}", done, len(due))
            try:
                if (one := self.one(arrival, place, manifest)) is not None:
                    landed.append(one)
            except FileNotFoundError:
                continue  # taken away while we looked
            except DeliveryError as error:
                errors.append(error)
                self.refuse(arrival, place.business_date, error)
        progress(f"land {self.feed.name}", len(due), len(due))
        if errors and not landed:
            raise errors[0]
        return landed

    def one(self, arrival: Arrival, place: Place, manifest: Manifest) -> Landed | None:
        """Land one file; None when it is still being written."""
        sha256 = sha256_of(arrival.path)
        if not arrival.holds_still:
            return None
        check_sha256(manifest, arrival.path.name, sha256)
        delivery_id = delivery_id_of(self.feed.name, place.business_date, sha256)
        is_repeat = self.seen.has_landed(delivery_id)
        if is_repeat:
            self.check_is_in_force(arrival.path.name, delivery_id)
        if not is_repeat and not self.keep(arrival, self.delivery(arrival, place, sha256, manifest)):
            return None
        self.seen.add(arrival, sha256, delivery_id, REPEAT if is_repeat else LANDED)
        kept = delivery_named(self.settings, delivery_id)
        return Landed(
            delivery_id,
            kept.feed,
            arrival.path.name,
            kept.business_date,
            is_repeat,
            kept.is_late,
            kept.supersedes_delivery_id,
        )

    def check_is_in_force(self, file_name: str, delivery_id: str) -> None:
        """Refuse what comes again after a correction took its place: is it to count again? Nobody can tell (D01, D02).

        Raises:
            ContractBreach: names both.
        """
        known = deliveries_of(self.settings, self.feed.name)
        took = {each.supersedes_delivery_id: each for each in known if each.state(self.settings) == "staged"}
        if correction := took.get(delivery_id):
            raise ContractBreach(
                f"{file_name} is what came as {delivery_id}, which {correction.delivery_id} has corrected since; the "
                "correction stays in force.",
                hint=f"If the first was right after all: `databank retract {correction.delivery_id}` brings it back.",
            )

    def delivery(self, arrival: Arrival, place: Place, sha256: str, manifest: Manifest) -> Delivery:
        """What is to be kept about a file, seen beside what landed before it."""
        day = place.business_date
        delivery_id = delivery_id_of(self.feed.name, day, sha256)
        before = [each for each in deliveries_of(self.settings, self.feed.name) if each.delivery_id != delivery_id]
        is_told_apart = place.kind == SNAPSHOT or (place.kind == DELTA and place.sequence is not None)
        same = (day, place.kind, place.sequence)
        corrected = [each for each in before if is_told_apart and (each.business_date, each.kind, each.sequence) == same]
        return Delivery(
            delivery_id=delivery_id,
            feed=self.feed.name,
            business_date=day,
            file_name=arrival.path.name,
            sha256=sha256,
            bytes=arrival.size,
            landed_at=datetime.now(UTC),
            contract_hash=self.feed.contract_hash,
            supersedes_delivery_id=corrected[-1].delivery_id if corrected else None,
            is_late=any(each.business_date > day and each.state(self.settings) not in NEVER_CURRENT for each in before),
            manifest=manifest.facts,
            kind=place.kind,
            sequence=place.sequence,
            supplements_delivery_id=place.supplements_delivery_id,
        )

    def keep(self, arrival: Arrival, delivery: Delivery) -> bool:
        """Put the evidence in place, whole; False when the file changed under our hands."""
        target = self.settings.landing / self.feed.name / delivery.delivery_id
        if target.exists():
            return True  # a run that was killed before it could record this landing
        try:
            with whole_folder(target) as folder:
                copy = folder / delivery.file_name
                _clone_or_copy(arrival.path, copy)
                if sha256_of(copy) != delivery.sha256:
                    raise _StillWritten
                write_json(folder / "delivery.json", asdict(delivery))
        except _StillWritten:
            return False
        return True

    def refuse(self, arrival: Arrival, day: date | None, error: DeliveryError) -> None:
        """Record why a file was not taken, for the agency and so that it is not looked at again as it is."""
        if not arrival.holds_still:
            return
        sha256 = sha256_of(arrival.path)
        refusal = Refusal(
            feed=self.feed.name,
            file_name=arrival.path.name,
            sha256=sha256,
            business_date=day,
            refused_at=datetime.now(UTC),
            reason_code=type(error).__name__,
            reason=error.summary,
            hint=error.hint,
        )
        name = re.sub(r"[^\w.-]", "_", arrival.path.name)
        write_json(self.settings.landing / self.feed.name / "refused" / f"{name}.{sha256[:12]}.json", asdict(refusal))
        self.seen.add(arrival, sha256, refusal.delivery_id, REFUSED)


class _StillWritten(Exception):
    """The file changed between being looked at and being copied."""


def _clone_or_copy(source: Path, target: Path) -> None:
    """Copy a file; on file systems that can, without using space twice."""
    with source.open("rb") as old, target.open("wb") as new, contextlib.suppress(OSError):
        fcntl.ioctl(new, _FICLONE, old.fileno())
        return
    shutil.copyfile(source, target)


def _clear_scraps(folder: Path) -> None:
    """Remove what a killed run left half done; nothing of it was ever in place."""
    for scrap in folder.glob(".*.partial"):
        if scrap.is_dir():
            shutil.rmtree(scrap)
        else:
            scrap.unlink()
