"""A workbook's rows as lines of JSON, in a process of its own: a hostile workbook ends that process, not the reader.

Run as a script with the workbook on standard input: the header rows come out first, then ``[row number, cells]``.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

NO_SHEET, NO_WORKBOOK = "no sheet", "no workbook"
_MAX_EXACT = 1 << 53
_BETWEEN = " / "


def main(sheet_name: str, header_row: str, header_rows: str, memory_bytes: str, cpu_seconds: str) -> None:
    """Write the header, or what is wrong; then every row that holds something."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds)))
    try:
        book = CalamineWorkbook.from_filelike(sys.stdin.buffer)
        if sheet_name and sheet_name not in book.sheet_names:
            _put({"error": NO_SHEET})
            return
        sheet = book.get_sheet_by_name(sheet_name) if sheet_name else book.get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError) as error:
        _put({"error": NO_WORKBOOK, "kind": type(error).__name__})
        return
    rows = enumerate(sheet.iter_rows(), 1)
    last = int(header_row)
    head = [row for _, row in zip(range(last), (row for _, row in rows), strict=False)]
    _put({"names": _names(sheet, head, last - int(header_rows)), "rows": sheet.total_height})
    for number, cells in rows:
        texts = [text(cell) for cell in cells]
        if any(texts):
            _put([number, texts])


def _names(sheet: CalamineSheet, head: list[list[Any]], first: int) -> list[str]:
    """Names of columns: what stands over each other in the header's rows, a merged cell over all that it spans."""
    cells = [[" ".join((text(cell) or "").split()) for cell in row] for row in head]
    for (top, left), (bottom, right) in _merged(sheet) if first < len(head) - 1 else ():
        for row in range(max(top, first), min(bottom, len(head) - 1) + 1):
            for column in range(left, min(right, len(cells[row]) - 1) + 1):
                cells[row][column] = cells[top][left] if top < len(head) else ""
    names = [_BETWEEN.join(dict.fromkeys(part for part in parts if part)) for parts in zip(*cells[first:], strict=False)]
    while names and not names[-1]:
        names.pop()
    return names


def _merged(sheet: CalamineSheet) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
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
