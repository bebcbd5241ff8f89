"""Parquet: typed columns become text, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.readers import limits
from connectors.readers.batch import RawBatch, raw_batch, reject
from connectors.readers.columns import breach, check_columns
from connectors.readers.unpack import corrupt, seekable
from hub.progress import Progress
from schemas.feed import Layout


def read_parquet(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a Parquet file; line numbers are row numbers from 1. Dates and instants come out as ISO text."""
    with seekable(path, layout.format.member) as file:
        try:
            table = pq.ParquetFile(file)
            _check_size(path.name, table)
            check_columns(path.name, table.schema_arrow.names, layout)
            _check_flat(path.name, table.schema_arrow)
            done = 0
            for batch in table.iter_batches(limits.BATCH_ROWS):
                yield _as_text(batch, done + 1)
                done += batch.num_rows
                progress(f"read {path.name}", done, table.metadata.num_rows)
        except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
            raise corrupt(
                path.name, f"is no Parquet file or is cut ({type(error).__name__})", "Ask the agency to send it again."
            ) from error


def _check_size(name: str, table: pq.ParquetFile) -> None:
    largest = max((table.metadata.row_group(i).total_byte_size for i in range(table.num_row_groups)), default=0)
    if largest > limits.MAX_ROW_GROUP_BYTES:
        raise corrupt(name, f"has a row group of {largest >> 20} MB", "Ask the agency for smaller row groups.")


def _check_flat(name: str, schema: pa.Schema) -> None:
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if nested:
        raise breach(f"{name} has nested columns: {', '.join(nested)}", "Ask the agency for one value a column")


def _as_text(batch: pa.RecordBatch, first: int) -> RawBatch:
    columns = [_text(column) for column in batch.columns]
    numbers = np.arange(first, first + batch.num_rows)
    bad = np.zeros(batch.num_rows, np.bool_)
    for column in columns:
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            bad |= np.array([not _is_legal(value) for value in column.cast(pa.binary()).to_pylist()])
    rejects = [reject(numbers[i], "illegal_byte", _line(columns, int(i))) for i in np.flatnonzero(bad)]
    kept = pa.array(~bad)
    if rejects:
        columns = [column.filter(kept) for column in columns]
    return raw_batch(numbers[~bad], batch.schema.names, [_without_empty(column) for column in columns], rejects)


def _text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        days = pc.cast(column, pa.date32(), safe=False)
        is_midnight = pc.equal(pc.cast(days, column.type), column)
        return pc.if_else(is_midnight, pc.cast(days, pa.string()), pc.cast(column, pa.string()))
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return column.cast(pa.binary()).view(pa.string())
    return column.cast(pa.string())


def _without_empty(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _is_legal(value: bytes | None) -> bool:
    try:
        (value or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(columns: list[pa.Array], index: int) -> bytes:
    return b"\t".join(column.cast(pa.binary())[index].as_py() or b"" for column in columns)
