"""Small Excel workbooks, written directly: a sheet is one XML file in a zip, without a clock: equal sheets, equal bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from schemas.feed import Layout
from synthetic.sheet import Sheet

MOMENT = (1980, 1, 1, 0, 0, 0)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>'
)
_ROOT = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK_LINKS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def write_excel(sheet: Sheet, layout: Layout, path: Path) -> None:
    """Write a sheet; serial dates and numbers are numeric cells, as are codes that lost their zeros or became floats."""
    title = escape(layout.format.sheet or "Sheet1")
    book = (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships"><sheets>'
        f'<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": _BOOK_LINKS,
        "xl/worksheets/sheet1.xml": "".join(_worksheet(sheet, layout)),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, date_time=MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())


def _worksheet(sheet: Sheet, layout: Layout) -> Iterator[str]:
    serials = {column.source for column in layout.columns if column.date_format == "excel:serial"}
    codes = {column.source for column in layout.columns if column.field.role == "national_code"}
    names = list(sheet.cells)
    yield f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'
    header = layout.format.header_row if layout.format.header else 0
    for number in range(1, header):
        yield f'<row r="{number}">{_text(number, 0, "گزارش اعضا")}</row>'
    if header:
        yield f'<row r="{header}">{"".join(_text(header, place, name) for place, name in enumerate(names))}</row>'
    columns = [cells.to_pylist() for cells in sheet.cells.values()]
    is_number = [name in serials or name in sheet.numeric for name in names]
    is_code = [name in codes for name in names]
    for number, row in enumerate(zip(*columns, strict=True), header + 1):
        cells = (
            _number(number, place, value)
            if is_number[place] or (is_code[place] and _is_bare(value))
            else _text(number, place, value)
            for place, value in enumerate(row)
            if value is not None
        )
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData></worksheet>"


def _is_bare(value: str) -> bool:
    """Whether a code was typed as a number: it lost its zeros or has a decimal point."""
    return value.isascii() and (value.endswith(".0") or (value.isdigit() and len(value) < 10))


def _reference(row: int, place: int) -> str:
    letters = chr(65 + place) if place < 26 else chr(64 + place // 26) + chr(65 + place % 26)
    return f"{letters}{row}"


def _text(row: int, place: int, value: str) -> str:
    return f'<c r="{_reference(row, place)}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def _number(row: int, place: int, value: str) -> str:
    return f'<c r="{_reference(row, place)}"><v>{escape(value)}</v></c>'
