"""The receiving end of every wire: a fetched file appears in ``inbox/<feed>/`` whole, with a manifest beside it.

``inbox/<feed>/.<name>.part``           what has come so far, and ``….part.json``: of which version of the remote file
``inbox/<feed>/<name>.manifest.json``   the agency's own manifest if it has one, with our ``wire``: where it came from
``wires/<feed>/fetched.jsonl``          one line a fetched file: version, size, sha256, when
``wires/<feed>/replaced/``              a file that the agency replaced before it had landed

Killed at any moment, the next fetch goes on: a part is continued if its version is still the remote one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connectors.gathering import has_landed
from connectors.manifests import Manifest, business_date_of
from connectors.seen import REFUSED, SeenIndex
from connectors.transports.folder import SIDECAR_SUFFIX
from hub.errors import DeliveryError, WireDown
from hub.journal import Journal, now_text
from hub.settings import Settings
from hub.storage import disk_errors, exclusive, read_json, sha256_of, sync, write_json
from schemas.feed import Feed

MAX_MANIFEST_BYTES = 1 << 20
_SCRAPS = ".*.json*.partial"


@dataclass(frozen=True)
class Fetched:
    """One file that a wire brought. ``version``: what tells this state of the remote file from any other. ``is_grown``: it
    begins with the whole file that came under this name before, which therefore was cut."""

    file_name: str
    version: str
    size: int
    sha256: str
    fetched_at: str
    is_grown: bool = False


class Inbox:
    """One feed's inbox while its files are fetched."""

    def __init__(self, settings: Settings, feed: Feed) -> None:
        self.settings, self.feed = settings, feed
        self.folder = settings.inbox / feed.name
        self.state = settings.home / "wires" / feed.name
        self._seen = settings.landing / feed.name / "seen.jsonl"
        self._path = self.state / "fetched.jsonl"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else fetches this feed meanwhile; who comes second waits, and then finds little left to do."""
        with exclusive(self.state / ".lock", f"the wire of {self.feed.name}", is_waiting=True):
            self.folder.mkdir(parents=True, exist_ok=True)
            for scrap in (*self.folder.glob(_SCRAPS), *self.state.glob(_SCRAPS)):
                scrap.unlink()  # of a fetch that was killed
            yield

    def fetched(self) -> Sequence[Fetched]:
        """Everything that this wire ever brought, in order."""
        return self._journal().entries

    def version(self, name: str) -> str | None:
        """The version of a file that was fetched last."""
        return next((each.version for each in reversed(self.fetched()) if each.file_name == name), None)

    def is_past(self, business_date: date) -> bool:
        """Whether a later day was fetched: who is asked, and keeps no files, answers as of now and knows no past day."""
        for each in self.fetched():
            with suppress(DeliveryError):  # named as an earlier contract said
                if business_date_of(each.file_name, Manifest(), self.feed) > business_date:
                    return True
        return False

    def has_used(self, name: str, version: str) -> bool:
        """Whether landing has taken this version of a file, as a delivery or a repeat, or as a table of one."""
        known = {each.sha256 for each in self.fetched() if (each.file_name, each.version) == (name, version)}
        is_taken = any(each.sha256 in known and each.outcome != REFUSED for each in SeenIndex(self._seen).entries)
        return is_taken or (self.version(name) == version and has_landed(self.settings, self.feed, name))

    def part(self, name: str) -> Part:
        """Where a file grows until it is whole."""
        return Part(self.folder / f".{name}.part")

    def keep(self, name: str, version: str, source: str, manifest: bytes | None = None, **facts: Any) -> Fetched | None:
        """Put a whole part into the inbox and write it down; None when its bytes are the ones that lie there already.

        Args:
            source: kind of wire and connection, e.g. ``sftp ihio``.
            manifest: the agency's own.
        """
        part, target = self.part(name), self.folder / name
        sha256, size = sha256_of(part.path), part.path.stat().st_size
        known = next((each for each in reversed(self.fetched()) if each.file_name == name), None)
        is_grown = known is not None and 0 < known.size < size and sha256_of(part.path, known.size) == known.sha256
        fetched = Fetched(name, version, size, sha256, now_text(), is_grown)
        is_new = known is None or known.sha256 != sha256 or not (target.exists() or self._is_seen(sha256))
        if is_new:
            if target.exists() and sha256_of(target) != sha256 and not self._is_seen(sha256_of(target)):
                self._set_aside(target)
            wire = {"source": source, "version": version, "size": size, "fetched_at": fetched.fetched_at, **facts}
            if is_grown:
                wire["is_grown"] = True
            _write_manifest(target.with_name(name + SIDECAR_SUFFIX), manifest, {"wire": wire, "sha256": sha256})
            with disk_errors(target):
                sync(part.path)
                part.path.replace(target)
                sync(self.folder)
        part.drop()
        self._journal().add(fetched)
        return fetched if is_new else None

    def _journal(self) -> Journal[Fetched]:
        return Journal(self._path, Fetched)

    def _is_seen(self, sha256: str) -> bool:
        return any(each.sha256 == sha256 for each in SeenIndex(self._seen).entries)

    def _set_aside(self, target: Path) -> None:
        aside = self.state / "replaced"
        aside.mkdir(parents=True, exist_ok=True)
        target.rename(aside / f"{sha256_of(target)[:12]}.{target.name}")


class Part:
    """A file on its way."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version = path.with_name(path.name + ".json")

    def offset(self, version: str) -> int:
        """How many bytes of this version are here already; what is here of another version is dropped."""
        if not version or self.version() != version:
            self.drop()
            return 0
        return self.path.stat().st_size if self.path.exists() else 0

    def version(self) -> str | None:
        """The version that has begun to come."""
        return str(read_json(self._version)["version"]) if self._version.exists() and self.path.exists() else None

    def grow(self, version: str, chunks: Iterable[bytes], *, offset: int) -> int:
        """Write what comes behind the first ``offset`` bytes; returns the size then."""
        with disk_errors(self.path):
            if self.version() != version:
                write_json(self._version, {"version": version})
            with self.path.open("r+b" if offset else "wb") as file:
                file.seek(offset)
                for chunk in chunks:
                    file.write(chunk)
                return file.tell()

    def check_size(self, size: int | None, name: str) -> None:
        """Compare with the size that the server says.

        Raises:
            WireDown: less or more came.
        """
        came = self.path.stat().st_size
        if size is not None and came != size:
            if came > size:
                self.drop()
            raise WireDown(
                f"{came} of {size} bytes of {name} came; what came is kept, nothing else was changed.",
                hint="Fetch again: it goes on from there.",
            )

    def cut_for(self) -> float:
        """For how many seconds this version has been known to lack its end."""
        said = read_json(self._version)
        since = said.setdefault("cut_since", time.time())
        write_json(self._version, said)
        return max(0.0, time.time() - float(since))

    def drop(self) -> None:
        """Forget what came."""
        self.path.unlink(missing_ok=True)
        self._version.unlink(missing_ok=True)


def size_in(manifest: bytes | None) -> int | None:
    """How many bytes an agency's manifest announces (``bytes``); None where it does not say."""
    said = (_facts(manifest) or {}).get("bytes")
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _facts(manifest: bytes | None) -> dict[str, Any] | None:
    """What an agency's manifest says; None where it is no JSON object."""
    try:
        facts = json.loads((manifest or b"{}").decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) else None


def _write_manifest(path: Path, agency: bytes | None, ours: dict[str, Any]) -> None:
    """The agency's facts win; a manifest that is no JSON object is kept as it came, for landing to refuse."""
    facts = _facts(agency)
    if facts is None:
        path.write_bytes(agency or b"")
        return
    write_json(path, ours | {key: value for key, value in facts.items() if value is not None})
