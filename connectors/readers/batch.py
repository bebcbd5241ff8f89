"""What every reader yields: raw rows as text, and the lines that are no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.readers.limits import RAW_TEXT_CHARACTERS

LINE_NO = "_line_no"
LineNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reject:
    """A line of the file that is no row.

    reason_code: cut_line, extra_columns, illegal_byte, other_encoding, control_character, open_quote, too_long, not_json,
    not_an_object, repeated_key, unmapped_text, deleted_record. raw_text: the line as far as it can be decoded, cut to
    ``limits.RAW_TEXT_CHARACTERS``.
    """

    line_no: int
    reason_code: str
    raw_text: str


@dataclass(frozen=True)
class RawBatch:
    """Some rows of a delivery, untyped.

    Columns of ``rows``: ``_line_no`` int64, the line in the file where the record starts (from 1, a header counts; in
    Parquet the row number); then one string column per source column under the agency's name, text untouched, '' and
    missing as null. Over all batches of a file the columns are the same and the line numbers ascend.
    """

    rows: pa.RecordBatch
    rejects: tuple[Reject, ...] = ()


def reject(line_no: int, reason_code: str, line: bytes | str) -> Reject:
    """A reject with its text decoded as far as possible and cut to the limit."""
    text = line[: 4 * RAW_TEXT_CHARACTERS].decode("utf-8", "replace") if isinstance(line, bytes) else line
    return Reject(int(line_no), reason_code, text[:RAW_TEXT_CHARACTERS])


def raw_batch(
    line_numbers: LineNumbers, names: Sequence[str], columns: Sequence[pa.Array], rejects: Sequence[Reject] = ()
) -> RawBatch:
    """A batch from its parts; rejects come out in order of lines."""
    whole = np.ascontiguousarray(line_numbers, np.int64)
    # pa.array would do, but it loads pandas (a second) to see whether it was given one of its columns.
    numbers = pa.Array.from_buffers(pa.int64(), len(whole), [None, pa.py_buffer(whole)])
    rows = pa.RecordBatch.from_arrays([numbers, *columns], [LINE_NO, *names])
    return RawBatch(rows, tuple(sorted(rejects, key=lambda each: each.line_no)))
