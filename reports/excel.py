"""Excel sheets for people: Persian, right to left, filters, frozen header; written fast, equal bytes each time.

openpyxl lays out the workbook (headers, widths, views); rows are then streamed into its sheet as inline text, because
building a cell object for each of millions of cells would take most of the night. Every cell is text, so none is a formula.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

ROW_LIMIT = 100_000
TITLE_ROW, HEADER_ROW = 1, 2
HEADER_FILL, HEADER_INK = "1F4E5F", "FFFFFF"
FIRST_SHEET = "xl/worksheets/sheet1.xml"
# Characters that XML 1.0 cannot hold; a reader would call the whole workbook damaged.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True)
class Sheet:
    """A list to write: sheet name, title above the header, headers, widths (characters), notes for a second sheet."""

    name: str
    title: str
    headers: Sequence[str]
    widths: Sequence[int]
    notes: Sequence[Sequence[str]]


def write_workbook(path: Path, sheet: Sheet, rows: Iterable[Sequence[object]], row_count: int, day: date) -> None:
    """Write one workbook.

    Args:
        rows: at most ``row_count`` rows of texts and numbers; None is an empty cell.
        day: the business date; it stands for the time of writing, so that equal inputs give equal bytes.
    """
    stamp = (day.year, day.month, day.day, 0, 0, 0)
    with (
        zipfile.ZipFile(io.BytesIO(_skeleton(sheet, row_count))) as empty,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as full,
    ):
        for name in empty.namelist():
            content = empty.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode(), content)
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with full.open(entry, "w", force_zip64=name == FIRST_SHEET) as out:
                if name != FIRST_SHEET:
                    out.write(content)
                    continue
                before, _, after = content.partition(b"</sheetData>")
                out.write(before)
                for text in _row_texts(rows, len(sheet.headers)):
                    out.write(text.encode())
                out.write(b"</sheetData>" + after)


def _skeleton(sheet: Sheet, row_count: int) -> bytes:
    workbook = Workbook()
    first = workbook.active
    assert isinstance(first, Worksheet)
    first.title = sheet.name
    last_column = get_column_letter(len(sheet.headers))
    first.append([sheet.title])
    first.append(list(sheet.headers))
    _dress(first, sheet.widths)
    first.freeze_panes = f"A{HEADER_ROW + 1}"
    first.auto_filter.ref = f"A{HEADER_ROW}:{last_column}{HEADER_ROW + row_count}"
    first.page_setup.orientation, first.page_setup.fitToHeight = "landscape", 0
    first.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    first.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    notes = workbook.create_sheet("راهنما")
    for line in sheet.notes:
        notes.append(list(line))
    notes.sheet_view.rightToLeft = True
    for number, width in enumerate((24, 24, 80, 70), 1):
        notes.column_dimensions[get_column_letter(number)].width = width
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _dress(sheet: Worksheet, widths: Sequence[int]) -> None:
    sheet.sheet_view.rightToLeft = True
    sheet.cell(TITLE_ROW, 1).font = Font(bold=True, size=13)
    for number, width in enumerate(widths, 1):
        cell = sheet.cell(HEADER_ROW, number)
        cell.font = Font(bold=True, color=HEADER_INK)
        cell.fill = PatternFill("solid", fgColor=HEADER_FILL)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.row_dimensions[HEADER_ROW].height = 34


def _row_texts(rows: Iterable[Sequence[object]], column_count: int) -> Iterator[str]:
    letters = [get_column_letter(number) for number in range(1, column_count + 1)]
    for number, row in enumerate(rows, HEADER_ROW + 1):
        cells = "".join(
            f'<c r="{letter}{number}"><v>{value}</v></c>'
            if isinstance(value, int)
            else f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>'
            for letter, value in zip(letters, row, strict=True)
            if value is not None
        )
        yield f'<row r="{number}">{cells}</row>'


def _text(value: object) -> str:
    return escape(_ILLEGAL.sub("", str(value)))
