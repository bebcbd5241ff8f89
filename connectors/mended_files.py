"""Rows to mend, written in the format of their delivery: its columns, encoding, delimiters and header."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast
from xml.etree.ElementTree import Comment, Element, ElementTree, SubElement

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.delimited_line import delimited_line
from connectors.readers import jsonl, xml
from connectors.readers.columns import declared, in_order_of_file
from connectors.readers.unpack import GZIP, ZIP, packing
from schemas.feed import Layout

Row = dict[str, str | None]


@dataclass(frozen=True)
class BadRow:
    """One row set aside: its texts under the agency's names, in the order of its columns; ``text``: that of a line of which
    no row could be made, and which has none of these."""

    line_no: int
    column: str | None
    reason_code: str
    values: Row = field(default_factory=dict)
    text: str | None = None


def write_rows(path: Path, layout: Layout, rows: list[BadRow]) -> None:
    """Write rows in the format of a layout; packed when the path ends in ``.gz`` or ``.zip``. DBF: ``mended_tables``."""
    with _opened(path, layout.format.member) as file:
        WRITERS[layout.format.kind](file, layout, rows)


@contextmanager
def _opened(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    """The file to write into; inside an archive under a name that fits the layout's pattern."""
    if packing(path) == ZIP:
        name = _fitting(member) if member else path.stem
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open(name, "w") as inside:
            yield inside
    else:
        with gzip.open(path, "wb") if packing(path) == GZIP else path.open("wb") as file:
            yield cast(IO[bytes], file)


def _fitting(pattern: str) -> str:
    """A name that fits a pattern."""
    return pattern.replace("*", "mended").replace("?", "0")


def _write_delimited(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    """With the header that the format has; a line that is no row stands as it came."""
    form, names = layout.format, _names(layout, rows)
    with io.TextIOWrapper(file, encoding=form.encoding, errors="replace", newline="") as text:
        if form.header:
            text.write(delimited_line(names, form))
        for row in rows:
            cells = [row.values.get(name) or "" for name in names]
            text.write(delimited_line(cells, form) if row.text is None else row.text + "\n")


def _write_fixed(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    with io.TextIOWrapper(file, encoding=layout.format.encoding, errors="replace", newline="") as text:
        if layout.format.header:
            text.write(_placed(layout, {column.source: column.source for column in layout.columns}) + "\n")
        for row in rows:
            text.write((_placed(layout, row.values) if row.text is None else row.text) + "\n")


def _placed(layout: Layout, values: Row) -> str:
    width = max((column.start or 1) + (column.width or 0) - 1 for column in layout.columns)
    line = [" "] * width
    for column in layout.columns:
        if column.start and column.width:
            value = (values.get(column.source) or "")[: column.width]
            line[column.start - 1 : column.start - 1 + column.width] = value.ljust(column.width)
    return "".join(line)


def _write_jsonl(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    with io.TextIOWrapper(file, encoding=layout.format.encoding, errors="replace", newline="") as text:
        for row in rows:
            value = _line_of({name: value for name, value in row.values.items() if value is not None}, layout.format.record)
            text.write((json.dumps(value, ensure_ascii=False) if row.text is None else row.text) + "\n")


def _line_of(values: Mapping[str, Any], record: str) -> Mapping[str, Any]:
    """One record as a line has it: where lines hold lists of records, alone in such a list."""
    if not record:
        return values
    outside = {name.removeprefix(jsonl.OUTSIDE): value for name, value in values.items() if name.startswith(jsonl.OUTSIDE)}
    inner: Any = [{name: value for name, value in values.items() if not name.startswith(jsonl.OUTSIDE)}]
    for step in reversed(record.split(jsonl.SEPARATOR)):
        inner = {step: inner}
    return {**outside, **inner}


def _write_json(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    """Keys are paths; what is no record stands in the list as text."""
    form = layout.format
    document: Any = [row.values if row.text is None else row.text for row in rows]
    for step in reversed(form.record.split(jsonl.SEPARATOR) if form.record else []):
        document = {step: document}
    with io.TextIOWrapper(file, encoding=form.encoding, errors="replace", newline="") as text:
        json.dump(document, text, ensure_ascii=False, indent=1)


def _write_xml(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    """What is no record stands in the list as a comment."""
    *above, name = layout.format.record.strip(xml.SEPARATOR).split(xml.SEPARATOR)
    document = inner = Element(name)
    for step in above:
        inner = SubElement(inner, step)
    for row in rows:
        inner.append(_element(name, row.values) if row.text is None else Comment(row.text.replace("-", "_")))
    for root in document:
        ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _element(name: str, values: Row) -> Element:
    """A record whose columns are paths of elements and attributes inside it."""
    record = Element(name)
    for path, value in values.items():
        if value is None:
            continue
        at, (*above, last) = record, path.split(xml.SEPARATOR)
        is_attribute = last.startswith(xml.ATTRIBUTE)
        for step in above if is_attribute or last == xml.OWN_TEXT else (*above, last):
            found = at.find(step)
            at = SubElement(at, step) if found is None else found
        if is_attribute:
            at.set(last.removeprefix(xml.ATTRIBUTE), value)
        else:
            at.text = value
    return record


def _write_excel(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    """Every cell is text, so that none is a formula for whoever opens it."""
    from openpyxl import Workbook
    from openpyxl.cell import Cell, WriteOnlyCell
    from openpyxl.utils.escape import escape

    def cell(text: str | None) -> Cell:
        made = WriteOnlyCell(sheet, escape(text or ""))
        made.data_type = "s"
        return made

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_fitting(layout.format.sheet or ""))
    names = _names(layout, rows)
    for _ in range(layout.format.header_row - 1):
        sheet.append([])
    sheet.append(names)
    for row in rows:
        texts = [row.values.get(name) for name in names] if row.text is None else row.text.split("\t")
        sheet.append([cell(text) for text in texts])
    book.save(file)


def _write_parquet(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    names = _names(layout, rows)
    texts = [row.values if row.text is None else dict(zip(names, row.text.split("\t"), strict=False)) for row in rows]
    pq.write_table(pa.table({name: pa.array([each.get(name) for each in texts], pa.string()) for name in names}), file)


def _names(layout: Layout, rows: list[BadRow]) -> list[str]:
    """Columns in the order of the file that the rows come from; of none, as the contract has them."""
    if not layout.format.header:
        return in_order_of_file(layout)
    return list(rows[0].values) if rows and rows[0].values else declared(layout)


WRITERS: dict[str, Callable[[IO[bytes], Layout, list[BadRow]], None]] = {
    "delimited": _write_delimited,
    "fixed": _write_fixed,
    "jsonl": _write_jsonl,
    "json": _write_json,
    "xml": _write_xml,
    "excel": _write_excel,
    "parquet": _write_parquet,
}
