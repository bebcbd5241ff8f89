"""Quoted values that span lines, and quotes that never end: which lines are one record.

Walks only the lines that hold a quote, and only in blocks where quotes and line ends do not agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectors.readers import limits
from connectors.readers.batch import LineNumbers, Reject, reject
from connectors.readers.lines import Lines


@dataclass(frozen=True)
class Records:
    """Lines joined to records: their bytes, the line where each starts, what was set aside, and the unfinished rest."""

    data: bytes
    numbers: LineNumbers
    rejects: tuple[Reject, ...]
    rest: bytes = b""
    rest_line_no: int = 0


def join_records(lines: Lines, delimiter: bytes, quote: bytes, column_count: int, *, is_last: bool) -> Records:
    """Join lines that one quoted value spans; set aside a line whose quote does not end soon with the right columns.

    A record that the block cuts comes back as ``rest``, unless the file ends here (``is_last``).
    """
    texts = lines.data.split(b"\n")[:-1]
    records: list[bytes] = []
    starts: list[int] = []
    rejects = list(lines.rejects)
    i = 0
    while i < len(texts):
        record, next_i = texts[i], i + 1
        if quote in record and _scan(record, delimiter, quote)[1]:
            joined, next_i = _closed(texts, i, _unbroken(lines, i), delimiter, quote)
            reaches_end = lines.numbers[i] + len(texts) - i == lines.next_line_no
            if joined is None and reaches_end and not is_last and len(texts) - i < limits.MAX_VALUE_LINES:
                rest = b"\n".join(texts[i:]) + b"\n"
                return Records(
                    _ended(records), lines.numbers[np.array(starts, np.int64)], tuple(rejects), rest, int(lines.numbers[i])
                )
            if joined is None or _scan(joined, delimiter, quote)[0] != column_count:
                rejects.append(reject(lines.numbers[i], "open_quote", record))
                i += 1
                continue
            record = joined
        if record:
            records.append(record)
            starts.append(i)
        i = next_i
    return Records(_ended(records), lines.numbers[np.array(starts, np.int64)], tuple(rejects))


def needs_joining(lines: Lines, delimiter: bytes, quote: bytes) -> bool:
    """Whether lines that hold quotes must be looked at one by one, because Arrow's count of records would prove nothing:
    there are blank ones, or the last opens a quote that it does not close."""
    if not len(lines.ends):
        return False
    last = lines.line(len(lines.ends) - 1)
    has_blank = lines.data.startswith(b"\n") or b"\n\n" in lines.data
    return has_blank or (quote in last and _scan(last, delimiter, quote)[1])


def _ended(records: list[bytes]) -> bytes:
    return b"\n".join(records) + b"\n" if records else b""


def _unbroken(lines: Lines, i: int) -> int:
    """Index after the lines that follow ``i`` in the file with none set aside between them."""
    end = min(i + limits.MAX_VALUE_LINES, len(lines.numbers))
    numbers = lines.numbers[i:end]
    return i + int((numbers - numbers[0] == np.arange(len(numbers))).sum())


def _closed(texts: list[bytes], i: int, stop: int, delimiter: bytes, quote: bytes) -> tuple[bytes | None, int]:
    """Lines from ``i`` up to where the open quote ends, and the index after; None when it does not end before ``stop``."""
    for j in range(i + 1, stop):
        if quote in texts[j]:
            joined = b"\n".join(texts[i : j + 1])
            if not _scan(joined, delimiter, quote)[1]:
                return joined, j + 1
    return None, i + 1


def _scan(record: bytes, delimiter: bytes, quote: bytes) -> tuple[int, bool]:
    """Fields of a record, and whether it ends inside quotes. A quote counts only where a field starts."""
    position, fields = 0, 1
    while True:
        if record.startswith(quote, position):
            position += 1
            while True:
                end = record.find(quote, position)
                if end < 0:
                    return fields, True
                if not record.startswith(quote, end + 1):
                    position = end + 1
                    break
                position = end + 2
        end = record.find(delimiter, position)
        if end < 0:
            return fields, False
        fields, position = fields + 1, end + 1
