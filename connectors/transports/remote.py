"""Wires that hold files: which of them are new and finished, fetching them, and clearing them away once they have landed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from connectors.transports.folder import SIDECAR_SUFFIX, UNFINISHED_SUFFIXES
from connectors.transports.receiving import MAX_MANIFEST_BYTES, Fetched, Inbox, Part, size_in
from connectors.transports.wholeness import is_cut
from hub.errors import WireDown
from hub.progress import Progress
from schemas.wires import Wire

log = logging.getLogger("databank")
STALLED_SECONDS = 3600.0
"""So long an upload without its end may rest before it is taken for what the agency sends."""


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
        if offset < file.size or file.size == 0:
            part.grow(file.version, remote.read(file, offset), offset=offset)
        part.check_size(file.size, file.name)
        if file not in remote.files():
            part.drop()
            raise WireDown(f"{file.name} changed while it was fetched; it was not taken over.", hint="Fetch again.")
        manifest = manifests.get(file.name + SIDECAR_SUFFIX)
        said = b"".join(remote.read(manifest, 0)) if manifest and manifest.size <= MAX_MANIFEST_BYTES else None
        if _is_unfinished(part, inbox, said):
            log.warning("%s has no end yet: it is left until it has, or rests for an hour.", file.name)
            continue
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
        beside = (file.name + SIDECAR_SUFFIX, (wire.done_file or "*").replace("*", file.name))
        for name in beside:
            if name != file.name and (other := there.pop(name, None)):
                remote.archive(other, wire.archive)
    return [file.name for file in used]


def _is_unfinished(part: Part, inbox: Inbox, manifest: bytes | None) -> bool:
    """Whether an upload seems to have stopped before its end. One that stays so is taken over after a while, so that the
    agency is told."""
    told = size_in(manifest)
    is_short = told is not None and part.path.stat().st_size < told
    is_open = is_short or any(is_cut(part.path, layout.format) for layout in inbox.feed.layouts[-1:])
    return is_open and part.cut_for() < STALLED_SECONDS


def _finished(remote: RemoteFolder, wire: Wire, inbox: Inbox) -> list[RemoteFile]:
    """New files that keep size and time between two looks, and whose done file is there where the contract wants one; an
    upload that is still running is left for the next time."""
    there = remote.files()
    names = {file.name for file in there}
    new = [
        file
        for file in there
        if _is_wanted(file.name, inbox)
        and inbox.version(file.name) != file.version
        and (wire.done_file is None or wire.done_file.replace("*", file.name) in names)
    ]
    if new and wire.settle_seconds > 0:
        time.sleep(wire.settle_seconds)
        now = set(remote.files())
        return [file for file in new if file in now]
    return new


def _is_wanted(name: str, inbox: Inbox) -> bool:
    is_finished = not name.startswith(".") and not name.endswith((SIDECAR_SUFFIX, *UNFINISHED_SUFFIXES))
    return is_finished and "/" not in name and inbox.feed.takes(name)
