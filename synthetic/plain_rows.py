"""The same made-up rows in every format that a contract can name: what readers are measured with."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.progress import Progress, quiet
from schemas.feed import Column, Control, FileFormat, Layout
from schemas.fields import field_dictionary
from synthetic.chance import generator
from synthetic.draft import Cells
from synthetic.names import name_pool
from synthetic.numerals import digits
from synthetic.sheet import Sheet
from synthetic.writers import write

#: Columns, with their widths in fixed width files; files have the first ten letters of their names, as DBF tables do.
NAME_LETTERS = 10
WIDTHS = {
    "member_no": 10, "national_code": 10, "given_name": 20, "surname": 30, "father_name": 20, "birth_date": 8, "sex_code": 1,
    "city_name": 12, "address": 44, "wage_rials": 10,
}  # fmt: skip
NUMERIC = "wage_rials"
TOWNS = ("تهران", "مشهد", "اصفهان", "کرج", "شیراز", "تبریز", "قم", "اهواز", "رشت", "یزد")
BENCH_SEED = 1405
#: A workbook lies in memory whole, and one that an agency sends is small.
MOST_WORKBOOK_ROWS = 100_000
RECORD = "list/person"
#: The list disk holds one list a town.
TOTALS = Control("KAR*.DBF", {"K_TOWN": "city_name"}, "K_NUM", {"K_WAGE": NUMERIC})
FORMATS: dict[str, tuple[str, FileFormat]] = {
    "delimited, UTF-8": ("utf8.csv", FileFormat("delimited", delimiter="|")),
    "delimited, cp1256": ("cp1256.csv", FileFormat("delimited", "cp1256", "|")),
    "delimited, UTF-16": ("utf16.csv", FileFormat("delimited", "utf-16", "|")),
    "delimited, UTF-8, gzip": ("utf8.csv.gz", FileFormat("delimited", delimiter="|")),
    "delimited, UTF-8, zip": ("utf8.zip", FileFormat("delimited", delimiter="|", member="*.csv")),
    "delimited, UTF-8, || and escapes": ("escapes.csv", FileFormat("delimited", delimiter="||", escape="\\")),
    "fixed width, cp1256": ("fixed.txt", FileFormat("fixed", "cp1256", header=False)),
    "JSON lines": ("lines.jsonl", FileFormat("jsonl")),
    "JSON document": ("document.json", FileFormat("json")),
    "XML": ("document.xml", FileFormat("xml", record=RECORD)),
    "DBF, cp1256": ("cp1256.dbf", FileFormat("dbf", "cp1256")),
    "DBF, Iran System, detected": ("iran.dbf", FileFormat("dbf", "detect")),
    "list disk": ("disk.zip", FileFormat("dbf", "cp1256", member="WOR*.DBF", control=TOTALS)),
    "Parquet": ("rows.parquet", FileFormat("parquet")),
    "Excel": ("rows.xlsx", FileFormat("excel")),
}


@dataclass(frozen=True)
class PlainFile:
    """One format's file, its layout and its rows."""

    format: str
    path: Path
    layout: Layout
    rows: int


def write_plain_rows(rows: int, folder: Path, progress: Progress = quiet) -> list[PlainFile]:
    """Write the rows in every format; the first is delimited UTF-8. Equal numbers give equal bytes."""
    content = plain_sheet(rows)
    files: list[PlainFile] = []
    for number, (name, (file_name, form)) in enumerate(FORMATS.items()):
        progress("write the rows in every format", number, len(FORMATS))
        count = min(rows, MOST_WORKBOOK_ROWS) if form.kind == "excel" else rows
        path, layout = folder / file_name, Layout(form, _columns())
        if form.kind == "delimited" and path.suffix == ".zip":
            inside = path.with_suffix(".csv")
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.write(folder / FORMATS["delimited, UTF-8"][0], inside.name)
        else:
            write(_first(content, count), layout, path)
        files.append(PlainFile(name, path, layout, count))
    return files


def plain_sheet(rows: int) -> Sheet:
    """Names, codes, dates and addresses without any fault."""
    rng, pool = generator(BENCH_SEED, "plain rows"), name_pool()
    given, surnames = pa.array(pool.given, pa.string()), pa.array(pool.surnames, pa.string())

    def taken(values: pa.Array) -> Cells:
        return values.take(pa.array(rng.integers(0, len(values), rows)))

    def numbers(low: int, high: int, width: int) -> Cells:
        return digits(rng.integers(low, high, rows), width)

    births = [numbers(1310, 1405, 4), numbers(1, 13, 2), numbers(1, 30, 2)]
    homes = ["خیابان ", taken(surnames), " کوچه ", numbers(1, 90, 2), " پلاک ", numbers(1, 300, 3)]
    cells = {
        "member_no": digits(np.arange(rows, dtype=np.int64), 10),
        "national_code": numbers(10**7, 10**10, 10),
        "given_name": taken(given),
        "surname": taken(surnames),
        "father_name": taken(given),
        "birth_date": pc.binary_join_element_wise(*births, ""),
        "sex_code": numbers(1, 3, 1),
        "city_name": taken(pa.array(TOWNS)),
        "address": pc.binary_join_element_wise(*homes, ""),
        NUMERIC: pc.cast(pa.array(rng.integers(10**8, 10**9, rows)), pa.string()),
    }
    cells = {name[:NAME_LETTERS]: column for name, column in cells.items()}
    return Sheet(cells, cells["member_no"], np.zeros(rows, dtype=np.int64), frozenset({NUMERIC}), [])


def _first(content: Sheet, rows: int) -> Sheet:
    cells = {name: column.slice(0, rows) for name, column in content.cells.items()}
    return replace(content, cells=cells, keys=content.keys.slice(0, rows), row_faults=content.row_faults[:rows])


def _columns() -> tuple[Column, ...]:
    starts = np.cumsum([1, *WIDTHS.values()]).tolist()
    fields = field_dictionary()
    return tuple(
        Column(fields[name], source=name[:NAME_LETTERS], start=start, width=width)
        for (name, width), start in zip(WIDTHS.items(), starts, strict=False)
    )
