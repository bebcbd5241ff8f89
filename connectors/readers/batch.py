"""What every reader yields: raw rows as text, and the lines that are no rows."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

LINE_NO = "_line_no"


@dataclass(frozen=True)
class Reject:
    """A line of the file that is no row.

    reason_code: cut_line, extra_columns, illegal_byte, control_character, open_quote, too_long, not_json, not_an_object,
    repeated_key, unmapped_text. raw_text: the line as far as it can be decoded, at most ``limits.RAW_TEXT_CHARACTERS``.
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
