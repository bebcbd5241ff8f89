"""Values that span lines, and quotes that never end: which lines are one record.

Walks only the lines that hold a quote or an escape, and only in blocks where these and line ends do not agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from connectors.readers import limits
from connectors.readers.batch import LineNumbers, Reject, reject
from connectors.readers.lines import Lines

CLOSED, TORN, IN_QUOTES, ESCAPED = "closed", "torn", "in quotes", "escaped"
"""What the end of a record lies in: no value; none, but one went on after its quotes; or a value, and why."""
OPEN = (IN_QUOTES, ESCAPED)


@dataclass(frozen=True)
class Marks:
    """What divides lines into values: a delimiter of one byte; quote and escape are empty where there is none."""

    delimiter: bytes
    quote: bytes = b""
    escape: bytes = b""

    def are_in(self, data: bytes) -> bool:
        """Whether something there may keep a line's end inside a value."""
        return any(mark and mark in data for mark in (self.quote, self.escape))

    def walk(self, record: bytes) -> tuple[int, str]:
        """How many values a record has, and what its end lies in. A quote counts only where a value starts."""
        count, start, skipped, state, is_torn = 1, 0, 0, CLOSED, False
        for found in self._marks.finditer(record):
            mark, place = found.group(), found.start()
            if place < skipped:
                continue
            if mark[:1] == self.escape:
                state = state if len(mark) == 2 else ESCAPED
            elif mark == self.quote and state == IN_QUOTES:
                after = record[place + 1 : place + 2]
                state, skipped = (state, place + 2) if after == mark else (CLOSED, 0)
                is_torn = is_torn or after not in (b"", mark, self.delimiter)
            elif mark == self.quote and place == start:
                state = IN_QUOTES
            elif mark == self.delimiter and state == CLOSED:
                count, start = count + 1, place + 1
        return count, TORN if is_torn and state == CLOSED else state

    @cached_property
    def _marks(self) -> re.Pattern[bytes]:
        escaped = re.escape(self.escape) + rb"[\s\S]?" if self.escape else b""
        return re.compile(b"|".join(filter(None, (escaped, re.escape(self.quote), re.escape(self.delimiter)))))


@dataclass(frozen=True)
class Records:
    """Lines joined to records: their bytes, the line where each starts, what was set aside, and the unfinished rest."""

    data: bytes
    numbers: LineNumbers
    rejects: tuple[Reject, ...]
    rest: bytes = b""
    rest_line_no: int = 0


def join_records(lines: Lines, marks: Marks, column_count: int, *, is_last: bool) -> Records:
    """Join lines that one value spans; set aside a line whose quote does not end soon with the right columns.

    A record that the block cuts comes back as ``rest``, unless the file ends here (``is_last``).
    """
    texts = lines.data.split(b"\n")[:-1]
    records: list[bytes] = []
    starts: list[int] = []
    rejects = list(lines.rejects)
    i = 0
    while i < len(texts):
        record, next_i = texts[i], i + 1
        state = marks.walk(record)[1] if marks.are_in(record) else CLOSED
        if state in OPEN:
            stop = _unbroken(lines, i)
            joined, next_i, end = _closed(texts, i, stop, marks)
            reaches_end = lines.numbers[i] + len(texts) - i == lines.next_line_no
            if end in OPEN and reaches_end and not is_last and len(texts) - i < limits.MAX_VALUE_LINES:
                rest = b"\n".join(texts[i:]) + b"\n"
                return Records(
                    _ended(records), lines.numbers[np.array(starts, np.int64)], tuple(rejects), rest, int(lines.numbers[i])
                )
            if joined is None or marks.walk(joined)[0] != column_count:
                # A stray quote costs its line; lines that say themselves that they go on belong together.
                last = i + 1 if state == IN_QUOTES else max(next_i, i + 1)
                rejects += [reject(lines.numbers[j], "open_quote", texts[j]) for j in range(i, last)]
                i = last
                continue
            record = joined
        if record:
            records.append(record)
            starts.append(i)
        i = next_i
    return Records(_ended(records), lines.numbers[np.array(starts, np.int64)], tuple(rejects))


def needs_joining(lines: Lines, marks: Marks) -> bool:
    """Whether lines that hold quotes or escapes must be looked at one by one, because Arrow's count of records would prove
    nothing: there are blank ones, or the end of the last lies inside a value."""
    if not len(lines.ends):
        return False
    last = lines.line(len(lines.ends) - 1)
    has_blank = lines.data.startswith(b"\n") or b"\n\n" in lines.data
    return has_blank or (marks.are_in(last) and marks.walk(last)[1] in OPEN)


def _ended(records: list[bytes]) -> bytes:
    return b"\n".join(records) + b"\n" if records else b""


def _unbroken(lines: Lines, i: int) -> int:
    """Index after the lines that follow ``i`` in the file with none set aside between them."""
    end = min(i + limits.MAX_VALUE_LINES, len(lines.numbers))
    numbers = lines.numbers[i:end]
    return i + int((numbers - numbers[0] == np.arange(len(numbers))).sum())


def _closed(texts: list[bytes], i: int, stop: int, marks: Marks) -> tuple[bytes | None, int, str]:
    """Lines from ``i`` up to where the value ends, the index after, and how they end; None when it does not end well."""
    state = marks.walk(texts[i])[1]
    for j in range(i + 1, stop):
        if state == ESCAPED or marks.are_in(texts[j]):
            joined = b"\n".join(texts[i : j + 1])
            state = marks.walk(joined)[1]
            if state == CLOSED:
                return joined, j + 1, state
            if state == TORN:
                return None, i + 1, state
    return None, stop if state == ESCAPED else i + 1, state
