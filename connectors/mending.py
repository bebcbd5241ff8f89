"""Quarantined rows for whoever mends them: a file in the delivery's own format, and why each row was set aside.

Mended, the file is sent back as a supplement: a manifest beside it names the delivery, and only these rows are added.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast
from xml.etree.ElementTree import Comment, Element, ElementTree, SubElement

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.deliveries import Delivery, delivery_named
from connectors.readers import LINE_NO, jsonl, read, xml
from connectors.readers.columns import declared, in_order_of_file
from connectors.staged import QUARANTINE, find_staged
from hub.duck import connection, literal
from hub.errors import DeliveryError
from hub.settings import Settings
from schemas.feed import Feed, FileFormat, Layout

Row = dict[str, str | None]


@dataclass(frozen=True)
class Mendable:
    """What was written: the rows, why (``.reasons.tsv``), and the manifest that names the delivery."""

    path: Path
    reasons: Path
    manifest: Path
    row_count: int


@dataclass(frozen=True)
class BadRow:
    """One row set aside: its texts under the agency's names, or the text of a line of which no row could be made."""

    line_no: int
    column: str | None
    reason_code: str
    values: Row = field(default_factory=dict)
    text: str | None = None


def write_mendable(settings: Settings, feed: Feed, delivery_id: str, path: Path) -> Mendable:
    """Write the quarantined rows of a staged delivery, in its own format, columns and encoding.

    Args:
        path: the file to write; packed when its name ends in ``.gz`` or ``.zip``.

    Raises:
        DeliveryMissing: no such delivery has landed.
        DeliveryError: it is not staged, or rows of its format cannot be written.
    """
    delivery = delivery_named(settings, delivery_id)
    layout = feed.layout_on(delivery.business_date)
    is_written = layout is not None and layout.format.kind in WRITERS
    if layout is None or not is_written or find_staged(settings, feed.name, delivery_id) is None:
        what = "cannot be written in its own format" if layout and not is_written else "is not staged"
        raise DeliveryError(
            f"Delivery {delivery_id} {what}; nothing was written.",
            hint=f"Its quarantine is staging/{feed.name}/{delivery_id}/{QUARANTINE}, where it is staged.",
        )
    layout = layout.of_snapshot() if delivery.kind == "snapshot" else layout
    rows = list(_bad_rows(settings, feed, delivery, layout))
    reasons, manifest = (path.with_name(path.name + suffix) for suffix in (".reasons.tsv", ".manifest.json"))
    write_rows(path, layout, rows)
    with reasons.open("w", encoding="utf-8-sig", newline="") as told:
        lines = csv.writer(told, delimiter="\t")
        lines.writerow(("row", "line_no", "column", "reason"))
        lines.writerows((number, row.line_no, row.column or "", row.reason_code) for number, row in enumerate(rows, start=1))
    manifest.write_text(json.dumps({"supplements": delivery_id}) + "\n", encoding="utf-8")
    return Mendable(path, reasons, manifest, len(rows))


def write_rows(path: Path, layout: Layout, rows: list[BadRow]) -> None:
    """Write rows in the format of a layout."""
    with _opened(path, layout.format.member) as file:
        WRITERS[layout.format.kind](file, layout, rows)


def _bad_rows(settings: Settings, feed: Feed, delivery: Delivery, layout: Layout) -> Iterator[BadRow]:
    """Rows in quarantine, in order of their lines, read again from the file as delivered."""
    path = settings.staging / feed.name / delivery.delivery_id / QUARANTINE
    sources = {column.name: column.source for column in layout.columns}
    with connection(settings) as con:
        asked = f"select line_no, column_name, reason_code, raw_text from read_parquet({literal(path)})"
        bad = {row[0]: row[1:] for row in con.execute(asked).fetchall()}
    if not bad:
        return
    names = declared(layout)
    for batch in read(delivery.path(settings), layout):
        numbers = batch.rows.column(LINE_NO).to_pylist()
        found = {number: index for index, number in enumerate(numbers) if number in bad}
        rejected = {each.line_no: each.raw_text for each in batch.rejects}
        for line_no in sorted(found.keys() | rejected.keys()):
            column, reason, _ = bad[line_no]
            values = {name: batch.rows.column(name)[found[line_no]].as_py() for name in names} if line_no in found else {}
            yield BadRow(line_no, sources.get(column, column), reason, values, rejected.get(line_no))


@contextmanager
def _opened(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    """The file to write into; inside an archive under a name that fits the layout's pattern."""
    if path.suffix == ".zip":
        name = member.replace("*", "mended").replace("?", "0") if member else path.stem
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open(name, "w") as inside:
            yield inside
    else:
        with gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb") as file:
            yield cast(IO[bytes], file)


def _write_delimited(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    """With the header that the format has; a line that is no row stands as it came."""
    form, names = layout.format, _all_names(layout)
    with io.TextIOWrapper(file, encoding=form.encoding, errors="replace", newline="") as text:
        lines = csv.writer(text, _dialect(form))
        if form.header:
            lines.writerow(names)
        for row in rows:
            if row.text is None:
                lines.writerow([row.values.get(name) or "" for name in names])
            else:
                text.write(row.text + "\n")


def _dialect(form: FileFormat) -> type[csv.Dialect]:
    """The format's delimiter and quotes in the form that the csv module takes."""

    class Form(csv.excel):
        delimiter = form.delimiter
        quotechar = form.quote or None
        quoting = csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE
        lineterminator = "\n"

    return Form


def _write_fixed(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    with io.TextIOWrapper(file, encoding=layout.format.encoding, errors="replace", newline="") as text:
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
            values = {name: value for name, value in row.values.items() if value is not None}
            text.write((json.dumps(values, ensure_ascii=False) if row.text is None else row.text) + "\n")


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
    sheet = book.create_sheet(layout.format.sheet)
    names = _all_names(layout)
    for _ in range(layout.format.header_row - 1):
        sheet.append([])
    sheet.append(names)
    for row in rows:
        texts = [row.values.get(name) for name in names] if row.text is None else row.text.split("\t")
        sheet.append([cell(text) for text in texts])
    book.save(file)


def _write_parquet(file: IO[bytes], layout: Layout, rows: list[BadRow]) -> None:
    names = _all_names(layout)
    table = pa.table({name: pa.array([row.values.get(name) for row in rows], pa.string()) for name in names})
    pq.write_table(table, file)


def _all_names(layout: Layout) -> list[str]:
    """Physical names of mapped columns; without a header also of ignored ones, which then hold their places."""
    return declared(layout) if layout.format.header else in_order_of_file(layout)


WRITERS: dict[str, Callable[[IO[bytes], Layout, list[BadRow]], None]] = {
    "delimited": _write_delimited,
    "fixed": _write_fixed,
    "jsonl": _write_jsonl,
    "json": _write_json,
    "xml": _write_xml,
    "excel": _write_excel,
    "parquet": _write_parquet,
}
