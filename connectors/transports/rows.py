"""Rows that a wire was asked for, written as a file of the feed's own format, so that everything after is as ever."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.delimited_line import delimited_line
from hub.storage import disk_errors
from schemas.feed import FileFormat

BATCH_ROWS = 10_000
Row = Mapping[str, Any]


def write_rows(path: Path, name: str, form: FileFormat, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write rows and return how many. Equal rows give equal bytes. A name that ends in ``.gz`` is packed.

    The format is one of ``schemas.wires.WRITABLE``.
    """
    with disk_errors(path):
        if form.kind == "parquet":
            return _parquet(path, columns, rows)
        with _opened(path, name) as file:
            if form.kind == "jsonl":
                return _json_lines(file, rows)
            return _delimited(file, form, columns, rows)


def as_text(value: Any) -> str | None:
    """A value of a database as an agency would write it: ISO dates, plain numbers."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)


def _parquet(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    schema = pa.schema([(column, pa.string()) for column in columns])
    count, left = 0, iter(rows)
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(left, BATCH_ROWS)):
            texts = {column: [as_text(row[column]) for row in batch] for column in columns}
            writer.write_batch(pa.record_batch(texts, schema=schema))
            count += len(batch)
    return count


def _delimited(file: IO[bytes], form: FileFormat, columns: Sequence[str], rows: Iterable[Row]) -> int:
    text = io.TextIOWrapper(file, encoding=form.encoding, newline="")
    if form.header:
        text.write(delimited_line(columns, form))
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        text.write(delimited_line([as_text(row[column]) for column in columns], form))
    text.flush()
    text.detach()
    return count


def _json_lines(file: IO[bytes], rows: Iterable[Row]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        line = json.dumps(dict(row), ensure_ascii=False, default=as_text)
        file.write(line.encode("utf-8", "surrogatepass") + b"\n")  # half a character: its line is found to be illegal
    return count


@contextmanager
def _opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        if not name.endswith(".gz"):
            yield file
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield cast(IO[bytes], packed)
