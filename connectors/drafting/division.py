"""What divides delimited lines into cells, told from the lines: delimiter, quote and escape."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

DELIMITERS = "|,;\t~^،#"
MIN_EVEN_RATIO = 0.95
"""At least so many lines must be divided into equally many cells, or be equally long."""
LONG_DELIMITERS, MIN_INSIDE_RATIO = 4, 0.95
"""So many of the most frequent rows of marks are tried as one delimiter; nearly all its marks must stand in it."""
MIN_WRAPPED_RATIO = 0.2
"""From so many cells between other quotes on, these are quotes."""
QUOTES, BACKSLASH = "\"'", "\\"
_STAND_IN = "\x1f"
_MARKS = re.compile(r"[^\w\s\"'\\()./-]|\t")
_ROWS_OF_MARKS = re.compile(rf"(?:{_MARKS.pattern}){{2,8}}")


@dataclass(frozen=True)
class Division:
    """One way to divide lines; the cells that it gives."""

    lines: Sequence[str]
    delimiter: str
    quote: str = '"'
    escape: str = ""

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells of every line; none where lines cannot be divided so."""
        mark = _STAND_IN if len(self.delimiter) > 1 else self.delimiter
        lines = [line.replace(self.delimiter, mark) for line in self.lines]
        try:
            return list(
                csv.reader(
                    lines,
                    delimiter=mark,
                    quotechar=self.quote or None,
                    escapechar=self.escape or None,
                    quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
                )
            )
        except csv.Error:
            return []

    @cached_property
    def evenness(self) -> tuple[float, int]:
        """The most frequent number of cells: the share of rows that have it, and the number."""
        return even([len(row) for row in self.rows])

    @property
    def is_even(self) -> bool:
        """Whether it divides nearly all lines, and alike."""
        ratio, cells = self.evenness
        return cells > 1 and ratio >= MIN_EVEN_RATIO

    @property
    def told(self) -> str:
        """Why it is so, for the draft."""
        ratio, cells = self.evenness
        quotes = f", quote {self.quote!r}" if self.quote else ", never quoted"
        escapes = f", escape {self.escape!r}" if self.escape else ""
        return f"delimiter {self.delimiter!r}{quotes}{escapes}: it divides {ratio:.0%} of the lines into {cells} cells"


def division(lines: Sequence[str]) -> Division | None:
    """The way to divide lines that gives most cells; None where none divides them alike."""
    text = "\n".join(lines)
    even_ones = [found for mark in _delimiters(text) if (found := _marked(lines, text, mark)).is_even]
    longest = {mark for each in even_ones if len(each.delimiter) > 1 for mark in each.delimiter}
    usable = [each for each in even_ones if each.delimiter not in longest]
    return max(usable, key=lambda each: (each.evenness[1], each.evenness[0]), default=None)


def even(lengths: Sequence[int]) -> tuple[float, int]:
    """The share of the most frequent length, and that length."""
    length, count = Counter(lengths).most_common(1)[0] if lengths else (0, 0)
    return count / max(1, len(lengths)), length


def _delimiters(text: str) -> Iterator[str]:
    """Single marks, and rows of marks outside of which these marks hardly stand."""
    yield from DELIMITERS
    rows = Counter(unit for row in _ROWS_OF_MARKS.findall(text) for unit in _units(row))
    for row, _ in rows.most_common(LONG_DELIMITERS):
        inside = text.count(row) * len(row)
        if inside >= MIN_INSIDE_RATIO * sum(text.count(mark) for mark in set(row)):
            yield row


def _units(row: str) -> set[str]:
    """What a row of marks may be: itself, or a shorter one again and again, with empty cells between."""
    sizes = (size for size in range(2, len(row) + 1) if len(row) % size == 0)
    return {row[:size] for size in sizes if row[:size] * (len(row) // size) == row}


def _marked(lines: Sequence[str], text: str, delimiter: str) -> Division:
    """How values are quoted and escaped, if this is the delimiter."""
    escaped = (BACKSLASH + sign for sign in ("N", BACKSLASH, delimiter, *QUOTES))
    escape = BACKSLASH if any(pair in text for pair in escaped) else ""
    quotes = ("", QUOTES[0]) if _is_never_quoted(lines, delimiter, escape) else (QUOTES[0], "")
    ways = [Division(lines, delimiter, quote, sign) for sign in dict.fromkeys((escape, "")) for quote in quotes]
    found = next((each for each in ways if each.is_even), ways[0])
    cells = [cell for row in found.rows for cell in row if cell]
    wrapped = sum(len(cell) > 1 and cell[0] == cell[-1] == QUOTES[1] for cell in cells)
    other = Division(lines, delimiter, QUOTES[1], found.escape)
    return other if wrapped >= MIN_WRAPPED_RATIO * max(1, len(cells)) and other.evenness >= found.evenness else found


def _is_never_quoted(lines: Sequence[str], delimiter: str, escape: str) -> bool:
    """Whether quotes that open a cell rather stand for themselves: after the next one the cell goes on."""
    mark, inner = re.escape(delimiter), r'(?:[^"\\]|\\.)' if escape else '[^"]'
    closed = re.compile(rf'(?:^|{mark})"(?:{inner}|"")*"(?={mark}|$)')
    goes_on = re.compile(rf'(?:^|{mark})"{inner}*"(?!"|{mark}|$)')
    return sum(bool(goes_on.search(line)) for line in lines) > sum(bool(closed.search(line)) for line in lines)
