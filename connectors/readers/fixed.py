"""Fixed width text: columns are cut out of whole blocks of lines by Arrow, in characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers import limits
from connectors.readers.batch import LineNumbers, RawBatch, raw_batch
from connectors.readers.columns import breach, declared
from connectors.readers.lines import Block, Lines, Mask, blocks, clean
from connectors.readers.parallel import ordered
from connectors.readers.unpack import unpacked
from hub.progress import Progress
from schemas.feed import Layout, characters_of

_PADDING = " "


def read_fixed(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a fixed width file; padding at both ends of a value belongs to the format and is cut off."""
    form = FixedForm(layout)
    is_first = True
    with unpacked(path, layout.format.member) as source:
        for _, result in ordered(form.parse, blocks(source, layout.format.encoding)):
            batch = result.result()
            if is_first:
                form.check_layout(path.name, batch)
            is_first = False
            yield batch
            progress(f"read {path.name}", source.position, source.total)


class FixedForm:
    """Where a line is cut. Positions are in characters, from 0, half-open.

    All starts and ends of columns cut a line into pieces, the last of which is what follows the last column. A column is
    one piece (or several, where columns overlap); pieces of no column must be blank, but for characters that are ignored.
    A line must be as long as the last column needs.
    """

    def __init__(self, layout: Layout) -> None:
        self.has_header = layout.format.header
        self.names = declared(layout)
        places = {c.source: (int(c.start or 1) - 1, int(c.start or 1) - 1 + int(c.width or 0)) for c in layout.columns}
        ignored = [(both[0] - 1, both[1]) for name in layout.ignored if (both := characters_of(name))]
        self.cuts = sorted({0, *(place for both in (*places.values(), *ignored) for place in both)})
        self.width = max(end for _, end in places.values())
        self.columns = [_pieces_between(self.cuts, *places[name]) for name in self.names]
        left_out = [_pieces_between(self.cuts, *both) for both in ignored]
        known = {piece for column in (*self.columns, *left_out) for piece in column}
        self.unmapped = [piece for piece in range(len(self.cuts)) if piece not in known]

    def parse(self, block: Block) -> RawBatch:
        """One block's rows and rejects."""
        lines = clean(block)
        if self.has_header and block.line_no == 1 and len(lines.ends):
            lines = lines.without(np.arange(len(lines.ends)) == 0, None)
        is_cut = _lengths(lines.data) < self.width
        if is_cut.any():
            lines = lines.without(is_cut, "cut_line")
        pieces = self._pieces(lines)
        has_more = self._has_more(pieces, len(lines.ends))
        if has_more.any():
            lines = lines.without(has_more, "unmapped_text")
            pieces = self._pieces(lines)
        return raw_batch(lines.numbers, self.names, [self._column(pieces, column) for column in self.columns], lines.rejects)

    def check_layout(self, file_name: str, batch: RawBatch) -> None:
        """Prove on the first block that lines are as long as the contract says and hold nothing between its columns.

        Raises:
            ContractBreach: no line is so.
        """
        wrong = [each for each in batch.rejects if each.reason_code in ("cut_line", "unmapped_text")]
        if batch.rows.num_rows == 0 and len(wrong) >= limits.MIN_ROWS_FOR_LAYOUT:
            ends = [*self.cuts[1:], None]
            gaps = ", ".join(f"{self.cuts[i] + 1} to {ends[i] or 'the end'}" for i in self.unmapped)
            raise breach(
                f"No line of {file_name} is {self.width} characters long with nothing at the characters {gaps}, "
                "which its contract maps to no column",
                "Ask the agency for its present layout; then mend the positions in the contract, or ignore them, as 45-52",
            )

    def _pieces(self, lines: Lines) -> pa.Array:
        """All pieces of all lines, line after line, over the same bytes: nothing is copied."""
        points, newlines = _code_points(lines.data)
        firsts = np.concatenate(([0], newlines[:-1] + 1)) if len(newlines) else newlines
        places = firsts[:, None] + np.array(self.cuts)
        if self.cuts[-1] > self.width:  # what is ignored at the end of a line may be cut off
            places = np.minimum(places, newlines[:, None])
        offsets = points[places].ravel()
        offsets = np.append(offsets, len(lines.data)).astype(np.int32)
        return pa.Array.from_buffers(pa.string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(lines.data)])

    def _piece(self, pieces: pa.Array, number: int) -> pa.Array:
        return pieces.take(_every(number, len(self.cuts), len(pieces)))

    def _column(self, pieces: pa.Array, numbers: list[int]) -> pa.Array:
        parts = [self._piece(pieces, number) for number in numbers]
        value = pc.ascii_trim(parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, ""), _PADDING)
        return pc.if_else(pc.equal(value, ""), pa.scalar(None, pa.string()), value)

    def _has_more(self, pieces: pa.Array, line_count: int) -> Mask:
        bad = np.zeros(line_count, np.bool_)
        for number in self.unmapped:
            rest = pc.ascii_trim_whitespace(self._piece(pieces, number))
            bad |= pc.not_equal(rest, "").to_numpy(zero_copy_only=False)
        return bad


def _pieces_between(cuts: list[int], start: int, end: int) -> list[int]:
    return [number for number, cut in enumerate(cuts) if start <= cut < end]


def _code_points(data: bytes) -> tuple[LineNumbers, LineNumbers]:
    """Offset of every character's first byte, and which of the characters are newlines."""
    raw = np.frombuffer(data, np.uint8)
    points = np.flatnonzero((raw & 0xC0) != 0x80)
    return points, np.flatnonzero(raw[points] == ord("\n"))


def _lengths(data: bytes) -> LineNumbers:
    """Characters of each line, without its newline."""
    return np.diff(_code_points(data)[1], prepend=-1) - 1


def _every(first: int, step: int, length: int) -> pa.Array:
    whole = np.arange(first, length, step, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), len(whole), [None, pa.py_buffer(whole)])
