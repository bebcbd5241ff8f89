"""A workbook's rows as lines of JSON, in a process of its own: a hostile workbook ends that process, not the reader.

Run as a script with the workbook on standard input: of each sheet that is asked for its header comes out first, then
``[row number, cells]``; rows are counted on from sheet to sheet.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from fnmatch import fnmatchcase
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

NO_SHEET, NO_WORKBOOK, LOCKED, SEVERAL = "no sheet", "no workbook", "locked", "several sheets"
_MAX_EXACT = 1 << 53
BETWEEN = " / "


def main(sheet_name: str, header_row: str, header_rows: str, memory_bytes: str, cpu_seconds: str) -> None:
    """Write the header, or what is wrong; then every row that holds something."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds)))
    try:
        book = CalamineWorkbook.from_filelike(sys.stdin.buffer)
        sheets = list(_sheets(book, sheet_name))
    except PasswordError:
        _put({"error": LOCKED})
        return
    except (CalamineError, OSError, ValueError) as error:
        _put({"error": NO_WORKBOOK, "kind": type(error).__name__})
        return
    if not sheets:
        _put({"error": NO_SHEET})
    elif len(sheets) > 1 and not sheet_name:
        _put({"error": SEVERAL, "sheets": len(sheets)})
    else:
        _put_rows(sheets, int(header_row), int(header_rows))


def _sheets(book: CalamineWorkbook, wanted: str) -> Iterator[CalamineSheet]:
    """The sheet of that name, or all whose names fit the pattern and that hold something; without a name, those to be seen
    that hold something, or else the first."""
    if wanted in book.sheet_names:
        yield book.get_sheet_by_name(wanted)
        return
    found = [
        book.get_sheet_by_name(sheet.name)
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
        and (fnmatchcase(sheet.name, wanted) if wanted else sheet.visible == SheetVisibleEnum.Visible)
    ]
    full = [sheet for sheet in found if sheet.height]
    yield from full or (() if wanted else found[:1])


def _put_rows(sheets: Sequence[CalamineSheet], last: int, header_rows: int) -> None:
    height, done = sum(map(_height, sheets)), 0
    for sheet in sheets:
        rows = enumerate(sheet.iter_rows(), done + 1)
        head = [row for _, row in zip(range(last), (row for _, row in rows), strict=False)]
        _put({"names": header_names(sheet, head, last - header_rows), "rows": height})
        for number, cells in rows:
            texts = [text(cell) for cell in cells]
            if any(texts):
                _put([number, texts])
        done += _height(sheet)


def _height(sheet: CalamineSheet) -> int:
    """Rows from the top of the sheet to its last cell."""
    return sheet.end[0] + 1 if sheet.end else 0


def header_names(sheet: CalamineSheet, head: list[list[Any]], first: int) -> list[str]:
    """Names of columns: what stands over each other in the header's rows, a merged cell over all that it spans."""
    cells = [[" ".join((text(cell) or "").split()) for cell in row] for row in head]
    for (top, left), (bottom, right) in merged_cells(sheet) if first < len(head) - 1 else ():
        for row in range(max(top, first), min(bottom, len(head) - 1) + 1):
            for column in range(left, min(right, len(cells[row]) - 1) + 1):
                cells[row][column] = cells[top][left] if top < len(head) else ""
    names = [BETWEEN.join(dict.fromkeys(part for part in parts if part)) for parts in zip(*cells[first:], strict=False)]
    while names and not names[-1]:
        names.pop()
    return names


def merged_cells(sheet: CalamineSheet) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """First and last cell of all that are merged, as rows and columns from 0."""
    yield from sheet.merged_cell_ranges or ()


def text(cell: Any) -> str | None:
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
    return str(cell)


def _put(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
