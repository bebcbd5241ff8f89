"""Sheets into files, one writer for each kind of format; equal sheets give equal bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.feed import Layout
from synthetic.dbf import write_dbf
from synthetic.draft import CUT, ILLEGAL_BYTE, UTF_8, Cells, line_faults
from synthetic.excel import write_excel
from synthetic.sheet import Sheet

CHUNK_ROWS = 200_000
GZIP_LEVEL = 1
#: Stands for the illegal byte until the text is encoded.
MARK, MARK_BYTES, ILLEGAL = "\ue000", "\ue000".encode(), b"\xff"
#: What cp1256 has no place for, and what agencies that use it write instead.
TO_CP1256 = (("ی", "ي"), ("ک", "ك"), ("ۀ", "ه"), (MARK, ""))


def write(sheet: Sheet, layout: Layout, path: Path) -> None:
    """Write a sheet as its contract's layout says; a name that ends in .gz is compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _WRITERS[layout.format.kind](sheet, layout, path)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as raw:
        if path.suffix != ".gz":
            yield raw
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=GZIP_LEVEL, mtime=0) as packed:
            yield packed  # type: ignore[misc]


def encoded(text: bytes, encoding: str) -> bytes:
    """UTF-8 lines in the file's encoding."""
    if encoding in UTF_8:
        return text.replace(MARK_BYTES, ILLEGAL)
    decoded = text.decode()
    if encoding in ("cp1256", "windows-1256"):
        for old, new in TO_CP1256:
            decoded = decoded.replace(old, new)
        return decoded.encode("cp1256", errors="replace")
    return decoded.replace(MARK, "").encode("utf-16-le" if encoding == "utf-16" else encoding)


def _write_text(sheet: Sheet, layout: Layout, path: Path, line: Callable[[dict[str, Cells]], Cells], head: str = "") -> None:
    marks = {"utf-16": b"\xff\xfe", "utf-8-sig": b"\xef\xbb\xbf"}
    with _opened(path) as file:
        file.write(marks.get(layout.format.encoding, b"") + encoded(head.encode(), layout.format.encoding))
        for start in range(0, len(sheet), CHUNK_ROWS):
            lines = line({name: cells.slice(start, CHUNK_ROWS) for name, cells in sheet.cells.items()})
            lines = _break(lines, sheet.row_faults[start : start + CHUNK_ROWS], line_faults(layout))
            whole = pc.binary_join_element_wise(lines, "\n", "")
            file.write(encoded(_bytes(whole), layout.format.encoding))


def _bytes(lines: Cells) -> bytes:
    """All lines, one after the other: the text buffer of an Arrow column is just that."""
    lines = lines.combine_chunks() if isinstance(lines, pa.ChunkedArray) else lines
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return bytes(lines.buffers()[2][int(offsets[0]) : int(offsets[-1])])


def _break(lines: Cells, faults: np.ndarray, shown: tuple[int, ...]) -> Cells:
    for number, spoil in ((CUT, _cut), (ILLEGAL_BYTE, _mark)):
        where = faults == number
        if number in shown and where.any():
            spoilt = [spoil(text) for text in lines.filter(pa.array(where)).to_pylist()]
            lines = pc.replace_with_mask(lines, pa.array(where), pa.array(spoilt, pa.string()))
    return lines


