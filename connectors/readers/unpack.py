"""Bytes of a delivered file, unpacked on the way, within limits."""

from __future__ import annotations

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from connectors.readers import limits
from hub.errors import DeliveryCorrupt

PACKED_SUFFIXES = (".gz", ".zip")
_PACKED_MAGIC = {b"\x1f\x8b": ".gz", b"PK\x03\x04": ".zip"}


class Source:
    """A delivered file while it is read: counts, and refuses what grows without end.

    Args:
        name: file name for messages.
        raw: the file as it lies there.
        stream: its unpacked bytes.
        total: size of the file in bytes.
    """

    def __init__(self, name: str, raw: IO[bytes], stream: IO[bytes], total: int) -> None:
        self.name, self.total = name, total
        self._raw, self._stream, self._unpacked = raw, stream, 0

    @property
    def position(self) -> int:
        """Bytes of the delivered file that are done."""
        return self._raw.tell()

    def read(self, size: int) -> bytes:
        """Exactly ``size`` unpacked bytes; fewer only at the end.

        Raises:
            DeliveryCorrupt: the packing is cut or wrong, or it expands beyond the limits.
        """
        parts = []
        while size > 0:
            part = self._part(size)
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts) if len(parts) != 1 else parts[0]

    def _part(self, size: int) -> bytes:
        try:
            part = self._stream.read(size)
        except EOFError as error:
            raise corrupt(
                self.name, "ends before its packing does: it is cut", "Ask the agency to send it again."
            ) from error
        except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            raise corrupt(
                self.name, f"cannot be unpacked ({type(error).__name__})", "Ask the agency to pack and send it again."
            ) from error
        self._unpacked += len(part)
        too_large = self._unpacked > limits.MAX_UNPACKED_BYTES
        too_dense = self._unpacked > max(limits.EXPANSION_GRACE_BYTES, limits.MAX_EXPANSION * self.total)
        if (too_large or too_dense) and self._stream is not self._raw:
            raise corrupt(
                self.name,
                f"unpacks to more than {self._unpacked >> 20} MB from {self.total} bytes",
                "Ask the agency what this file is; deliveries of this size come unpacked or in parts.",
            )
        return part


def corrupt(name: str, what: str, hint: str) -> DeliveryCorrupt:
    """The error for a file that cannot be read."""
    return DeliveryCorrupt(f"{name} {what}. Nothing of it was taken over; the delivery before stays current.", hint=hint)


@contextmanager
def unpacked(path: Path) -> Iterator[Source]:
    """Open a file as delivered: plain, ``.gz``, or ``.zip`` with exactly one member. Nothing is extracted to disk."""
    with path.open("rb") as raw:
        total = path.stat().st_size
        if total == 0:
            raise corrupt(path.name, "is empty", "Ask the agency to send it again.")
        if path.suffix == ".gz":
            with gzip.open(raw) as stream:
                yield Source(path.name, raw, stream, total)  # type: ignore[arg-type]
        elif path.suffix == ".zip":
            with _single_member(path.name, raw) as member:
                yield Source(path.name, raw, member, total)
        else:
            yield Source(path.name, raw, raw, total)


@contextmanager
def seekable(path: Path) -> Iterator[IO[bytes]]:
    """The unpacked file for libraries that jump about in it; packed ones pass through a temporary file."""
    if path.suffix not in PACKED_SUFFIXES:
        if path.stat().st_size == 0:
            raise corrupt(path.name, "is empty", "Ask the agency to send it again.")
        with path.open("rb") as raw:
            yield raw
        return
    with unpacked(path) as source, tempfile.TemporaryFile() as whole:
        while part := source.read(limits.BLOCK_BYTES):
            whole.write(part)
        whole.seek(0)
        yield whole


def check_not_packed(name: str, first: bytes) -> None:
    """Refuse text that is packed although its name does not say so.

    Raises:
        DeliveryCorrupt: names the suffix that it should have.
    """
    for magic, suffix in _PACKED_MAGIC.items():
        if first.startswith(magic):
            raise corrupt(
                name, f"is packed ({suffix}) where text is declared", f"Ask the agency to name such files *{suffix}."
            )


@contextmanager
def _single_member(name: str, raw: IO[bytes]) -> Iterator[IO[bytes]]:
    try:
        archive = zipfile.ZipFile(raw)
        members = [info for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        raise corrupt(name, "is no zip archive or is cut", "Ask the agency to pack and send it again.") from error
    with archive:
        if len(members) != 1:
            raise corrupt(name, f"holds {len(members)} files where one is expected", "Ask for one file an archive.")
        if members[0].flag_bits & 1:
            raise corrupt(name, "is locked with a password", "Ask the agency to send it without one.")
        try:
            stream = archive.open(members[0])
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise corrupt(name, "cannot be unpacked", "Ask the agency to pack and send it again.") from error
        with stream:
            yield stream
