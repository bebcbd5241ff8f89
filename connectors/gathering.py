"""Loose tables in the inbox: those of one disk, or of many disks in folders, become one archive and so one delivery.

``gathered/<feed>/<name>.zip``    the archive, which landing takes as if the agency had packed it
``gathered/<feed>/tables.json``   the last archive's name, and the tables, as they lay, of which it was made

An archive holds every disk that lies in the inbox, and is made when each has all its tables and none is still being written:
a table is whole when it is what its manifest says, as what a wire brought is, and without a manifest when it lies still.
Killed at any moment, the next call makes the same archive again.
"""

from __future__ import annotations

import shutil
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from connectors.manifests import check_sha256, read_manifest
from connectors.seen import SeenIndex
from connectors.transports.folder import Arrival, arrival_of, arrivals, is_finished
from hub.errors import DeliveryCorrupt, DeliveryError, DeliveryMissing
from hub.settings import Settings
from hub.storage import disk_errors, read_json, sha256_of, sync, write_json
from schemas.feed import Feed
from schemas.file_names import file_name
from schemas.jalali import TEHRAN

TABLES = "tables.json"
SETTLE = timedelta(seconds=20)
"""How long a table must lie untouched before it counts as finished."""
MOMENT = (1980, 1, 1, 0, 0, 0)
Lay = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Table:
    """A loose table, as it lay in the inbox when we looked. ``name``: its path below the feed's inbox."""

    name: str
    arrival: Arrival

    @property
    def lay(self) -> list[int]:
        """What changes when the table does."""
        return [self.arrival.size, self.arrival.mtime_ns]

    @property
    def arrived_at(self) -> datetime:
        """When it was written."""
        return datetime.fromtimestamp(self.arrival.mtime_ns / 1e9, UTC)

    def is_whole(self, now: datetime) -> bool:
        """Whether it is what its manifest says; without one, whether it has lain untouched for a while.

        Raises:
            DeliveryCorrupt: it has lain so for a while and is something else.
        """
        is_still = now - self.arrived_at >= SETTLE
        try:
            manifest = read_manifest(self.arrival.sidecar)
            if manifest.sha256 is None:
                return is_still
            check_sha256(manifest, self.name, sha256_of(self.arrival.path))
        except DeliveryCorrupt:
            if is_still:
                raise
            return False
        return True


@dataclass(frozen=True)
class Lone:
    """A table of which no archive is made, and why: it waits too long for those that belong to it, or is not whole."""

    arrival: Arrival
    error: DeliveryError


@dataclass(frozen=True)
class Gathered:
    """The archive that was made last, and how each of its tables lay."""

    archive: str
    tables: Lay


def gathered_folder(settings: Settings, feed: Feed) -> Path:
    """Where the archives of a feed's loose tables are."""
    return settings.home / "gathered" / feed.name


def gather(settings: Settings, feed: Feed, now: datetime) -> list[Lone]:
    """Make the archive of a feed's loose tables, where any is new and all are there.

    Returns: tables that wait longer than the contract says, or are not what their manifests say; no archive is made as long
    as there is any.
    """
    tables = _tables(settings, feed)
    folder = gathered_folder(settings, feed)
    known = _last(folder).tables
    if feed.loose_wait_minutes is None or all(list(known.get(each.name, ())) == each.lay for each in tables):
        return []
    day = _day(tables)
    layout = feed.layout_on(day)
    patterns = layout.format.members if layout else ()
    disks: dict[str, list[Table]] = defaultdict(list)
    for each in tables:
        disks[each.name.rpartition("/")[0]].append(each)
    waiting = {name: missing for name, disk in disks.items() if (missing := _missing(disk, patterns, known))}
    if waiting:
        patience = timedelta(minutes=feed.loose_wait_minutes)
        newest = {name: max(disks[name], key=lambda each: each.arrival.mtime_ns) for name in waiting}
        late = [name for name, table in newest.items() if now - table.arrived_at > patience]
        return [Lone(newest[name].arrival, _error(newest[name], waiting[name])) for name in late]
    unlike = []
    are_whole = True
    for each in tables:
        try:
            are_whole &= each.is_whole(now)
        except DeliveryCorrupt as error:
            unlike.append(Lone(each.arrival, error))
    archive = file_name(feed, day)
    if are_whole and not unlike and _pack(tables, folder / archive):
        write_json(folder / TABLES, asdict(Gathered(archive, {each.name: each.lay for each in tables})))
    return unlike


def forget_landed(settings: Settings, feed: Feed, seen: SeenIndex) -> None:
    """Remove the archives that landing has taken: the evidence is there."""
    for arrival in arrivals(gathered_folder(settings, feed), feed.files):
        if seen.has_taken(arrival):
            arrival.path.unlink()


def has_landed(settings: Settings, feed: Feed, name: str) -> bool:
    """Whether landing has taken a loose table, as it lies in the inbox now, with the archive that was made of it."""
    folder = gathered_folder(settings, feed)
    last = _last(folder)
    lay = next((each.lay for each in _tables(settings, feed) if each.name == name), None)
    return lay is not None and list(last.tables.get(name, ())) == lay and not (folder / last.archive).exists()


def loose_date(settings: Settings, feed: Feed) -> date | None:
    """The business date of a feed's loose tables: the day, in Tehran, on which the last of them came; None without any."""
    tables = _tables(settings, feed)
    return _day(tables) if tables else None


def _tables(settings: Settings, feed: Feed) -> list[Table]:
    """Finished loose tables of the inbox and its folders, in order of their paths."""
    inbox, found = settings.inbox / feed.name, []
    for path in sorted(inbox.rglob("*")) if feed.loose_patterns else ():
        name = path.relative_to(inbox).as_posix()
        is_ours = not name.startswith(".") and "/." not in name and _fits(path.name, feed.loose_patterns)
        if is_ours and is_finished(path) and (arrival := arrival_of(path)):
            found.append(Table(name, arrival))
    return found


def _last(folder: Path) -> Gathered:
    path = folder / TABLES
    return Gathered(**read_json(path)) if path.exists() else Gathered("", {})


def _day(tables: Sequence[Table]) -> date:
    return max(each.arrived_at for each in tables).astimezone(TEHRAN).date()


def _missing(disk: Sequence[Table], patterns: Sequence[str], known: Lay) -> list[str]:
    """What a disk waits for: tables of a pattern that has none, and those that lie as before while another came anew."""
    absent = [pattern for pattern in patterns if not any(_fits(each.name.rpartition("/")[2], (pattern,)) for each in disk)]
    old = [each.name for each in disk if list(known.get(each.name, ())) == each.lay]
    return absent or (old if len(old) < len(disk) else [])


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _error(table: Table, missing: Sequence[str]) -> DeliveryMissing:
    return DeliveryMissing(
        f"{table.name} came without {', '.join(missing)}, which belongs to it; no table of the inbox was taken over, the "
        "delivery before stays current.",
        hint="Ask the agency for all tables of the disk, written anew; or take this one out of the inbox.",
    )


def _pack(tables: Sequence[Table], target: Path) -> bool:
    """Write the archive whole, or leave it when a table changes under our hands. Equal tables give equal bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    with disk_errors(target):
        with suppress(FileNotFoundError), zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in tables:
                entry = zipfile.ZipInfo(each.name, MOMENT)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with each.arrival.path.open("rb") as old, archive.open(entry, "w", force_zip64=True) as new:
                    shutil.copyfileobj(old, new)
        if not all(each.arrival.holds_still for each in tables):
            partial.unlink()
            return False
        sync(partial)
        partial.replace(target)
        sync(target.parent)
        return True
