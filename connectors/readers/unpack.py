"""Bytes of a delivered file, unpacked on the way, within limits."""

from __future__ import annotations

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO

from connectors.readers import limits
from hub.errors import DeliveryCorrupt

GZIP, ZIP = ".gz", ".zip"
_PACKED_MAGIC = {b"\x1f\x8b": GZIP, b"PK\x03\x04": ZIP}
_DIRECTORY_END, _DIRECTORY_END_BYTES = b"PK\x05\x06", 22 + 65_535


class Source:
    """A delivered file while it is read: counts, and refuses what grows without end.

    Args:
        name: file name for messages.
        raw: the file as it lies there.
        stream: its unpacked bytes.
        total: size of the file in bytes.
        unpacked: bytes that came out of the same file before.
    """

    def __init__(self, name: str, raw: IO[bytes], stream: IO[bytes], total: int, unpacked: int = 0) -> None:
        self.name, self.total, self.unpacked = name, total, unpacked
        self._raw, self._stream = raw, stream

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
        self.unpacked += len(part)
        too_large = self.unpacked > limits.MAX_UNPACKED_BYTES
        too_dense = self.unpacked > max(limits.EXPANSION_GRACE_BYTES, limits.MAX_EXPANSION * self.total)
        if (too_large or too_dense) and self._stream is not self._raw:
            raise corrupt(
                self.name,
                f"unpacks to more than {self.unpacked >> 20} MB from {self.total} bytes",
                "Ask the agency what this file is; deliveries of this size come unpacked or in parts.",
            )
        return part


def corrupt(name: str, what: str, hint: str) -> DeliveryCorrupt:
    """The error for a file that cannot be read."""
    return DeliveryCorrupt(f"{name} {what}. Nothing of it was taken over; the delivery before stays current.", hint=hint)


def packing(path: Path) -> str:
    """How a file is packed, by its name, in which DOS has capitals: ``.gz``, ``.zip``, or another suffix where it is not."""
    return path.suffix.lower()


@contextmanager
def unpacked(path: Path, member: str | None = None) -> Iterator[Source]:
    """Open a file as delivered: plain, ``.gz``, or one file of a ``.zip``. Nothing is extracted to disk.

    Args:
        member: pattern of the file's name in an archive; without one the archive must hold exactly one file.
    """
    with _delivered(path) as (raw, total):
        if packing(path) == GZIP:
            with gzip.open(raw) as stream:
                yield Source(path.name, raw, stream, total)  # type: ignore[arg-type]
        elif packing(path) == ZIP:
            with _archive(path.name, raw) as archive:
                found = _matching(archive, member or "*")
                if len(found) != 1:
                    what = f"{len(found)} files" + (f" named {member}" if member else "")
                    raise corrupt(path.name, f"holds {what} where one is expected", "Ask for one file an archive.")
                with _opened(path.name, archive, found[0]) as stream:
                    yield Source(path.name, raw, stream, total)
        else:
            yield Source(path.name, raw, raw, total)


def members(path: Path, pattern: str) -> Iterator[tuple[str, Source]]:
    """Every file of an archive whose name matches, in order of their paths; each is to be read before the next is asked for.

    Yields: the path inside the archive, and its bytes.
    """
    with _delivered(path) as (raw, total), _archive(path.name, raw) as archive:
        unpacked, found = 0, _matching(archive, pattern)
        if not found:
            raise corrupt(path.name, f"holds no file named {pattern}", "Ask the agency for the whole archive.")
        for info in sorted(found, key=lambda each: each.filename):
            with _opened(path.name, archive, info) as stream:
                source = Source(path.name, raw, stream, total, unpacked)
                yield info.filename, source
                unpacked = source.unpacked


@contextmanager
def seekable(path: Path, member: str | None = None) -> Iterator[IO[bytes]]:
    """The unpacked file for libraries that jump about in it; packed ones pass through a temporary file."""
    if packing(path) not in (GZIP, ZIP):
        with _delivered(path) as (raw, _):
            yield raw
        return
    with unpacked(path, member) as source, tempfile.TemporaryFile() as whole:
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
def _delivered(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The file as it lies there, and its size."""
    with path.open("rb") as raw:
        total = path.stat().st_size
        if total == 0:
            raise corrupt(path.name, "is empty", "Ask the agency to send it again.")
        yield raw, total


@contextmanager
def _archive(name: str, raw: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    _check_directory(name, raw)
    try:
        archive = zipfile.ZipFile(raw)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise corrupt(name, "is no zip archive or is cut", "Ask the agency to pack and send it again.") from error
    with archive:
        yield archive


def _check_directory(name: str, raw: IO[bytes]) -> None:
    """Refuse an archive of so many files that listing them would fill the memory."""
    size = raw.seek(0, 2)
    raw.seek(max(0, size - _DIRECTORY_END_BYTES))
    tail = raw.read()
    end = tail.rfind(_DIRECTORY_END)
    raw.seek(0)
    if end >= 0 and int.from_bytes(tail[end + 12 : end + 16], "little") > limits.MAX_DIRECTORY_BYTES:
        raise corrupt(name, "lists more files than any delivery has", "Ask the agency what this file is.")


def _matching(archive: zipfile.ZipFile, pattern: str) -> list[zipfile.ZipInfo]:
    files = (info for info in archive.infolist() if info.filename and not info.filename.endswith("/"))
    return [info for info in files if fnmatchcase(info.filename.rpartition("/")[2].lower(), pattern.lower())]


@contextmanager
def _opened(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    if info.flag_bits & 1:
        raise corrupt(name, "is locked with a password", "Ask the agency to send it without one.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise corrupt(name, "is packed in an unusual way", "Ask the agency to pack it with the usual method (deflate).")
    try:
        stream = archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, OSError, UnicodeDecodeError) as error:
        raise corrupt(name, "cannot be unpacked", "Ask the agency to pack and send it again.") from error
    with stream:
        yield stream
