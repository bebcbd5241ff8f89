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
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from connectors.readers import limits, workbook
from connectors.readers.batch import RawBatch, Reject, raw_batch, reject
from connectors.readers.columns import check_columns, spelt
from connectors.readers.unpack import corrupt, seekable
from hub.errors import DeliveryCorrupt
from hub.progress import Progress
from schemas.feed import FileFormat, Layout


def read_excel(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of one sheet: the declared one, else the first. Line numbers are the sheet's row numbers."""
    with seekable(path, layout.format.member) as file:
        check_size(path.name, file)
        with _lines(path.name, file, layout.format) as lines:
            head = json.loads(next(lines, "{}"))
            if "names" not in head:
                raise _refused(path.name, head, layout.format.sheet)
            names = spelt(head["names"], layout)
            check_columns(path.name, names, layout)
            while part := [json.loads(line) for line in islice(lines, limits.BATCH_ROWS)]:
                yield _batch(part, names)
                progress(f"read {path.name}", part[-1][0], head["rows"])


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


def _refused(name: str, said: dict[str, str], sheet: str | None) -> DeliveryCorrupt:
    if said.get("error") == workbook.NO_SHEET:
        return corrupt(name, f"has no sheet {sheet!r}", "Ask the agency, or mend the sheet in the contract.")
    kind = said.get("kind", "it asks for too much memory")
    return corrupt(name, f"is no Excel workbook or is cut ({kind})", "Ask the agency to send it again, unlocked.")


def check_size(name: str, file: IO[bytes]) -> None:
    """Refuse a workbook that would not fit into memory, before anything is unpacked."""
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
