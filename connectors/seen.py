"""The index of files that landing has looked at, so that what merely lies in the inbox is no arrival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.transports.folder import Arrival
from hub.journal import Journal

LANDED, REPEAT, REFUSED = "landed", "repeat", "refused"


@dataclass(frozen=True)
class Seen:
    """One look at one file: where and how it lay, what is in it, which delivery it is, what came of it."""

    name: str
    size: int
    mtime_ns: int
    sidecar_mtime_ns: int
    sha256: str
    delivery_id: str
    outcome: str


class SeenIndex:
    """``landing/<feed>/seen.jsonl``: one entry a look, in order."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, Seen)
        self._known = {(e.name, e.size, e.mtime_ns, e.sidecar_mtime_ns) for e in self.entries}

    @property
    def entries(self) -> Sequence[Seen]:
        """All looks, in order."""
        return self._journal.entries

    def knows(self, arrival: Arrival) -> bool:
        """Whether this file was looked at as it lies there now."""
        return (arrival.path.name, arrival.size, arrival.mtime_ns, arrival.sidecar_mtime_ns) in self._known

    def has_taken(self, arrival: Arrival) -> bool:
        """Whether this file, as it lies there now, became a delivery or repeats one."""
        lay = (arrival.path.name, arrival.size, arrival.mtime_ns)
        return any((e.name, e.size, e.mtime_ns) == lay and e.outcome != REFUSED for e in self.entries)

    def has_landed(self, delivery_id: str) -> bool:
        """Whether a delivery's landing is recorded."""
        return any(e.delivery_id == delivery_id and e.outcome == LANDED for e in self.entries)

    def add(self, arrival: Arrival, sha256: str, delivery_id: str, outcome: str) -> None:
        """Record a look, on disk before the call returns."""
        entry = Seen(
            arrival.path.name, arrival.size, arrival.mtime_ns, arrival.sidecar_mtime_ns, sha256, delivery_id, outcome
        )
        self._journal.add(entry)
        self._known.add((entry.name, entry.size, entry.mtime_ns, entry.sidecar_mtime_ns))