def _cut(line: str) -> str:
    return line[: len(line) * 2 // 5]


def _mark(line: str) -> str:
    place = len(line) // 3
    return line[:place] + MARK + line[place + 1 :]


def _write_delimited(sheet: Sheet, layout: Layout, path: Path) -> None:
    form = layout.format

    def line(cells: dict[str, Cells]) -> Cells:
        return pc.binary_join_element_wise(*(_quoted(c, form.delimiter, form.quote) for c in cells.values()), form.delimiter)

    head = form.delimiter.join(sheet.cells) + "\n" if form.header else ""
    _write_text(sheet, layout, path, line, head)


def _quoted(cells: Cells, delimiter: str, quote: str) -> Cells:
    """Cells with nulls empty, and quoted where they hold the delimiter or the quote."""
    cells = pc.fill_null(cells, "")
    if not quote:
        return cells
    needs = pc.or_(pc.match_substring(cells, delimiter), pc.match_substring(cells, quote))
    if not pc.any(needs).as_py():
        return cells
    inside = pc.replace_substring(cells, quote, quote * 2)
    return pc.if_else(needs, pc.binary_join_element_wise(quote, inside, quote, ""), cells)


def _write_fixed(sheet: Sheet, layout: Layout, path: Path) -> None:
    columns = sorted(layout.columns, key=lambda column: column.start or 0)

    def line(cells: dict[str, Cells]) -> Cells:
        parts: list[Cells | str] = []
        end = 1
        for column in columns:
            start, width = column.start or end, column.width or 0
            text = pc.utf8_slice_codeunits(pc.fill_null(cells[column.source], ""), 0, width)
            parts += [" " * (start - end), pc.utf8_rpad(text, width)]
            end = start + width
        return pc.binary_join_element_wise(*parts, "")

    head = line({name: pa.array([name]) for name in sheet.cells})[0].as_py() + "\n" if layout.format.header else ""
    _write_text(sheet, layout, path, line, head)


def _write_jsonl(sheet: Sheet, layout: Layout, path: Path) -> None:
    _write_text(sheet, layout, path, lambda cells: _objects(cells, sheet))


def _objects(cells: dict[str, Cells], sheet: Sheet) -> Cells:
    members = [_member(name, column, name in sheet.numeric) for name, column in cells.items()]
    joined = pc.binary_join_element_wise(*members, ", ", null_handling="skip")
    return pc.binary_join_element_wise("{", joined, "}", "")


def _write_json(sheet: Sheet, layout: Layout, path: Path) -> None:
    """One list of objects, inside as many objects as the record's path has steps."""
    steps = [step for step in layout.format.record.split(".") if step]
    with _opened(path) as file:
        file.write("".join(f'{{"{step}": ' for step in steps).encode() + b"[")
        objects = _objects(sheet.cells, sheet)
        file.write(",\n".join(objects.to_pylist()).encode() + b"]" + b"}" * len(steps))


def _write_xml(sheet: Sheet, layout: Layout, path: Path) -> None:
    """One element a row, its columns as elements inside; the path of the record has them around."""
    *around, record = layout.format.record.split("/")
    columns = [
        pc.binary_join_element_wise(f"<{name}>", _escaped(cells), f"</{name}>", "") for name, cells in sheet.cells.items()
    ]
    rows = pc.binary_join_element_wise(
        f"<{record}>", *columns, f"</{record}>\n", "", null_handling="replace", null_replacement=""
    )
    with _opened(path) as file:
        file.write(('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(f"<{step}>" for step in around)).encode())
        file.write("".join(rows.to_pylist()).encode() + "".join(f"</{step}>" for step in reversed(around)).encode())


def _escaped(cells: Cells) -> Cells:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        cells = pc.replace_substring(cells, sign, name)
    return cells


def _member(name: str, cells: Cells, is_numeric: bool) -> Cells:
    """``"name": "value"``; null where the value is, so that the member is left out."""
    if is_numeric:
        return pc.binary_join_element_wise(f'"{name}": ', cells, "")
    escaped = pc.replace_substring(pc.replace_substring(cells, "\\", "\\\\"), '"', '\\"')
    return pc.binary_join_element_wise(f'"{name}": "', escaped, '"', "")


def _write_parquet(sheet: Sheet, layout: Layout, path: Path) -> None:
    cells = {name: pc.cast(c, pa.int64()) if name in sheet.numeric else c for name, c in sheet.cells.items()}
    pq.write_table(pa.table(cells), path, compression="zstd")


_WRITERS: dict[str, Callable[[Sheet, Layout, Path], None]] = {
    "delimited": _write_delimited,
    "fixed": _write_fixed,
    "jsonl": _write_jsonl,
    "json": _write_json,
    "xml": _write_xml,
    "excel": write_excel,
    "parquet": _write_parquet,
    "dbf": write_dbf,
}
