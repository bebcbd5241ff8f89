"""`databank bench readers`: the same rows come out of every format, and what reading them took is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectors.readers import read
from hub.progress import Progress
from hub.settings import Settings
from nights.bench_readers import FLOOR, bench_readers
from synthetic.plain_rows import FORMATS, PlainFile, write_plain_rows

ROWS = 500


def test_every_format_gives_the_same_rows(tmp_path: Path) -> None:
    files = write_plain_rows(ROWS, tmp_path)
    assert [each.format for each in files] == list(FORMATS)
    # Code page 1256 has no Persian yeh and kaf; Iran System draws no break after a letter that does not join.
    arabic = str.maketrans({"ي": "ی", "ك": "ک", "\u200c": None})
    found = {}
    for file in files:
        rows = [row for batch in read(file.path, file.layout) for row in batch.rows.drop_columns(["_line_no"]).to_pylist()]
        found[file.format] = [{name: (text or "").translate(arabic) for name, text in row.items()} for row in rows]
    first = found["delimited, UTF-8"]
    assert len(first) == ROWS
    assert {name: rows for name, rows in found.items() if rows != first} == {}


def test_each_reading_is_held_against_duckdb_s_own(tmp_path: Path) -> None:
    def some(rows: int, folder: Path, progress: Progress) -> Sequence[PlainFile]:
        return [file for file in write_plain_rows(rows, folder, progress) if file.format in ("delimited, UTF-8", "XML")]

    figures = bench_readers(Settings(home=tmp_path), ROWS, 1, some)
    assert [each["format"] for each in figures] == [FLOOR, "delimited, UTF-8", "XML"]
    assert all(each["rows"] == ROWS and each["rows_per_second"] > 0 and each["peak_mb"] > 0 for each in figures)
    assert figures[0]["ratio"] == 1.0
