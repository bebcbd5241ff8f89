"""Wires that hold files: which of them are new and finished, fetching them, and clearing them away once they have landed."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from connectors.transports.folder import SIDECAR_SUFFIX, UNFINISHED_SUFFIXES
from connectors.transports.receiving import MAX_MANIFEST_BYTES, Fetched, Inbox
from hub.errors import WireDown
from hub.progress import Progress
from schemas.wires import Wire


@dataclass(frozen=True)
class RemoteFile:
    """A file on the agency's server. ``version`` changes whenever its content may have changed."""

    name: str
    size: int
    version: str


class RemoteFolder(Protocol):
    """One remote folder while a connection is open."""

    def files(self) -> list[RemoteFile]:
        """What lies there, by name."""

    def read(self, file: RemoteFile, offset: int) -> Iterator[bytes]:
        """The file's bytes from an offset on."""

    def archive(self, file: RemoteFile, folder: str) -> None:
        """Move it into another folder."""


OpenFolder = AbstractContextManager[RemoteFolder]


def fetch_files(remote: RemoteFolder, wire: Wire, inbox: Inbox, progress: Progress) -> list[Fetched]:
    """Fetch every finished file of the feed that was not fetched as it is now, by name.

    Raises:
        WireDown: it broke off, or a file changed under our hands; fetching again goes on from there.
    """
    fetched: list[Fetched] = []
    new = _finished(remote, wire, inbox)
    manifests = {each.name: each for each in remote.files() if each.name.endswith(SIDECAR_SUFFIX)} if new else {}
    for done, file in enumerate(new):
        progress(f"fetch {inbox.feed.name}", done, len(new))
        part = inbox.part(file.name)
        offset = part.offset(file.version)
        part.grow(file.version, remote.read(file, offset), offset=offset)
        part.check_size(file.size, file.name)
        if file not in remote.files():
            part.drop()
            raise WireDown(f"{file.name} changed while it was fetched; it was not taken over.", hint="Fetch again.")
        manifest = manifests.get(file.name + SIDECAR_SUFFIX)
        said = b"".join(remote.read(manifest, 0)) if manifest and manifest.size <= MAX_MANIFEST_BYTES else None
        if (kept := inbox.keep(file.name, file.version, f"{wire.kind} {wire.connection}", said)) is not None:
            fetched.append(kept)
    progress(f"fetch {inbox.feed.name}", len(new), len(new))
    return fetched


def archive_files(remote: RemoteFolder, wire: Wire, inbox: Inbox) -> list[str]:
    """Move the remote files that have landed, with their manifests, into the wire's archive; returns their names."""
    if wire.archive is None:
        return []
    there = {file.name: file for file in remote.files()}
    used = [file for file in there.values() if inbox.has_used(file.name, file.version)]
    for file in used:
        remote.archive(file, wire.archive)
        if manifest := there.get(file.name + SIDECAR_SUFFIX):
            remote.archive(manifest, wire.archive)
    return [file.name for file in used]


def _finished(remote: RemoteFolder, wire: Wire, inbox: Inbox) -> list[RemoteFile]:
    """New files that keep size and time between two looks; an upload that is still running is left for the next time."""
    new = [file for file in remote.files() if _is_wanted(file.name, inbox) and inbox.version(file.name) != file.version]
    if new and wire.settle_seconds > 0:
        time.sleep(wire.settle_seconds)
        now = set(remote.files())
        return [file for file in new if file in now]
    return new


def _is_wanted(name: str, inbox: Inbox) -> bool:
    is_finished = not name.startswith(".") and not name.endswith((SIDECAR_SUFFIX, *UNFINISHED_SUFFIXES))
    return is_finished and "/" not in name and fnmatch.fnmatchcase(name, inbox.feed.files)
