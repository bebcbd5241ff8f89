"""Excel sheets (xlsx, xlsb, xls, ods) through calamine; cells as the text that a person reads. Formulas are never run."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from connectors.readers import limits
from connectors.readers.batch import RawBatch, Reject, raw_batch, reject
from connectors.readers.columns import check_columns
from connectors.readers.unpack import corrupt, seekable
from hub.progress import Progress
from schemas.feed import Layout

_MAX_EXACT = 1 << 53


def read_excel(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of one sheet: the declared one, else the first. Line numbers are the sheet's row numbers."""
    with seekable(path, layout.format.member) as file:
        _check_size(path.name, file)
        sheet = _sheet(path.name, file, layout.format.sheet)
        rows = enumerate(sheet.iter_rows(), 1)
        header = next((row for number, row in rows if number == layout.format.header_row), [])
        names = [(_text(cell) or "").strip() for cell in header]
        width = max((i for i, name in enumerate(names, 1) if name), default=0)
        names = names[:width]
        check_columns(path.name, names, layout)
        done = layout.format.header_row
        while part := list(islice(rows, limits.BATCH_ROWS)):
            yield _batch(part, names)
            done += len(part)
            progress(f"read {path.name}", done, sheet.total_height)


def _check_size(name: str, file: IO[bytes]) -> None:
    """Refuse a workbook that would not fit into memory, before anything is unpacked."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > limits.MAX_SHEET_BYTES:
            raise corrupt(
                name, f"unpacks to {size >> 20} MB, too large for a workbook", "Ask for delimited text or Parquet."
            )
    file.seek(0)


def _sheet(name: str, file: IO[bytes], sheet: str | None) -> CalamineSheet:
    try:
        book = CalamineWorkbook.from_filelike(file)
        if sheet is not None and sheet not in book.sheet_names:
            raise corrupt(name, f"has no sheet {sheet!r}", "Ask the agency, or mend the sheet in the contract.")
        return book.get_sheet_by_name(sheet) if sheet is not None else book.get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError) as error:
        raise corrupt(
            name, f"is no Excel workbook or is cut ({type(error).__name__})", "Ask the agency to send it again, unlocked."
        ) from error


def _batch(part: list[tuple[int, list[Any]]], names: list[str]) -> RawBatch:
    width = len(names)
    numbers: list[int] = []
    rows: list[list[str | None]] = []
    rejects: list[Reject] = []
    for number, cells in part:
        row = [_text(cell) for cell in cells]
        if not any(row):
            continue
        if any(row[width:]):
            rejects.append(reject(number, "extra_columns", "\t".join(text or "" for text in row)))
            continue
        numbers.append(number)
        rows.append((row + [None] * width)[:width])
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(width)]
    return raw_batch(np.array(numbers, np.int64), names, columns, rejects)


def _text(cell: Any) -> str | None:
    """A cell as a person reads it: whole numbers without a point, dates as ISO."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) <= _MAX_EXACT else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
