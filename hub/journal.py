"""Journals: files of one JSON line an entry, only ever longer, whole after any kill. What is in force is their sum."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from hub.storage import disk_errors, sync

if TYPE_CHECKING:
    from collections.abc import Sequence
    from dataclasses import Field


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Entry = TypeVar("Entry", bound=_Dataclass)


def now_text() -> str:
    """This moment (UTC), as journals keep it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Journal(Generic[Entry]):
    """One journal, as it was when opened and with what was added since; who adds holds its lock, where others might.

    Args:
        kind: the dataclass of one entry, of plain JSON values.
    """

    def __init__(self, path: Path, kind: type[Entry]) -> None:
        self._path = path
        whole = path.read_bytes() if path.exists() else b""
        self._size = whole.rfind(b"\n") + 1  # a torn last line was never an entry
        self._entries = [kind(**json.loads(line)) for line in whole[: self._size].splitlines()]

    @property
    def entries(self) -> Sequence[Entry]:
        """All entries, oldest first."""
        return self._entries

    def add(self, entry: Entry) -> None:
        """Write an entry down, on disk before the call returns.

        Raises:
            ResourceError: the disk is full; the journal is as before.
        """
        line = json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
        is_new = not self._path.exists()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with disk_errors(self._path), self._path.open("xb" if is_new else "r+b") as file:
            file.truncate(self._size)
            file.seek(self._size)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync(self._path.parent)
        self._size += len(line)
        self._entries.append(entry)
