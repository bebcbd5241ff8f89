"""The folder transport: what lies finished in ``inbox/<feed>/``."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.feed import Feed

SIDECAR_SUFFIX = ".manifest.json"
UNFINISHED_SUFFIXES = (".part", ".partial", ".filepart", ".tmp", ".crdownload")
SETTLE_SECONDS = 0.0
"""How long a file must lie untouched before it counts as finished. Landing proves besides that it holds still."""


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox, as it lay there when we looked."""

    path: Path
    size: int
    mtime_ns: int
    sidecar: Path | None = None
    sidecar_mtime_ns: int = 0

    @property
    def holds_still(self) -> bool:
        """Whether the file is still as it was when we looked."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.mtime_ns)


def arrivals(folder: Path, pattern: str) -> list[Arrival]:
    """Finished files that match a feed's glob, oldest first; links, hidden and unfinished files are left alone."""
    if not folder.is_dir():
        return []
    wanted = (path for path in folder.iterdir() if fnmatch.fnmatchcase(path.name, pattern) and is_finished(path))
    found = [arrival_of(path) for path in wanted]
    return sorted((each for each in found if each), key=lambda each: (each.mtime_ns, each.path.name))


def strangers(inbox: Path, feeds: Mapping[str, Feed]) -> list[str]:
    """Finished files of the inbox that no feed takes, as ``folder/name``: an unknown folder, or a name unlike its patterns.

    Args:
        feeds: all feeds by name.
    """
    found = []
    for path in sorted(inbox.glob("*/*")):
        feed = feeds.get(path.parent.name)
        if is_finished(path) and not (feed and feed.takes(path.name)):
            found.append(f"{path.parent.name}/{path.name}")
    return found


def is_finished(path: Path) -> bool:
    """Whether something is a file that somebody delivered: no link, no manifest, not hidden, no upload that still runs."""
    is_ours = not path.name.startswith(".") and not path.name.endswith((SIDECAR_SUFFIX, *UNFINISHED_SUFFIXES))
    return is_ours and path.is_file() and not path.is_symlink()


def arrival_of(path: Path) -> Arrival | None:
    """A file as it lies there now, with its manifest; None when it is gone, or too young."""
    try:
        status = path.stat()
        sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
        sidecar_mtime_ns = sidecar.stat().st_mtime_ns if sidecar.is_file() else 0
    except FileNotFoundError:
        return None  # taken away while we looked
    if time.time() - status.st_mtime < SETTLE_SECONDS:
        return None
    return Arrival(path, status.st_size, status.st_mtime_ns, sidecar if sidecar_mtime_ns else None, sidecar_mtime_ns)
