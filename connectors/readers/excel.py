"""Excel sheets (xlsx, xlsb, xls, ods) through calamine; cells as the text that a person reads. Formulas are never run.

A workbook has to fit into memory whole, and small ones can ask for much: a process of its own takes it apart
(``workbook.py``), within limits of memory and time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from connectors.readers import limits, workbook
from connectors.readers.batch import RawBatch, Reject, raw_batch, reject
from connectors.readers.columns import breach, check_columns, spelt
from connectors.readers.unpack import corrupt, seekable
from hub.errors import DeliveryError
from hub.progress import Progress
from schemas.feed import FileFormat, Layout

SIGNS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
OLD_SIGNS = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
LOCK, HEAD_BYTES = "EncryptedPackage".encode("utf-16-le"), 1 << 20
"""What a locked workbook holds instead of its own parts, and how much of it is looked at."""


def read_excel(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of the declared sheet, or of all sheets whose names fit it; where none is declared, of the only one that holds
    anything. Line numbers are row numbers, counted on from sheet to sheet. Hidden rows and columns count as others do."""
    with seekable(path, layout.format.member) as file:
        check_size(path.name, file)
        with _lines(path.name, file, layout.format) as lines:
            names, height = list[str](), 0
            while part := [json.loads(line) for line in islice(lines, limits.BATCH_ROWS)]:
                for head, rows in _by_sheet(part):
                    if head:
                        names, height = _names(path.name, head, layout, names), head["rows"]
                    if rows:
                        yield _batch(rows, names)
                        progress(f"read {path.name}", rows[-1][0], height)
            if not names:
                raise _refused(path.name, {}, layout.format.sheet)


def _by_sheet(part: list[Any]) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """Rows with the header that stands before them; no header for those that go on from before."""
    starts = [place for place, line in enumerate(part) if isinstance(line, dict)]
    for start, end in pairwise((*([] if starts[:1] == [0] else [-1]), *starts, len(part))):
        yield (part[start] if start >= 0 else {}), part[start + 1 : end]


def _names(file_name: str, head: dict[str, Any], layout: Layout, before: list[str]) -> list[str]:
    """Names of a sheet's columns, which are those of the sheets before it.

    Raises:
        DeliveryCorrupt: there is no such sheet, or nothing that could be one.
        ContractBreach: they are not what the contract says.
    """
    if "names" not in head:
        raise _refused(file_name, head, layout.format.sheet)
    names = spelt(head["names"], layout)
    check_columns(file_name, names, layout)
    if before and names != before:
        raise breach(
            f"{file_name} has sheets whose columns are not in the same order", "Ask the agency for sheets of one form"
        )
    return names


@contextmanager
def _lines(name: str, file: IO[bytes], form: FileFormat) -> Iterator[Iterator[bytes]]:
    """What the process that takes the workbook apart says.

    Raises:
        DeliveryCorrupt: it came to a bad end.
    """
    asked = (form.sheet or "", form.header_row, form.header_rows, limits.MAX_SHEET_MEMORY, limits.MAX_SHEET_SECONDS)
    command = [sys.executable, "-I", workbook.__file__, *map(str, asked)]
    with subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield iter(process.stdout)
            if process.wait() != 0:
                raise corrupt(
                    name,
                    f"cannot be taken apart within {limits.MAX_SHEET_MEMORY >> 20} MB and {limits.MAX_SHEET_SECONDS} s",
                    "Ask the agency for delimited text or Parquet.",
                )
        finally:
            process.kill()


def _refused(name: str, said: dict[str, Any], sheet: str | None) -> DeliveryError:
    if said.get("error") == workbook.NO_SHEET:
        return corrupt(name, f"has no sheet {sheet!r}", "Ask the agency, or mend the sheet in the contract.")
    if said.get("error") == workbook.SEVERAL:
        return breach(
            f"{name} has {said['sheets']} sheets that hold something, and its contract does not say which are meant",
            'Write sheet: the name of one, or a pattern as "*" for all of one form',
        )
    if said.get("error") == workbook.LOCKED:
        return corrupt(name, "is locked with a password", "Ask the agency to send it without one.")
    kind = said.get("kind", "it asks for too much memory")
    return corrupt(name, f"is no Excel workbook or is cut ({kind})", "Ask the agency to send it again, unlocked.")


def check_size(name: str, file: IO[bytes]) -> None:
    """Refuse what is no workbook of our time, and one that would not fit into memory, before anything is unpacked."""
    head = file.read(HEAD_BYTES)
    if head.startswith(OLD_SIGNS):
        raise corrupt(name, "is a workbook of Excel before 97", "Ask the agency to save it as xlsx.")
    if not head.startswith(SIGNS):
        raise corrupt(
            name,
            "is no Excel workbook or is cut: it has the name of one, and neither begins as one",
            "Programs save web pages and text under such names. Ask the agency to save it as xlsx, or declare what it is.",
        )
    if LOCK in head:
        raise corrupt(name, "is locked with a password", "Ask the agency to send it without one.")
    file.seek(0)
    if zipfile.is_zipfile(file):
        try:
            with zipfile.ZipFile(file) as archive:
                size = sum(member.file_size for member in archive.infolist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise _refused(name, {"kind": type(error).__name__}, None) from error
        if size > limits.MAX_SHEET_BYTES:
            raise corrupt(
                name, f"unpacks to {size >> 20} MB, too large for a workbook", "Ask for delimited text or Parquet."
            )
    file.seek(0)


def _batch(part: list[tuple[int, list[Any]]], names: list[str]) -> RawBatch:
    width = len(names)
    numbers: list[int] = []
    rows: list[list[str | None]] = []
    rejects: list[Reject] = []
    for number, row in part:
        if any(row[width:]):
            rejects.append(reject(number, "extra_columns", "\t".join(text or "" for text in row)))
            continue
        numbers.append(number)
        rows.append((row + [None] * width)[:width])
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(width)]
    return raw_batch(np.array(numbers, np.int64), names, columns, rejects)
