"""Whether a file has its end: formats that say how they end betray an upload that stopped halfway, whatever its name.

Lines of text have no end of their own; for them an agency's done file, manifest or the limits of the contract must do.
"""

from __future__ import annotations

import gzip
import os
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO

from connectors.readers.dbf_table import HEADER_BYTES
from schemas.feed import FileFormat

TAIL_BYTES = 4096
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_CLOSED = {"xml": re.compile(rb">\s*\Z"), "json": re.compile(rb"[\]}]\s*\Z")}
_CHUNK_BYTES = 1 << 20


def is_cut(path: Path, form: FileFormat) -> bool:
    """Whether the end that a file must have is missing; False where its format has none."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
        if head.startswith(_GZIP):
            return _is_cut_gzip(path)
        if head.startswith(b"PK") or form.kind == "excel":
            return not zipfile.is_zipfile(path)
        if form.kind == "dbf":
            count, before, each = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
            return len(head) < HEADER_BYTES or path.stat().st_size < before + count * each
        tail = _tail(file)
    if form.kind == "parquet":
        return not tail.endswith(_PARQUET)
    closed = _CLOSED.get(form.kind)
    return closed is not None and not closed.search(tail.replace(b"\0", b""))


def _tail(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL_BYTES))
    return file.read()


def _is_cut_gzip(path: Path) -> bool:
    try:
        with gzip.open(path) as packed:
            while packed.read(_CHUNK_BYTES):
                pass
    except EOFError:
        return True
    except (zlib.error, OSError):
        return False  # wrong, not cut: reading it will say so
    return False
