"""Files that are whole or absent: written beside their place, synced, then renamed."""

from __future__ import annotations

import errno
import fcntl
import glob
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.errors import NightRunning, ResourceError, SettingsError

CHUNK_BYTES = 1 << 20


def sync(path: Path) -> None:
    """Ask the disk to keep a file or a folder's entries."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file or nothing."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with disk_errors(path):
        partial.write_bytes(data)
        sync(partial)
        partial.replace(path)
        sync(path.parent)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON document (UTF-8, sorted keys, ISO dates) whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON document."""
    return json.loads(path.read_text(encoding="utf-8"))


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder that appears under its name only when the block ends well; write-once.

    Yields a scratch folder beside ``target``. If ``target`` already exists at the end, the scratch folder is dropped:
    whoever was first wins, so a repeated or resumed act changes nothing.
    """
    with _scratch(target) as partial:
        yield partial
        _sync_all(partial)
        if not target.exists():
            partial.rename(target)
            sync(target.parent)


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """A folder that takes the place of an earlier one only when the block ends well.

    For what can be made again from evidence (returns, pages). A kill between the two renames leaves no folder, never a
    mixed one; the next start writes it.
    """
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    with _scratch(target) as partial:
        yield partial
        _sync_all(partial)
        if target.exists():
            target.rename(old)
        partial.rename(target)
        sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """An empty folder beside ``target``, gone at the end unless it was renamed; those of killed processes are swept away."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    clear_scraps(target.parent, f".{target.name}.")
    with disk_errors(target):
        partial.mkdir()
        try:
            yield partial
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _sync_all(folder: Path) -> None:
    for file in folder.rglob("*"):
        sync(file)
    sync(folder)


def clear_scraps(folder: Path, prefix: str) -> None:
    """Remove scratch folders ``<prefix><process id>…`` of processes that are dead: killed, they could not do it."""
    for scrap in folder.glob(f"{glob.escape(prefix)}*"):
        owner = re.match(r"\d+", scrap.name[len(prefix) :])
        if owner and not Path(f"/proc/{owner[0]}").exists():
            shutil.rmtree(scrap, ignore_errors=True)


@contextmanager
def passing_folder(room: Path, prefix: str) -> Iterator[Path]:
    """An empty folder ``<prefix><process id>-…`` of this process's own, gone at the end; those of killed ones are swept
    away."""
    room.mkdir(parents=True, exist_ok=True)
    clear_scraps(room, prefix)
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=room))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a full disk into an error that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ResourceError(
                f"The disk is full while writing {path}; nothing was put in place.",
                hint="Free space on that disk, then start the same command again; it goes on from here.",
            ) from error
        raise


def make_folder(path: Path, remedy: str) -> None:
    """Make a folder that a person named, and those above it.

    Raises:
        SettingsError: it cannot be made there; ``remedy`` says what to name instead.
        ResourceError: the disk is full.
    """
    try:
        with disk_errors(path):
            path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"The folder {path} cannot be made ({error.strerror}); nothing ran.", hint=remedy) from error


def sha256_of(path: Path, size: int | None = None) -> str:
    """SHA-256 of a file, or of its first ``size`` bytes, hexadecimal."""
    digest = hashlib.sha256()
    left = path.stat().st_size if size is None else size
    with path.open("rb") as file:
        while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


@contextmanager
def exclusive(lock: Path, what: str, *, is_waiting: bool = False) -> Iterator[None]:
    """Hold a lock that the kernel gives back when the process dies.

    Args:
        what: what the lock guards, for the message.
        is_waiting: wait for whoever holds it instead of refusing.

    Raises:
        NightRunning: somebody else holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if is_waiting else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NightRunning(
                f"Another process is at work on {what}; this one changed nothing.",
                hint="Wait for it to end (`databank status` shows how far it is), then start again.",
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def holder_of(lock: Path) -> int | None:
    """The living process that holds a lock taken by ``exclusive``; None when nobody does."""
    try:
        pid = int(lock.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return pid if Path(f"/proc/{pid}").exists() else None
